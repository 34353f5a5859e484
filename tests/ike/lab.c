/* The laboratory; see lab.h. */
#include "tests/ike/lab_inside.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/esp/packet.h"
#include "ipsec/ike/payload.h"
#include "tests/test.h"

static int by_time(const struct lab_message *a, const struct lab_message *b)
{
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

void lab_message_post(struct lab *lab, struct lab_message *m)
{
    DL_INSERT_INORDER(lab->messages, m, by_time);
}

/* --- faults --- */

static const struct lab_fault *meet(struct lab *lab, int from, const uint8_t *bytes, size_t size)
{
    for (int i = 0; i < lab->fault_count; i++) {
        const struct lab_fault *f = &lab->faults[i];
        bool response = size >= IKE_HEADER_SIZE && (bytes[19] & IKE_FLAG_RESPONSE);
        if ((f->from != LAB_ANY && f->from != from) || size < IKE_HEADER_SIZE ||
            (f->exchange && bytes[18] != f->exchange) ||
            (f->response != LAB_ANY && f->response != response))
            continue;
        unsigned n = lab->met[i]++;
        if (n >= f->skip && (!f->count || n < f->skip + f->count))
            return f;
    }
    return NULL;
}

struct lab_message *lab_message_new(struct lab *lab, int from, const uint8_t *bytes, size_t size)
{
    struct lab_message *m = base_alloc(sizeof(*m) + size + ESP_TAILROOM);
    m->at = lab->now + LAB_DELAY;
    m->id = lab->next_id++;
    m->from = from;
    m->size = size;
    memcpy(m->bytes, bytes, size);
    return m;
}

static struct ike_path reversed(const struct ike_path *p)
{
    return (struct ike_path){p->remote, p->local, p->remote_port, p->local_port};
}

static void send_ike(struct lab_end *end, const struct ike_output *out)
{
    struct lab *lab = end->lab;
    struct ike_header header;
    if (ike_header_read(&header, out->bytes, out->size) == IKE_WIRE_OK)
        lab->last_spi_i = header.spi_i;
    if (out->size == 1) {
        end->keepalives++;
        return;
    }
    if (lab->record)
        lab->record(lab->record_context, lab->now, &out->path, out->marker, out->bytes, out->size);
    if (end->dead)
        return;
    struct lab_message *m = lab_message_new(lab, end->index, out->bytes, out->size);
    m->path = reversed(&out->path);
    if (end->nat.on) {
        m->path.remote = end->nat.outside;
        m->path.remote_port = (uint16_t)(m->path.remote_port + end->nat.shift);
    }
    const struct lab_fault *f = meet(lab, end->index, out->bytes, out->size);
    if (f && f->action == LAB_DROP) {
        free(m);
        return;
    }
    if (f && f->action == LAB_HOLD) {
        m->at = BASE_NEVER;
        m->held = f->name;
    } else if (f && f->action == LAB_DELAY_IT)
        m->at += f->delay;
    else if (f && f->action == LAB_CORRUPT)
        m->bytes[m->size - 1] ^= 1;
    else if (f && f->action == LAB_DUPLICATE) {
        struct lab_message *copy = lab_message_new(lab, end->index, out->bytes, out->size);
        copy->path = m->path;
        copy->at += f->delay;
        lab_message_post(lab, copy);
    }
    lab_message_post(lab, m);
}

static void print_event(const struct lab_end *end, const struct ike_event *e)
{
    printf("%10.3f %c %-16s", (double)e->at / 1e9, 'A' + end->index, ike_event_kind_name(e->kind));
    if (e->kind == IKE_EVENT_MESSAGE_SENT || e->kind == IKE_EVENT_MESSAGE_RECEIVED ||
        e->kind == IKE_EVENT_MESSAGE_DROPPED) {
        printf(" %s %s %u%s %zu B", ike_exchange_name(e->exchange),
               e->response ? "response" : "request", e->message_id,
               e->retransmission ? " again" : "", e->size);
        for (size_t i = 0; i < e->notify_count; i++)
            printf(" N(%s)", ike_notify_name(e->notifies[i]));
    }
    printf(" %016llx", (unsigned long long)e->spi_i);
    if (e->task)
        printf(" %s", ike_task_name(e->task));
    if (e->reason)
        printf(" (%s)", ike_reason_name(e->reason));
    if (e->notify)
        printf(" N(%s)", ike_notify_name(e->notify));
    if (e->child)
        printf(" in %08x out %08x old %08x", e->child->spi_in, e->child->spi_out, e->old_child_spi);
    printf("\n");
}

static void count_event(struct lab_end *end, const struct ike_event *e)
{
    end->events[e->kind]++;
    lab_story_goes_on(end, e);
    if (end->lab->log)
        print_event(end, e);
    if (e->kind == IKE_EVENT_TASK_FAILED)
        end->failed[e->task]++;
    if (e->kind == IKE_EVENT_TASK_DONE)
        end->done[e->task]++;
    if (e->kind == IKE_EVENT_TASK_FAILED || e->kind == IKE_EVENT_CHILD_FAILED ||
        e->kind == IKE_EVENT_CHILD_DOWN || e->kind == IKE_EVENT_IKE_DOWN) {
        end->last_reason = e->reason;
        end->last_notify = e->notify;
    }
    if (e->kind == IKE_EVENT_MESSAGE_DROPPED) {
        end->dropped++;
        end->last_dropped = e->reason;
    }
    if (e->kind == IKE_EVENT_IKE_KEYS && end->lab->keys && end->index == LAB_A)
        end->lab->keys(end->lab->record_context, e->keys);
    if (e->kind != IKE_EVENT_MESSAGE_SENT)
        return;
    if (e->retransmission)
        end->retransmissions++;
    else if (e->response)
        end->responses[e->exchange]++;
    else
        end->requests[e->exchange]++;
    for (size_t i = 0; i < e->notify_count && end->notify_sent_count < 64; i++)
        end->notifies_sent[end->notify_sent_count++] = e->notifies[i];
}

static void drain(struct lab_end *end)
{
    const struct ike_output *out;
    while ((out = ike_endpoint_poll(end->endpoint))) {
        if (out->kind == IKE_OUTPUT_EVENT)
            count_event(end, &out->event);
        else
            send_ike(end, out);
    }
}

/* --- delivery --- */

struct lab_end *lab_end_at(struct lab *lab, const struct net_addr *addr)
{
    for (int i = 0; i < lab->end_count; i++) {
        struct lab_end *end = &lab->ends[i];
        if (net_addr_equal(end->nat.on ? &end->nat.outside : &end->address, addr))
            return end;
    }
    return NULL;
}

static void deliver_ike(struct lab *lab, struct lab_message *m)
{
    struct lab_end *to = lab_end_at(lab, &m->path.local);
    if (!to || to->dead)
        return;
    if (to->nat.on) {
        m->path.local = to->address;
        m->path.local_port = (uint16_t)(m->path.local_port - to->nat.shift);
        if (m->path.local_port != 500 && m->path.local_port != LAB_PORT_NATT)
            return;
    }
    ike_endpoint_input(to->endpoint, lab->now, &m->path, m->bytes, m->size);
    drain(to);
}

/* --- time --- */

static base_ns next_at(const struct lab *lab)
{
    base_ns at = lab->messages ? lab->messages->at : BASE_NEVER;
    for (int i = 0; i < lab->end_count; i++)
        if (!lab->ends[i].dead)
            at = base_ns_min(at, ike_endpoint_deadline(lab->ends[i].endpoint));
    return lab->ping_every ? base_ns_min(at, lab->ping_at) : at;
}

static void step(struct lab *lab)
{
    struct lab_message *m = lab->messages;
    if (m && m->at <= lab->now) {
        DL_DELETE(lab->messages, m);
        if (m->esp)
            lab_deliver_esp(lab, m);
        else
            deliver_ike(lab, m);
        free(m);
        return;
    }
    if (lab->ping_every && lab->ping_at <= lab->now) {
        lab->ping_at += lab->ping_every;
        lab_ping(&lab->ends[LAB_A]);
        lab_ping(&lab->ends[LAB_B]);
        return;
    }
    for (int i = 0; i < lab->end_count; i++) {
        struct lab_end *end = &lab->ends[i];
        if (end->dead || ike_endpoint_deadline(end->endpoint) > lab->now)
            continue;
        ike_endpoint_expire(end->endpoint, lab->now);
        drain(end);
        assert_true(ike_endpoint_deadline(end->endpoint) > lab->now);
    }
}

static void run_until(struct lab *lab, base_ns until)
{
    while (next_at(lab) <= until) {
        if (next_at(lab) > lab->now)
            lab->now = next_at(lab);
        step(lab);
    }
    lab->now = until;
}

void lab_run(struct lab *lab, base_ns duration)
{
    run_until(lab, lab->now + duration);
}

static bool is_quiet(const struct lab *lab)
{
    const struct lab_message *m;
    DL_FOREACH(lab->messages, m)
    if (!m->esp && m->at != BASE_NEVER)
        return false;
    for (int i = 0; i < lab->end_count; i++)
        if (!lab->ends[i].dead && !ike_endpoint_quiet(lab->ends[i].endpoint))
            return false;
    return true;
}

void lab_settle(struct lab *lab)
{
    base_ns limit = lab->now + 1000 * BASE_S;
    lab_run(lab, 0);
    while (!is_quiet(lab) && lab->now < limit)
        lab_run(lab, 10 * BASE_MS);
    lab_run(lab, 6 * BASE_S); /* lingering SAs are gone then */
    base_ns every = lab->ping_every;
    lab->ping_every = 0;
    lab_run(lab, 100 * BASE_MS); /* and all pings have arrived */
    lab->ping_every = every;
    lab->ping_at = lab->now;
}

/* --- setting up --- */

void lab_defaults(struct lab_setup *setup)
{
    static const struct net_prefix lan[LAB_ENDS_MAX] = {
        {{NET_ADDR_IP4, {192, 168, 1, 0}}, 24},
        {{NET_ADDR_IP4, {192, 168, 2, 0}}, 24},
        {{NET_ADDR_IP4, {192, 168, 3, 0}}, 24},
    };
    *setup = (struct lab_setup){.ends = 2, .seed = 1};
    struct ike_algorithms algorithms = {crypto_encr_named("AES128-CTR"),
                                        crypto_integ_named("SHA256"),
                                        crypto_group_named("19-ECP256")};
    for (int i = 0; i < LAB_ENDS_MAX; i++) {
        struct ike_peer_config *c = &setup->peer[i];
        ike_peer_config_init(c);
        ike_endpoint_options_init(&setup->options[i]);
        c->name = "t";
        c->local = net_addr_from_ip4(NET_IP4(203, 0, 113, 10 * (i + 1)));
        c->remote = net_addr_from_ip4(NET_IP4(203, 0, 113, 10 * (2 - i % 2)));
        c->psk = (const uint8_t *)"a key of at least 32 characters, please";
        c->psk_size = 39;
        c->ike = c->esp = algorithms;
        c->local_networks = &lan[i];
        c->remote_networks = &lan[(i + 1) % 2];
        c->local_network_count = c->remote_network_count = 1;
        c->dpd_delay = 0;
    }
}

void lab_lowest_nonce(struct lab_setup *setup, int a, int lowest)
{
    int b = 1 - a;
    setup->options[a].nonce_first_byte_request = lowest == 0 ? 0 : 0x80;
    setup->options[b].nonce_first_byte_response = lowest == 1 ? 0 : 0x80;
    setup->options[b].nonce_first_byte_request = lowest == 2 ? 0 : 0x80;
    setup->options[a].nonce_first_byte_response = lowest == 3 ? 0 : 0x80;
}

struct lab *lab_new(const struct lab_setup *setup)
{
    struct lab *lab = base_alloc(sizeof(*lab));
    lab->crypto = crypto_context_new();
    lab->end_count = setup->ends;
    lab->log = getenv("LAB_LOG") != NULL;
    assert_in_range(setup->ends, 2, LAB_ENDS_MAX);
    for (int i = 0; i < setup->ends; i++) {
        struct lab_end *end = &lab->ends[i];
        struct base_rng stream = {{0}};
        char name[] = "end A";
        name[4] = (char)('A' + i);
        base_rng_init(&stream, setup->seed, name);
        end->lab = lab;
        end->index = i;
        end->address = setup->peer[i].local;
        end->sad = esp_sad_new();
        end->endpoint = ike_endpoint_new(lab->crypto, end->sad, &stream, &setup->options[i]);
        assert_int_equal(ike_endpoint_add_peer(end->endpoint, 0, &setup->peer[i]), 0);
        drain(end);
    }
    return lab;
}

struct lab *lab_plain(void)
{
    struct lab_setup setup;
    lab_defaults(&setup);
    return lab_new(&setup);
}

void lab_free(struct lab *lab)
{
    struct lab_message *m, *next;
    for (int i = 0; i < lab->end_count; i++) {
        ike_endpoint_free(lab->ends[i].endpoint);
        assert_int_equal(esp_sad_count(lab->ends[i].sad), 0);
        esp_sad_free(lab->ends[i].sad);
    }
    DL_FOREACH_SAFE(lab->messages, m, next)
    free(m);
    crypto_context_free(lab->crypto);
    free(lab);
}

struct lab_fault lab_mishap(size_t which, unsigned n)
{
    static const enum lab_action actions[LAB_MISHAPS] = {LAB_DROP, LAB_DUPLICATE, LAB_DELAY_IT,
                                                         LAB_CORRUPT};
    return (struct lab_fault){.from = LAB_ANY,
                              .response = LAB_ANY,
                              .skip = n,
                              .count = 1,
                              .action = actions[which],
                              .delay = 6 * BASE_S};
}

void lab_fault(struct lab *lab, struct lab_fault fault)
{
    assert_true(lab->fault_count < LAB_FAULTS_MAX);
    lab->met[lab->fault_count] = 0;
    lab->faults[lab->fault_count++] = fault;
}

void lab_heal(struct lab *lab)
{
    lab->fault_count = 0;
}

unsigned lab_held(const struct lab *lab, const char *name)
{
    const struct lab_message *m;
    unsigned count = 0;
    DL_FOREACH(lab->messages, m)
    count += m->held && !strcmp(m->held, name);
    return count;
}

unsigned lab_release(struct lab *lab, const char *name)
{
    struct lab_message *m, *next;
    unsigned count = 0;
    DL_FOREACH_SAFE(lab->messages, m, next)
    {
        if (!m->held || strcmp(m->held, name) != 0)
            continue;
        DL_DELETE(lab->messages, m);
        m->held = NULL;
        m->at = lab->now + LAB_DELAY;
        m->id = lab->next_id++;
        lab_message_post(lab, m);
        count++;
    }
    return count;
}

struct ike_endpoint *lab_ep(struct lab *lab, int end)
{
    return lab->ends[end].endpoint;
}

struct ike_peer_info lab_peer(struct lab *lab, int end)
{
    struct ike_peer_info info;
    assert_true(ike_endpoint_peer(lab_ep(lab, end), 0, &info));
    return info;
}

struct ike_child_info lab_child(struct lab *lab, int end, size_t index)
{
    struct ike_child_info info;
    assert_true(ike_endpoint_child(lab_ep(lab, end), 0, index, &info));
    return info;
}

size_t lab_children(struct lab *lab, int end)
{
    struct ike_child_info info;
    size_t count = 0;
    while (ike_endpoint_child(lab_ep(lab, end), 0, count, &info))
        count++;
    return count;
}

unsigned lab_lost(const struct lab *lab)
{
    return lab->ends[LAB_A].pings_lost + lab->ends[LAB_B].pings_lost;
}

void lab_initiate(struct lab *lab, int end)
{
    assert_true(ike_endpoint_initiate(lab_ep(lab, end), lab->now, 0));
    drain(&lab->ends[end]);
}

void lab_rekey_child(struct lab *lab, int end)
{
    assert_true(ike_endpoint_rekey_child(lab_ep(lab, end), lab->now, 0));
    drain(&lab->ends[end]);
}

void lab_rekey_ike(struct lab *lab, int end)
{
    assert_true(ike_endpoint_rekey_ike(lab_ep(lab, end), lab->now, 0));
    drain(&lab->ends[end]);
}

void lab_terminate(struct lab *lab, int end, bool child_only)
{
    assert_true(ike_endpoint_terminate(lab_ep(lab, end), lab->now, 0, child_only));
    drain(&lab->ends[end]);
}

void lab_input(struct lab *lab, int end, const struct ike_path *path, const uint8_t *bytes,
               size_t size)
{
    ike_endpoint_input(lab_ep(lab, end), lab->now, path, bytes, size);
    drain(&lab->ends[end]);
}

void lab_input_notify(struct lab *lab, int end, const struct ike_header *header, uint16_t notify)
{
    uint8_t buffer[256];
    struct ike_builder b;
    struct ike_path path = {lab->ends[end].address, lab->ends[1 - end].address, 500, 500};
    ike_builder_init(&b, buffer, sizeof(buffer), header);
    ike_write_notify(&b, notify, NULL, 0);
    lab_input(lab, end, &path, buffer, ike_builder_finish(&b));
}

void lab_drain(struct lab *lab, int end)
{
    drain(&lab->ends[end]);
}

void lab_up(struct lab *lab, int end)
{
    lab_initiate(lab, end);
    lab_run(lab, BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_ESTABLISHED);
    lab_assert_paired(lab);
}

void lab_pings(struct lab *lab, base_ns every)
{
    lab->ping_every = every;
    lab->ping_at = lab->now;
}

static void assert_twins(struct lab *lab, int from, int to)
{
    struct ike_child_info child;
    for (size_t i = 0; ike_endpoint_child(lab_ep(lab, from), 0, i, &child); i++) {
        if (child.state != IKE_CHILD_INSTALLED)
            continue;
        struct esp_sa *out =
            esp_sad_outbound_spi(lab->ends[from].sad,
                                 net_addr_ip4(lab->ends[to].nat.on ? &lab->ends[to].nat.outside
                                                                   : &lab->ends[to].address),
                                 child.spi_out);
        struct esp_sa *in = esp_sad_inbound(lab->ends[to].sad, child.spi_out);
        assert_non_null(out);
        assert_non_null(in);
        assert_ptr_equal(in->encr, out->encr);
        assert_memory_equal(in->key, out->key, sizeof(in->key));
        assert_memory_equal(in->integ_key, out->integ_key, sizeof(in->integ_key));
    }
}

void lab_assert_paired(struct lab *lab)
{
    assert_twins(lab, LAB_A, LAB_B);
    assert_twins(lab, LAB_B, LAB_A);
}

void lab_assert_sound(struct lab *lab)
{
    for (int i = 0; i < 2; i++) {
        struct ike_peer_info info = lab_peer(lab, i);
        assert_int_equal(info.state, IKE_PEER_ESTABLISHED);
        assert_int_equal(info.ike_sas, 1);
        assert_int_equal(info.children, 1);
        assert_int_equal(lab_children(lab, i), 1);
        assert_int_equal(esp_sad_count(lab->ends[i].sad), 2);
        assert_true(ike_endpoint_quiet(lab_ep(lab, i)));
        assert_int_equal(lab->ends[i].ike_story.count, 1);
        assert_int_equal(lab->ends[i].child_story.count, 1);
    }
    lab_assert_paired(lab);
    assert_int_equal(lab_lost(lab), 0);
}

void lab_end_soundly(struct lab *lab)
{
    lab_settle(lab);
    lab_assert_sound(lab);
    lab_free(lab);
}

bool lab_sent_notify(const struct lab *lab, int end, uint16_t notify)
{
    const struct lab_end *e = &lab->ends[end];
    for (unsigned i = 0; i < e->notify_sent_count; i++)
        if (e->notifies_sent[i] == notify)
            return true;
    return false;
}
