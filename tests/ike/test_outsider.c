/*
 * What somebody without keys can do who sees the datagrams of two ends, and can send any in the name of either: say things
 * in clear, begin where the other has begun, send garbage of every size, answer from elsewhere, send back or once more
 * what he saw. No SA and no attempt changes by it. (RFC 7296 sections 2.1, 2.4, 2.6, 2.11, 2.21.4, 2.23; RFC 7383 section
 * 2.6; COOKIEs and other answers to IKE_SA_INIT: test_forged.c.)
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/payload.h"
#include "ipsec/ike/send.h"
#include "tests/ike/forge.h"
#include "tests/test.h"

#define INIT IKE_EXCHANGE_IKE_SA_INIT
#define AUTH IKE_EXCHANGE_IKE_AUTH
#define CHILD IKE_EXCHANGE_CREATE_CHILD_SA
#define INFO IKE_EXCHANGE_INFORMATIONAL

enum {
    TAPE_MAX = 64,
};

/* What was sent, as it left. */
struct tape {
    uint8_t bytes[TAPE_MAX][1500];
    size_t sizes[TAPE_MAX];
    struct ike_path paths[TAPE_MAX];
    int count;
};

static void record(void *context, base_ns at, const struct ike_path *path, bool marker,
                   const uint8_t *bytes, size_t size)
{
    struct tape *tape = context;
    (void)at;
    (void)marker;
    if (tape->count == TAPE_MAX || size > sizeof(tape->bytes[0]))
        return;
    memcpy(tape->bytes[tape->count], bytes, size);
    tape->paths[tape->count] = *path;
    tape->sizes[tape->count++] = size;
}

static struct tape *tape_new(struct lab *lab)
{
    struct tape *tape = calloc(1, sizeof(*tape));
    lab->record = record;
    lab->record_context = tape;
    return tape;
}

/* The path by which what left by `path` arrives. */
static struct ike_path other_way(const struct ike_path *path)
{
    return (struct ike_path){path->remote, path->local, path->remote_port, path->local_port};
}

static struct ike_path path_to(const struct lab *lab, int end)
{
    return (struct ike_path){lab->ends[end].address, lab->ends[1 - end].address, IKE_PORT_NATT,
                             IKE_PORT_NATT};
}

static void hold(struct lab *lab, int from, uint8_t exchange, int response)
{
    lab_fault(lab, (struct lab_fault){.from = from,
                                      .exchange = exchange,
                                      .response = response,
                                      .count = 1,
                                      .action = LAB_HOLD,
                                      .name = "held"});
}

/* --- in clear --- */

enum stage {
    WAITING_FOR_INIT,
    WAITING_FOR_AUTH,
    WAITING_FOR_CHILD,
    UP,
    STAGES
};

static struct lab *at_stage(enum stage stage)
{
    struct lab *lab = lab_plain();
    if (stage == WAITING_FOR_INIT)
        hold(lab, LAB_B, INIT, 1);
    if (stage == WAITING_FOR_AUTH)
        hold(lab, LAB_B, AUTH, 1);
    if (stage == WAITING_FOR_INIT || stage == WAITING_FOR_AUTH) {
        lab_initiate(lab, LAB_A);
        lab_run(lab, BASE_S);
        return lab;
    }
    lab_up(lab, LAB_A);
    if (stage == WAITING_FOR_CHILD) {
        hold(lab, LAB_B, CHILD, 1);
        lab_rekey_child(lab, LAB_A);
        lab_run(lab, BASE_S);
    }
    return lab;
}

