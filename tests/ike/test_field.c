/*
 * How other engines broke in the field, tried here, where no other file does: every exchange in
 * every state, every payload type there is, identities cut short, transforms left out, refusals
 * that are asked for again, children that the peer asked for. docs/peers.md lists all such cases
 * with their tests.
 */
#include <utlist.h>

#include "base/bytes.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/id.h"
#include "ipsec/ike/payload.h"
#include "ipsec/ike/send.h"
#include "tests/ike/forge.h"
#include "tests/test.h"

#define INIT IKE_EXCHANGE_IKE_SA_INIT
#define AUTH IKE_EXCHANGE_IKE_AUTH
#define CHILD IKE_EXCHANGE_CREATE_CHILD_SA
#define INFO IKE_EXCHANGE_INFORMATIONAL

static unsigned answers(struct lab *lab, int end)
{
    unsigned sum = lab->ends[end].retransmissions;
    for (int e = 0; e < 256; e++)
        sum += lab->ends[end].responses[e];
    return sum;
}

/* --- every exchange in every state --- */

enum doing {
    CONNECT,
    REKEY_CHILD,
    REKEY_IKE,
    TERMINATE,
    NOTHING,
};

/* A begins something; the message named is held; `target`'s SA is then in this state, and takes these requests. */
static const struct {
    enum doing doing;
    uint8_t exchange;
    int response;
    int target;
    enum ike_sa_state state;
    uint8_t taken[3];
} states[] = {
    {CONNECT, AUTH, 0, LAB_A, IKE_SA_AUTH_SENT, {0}},
    {CONNECT, AUTH, 0, LAB_B, IKE_SA_INIT_ANSWERED, {AUTH}},
    {CONNECT, AUTH, 1, LAB_A, IKE_SA_AUTH_SENT, {0}},
    {CONNECT, AUTH, 1, LAB_B, IKE_SA_ESTABLISHED, {CHILD, INFO}},
    {NOTHING, CHILD, 0, LAB_A, IKE_SA_ESTABLISHED, {CHILD, INFO}},
    {NOTHING, CHILD, 0, LAB_B, IKE_SA_ESTABLISHED, {CHILD, INFO}},
    {REKEY_CHILD, CHILD, 0, LAB_A, IKE_SA_ESTABLISHED, {CHILD, INFO}},
    {REKEY_CHILD, CHILD, 1, LAB_A, IKE_SA_ESTABLISHED, {CHILD, INFO}},
    {REKEY_CHILD, CHILD, 1, LAB_B, IKE_SA_ESTABLISHED, {CHILD, INFO}},
    {REKEY_CHILD, INFO, 0, LAB_A, IKE_SA_ESTABLISHED, {CHILD, INFO}},
    {REKEY_IKE, CHILD, 0, LAB_A, IKE_SA_ESTABLISHED, {CHILD, INFO}},
    {REKEY_IKE, CHILD, 1, LAB_B, IKE_SA_REPLACED, {CHILD, INFO}},
    {REKEY_IKE, INFO, 0, LAB_A, IKE_SA_DELETING, {CHILD, INFO}},
    {REKEY_IKE, INFO, 0, LAB_B, IKE_SA_REPLACED, {CHILD, INFO}},
    {TERMINATE, INFO, 0, LAB_A, IKE_SA_DELETING, {CHILD, INFO}},
    {TERMINATE, INFO, 1, LAB_A, IKE_SA_DELETING, {CHILD, INFO}},
    {TERMINATE, INFO, 1, LAB_B, IKE_SA_CLOSED, {0}},
};

static struct ike_sa *oldest(struct lab *lab, int end)
{
    return lab_ep(lab, end)->sas;
}

