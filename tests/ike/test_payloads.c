/*
 * Each payload of each message left out, and twice, in turn, under the right keys: RFC 7296 sections 1.2, 1.3,
 * 2.21.2, 2.21.3. Whatever becomes of it, both ends know of the same SAs in the end, and nothing is half there.
 * And what no end may mind: any order, unknown payloads, reserved bits, a higher minor version (sections 2.5, 3.2).
 */
#include "ipsec/crypto/algorithm.h"
#include "tests/ike/forge.h"
#include "tests/test.h"

#define INIT IKE_EXCHANGE_IKE_SA_INIT
#define AUTH IKE_EXCHANGE_IKE_AUTH
#define CHILD IKE_EXCHANGE_CREATE_CHILD_SA

/* What is under way when the message is caught; A began it. */
enum doing {
    CONNECTING,
    MAKING_A_CHILD,
    REKEYING_A_CHILD,
    REKEYING_THE_IKE_SA,
};

struct message {
    enum doing doing;
    uint8_t exchange;
    int response;
};

static struct lab *until_caught(const struct message *which, struct forge_caught *caught)
{
    struct lab_setup setup;
    lab_defaults(&setup);
    if (which->doing ==
        REKEYING_THE_IKE_SA) /* nothing but liveness tells the end that made one alone */
        setup.peer[LAB_A].dpd_delay = setup.peer[LAB_B].dpd_delay = 10 * BASE_S;
    struct lab *lab = lab_new(&setup);
    struct lab_fault hold = {.from = which->response ? LAB_B : LAB_A,
                             .exchange = which->exchange,
                             .response = which->response,
                             .count = 1,
                             .action = LAB_HOLD,
                             .name = "it"};
    if (which->doing != CONNECTING)
        lab_up(lab, LAB_A);
    if (which->doing == MAKING_A_CHILD) {
        lab_terminate(lab, LAB_A, true);
        lab_settle(lab);
    }
    lab_fault(lab, hold);
    if (which->doing == REKEYING_A_CHILD)
        lab_rekey_child(lab, LAB_A);
    else if (which->doing == REKEYING_THE_IKE_SA)
        lab_rekey_ike(lab, LAB_A);
    else
        lab_initiate(lab, LAB_A);
    lab_run(lab, 100 * BASE_MS);
    forge_catch(lab, "it", caught);
    lab_heal(lab);
    return lab;
}

/* Both ends are quiet and of one mind, no SA without its twin, none half made. */
static void assert_of_one_mind(struct lab *lab)
{
    lab_settle(lab);
    for (int i = 0; i < 2; i++) {
        struct ike_endpoint_counts counts;
        ike_endpoint_count(lab_ep(lab, i), &counts);
        assert_int_equal(counts.half_open, 0);
        assert_int_equal(counts.ike_sas, lab_peer(lab, i).ike_sas);
        assert_true(ike_endpoint_quiet(lab_ep(lab, i)));
        assert_int_equal(esp_sad_count(lab->ends[i].sad), 2 * lab_children(lab, i));
    }
    assert_int_equal(lab_peer(lab, LAB_A).state, lab_peer(lab, LAB_B).state);
    assert_int_equal(lab_peer(lab, LAB_A).ike_sas, lab_peer(lab, LAB_B).ike_sas);
    assert_int_equal(lab_children(lab, LAB_A), lab_children(lab, LAB_B));
    lab_assert_paired(lab);
}

/* What the SAs are in the end, for each type of payload left out and doubled. */
struct outcome {
    uint8_t type;
    enum ike_peer_state left_out, twice;
};

struct outcomes {
    const char *name;
    struct message message;
    struct outcome of[8];
};

#define UP IKE_PEER_ESTABLISHED
#define ONLY IKE_PEER_IKE_ONLY
#define DOWN IKE_PEER_DOWN