static void say_in_clear(struct lab *lab, int end, const struct ike_header *header)
{
    static const uint16_t notifies[] = {
        IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, IKE_NOTIFY_INVALID_IKE_SPI,
        IKE_NOTIFY_INVALID_MAJOR_VERSION,        IKE_NOTIFY_INVALID_SYNTAX,
        IKE_NOTIFY_INVALID_MESSAGE_ID,           IKE_NOTIFY_NO_PROPOSAL_CHOSEN,
        IKE_NOTIFY_AUTHENTICATION_FAILED,        IKE_NOTIFY_TEMPORARY_FAILURE,
        IKE_NOTIFY_CHILD_SA_NOT_FOUND,           IKE_NOTIFY_INITIAL_CONTACT,
        IKE_NOTIFY_UPDATE_SA_ADDRESSES};
    struct ike_path path = path_to(lab, end);
    for (size_t i = 0; i <= sizeof(notifies) / sizeof(notifies[0]); i++) {
        struct ike_draft draft;
        ike_send_draft_plain(header, &draft);
        if (i < sizeof(notifies) / sizeof(notifies[0]))
            ike_write_notify(&draft.b, notifies[i], NULL, 0);
        else
            ike_write_delete_ike(&draft.b);
        lab_input(lab, end, &path, draft.buffer, ike_builder_finish(&draft.b));
    }
}

/* Notifies of every kind and a DELETE, in every exchange but IKE_SA_INIT, with the true SPIs and all flags. */
static void said_in_clear(void **state)
{
    (void)state;
    for (enum stage stage = 0; stage < STAGES; stage++) {
        struct lab *lab = at_stage(stage);
        unsigned answered[2];
        for (int end = 0; end < 2; end++) {
            const struct ike_sa *sa = forge_sa(lab, end);
            struct ike_header header = {.spi_i = sa->spi_i, .spi_r = sa->spi_r};
            answered[end] = lab->ends[end].notify_sent_count;
            for (int exchange = AUTH; exchange <= INFO + 1; exchange++)
                for (unsigned flags = 0; flags < 4; flags++)
                    for (uint32_t id = 0; id < 4; id++) {
                        header.exchange = (uint8_t)exchange;
                        header.message_id = id;
                        header.flags = (uint8_t)((flags & 1 ? IKE_FLAG_INITIATOR : 0) |
                                                 (flags & 2 ? IKE_FLAG_RESPONSE : 0));
                        say_in_clear(lab, end, &header);
                    }
            assert_int_equal(lab->ends[end].notify_sent_count, answered[end]);
        }
        lab_release(lab, "held");
        lab_end_soundly(lab);
    }
}

/* --- another beginning --- */

/* The copy of A's first request with another nonce. */
static void change_nonce(struct tape *tape)
{
    struct ike_message message;
    assert_int_equal(ike_message_parse(&message, tape->bytes[0], tape->sizes[0]), IKE_WIRE_OK);
    const struct ike_payload *nonce = ike_message_find(&message, IKE_PAYLOAD_NONCE);
    assert_non_null(nonce);
    tape->bytes[0][(size_t)(nonce->body - tape->bytes[0])] ^= 1;
}

/* Before A's own, while that waits for IKE_AUTH, or when it is up: it makes another SA at most, which goes by itself. */
static void another_first_request_with_the_same_spi(void **state)
{
    (void)state;
    for (int when = 0; when < 3; when++) {
        struct lab *lab = lab_plain();
        struct tape *tape = tape_new(lab);
        struct ike_path path = path_to(lab, LAB_B);
        path.local_port = path.remote_port = IKE_PORT;
        if (when < 2)
            hold(lab, LAB_A, when ? AUTH : INIT, 0);
        lab_initiate(lab, LAB_A);
        lab_run(lab, BASE_S);
        lab->record = NULL;
        change_nonce(tape);
        lab_input(lab, LAB_B, &path, tape->bytes[0], tape->sizes[0]);
        lab_release(lab, "held");
        lab_run(lab,
                5 * BASE_S); /* where B's answer to the copy came first, the other has its turn */
        assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_ESTABLISHED);
        assert_int_equal(lab->ends[LAB_A].failed[IKE_TASK_CONNECT], 0);
        lab_run(lab, 31 * BASE_S);
        lab_end_soundly(lab);
        free(tape);
    }
}

/*
 * A third end, in B's name and without the key, answers A's first request as well (section 2.4): before B, and nobody
 * answers IKE_AUTH to it; or behind B, when IKE_AUTH to B is lost.
 */