static struct lab *until_state(size_t n)
{
    struct lab *lab = lab_plain();
    struct lab_fault hold = {.from = states[n].response ? LAB_B : LAB_A,
                             .exchange = states[n].exchange,
                             .response = states[n].response,
                             .action = LAB_HOLD,
                             .name = "it"};
    if (states[n].doing != CONNECT)
        lab_up(lab, LAB_A);
    lab_fault(lab, hold);
    if (states[n].doing == CONNECT)
        lab_initiate(lab, LAB_A);
    else if (states[n].doing == REKEY_CHILD)
        lab_rekey_child(lab, LAB_A);
    else if (states[n].doing == REKEY_IKE)
        lab_rekey_ike(lab, LAB_A);
    else if (states[n].doing == TERMINATE)
        lab_terminate(lab, LAB_A, false);
    lab_run(lab, 100 * BASE_MS);
    assert_int_equal(oldest(lab, states[n].target)->state, states[n].state);
    return lab;
}

/* Sealed with the keys of the oldest SA of the target's peer, which has the same. */
static void forge(struct lab *lab, int target, uint8_t exchange, bool response, uint32_t id)
{
    struct ike_sa *sa = oldest(lab, 1 - target);
    struct ike_draft draft;
    uint8_t iv[IKE_SK_IV_SIZE_MAX];
    ike_send_draft(sa, &draft, exchange, response, id);
    ike_sa_next_iv(sa, iv);
    size_t size = ike_sk_seal(&sa->seal, &draft.b, iv);
    struct ike_path path = {sa->path.remote, sa->path.local, sa->path.remote_port,
                            sa->path.local_port};
    lab_input(lab, target, &path, draft.buffer, size);
}

/* An end that has deleted its SA has no keys to forge with: nor would its peer's messages come. */
static bool can_forge(struct lab *lab, int target)
{
    struct ike_sa *own = oldest(lab, 1 - target), *its = oldest(lab, target);
    return own && its && own->has_keys && own->spi_i == its->spi_i;
}

static bool is_taken(size_t n, uint8_t exchange)
{
    return exchange && memchr(states[n].taken, exchange, sizeof(states[n].taken));
}

static void every_exchange_in_every_state(void **state)
{
    (void)state;
    static const uint8_t exchanges[] = {0, 1, 33, INIT, AUTH, CHILD, INFO, 38, 43, 240, 255};
    for (size_t n = 0; n < sizeof(states) / sizeof(states[0]); n++)
        for (size_t e = 0; e < sizeof(exchanges); e++) {
            struct lab *lab = until_state(n);
            int target = states[n].target;
            struct ike_sa *sa = oldest(lab, target);
            uint32_t due = sa->window.receive_next, sent = sa->window.send_next;
            unsigned before = answers(lab, target);
            assert_true(can_forge(lab, target));
            /* Requests too early and too late, and responses that nobody asked for. */
            for (uint32_t id = due + 1; id < due + 4; id++)
                forge(lab, target, exchanges[e], false, id);
            for (uint32_t id = sent; id < sent + 3; id++)
                forge(lab, target, exchanges[e], true, id);
            assert_int_equal(answers(lab, target), before);
            assert_int_equal(oldest(lab, target)->state, states[n].state);
            assert_int_equal(oldest(lab, target)->window.receive_next, due);
            /* The one that is due: answered once where the state takes it, else unheard. */
            forge(lab, target, exchanges[e], false, due);
            if (answers(lab, target) - before != is_taken(n, exchanges[e]))
                fail_msg("state %zu, exchange %u: %u answers", n, exchanges[e],
                         answers(lab, target) - before);
            if (!is_taken(n, exchanges[e]))
                assert_int_equal(oldest(lab, target)->state, states[n].state);
            lab_free(lab);
        }
}

/* --- payloads of every type --- */

static uint8_t payload_type;
static bool payload_critical;

static void write_payload(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    struct base_writer *w = payload_critical ? ike_builder_payload_critical(b, payload_type)
                                             : ike_builder_payload(b, payload_type);
    base_write_zeros(w, 5);
}

/* IKEv1's, 1 to 31 and 128 up, mean nothing in IKEv2, and neither do the others that have no name. */
static void payload_types_of_ikev1(void **state)
{
    (void)state;
    for (unsigned type = 1; type < 256; type++) {
        payload_type = (uint8_t)type;
        if (ike_payload_name(payload_type))
            continue;
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        payload_critical = false;
        forge_request(lab, LAB_A, INFO, write_payload);
        assert_false(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD));
        payload_critical = true;
        forge_request(lab, LAB_A, INFO, write_payload);
        assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD));
        assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_ESTABLISHED);
        lab_free(lab);
    }
}