static const struct outcomes all[] = {
    {"IKE_AUTH request",
     {CONNECTING, AUTH, 0},
     {{IKE_PAYLOAD_IDI, DOWN, DOWN},
      {IKE_PAYLOAD_IDR, UP, DOWN},
      {IKE_PAYLOAD_AUTH, DOWN, DOWN},
      {IKE_PAYLOAD_SA, DOWN, DOWN},
      {IKE_PAYLOAD_TSI, DOWN, DOWN},
      {IKE_PAYLOAD_TSR, DOWN, DOWN}}},
    {"IKE_AUTH response",
     {CONNECTING, AUTH, 1},
     {{IKE_PAYLOAD_IDR, DOWN, DOWN},
      {IKE_PAYLOAD_AUTH, DOWN, DOWN},
      {IKE_PAYLOAD_SA, ONLY, ONLY},
      {IKE_PAYLOAD_TSI, ONLY, ONLY},
      {IKE_PAYLOAD_TSR, ONLY, ONLY}}},
    {"request for a child",
     {MAKING_A_CHILD, CHILD, 0},
     {{IKE_PAYLOAD_SA, DOWN, DOWN},
      {IKE_PAYLOAD_NONCE, DOWN, DOWN},
      {IKE_PAYLOAD_KE, UP, DOWN}, /* INVALID_KE_PAYLOAD, and once more */
      {IKE_PAYLOAD_TSI, DOWN, DOWN},
      {IKE_PAYLOAD_TSR, DOWN, DOWN}}},
    {"response for a child",
     {MAKING_A_CHILD, CHILD, 1},
     {{IKE_PAYLOAD_SA, ONLY, ONLY},
      {IKE_PAYLOAD_NONCE, ONLY, ONLY},
      {IKE_PAYLOAD_KE, ONLY, ONLY},
      {IKE_PAYLOAD_TSI, ONLY, ONLY},
      {IKE_PAYLOAD_TSR, ONLY, ONLY}}},
    {"request to rekey a child",
     {REKEYING_A_CHILD, CHILD, 0},
     {{IKE_PAYLOAD_SA, DOWN, DOWN},
      {IKE_PAYLOAD_NONCE, DOWN, DOWN},
      {IKE_PAYLOAD_KE, UP, DOWN},
      {IKE_PAYLOAD_TSI, DOWN, DOWN},
      {IKE_PAYLOAD_TSR, DOWN, DOWN}}},
    {"response to rekey a child",
     {REKEYING_A_CHILD, CHILD, 1},
     {{IKE_PAYLOAD_SA, UP, UP},
      {IKE_PAYLOAD_NONCE, UP, UP},
      {IKE_PAYLOAD_KE, UP, UP},
      {IKE_PAYLOAD_TSI, UP, UP},
      {IKE_PAYLOAD_TSR, UP, UP}}},
    {"request to rekey the IKE SA",
     {REKEYING_THE_IKE_SA, CHILD, 0},
     {{IKE_PAYLOAD_SA, DOWN, DOWN}, {IKE_PAYLOAD_NONCE, DOWN, DOWN}, {IKE_PAYLOAD_KE, DOWN, DOWN}}},
    {"response to rekey the IKE SA",
     {REKEYING_THE_IKE_SA, CHILD, 1},
     {{IKE_PAYLOAD_SA, DOWN, DOWN}, {IKE_PAYLOAD_NONCE, DOWN, DOWN}, {IKE_PAYLOAD_KE, DOWN, DOWN}}},
};

static const struct outcome *outcome_of(const struct outcomes *outcomes, uint8_t type)
{
    for (size_t i = 0; i < 8; i++)
        if (outcomes->of[i].type == type)
            return &outcomes->of[i];
    return NULL; /* notifies: anything goes */
}

/* Time for what is tried again after a refusal, and for liveness checks where they are on. */
static void run_to_the_end(struct lab *lab, enum doing doing)
{
    lab_settle(lab);
    if (doing == REKEYING_A_CHILD)
        lab_run(lab, 60 * BASE_S);
    if (doing == REKEYING_THE_IKE_SA)
        lab_run(lab, 200 * BASE_S);
    lab_settle(lab);
}

static unsigned differs(const struct outcomes *outcomes, size_t index, bool twice)
{
    struct forge_caught caught;
    struct lab *lab = until_caught(&outcomes->message, &caught);
    uint8_t type = caught.payloads[index].type;
    const struct outcome *want = outcome_of(outcomes, type);
    enum ike_peer_state expected = !want ? UP : twice ? want->twice : want->left_out;
    forge_deliver(lab, &caught, twice ? FORGE_TWICE : FORGE_LEAVE_OUT, index);
    run_to_the_end(lab, outcomes->message.doing);
    enum ike_peer_state a = lab_peer(lab, LAB_A).state, b = lab_peer(lab, LAB_B).state;
    bool same = a == expected && b == expected;
    if (same)
        assert_of_one_mind(lab);
    else
        print_error("%s, %s %s: A %d, B %d, not %d\n", outcomes->name, ike_payload_name(type),
                    twice ? "twice" : "left out", a, b, expected);
    lab_free(lab);
    return !same;
}

/* Without REKEY_SA it is a request for one more child: B then has two. */
static bool is_rekey_sa(const struct outcomes *outcomes, const struct ike_payload *payload)
{
    return payload->type == IKE_PAYLOAD_NOTIFY && outcomes->message.doing == REKEYING_A_CHILD;
}