static void another_answer_with_an_sa(void **state)
{
    (void)state;
    for (int behind = 0; behind < 2; behind++)
        for (unsigned copies = 1; copies <= 3; copies++) {
            struct lab_setup setup;
            lab_defaults(&setup);
            setup.ends = 3;
            setup.peer[2] = setup.peer[1];
            setup.peer[2].psk = (const uint8_t *)"another key of 32 characters or more...";
            setup.options[2].cookie_threshold = 100;
            struct lab *lab = lab_new(&setup);
            struct tape *tape = tape_new(lab);
            struct ike_path path = path_to(lab, LAB_B);
            path.local_port = path.remote_port = IKE_PORT;
            if (behind)
                lab_fault(lab,
                          (struct lab_fault){
                              .from = LAB_A, .exchange = AUTH, .count = 2, .action = LAB_DROP});
            else
                hold(lab, LAB_B, INIT, 1);
            lab_initiate(lab, LAB_A);
            if (behind)
                lab_run(lab, BASE_S);
            lab->record = NULL;
            for (unsigned i = 0; i < copies; i++) {
                lab_input(lab, 2, &path, tape->bytes[0], tape->sizes[0]);
                change_nonce(tape);
            }
            lab_run(lab, BASE_S);
            assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_CONNECTING);
            lab_release(lab, "held");
            lab_run(lab, 160 * BASE_S);
            assert_int_equal(lab->ends[LAB_A].failed[IKE_TASK_CONNECT], 0);
            lab_assert_sound(lab);
            lab_free(lab);
            free(tape);
        }
}

/* --- garbage --- */

/* An SK or SKF payload of so many zeros, or of `number` and `total` and so many. */
static void send_garbage(struct lab *lab, int end, const struct ike_header *header, size_t size,
                         unsigned number, unsigned total)
{
    uint8_t body[600] = {0};
    struct ike_draft draft;
    struct ike_path path = path_to(lab, end);
    base_put_be(body, number, 2);
    base_put_be(body + 2, total, 2);
    ike_send_draft_plain(header, &draft);
    ike_builder_raw(&draft.b, total ? IKE_PAYLOAD_SKF : IKE_PAYLOAD_SK, body,
                    size + (total ? 4 : 0));
    lab_input(lab, end, &path, draft.buffer, ike_builder_finish(&draft.b));
}

static struct ike_header header_to(struct lab *lab, int end, uint8_t exchange, bool response)
{
    const struct ike_sa *sa = forge_sa(lab, end);
    return (struct ike_header){.spi_i = sa->spi_i,
                               .spi_r = sa->spi_r,
                               .exchange = exchange,
                               .flags = (uint8_t)((sa->initiator ? 0 : IKE_FLAG_INITIATOR) |
                                                  (response ? IKE_FLAG_RESPONSE : 0)),
                               .message_id =
                                   response ? sa->window.send_next - 1 : sa->window.receive_next};
}

static unsigned answers(const struct lab *lab, int end)
{
    unsigned sum = 0;
    for (int exchange = 0; exchange < 256; exchange++)
        sum += lab->ends[end].responses[exchange];
    return sum;
}

static void garbage_of_every_size(void **state)
{
    (void)state;
    for (enum stage stage = WAITING_FOR_AUTH; stage < STAGES; stage++) {
        struct lab *lab = at_stage(stage);
        uint8_t exchange = stage == WAITING_FOR_AUTH ? AUTH : CHILD;
        for (int end = 0; end < 2; end++) {
            unsigned before = answers(lab, end);
            for (size_t size = 0; size < 300; size++)
                for (int response = 0; response < 2; response++) {
                    struct ike_header header = header_to(lab, end, exchange, response);
                    send_garbage(lab, end, &header, size, 0, 0);
                    send_garbage(lab, end, &header, size, 1, 2);
                }
            assert_int_equal(answers(lab, end), before);
        }
        lab_release(lab, "held");
        lab_end_soundly(lab);
    }
}