/* Known types where they do not belong, with five zeros in them: the SA lives on, or ends with INVALID_SYNTAX. */
static void payloads_that_do_not_belong_here(void **state)
{
    (void)state;
    for (unsigned type = 33; type < 64; type++) {
        payload_type = (uint8_t)type;
        if (!ike_payload_name(payload_type) || type == IKE_PAYLOAD_SK || type == IKE_PAYLOAD_SKF)
            continue;
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        payload_critical = type % 2;
        forge_request(lab, LAB_A, INFO, write_payload);
        bool ended = lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_SYNTAX);
        assert_int_equal(lab_peer(lab, LAB_B).state, ended ? IKE_PEER_DOWN : IKE_PEER_ESTABLISHED);
        lab_free(lab);
    }
}

/* --- identities --- */

static struct lab *caught_auth(int response, struct forge_caught *caught)
{
    struct lab *lab = lab_plain();
    lab_fault(lab, (struct lab_fault){.from = response ? LAB_B : LAB_A,
                                      .exchange = AUTH,
                                      .response = response,
                                      .count = 1,
                                      .action = LAB_HOLD,
                                      .name = "auth"});
    lab_initiate(lab, LAB_A);
    lab_run(lab, 100 * BASE_MS);
    forge_catch(lab, "auth", caught);
    return lab;
}

static struct ike_payload *payload_of(struct forge_caught *caught, uint8_t type)
{
    for (size_t i = 0; i < caught->message.count; i++)
        if (caught->message.payloads[i].type == type)
            return &caught->message.payloads[i];
    return NULL;
}

/* From nothing to three octets too many: no SA comes of it, at neither end. */
static void identities_of_wrong_sizes(void **state)
{
    (void)state;
    static const struct {
        int response;
        uint8_t type;
    } cases[] = {{0, IKE_PAYLOAD_IDI}, {0, IKE_PAYLOAD_IDR}, {1, IKE_PAYLOAD_IDR}};
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
        for (size_t size = 0; size < 12; size++) {
            struct forge_caught caught;
            struct lab *lab = caught_auth(cases[c].response, &caught);
            struct ike_payload *id = payload_of(&caught, cases[c].type);
            assert_non_null(id);
            bool whole = size == id->size;
            id->size = (uint16_t)size;
            forge_deliver(lab, &caught, FORGE_NOTHING, 0);
            lab_settle(lab);
            for (int end = 0; end < 2; end++) {
                assert_int_equal(lab_peer(lab, end).state,
                                 whole ? IKE_PEER_ESTABLISHED : IKE_PEER_DOWN);
                assert_int_equal(esp_sad_count(lab->ends[end].sad), whole ? 2 : 0);
            }
            lab_free(lab);
        }
}

/* Every ID type with the same four octets: none but the true one is believed. */
static void identities_of_every_type(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 256; type += type < 16 ? 1 : 40) {
        struct forge_caught caught;
        struct lab *lab = caught_auth(0, &caught);
        struct ike_payload *id = payload_of(&caught, IKE_PAYLOAD_IDI);
        caught.bytes[id->body - caught.bytes] = (uint8_t)type;
        forge_deliver(lab, &caught, FORGE_NOTHING, 0);
        lab_settle(lab);
        assert_int_equal(lab_peer(lab, LAB_B).state,
                         type == IKE_ID_IPV4_ADDR ? IKE_PEER_ESTABLISHED : IKE_PEER_DOWN);
        lab_free(lab);
    }
}

/* --- ESP proposals without one transform type, in turn --- */

static int left_out;

