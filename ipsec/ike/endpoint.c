/* The endpoint's public functions; see endpoint.h. Each that takes `now` ends by settling. */
#include "ipsec/ike/endpoint.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/mem.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/esp/sad.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/lifetime.h"
#include "ipsec/ike/receive.h"
#include "ipsec/ike/start.h"

void ike_endpoint_options_init(struct ike_endpoint_options *options)
{
    *options = (struct ike_endpoint_options){
        .cookie_threshold = 10,
        .half_open_max = 1000,
        .half_open_timeout = 30 * BASE_S,
        .children_max = 32,
        .child_delete_delay = 5 * BASE_S,
        .nonce_first_byte_request = -1,
        .nonce_first_byte_response = -1,
    };
}

struct ike_endpoint *ike_endpoint_new(struct crypto_context *crypto, struct esp_sad *sad,
                                      const struct base_rng *stream,
                                      const struct ike_endpoint_options *options)
{
    struct ike_endpoint *endpoint = base_alloc(sizeof(*endpoint));
    endpoint->crypto = crypto;
    endpoint->sad = sad;
    endpoint->rng = *stream;
    endpoint->deadline = BASE_NEVER;
    if (options)
        endpoint->options = *options;
    else
        ike_endpoint_options_init(&endpoint->options);
    ike_outputs_init(&endpoint->outputs);
    return endpoint;
}

static void remove_lingering(struct ike_endpoint *endpoint, base_ns now)
{
    struct ike_linger **at = &endpoint->lingering;
    while (*at) {
        struct ike_linger *linger = *at;
        if (linger->until > now) {
            at = &linger->next;
            continue;
        }
        struct esp_sa *sa = esp_sad_inbound(endpoint->sad, linger->spi);
        if (sa)
            esp_sad_remove(endpoint->sad, sa);
        *at = linger->next;
        free(linger);
    }
}

static void forget_lingering(struct ike_endpoint *endpoint)
{
    struct ike_linger *linger, *next;
    LL_FOREACH_SAFE(endpoint->lingering, linger, next)
    free(linger);
    endpoint->lingering = NULL;
}

void ike_endpoint_abandon(struct ike_endpoint *endpoint)
{
    struct ike_sa *sa;
    DL_FOREACH(endpoint->sas, sa)
    while (sa->children)
        ike_child_forget(sa->children);
    forget_lingering(endpoint);
    ike_endpoint_free(endpoint);
}

void ike_endpoint_free(struct ike_endpoint *endpoint)
{
    if (!endpoint)
        return;
    struct ike_sa *sa, *next;
    DL_FOREACH_SAFE(endpoint->sas, sa, next)
    {
        while (sa->children)
            ike_child_remove(sa->children, IKE_REASON_IKE_GONE, false);
        ike_sa_free(sa);
    }
    remove_lingering(endpoint, BASE_NEVER);
    for (size_t i = 0; i < endpoint->peer_count; i++)
        ike_peer_free(endpoint->peers[i]);
    free(endpoint->peers);
    ike_outputs_fini(&endpoint->outputs);
    crypto_wipe(&endpoint->cookies, sizeof(endpoint->cookies));
    free(endpoint);
}

void ike_engine_nonce(struct ike_endpoint *endpoint, bool request, uint8_t *out, size_t size)
{
    const struct ike_endpoint_options *options = &endpoint->options;
    int first = request ? options->nonce_first_byte_request : options->nonce_first_byte_response;
    base_rng_fill(&endpoint->rng, out, size);
    if (first >= 0)
        out[0] = (uint8_t)first;
}

static void free_gone(struct ike_endpoint *endpoint)
{
    struct ike_sa *sa, *next;
    DL_FOREACH_SAFE(endpoint->sas, sa, next)
    if (sa->state == IKE_SA_GONE)
        ike_sa_free(sa);
}