static void each_payload_left_out_and_twice(void **state)
{
    (void)state;
    unsigned differing = 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct forge_caught caught;
        lab_free(until_caught(&all[i].message, &caught));
        size_t known = 0;
        for (size_t at = 0; at < caught.count; at++) {
            known += outcome_of(&all[i], caught.payloads[at].type) != NULL;
            differing += differs(&all[i], at, true);
            if (!is_rekey_sa(&all[i], &caught.payloads[at]))
                differing += differs(&all[i], at, false);
        }
        for (size_t o = 0; o < 8; o++)
            known -= all[i].of[o].type != 0;
        assert_int_equal(known, 0); /* each that the table names was there */
    }
    assert_int_equal(differing, 0);
}

/*
 * B takes the identity and refuses the child with INVALID_SYNTAX: neither end keeps the IKE SA, and no Delete is sent
 * (section 2.21.2). strongSwan offers transport mode for networks with empty selectors, and ends its side.
 */
static void a_child_of_ike_auth_that_cannot_be_read(void **state)
{
    (void)state;
    static const struct message request = {CONNECTING, AUTH, 0};
    static const uint8_t types[] = {IKE_PAYLOAD_SA, IKE_PAYLOAD_TSI, IKE_PAYLOAD_TSR};
    for (size_t t = 0; t < sizeof(types); t++) {
        struct forge_caught caught;
        struct lab *lab = until_caught(&request, &caught);
        size_t at = 0;
        while (caught.payloads[at].type != types[t])
            at++;
        forge_deliver(lab, &caught, FORGE_EMPTY, at);
        lab_settle(lab);
        assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_SYNTAX));
        assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
        assert_of_one_mind(lab);
        assert_int_equal(lab->ends[LAB_A].requests[IKE_EXCHANGE_INFORMATIONAL], 0);
        lab_free(lab);
    }
}

static const struct message messages[] = {
    {CONNECTING, INIT, 0},           {CONNECTING, INIT, 1},        {CONNECTING, AUTH, 0},
    {CONNECTING, AUTH, 1},           {MAKING_A_CHILD, CHILD, 0},   {MAKING_A_CHILD, CHILD, 1},
    {REKEYING_A_CHILD, CHILD, 0},    {REKEYING_A_CHILD, CHILD, 1}, {REKEYING_THE_IKE_SA, CHILD, 0},
    {REKEYING_THE_IKE_SA, CHILD, 1},
};

static void nobody_minds(enum forge_change change)
{
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        struct forge_caught caught;
        struct lab *lab = until_caught(&messages[i], &caught);
        forge_deliver(lab, &caught, change, 0);
        lab_settle(lab);
        lab_assert_sound(lab);
        for (int end = 0; end < 2; end++) {
            assert_int_equal(lab->ends[end].retransmissions, 0);
            for (int kind = 0; kind < IKE_TASK_KIND_COUNT; kind++)
                assert_int_equal(lab->ends[end].failed[kind], 0);
        }
        lab_free(lab);
    }
}

static void payloads_in_reverse_order(void **state)
{
    (void)state;
    nobody_minds(FORGE_REVERSE);
}

static void reserved_bits_are_ignored(void **state)
{
    (void)state;
    nobody_minds(FORGE_RESERVED);
}

static void unknown_payloads_are_skipped(void **state)
{
    (void)state;
    nobody_minds(FORGE_UNKNOWN);
}

static void a_higher_minor_version(void **state)
{
    (void)state;
    nobody_minds(FORGE_MINOR);
}

/* What becomes of it in the order of `messages`; IKE_SA_INIT is sent again as it was before. */
static void an_unknown_critical_payload(void **state)
{
    (void)state;
    static const enum ike_peer_state outcome[] = {UP,   UP, DOWN, DOWN, ONLY,
                                                  DOWN, UP, DOWN, UP,   DOWN};
    static const uint8_t types[] = {1, 32, 49, 255};
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].exchange == INIT)
            continue;
        for (size_t t = 0; t < sizeof(types); t++) {
            struct forge_caught caught;
            struct lab *lab = until_caught(&messages[i], &caught);
            forge_deliver(lab, &caught, FORGE_CRITICAL, types[t]);
            assert_int_equal(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD),
                             !messages[i].response);
            run_to_the_end(lab, messages[i].doing);
            assert_int_equal(lab_peer(lab, LAB_A).state, outcome[i]);
            assert_of_one_mind(lab);
            lab_free(lab);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_payload_left_out_and_twice),
        cmocka_unit_test(a_child_of_ike_auth_that_cannot_be_read),
        cmocka_unit_test(payloads_in_reverse_order),
        cmocka_unit_test(reserved_bits_are_ignored),
        cmocka_unit_test(unknown_payloads_are_skipped),
        cmocka_unit_test(a_higher_minor_version),
        cmocka_unit_test(an_unknown_critical_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