static void write_child_without(struct ike_sa *sa, struct ike_builder *b)
{
    static const uint8_t nonce[32] = {1}, spi[4] = {1, 2, 3, 4};
    struct ike_proposal_policy policy = ike_peer_esp_policy(sa->peer, true);
    struct ike_proposals offer, cut;
    struct ike_ts_list local, remote;
    ike_proposal_offer(&policy, spi, sizeof(spi), &offer);
    ike_proposals_init(&cut);
    ike_proposals_add(&cut, IKE_PROTOCOL_ESP, spi, sizeof(spi));
    for (size_t i = 0; i < offer.transform_count; i++)
        if (offer.transforms[i].type != left_out)
            ike_proposals_add_transform(&cut, offer.transforms[i].type, offer.transforms[i].id,
                                        offer.transforms[i].key_bits);
    ike_peer_local_ts(sa->peer, &local);
    ike_peer_remote_ts(sa->peer, &remote);
    ike_write_sa(b, &cut);
    ike_write_nonce(b, nonce, sizeof(nonce));
    ike_write_ts(b, IKE_PAYLOAD_TSI, &local);
    ike_write_ts(b, IKE_PAYLOAD_TSR, &remote);
}

static void esp_proposal_without_one_transform_type(void **state)
{
    (void)state;
    static const int types[] = {IKE_TRANSFORM_ENCR, IKE_TRANSFORM_INTEG, IKE_TRANSFORM_DH,
                                IKE_TRANSFORM_ESN};
    for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        left_out = types[t];
        forge_request(lab, LAB_A, CHILD, write_child_without);
        assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_NO_PROPOSAL_CHOSEN));
        assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_ESTABLISHED);
        assert_int_equal(lab_children(lab, LAB_B), 1);
        lab_free(lab);
    }
}

/* --- refused, and asked again --- */

/* An identity for which there is no key: the refusal again for the request again, and nothing is left of it. */
static void no_key_for_the_peer(void **state)
{
    (void)state;
    struct lab_setup setup;
    struct ike_endpoint_counts counts;
    lab_defaults(&setup);
    setup.peer[LAB_A].local_id = "nobody.example";
    struct lab *lab = lab_new(&setup);
    lab_fault(lab,
              (struct lab_fault){
                  .from = LAB_B, .exchange = AUTH, .response = 1, .count = 2, .action = LAB_DROP});
    lab_initiate(lab, LAB_A);
    lab_run(lab, 20 * BASE_S);
    assert_int_equal(lab->ends[LAB_A].retransmissions, 2);
    assert_int_equal(lab->ends[LAB_A].last_notify, IKE_NOTIFY_AUTHENTICATION_FAILED);
    ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
    assert_int_equal(counts.duplicates_answered, 2);
    assert_int_equal(lab->ends[LAB_B].responses[AUTH], 1);
    lab_run(lab, 60 * BASE_S);
    for (int end = 0; end < 2; end++) {
        ike_endpoint_count(lab_ep(lab, end), &counts);
        assert_int_equal(counts.ike_sas + counts.half_open, 0);
        assert_int_equal(lab->ends[end].events[IKE_EVENT_IKE_UP], 0);
        assert_int_equal(lab->ends[end].events[IKE_EVENT_IKE_DOWN], 0); /* it never was */
    }
    lab_free(lab);
}

/* --- children that the peer asked for --- */

/* Acquired by A, whose lifetimes have no end: B rekeys it in its own time, again and again. */
static void children_of_the_peer_are_rekeyed(void **state)
{
    (void)state;
    struct lab_setup setup;
    lab_defaults(&setup);
    setup.peer[LAB_A].start = IKE_START_ON_TRAFFIC;
    setup.peer[LAB_A].esp_lifetime = setup.peer[LAB_A].ike_lifetime = BASE_NEVER;
    setup.peer[LAB_B].esp_lifetime = 100 * BASE_S;
    setup.peer[LAB_B].margin = 20 * BASE_S;
    struct lab *lab = lab_new(&setup);
    struct ike_flow flow = {.source = net_addr_from_ip4(NET_IP4(192, 168, 1, 11)),
                            .destination = net_addr_from_ip4(NET_IP4(192, 168, 2, 11)),
                            .protocol = 1};
    assert_true(ike_endpoint_acquire(lab_ep(lab, LAB_A), lab->now, 0, &flow));
    lab_drain(lab, LAB_A);
    lab_run(lab, BASE_S);
    lab_pings(lab, 50 * BASE_MS);
    lab_run(lab, 300 * BASE_S);
    lab_settle(lab);
    lab_assert_sound(lab);
    assert_in_range(lab_peer(lab, LAB_B).child_rekeys, 3, 4);
    assert_int_equal(lab->ends[LAB_A].done[IKE_TASK_CHILD_REKEY], 0);
    lab_free(lab);
}