static base_ns find_deadline(const struct ike_endpoint *endpoint)
{
    base_ns at = BASE_NEVER;
    const struct ike_sa *sa;
    const struct ike_linger *linger;
    DL_FOREACH(endpoint->sas, sa)
    at = base_ns_min(at, ike_lifetime_deadline(sa));
    for (size_t i = 0; i < endpoint->peer_count; i++)
        at = base_ns_min(at, endpoint->peers[i]->connect_at);
    LL_FOREACH(endpoint->lingering, linger)
    at = base_ns_min(at, linger->until);
    return at;
}

void ike_engine_settle(struct ike_endpoint *endpoint)
{
    struct ike_sa *sa;
    DL_FOREACH(endpoint->sas, sa)
    ike_tasks_run(sa);
    for (size_t i = 0; i < endpoint->peer_count; i++)
        ike_start_supervise(endpoint, endpoint->peers[i]);
    free_gone(endpoint);
    endpoint->deadline = find_deadline(endpoint);
}

static void set_now(struct ike_endpoint *endpoint, base_ns now)
{
    if (now > endpoint->now)
        endpoint->now = now;
}

static struct ike_peer *peer_of(const struct ike_endpoint *endpoint, int peer)
{
    if (peer < 0 || (size_t)peer >= endpoint->peer_count || endpoint->peers[peer]->removed)
        return NULL;
    return endpoint->peers[peer];
}

static bool is_taken(const struct ike_endpoint *endpoint, const struct ike_peer *peer)
{
    for (size_t i = 0; i < endpoint->peer_count; i++) {
        const struct ike_peer *other = endpoint->peers[i];
        if (!other->removed &&
            (!strcmp(other->name, peer->name) || other->config.reqid == peer->config.reqid))
            return true;
    }
    return false;
}

int ike_endpoint_add_peer(struct ike_endpoint *endpoint, base_ns now,
                          const struct ike_peer_config *config)
{
    set_now(endpoint, now);
    struct ike_peer *peer = ike_peer_new(config, (int)endpoint->peer_count);
    if (!peer || is_taken(endpoint, peer)) {
        ike_peer_free(peer);
        return -1;
    }
    endpoint->peers = base_grow(endpoint->peers, endpoint->peer_count, &endpoint->peer_capacity,
                                sizeof(struct ike_peer *));
    endpoint->peers[endpoint->peer_count++] = peer;
    ike_start_plan(endpoint, peer);
    ike_engine_settle(endpoint);
    return peer->number;
}

void ike_endpoint_remove_peer(struct ike_endpoint *endpoint, base_ns now, int number)
{
    struct ike_peer *peer = peer_of(endpoint, number);
    set_now(endpoint, now);
    if (!peer)
        return;
    ike_start_terminate(endpoint, peer, false);
    peer->removed = true;
    ike_engine_settle(endpoint);
}

void ike_endpoint_shutdown(struct ike_endpoint *endpoint, base_ns now)
{
    set_now(endpoint, now);
    endpoint->shut = true;
    for (size_t i = 0; i < endpoint->peer_count; i++)
        ike_start_terminate(endpoint, endpoint->peers[i], false);
    ike_engine_settle(endpoint);
}

void ike_endpoint_input(struct ike_endpoint *endpoint, base_ns now, const struct ike_path *path,
                        const uint8_t *datagram, size_t size)
{
    set_now(endpoint, now);
    endpoint->counts.datagrams_in++;
    uint8_t *copy = base_alloc(size + 1); /* decrypted in place */
    memcpy(copy, datagram, size);
    ike_receive(endpoint, path, copy, size);
    free(copy);
    ike_engine_settle(endpoint);
}

base_ns ike_endpoint_deadline(const struct ike_endpoint *endpoint)
{
    return endpoint->deadline;
}

void ike_endpoint_expire(struct ike_endpoint *endpoint, base_ns now)
{
    set_now(endpoint, now);
    remove_lingering(endpoint, endpoint->now);
    struct ike_sa *sa;
    DL_FOREACH(endpoint->sas, sa)
    ike_lifetime_expire(sa);
    ike_engine_settle(endpoint);
}

const struct ike_output *ike_endpoint_poll(struct ike_endpoint *endpoint)
{
    return ike_outputs_poll(&endpoint->outputs);
}