/* 20 networks a side, and so a CREATE_CHILD_SA in fragments, with forged ones before, between and behind. */
static void forged_fragments_take_no_place(void **state)
{
    (void)state;
    static struct net_prefix networks[2][20];
    struct lab_setup setup;
    lab_defaults(&setup);
    for (int i = 0; i < 2; i++) {
        for (int n = 0; n < 20; n++)
            networks[i][n] = net_prefix_from_ip4(NET_IP4(192, 168, i + 1, 4 * n), 30);
        setup.peer[i].local_network_count = setup.peer[i].remote_network_count = 20;
        setup.peer[i].local_networks = networks[i];
        setup.peer[1 - i].remote_networks = networks[i];
        setup.peer[i].fragment_size = 576;
    }
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    lab_rekey_child(lab, LAB_A);
    for (unsigned ms = 0; ms < 40; ms++) {
        for (unsigned number = 1; number <= 20; number++) {
            struct ike_header request = header_to(lab, LAB_B, CHILD, false);
            struct ike_header response = header_to(lab, LAB_A, CHILD, true);
            send_garbage(lab, LAB_B, &request, 400, number, 20);
            send_garbage(lab, LAB_A, &response, 400, number, 20);
        }
        lab_run(lab, BASE_MS);
    }
    assert_int_equal(lab->ends[LAB_A].retransmissions, 0);
    assert_int_equal(lab->ends[LAB_A].events[IKE_EVENT_CHILD_REKEYED], 1);
    lab_end_soundly(lab);
}

/* --- from elsewhere --- */

/* Section 2.11: an answer comes from where the request went. */
static void an_answer_from_elsewhere(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    struct tape *tape = tape_new(lab);
    static const uint8_t cookie[8] = {1};
    hold(lab, LAB_B, INIT, 1);
    lab_initiate(lab, LAB_A);
    lab_run(lab, BASE_S);
    assert_int_equal(tape->count, 2);
    struct ike_path path = other_way(&tape->paths[1]);
    path.remote = net_addr_from_ip4(NET_IP4(198, 51, 100, 66));
    struct ike_header header = {
        .spi_i = lab->last_spi_i, .exchange = INIT, .flags = IKE_FLAG_RESPONSE};
    struct ike_draft draft;
    ike_send_draft_plain(&header, &draft);
    ike_write_notify(&draft.b, IKE_NOTIFY_COOKIE, cookie, sizeof(cookie));
    lab_input(lab, LAB_A, &path, draft.buffer, ike_builder_finish(&draft.b));
    lab_input(lab, LAB_A, &path, tape->bytes[1], tape->sizes[1]);
    assert_int_equal(lab->ends[LAB_A].dropped, 2);
    assert_int_equal(lab->ends[LAB_A].requests[INIT], 1);
    assert_int_equal(lab->ends[LAB_A].requests[AUTH], 0);
    lab->record = NULL;
    lab_release(lab, "held");
    lab_end_soundly(lab);
    free(tape);
}

/* --- what was seen, once more --- */

/* Each datagram goes back to its sender as well, as if it were the other end's. */
static void everything_is_reflected(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    struct tape *tape = tape_new(lab);
    int seen = 0;
    lab_initiate(lab, LAB_A);
    for (unsigned ms = 0; ms < 500; ms++) {
        for (; seen < tape->count; seen++) {
            struct ike_path path = tape->paths[seen]; /* its own address stays the local one */
            int end = net_addr_equal(&path.local, &lab->ends[LAB_A].address) ? LAB_A : LAB_B;
            lab_input(lab, end, &path, tape->bytes[seen], tape->sizes[seen]);
        }
        if (ms == 200)
            lab_rekey_child(lab, LAB_A);
        if (ms == 300)
            lab_rekey_ike(lab, LAB_B);
        lab_run(lab, BASE_MS);
    }
    lab->record = NULL;
    assert_in_range(tape->count, 12, TAPE_MAX - 1);
    for (int end = 0; end < 2; end++)
        assert_int_equal(lab->ends[end].events[IKE_EVENT_IKE_UP], 1);
    lab_run(lab, 60 * BASE_S);
    lab_end_soundly(lab);
    free(tape);
}