/* A child whose route this end could not install is refused for its selectors, in either exchange. */
static void a_child_without_an_own_address(void **state)
{
    (void)state;
    static const net_ip4 elsewhere = NET_IP4(192, 168, 7, 5), inside = NET_IP4(192, 168, 2, 5);
    for (int usable = 0; usable < 2; usable++) {
        struct lab_setup setup;
        lab_defaults(&setup);
        setup.peer[LAB_B].own_addresses = usable ? &inside : &elsewhere;
        setup.peer[LAB_B].own_address_count = 1;
        struct lab *lab = lab_new(&setup);
        lab_initiate(lab, LAB_A);
        lab_run(lab, BASE_S);
        lab_initiate(lab, LAB_A); /* CREATE_CHILD_SA, where there is no child yet */
        lab_run(lab, BASE_S);
        assert_int_equal(lab_peer(lab, LAB_A).state,
                         usable ? IKE_PEER_ESTABLISHED : IKE_PEER_IKE_ONLY);
        assert_int_equal(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_TS_UNACCEPTABLE), !usable);
        assert_int_equal(lab->ends[LAB_A].requests[CHILD], !usable);
        assert_int_equal(esp_sad_count(lab->ends[LAB_B].sad), usable ? 2 : 0);
        lab_free(lab);
    }
}

/* No gateway has an IPv6 address: a child that has IPv6 selectors as well is refused whole. */
static void a_child_with_ipv6_selectors(void **state)
{
    (void)state;
    static const net_ip4 inside = NET_IP4(192, 168, 2, 5);
    for (int routed = 0; routed < 2; routed++) {
        struct lab_setup setup;
        struct net_prefix networks[2][2];
        lab_defaults(&setup);
        assert_true(net_prefix_parse("192.168.1.0/24", NET_PREFIX_MASK, &networks[LAB_A][0]));
        assert_true(net_prefix_parse("2001:db8:1::/64", NET_PREFIX_MASK, &networks[LAB_A][1]));
        assert_true(net_prefix_parse("192.168.2.0/24", NET_PREFIX_MASK, &networks[LAB_B][0]));
        assert_true(net_prefix_parse("2001:db8:2::/64", NET_PREFIX_MASK, &networks[LAB_B][1]));
        for (int end = LAB_A; end <= LAB_B; end++) {
            setup.peer[end].local_networks = networks[end];
            setup.peer[end].remote_networks = networks[1 - end];
            setup.peer[end].local_network_count = setup.peer[end].remote_network_count = 2;
        }
        setup.peer[LAB_B].own_addresses = routed ? &inside : NULL;
        setup.peer[LAB_B].own_address_count = routed ? 1 : 0;
        struct lab *lab = lab_new(&setup);
        lab_initiate(lab, LAB_A);
        lab_run(lab, BASE_S);
        assert_int_equal(lab_peer(lab, LAB_A).state,
                         routed ? IKE_PEER_IKE_ONLY : IKE_PEER_ESTABLISHED);
        assert_int_equal(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_TS_UNACCEPTABLE), routed);
        lab_free(lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exchange_in_every_state),
        cmocka_unit_test(payload_types_of_ikev1),
        cmocka_unit_test(payloads_that_do_not_belong_here),
        cmocka_unit_test(identities_of_wrong_sizes),
        cmocka_unit_test(identities_of_every_type),
        cmocka_unit_test(esp_proposal_without_one_transform_type),
        cmocka_unit_test(no_key_for_the_peer),
        cmocka_unit_test(children_of_the_peer_are_rekeyed),
        cmocka_unit_test(a_child_without_an_own_address),
        cmocka_unit_test(a_child_with_ipv6_selectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