void ike_endpoint_esp_moved(struct ike_endpoint *endpoint, base_ns now, uint32_t inbound_spi,
                            const struct ike_path *path)
{
    struct ike_sa *sa;
    set_now(endpoint, now);
    DL_FOREACH(endpoint->sas, sa)
    if (ike_sa_is_up(sa) && sa->nat.remote && ike_child_by_in(sa, inbound_spi)) {
        ike_sa_move(sa, path);
        break;
    }
    ike_engine_settle(endpoint);
}

void ike_endpoint_esp_used(struct ike_endpoint *endpoint, uint32_t inbound_spi)
{
    const struct ike_sa *sa;
    DL_FOREACH(endpoint->sas, sa)
    {
        struct ike_child *child = ike_child_by_in(sa, inbound_spi);
        if (child)
            ike_child_used(child);
    }
}

bool ike_endpoint_initiate(struct ike_endpoint *endpoint, base_ns now, int number)
{
    struct ike_peer *peer = peer_of(endpoint, number);
    set_now(endpoint, now);
    bool began = peer && ike_start_initiate(endpoint, peer, true, NULL);
    ike_engine_settle(endpoint);
    return began;
}

bool ike_endpoint_acquire(struct ike_endpoint *endpoint, base_ns now, int number,
                          const struct ike_flow *flow)
{
    struct ike_peer *peer = peer_of(endpoint, number);
    set_now(endpoint, now);
    bool began = peer && ike_start_initiate(endpoint, peer, false, flow);
    ike_engine_settle(endpoint);
    return began;
}

bool ike_endpoint_terminate(struct ike_endpoint *endpoint, base_ns now, int number, bool child_only)
{
    struct ike_peer *peer = peer_of(endpoint, number);
    set_now(endpoint, now);
    bool any = peer && ike_start_terminate(endpoint, peer, child_only);
    ike_engine_settle(endpoint);
    return any;
}

static bool ask(struct ike_sa *sa, enum ike_task_kind kind, uint32_t child_spi)
{
    struct ike_task *task = ike_task_find(sa, kind, child_spi);
    if (!task) {
        task = ike_task_add(sa, kind);
        task->child_spi = child_spi;
    }
    task->asked = true;
    task->not_before = 0;
    return true;
}

bool ike_endpoint_rekey_ike(struct ike_endpoint *endpoint, base_ns now, int number)
{
    struct ike_peer *peer = peer_of(endpoint, number);
    set_now(endpoint, now);
    struct ike_sa *sa = peer ? ike_engine_sa_of(endpoint, peer) : NULL;
    bool any = sa && ask(sa, IKE_TASK_IKE_REKEY, 0);
    ike_engine_settle(endpoint);
    return any;
}

bool ike_endpoint_advance_sequence(struct ike_endpoint *endpoint, int number, uint64_t next)
{
    struct ike_peer *peer = peer_of(endpoint, number);
    struct ike_sa *sa = peer ? ike_engine_sa_of(endpoint, peer) : NULL;
    struct ike_child *child = sa ? ike_child_usable(sa) : NULL;
    return child && esp_sa_advance(child->out, next);
}

bool ike_endpoint_advance_message_id(struct ike_endpoint *endpoint, base_ns now, int number,
                                     bool own, uint32_t next)
{
    struct ike_peer *peer = peer_of(endpoint, number);
    set_now(endpoint, now);
    struct ike_sa *sa = peer ? ike_engine_sa_of(endpoint, peer) : NULL;
    bool moved = sa && !(own && sa->active) && ike_window_advance(&sa->window, own, next);
    if (moved)
        ike_lifetime_counted(sa);
    ike_engine_settle(endpoint);
    return moved;
}

bool ike_endpoint_rekey_child(struct ike_endpoint *endpoint, base_ns now, int number)
{
    struct ike_peer *peer = peer_of(endpoint, number);
    set_now(endpoint, now);
    struct ike_sa *sa = peer ? ike_engine_sa_of(endpoint, peer) : NULL;
    struct ike_child *child = sa ? ike_child_usable(sa) : NULL;
    bool any = child && ask(sa, IKE_TASK_CHILD_REKEY, child->spi_in);
    ike_engine_settle(endpoint);
    return any;
}