/* Everything once more when all is over, from where it came or from elsewhere: no SA moves, none comes or goes. */
static void everything_is_replayed(void **state)
{
    (void)state;
    for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
        struct lab *lab = lab_plain();
        struct tape *tape = tape_new(lab);
        lab_up(lab, LAB_A);
        lab_rekey_child(lab, LAB_A);
        lab_run(lab, 10 * BASE_S);
        lab_rekey_ike(lab, LAB_B);
        lab_settle(lab);
        lab->record = NULL;
        for (int i = 0; i < 2 * tape->count; i++) {
            int n = i % tape->count;
            struct ike_path path = other_way(&tape->paths[n]);
            int end = net_addr_equal(&path.local, &lab->ends[LAB_A].address) ? LAB_A : LAB_B;
            if (elsewhere)
                path.remote = net_addr_from_ip4(NET_IP4(198, 51, 100, 66));
            lab_input(lab, end, &path, tape->bytes[n], tape->sizes[n]);
        }
        for (int end = 0; end < 2; end++) {
            assert_int_equal(lab->ends[end].events[IKE_EVENT_ADDRESS_CHANGED], 0);
            assert_int_equal(lab->ends[end].events[IKE_EVENT_IKE_UP], 1);
        }
        lab_run(lab, 60 * BASE_S);
        lab_pings(lab, 10 * BASE_MS);
        lab_end_soundly(lab);
        free(tape);
    }
}

/* A, behind a NAT, answers a request of B's that comes once more, each time to another place: its mapping is no younger. */
static void replays_stop_no_keepalives(void **state)
{
    (void)state;
    struct lab_setup setup;
    lab_defaults(&setup);
    struct net_addr outside = net_addr_from_ip4(NET_IP4(203, 0, 113, 30));
    setup.peer[0].local = net_addr_from_ip4(NET_IP4(10, 0, 0, 10));
    setup.peer[1].remote = outside;
    setup.peer[0].local_id = setup.peer[1].remote_id = "txl.example";
    struct lab *lab = lab_new(&setup);
    lab->ends[LAB_A].nat = (struct lab_nat){.on = true, .outside = outside, .shift = 20000};
    lab_up(lab, LAB_A);
    struct tape *tape = tape_new(lab);
    lab_rekey_child(lab, LAB_B);
    lab_run(lab, 2 * BASE_S);
    lab->record = NULL;
    struct ike_path path = {lab->ends[LAB_A].address, net_addr_from_ip4(NET_IP4(198, 51, 100, 66)),
                            IKE_PORT_NATT, 4711};
    unsigned before = lab->ends[LAB_A].retransmissions, kept = lab->ends[LAB_A].keepalives;
    for (unsigned i = 0; i < 10; i++) {
        for (int n = 0; n < tape->count; n++)
            if (net_addr_equal(&tape->paths[n].local, &lab->ends[LAB_B].address))
                lab_input(lab, LAB_A, &path, tape->bytes[n], tape->sizes[n]);
        lab_run(lab, 10 * BASE_S);
    }
    assert_int_equal(lab->ends[LAB_A].retransmissions, before + 10);
    assert_in_range(lab->ends[LAB_A].keepalives - kept, 4, 5);
    lab_free(lab);
    free(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(said_in_clear),
        cmocka_unit_test(another_first_request_with_the_same_spi),
        cmocka_unit_test(another_answer_with_an_sa),
        cmocka_unit_test(garbage_of_every_size),
        cmocka_unit_test(forged_fragments_take_no_place),
        cmocka_unit_test(an_answer_from_elsewhere),
        cmocka_unit_test(everything_is_reflected),
        cmocka_unit_test(everything_is_replayed),
        cmocka_unit_test(replays_stop_no_keepalives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
