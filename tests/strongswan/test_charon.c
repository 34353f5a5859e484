/*
 * Two charons in namespaces, joined by a cable: that they take what conf.h writes, and that what
 * they do is told in the engine's words. Needs root and strongSwan.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/wire.h"
#include "netns/loop.h"
#include "netns/netns.h"
#include "netns/process.h"
#include "netns/session.h"
#include "sim/world.h"
#include "strongswan/engine.h"
#include "tests/netns/root.h"
#include "tests/strongswan/setting.h"

enum {
    EVENTS_MAX = 256
};

struct side {
    struct netns *netns;
    struct topo_engine *engine;
    struct topo_engine_place place;
    struct ike_event events[EVENTS_MAX]; /* what they point at is not kept */
    size_t count;
};

struct lab {
    struct setting setting;
    struct netns_session *session;
    struct netns_loop *loop;
    struct sim_world *sim;
    struct topo_model model;
    struct side sides[2];
};

static void run(const char *const *argv)
{
    struct netns_process_config config = {.argv = argv};
    char *output = NULL;
    if (netns_run(&config, &output) != 0)
        fail_msg("%s %s: %s", argv[0], argv[1], output);
    free(output);
}

/* A veth pair is not netns/'s business: no world of ours has one. */
static void join(struct lab *lab)
{
    const char *a = netns_name(lab->sides[0].netns), *b = netns_name(lab->sides[1].netns);
    run((const char *const[]){"ip", "link", "add", "wan", "netns", a, "type", "veth", "peer",
                              "name", "wan", "netns", b, NULL});
    for (int i = 0; i < 2; i++) {
        struct netns *netns = lab->sides[i].netns;
        struct net_prefix outside = net_prefix_from_addr(&lab->setting.gateways[i].public_ip);
        outside.length = 24;
        assert_int_equal(netns_address_add(netns, "wan", &outside), 0);
        assert_int_equal(netns_address_add(netns, "lo", &lab->setting.connections[i].ipv4), 0);
        assert_int_equal(netns_link_up(netns, "wan", true), 0);
    }
}

static void keep_event(void *context, const char *gateway, const struct ike_event *event)
{
    struct side *side = context;
    (void)gateway;
    if (side->count < EVENTS_MAX)
        side->events[side->count++] = *event;
}

static void turn(struct lab *lab, base_ns until)
{
    base_ns next = sim_queue_next(&lab->sim->queue);
    enum netns_wake wake = netns_loop_wait(lab->loop, next < until ? next : until);
    assert_int_not_equal(wake, NETNS_WAKE_INTERRUPTED);
    sim_world_run_until(lab->sim, netns_loop_now(lab->loop));
    netns_loop_dispatch(lab->loop);
}

static void run_for(struct lab *lab, base_ns time)
{
    base_ns end = netns_loop_now(lab->loop) + time;
    while (netns_loop_now(lab->loop) < end)
        turn(lab, end);
}

static void await_ready(struct lab *lab, struct side *side)
{
    char *error = NULL;
    base_ns end = netns_loop_now(lab->loop) + 10 * BASE_S;
    while (!side->engine->ops->ready(side->engine, &error)) {
        if (error || netns_loop_now(lab->loop) > end)
            fail_msg("not ready: %s\n%s", error ? error : "10 s have gone by",
                     swan_engine_log(side->engine));
        turn(lab, end);
    }
}

static void lab_init(struct lab *lab)
{
    char *error = NULL;
    *lab = (struct lab){.model = {.vdc_count = 0}};
    setting_init(&lab->setting);
    lab->session = netns_session_open(&error);
    if (!lab->session)
        fail_msg("%s", error);
    lab->loop = netns_loop_new(lab->session);
    lab->sim = sim_world_new(1, false);
    for (int i = 0; i < 2; i++) {
        lab->sides[i].netns = netns_new(lab->session, i ? "lhr" : "txl", &error);
        assert_non_null(lab->sides[i].netns);
    }
    join(lab);
}

static void lab_start(struct lab *lab)
{
    for (int i = 0; i < 2; i++) {
        struct side *side = &lab->sides[i];
        char *error = NULL;
        side->place = (struct topo_engine_place){.session = lab->session,
                                                 .loop = lab->loop,
                                                 .netns = side->netns,
                                                 .sim = lab->sim,
                                                 .model = &lab->model,
                                                 .gateway = &lab->setting.gateways[i]};
        side->engine = swan_engine_start(&side->place, &error);
        if (!side->engine)
            fail_msg("%s", error);
        side->engine->on_event = keep_event;
        side->engine->context = side;
    }
    await_ready(lab, &lab->sides[0]);
    await_ready(lab, &lab->sides[1]);
}

static void lab_end(struct lab *lab)
{
    for (int i = 0; i < 2; i++) {
        if (lab->sides[i].engine)
            lab->sides[i].engine->ops->free(lab->sides[i].engine);
        netns_free(lab->sides[i].netns);
    }
    sim_world_free(lab->sim);
    netns_loop_free(lab->loop);
    netns_session_close(lab->session);
}

static const struct ike_event *find(const struct side *side, enum ike_event_kind kind)
{
    for (size_t i = 0; i < side->count; i++) {
        if (side->events[i].kind == kind)
            return &side->events[i];
    }
    return NULL;
}

/* Until a task has ended; fails after 10 s. */
static const struct ike_event *await_task(struct lab *lab, struct side *side)
{
    base_ns end = netns_loop_now(lab->loop) + 10 * BASE_S;
    while (!find(side, IKE_EVENT_TASK_DONE) && !find(side, IKE_EVENT_TASK_FAILED)) {
        if (netns_loop_now(lab->loop) > end)
            fail_msg("no end\n%s", swan_engine_log(side->engine));
        turn(lab, end);
    }
    const struct ike_event *done = find(side, IKE_EVENT_TASK_DONE);
    return done ? done : find(side, IKE_EVENT_TASK_FAILED);
}

static bool has_message(const struct side *side, bool sent, uint8_t exchange, bool response,
                        uint16_t notify)
{
    for (size_t i = 0; i < side->count; i++) {
        const struct ike_event *e = &side->events[i];
        bool kind = e->kind == (sent ? IKE_EVENT_MESSAGE_SENT : IKE_EVENT_MESSAGE_RECEIVED);
        if (!kind || e->exchange != exchange || e->response != response)
            continue;
        for (size_t k = 0; k < e->notify_count; k++) {
            if (e->notifies[k] == notify)
                return true;
        }
    }
    return false;
}

static struct ike_peer_info info_of(struct side *side)
{
    struct ike_peer_info info;
    assert_true(side->engine->ops->peer(side->engine, 0, &info));
    return info;
}

static void is_as_negotiated(struct side *side)
{
    struct ike_peer_info info = info_of(side);
    struct ike_child_info child;
    char text[IKE_TS_TEXT_MAX];
    assert_int_equal(info.state, IKE_PEER_ESTABLISHED);
    assert_true(info.initiator);
    assert_ptr_equal(info.ike.encr, crypto_encr_named("aes128ctr"));
    assert_ptr_equal(info.ike.integ, crypto_integ_named("sha256"));
    assert_ptr_equal(info.ike.group, crypto_group_named("modp3072"));
    assert_true(side->engine->ops->child(side->engine, 0, 0, &child));
    assert_ptr_equal(child.encr, crypto_encr_named("aes128ctr"));
    assert_string_equal(ike_ts_format(child.remote_ts, text), "192.168.2.0/24");
    assert_true(side->engine->ops->quiet(side->engine));
}

static void ping(struct side *side)
{
    struct netns_process_config config = {
        .place = side->netns,
        .argv = (const char *const[]){"ping", "-c", "2", "-i", "0.2", "-W", "1", "-I",
                                      "192.168.1.5", "192.168.2.5", NULL}};
    struct swan_child look;
    assert_int_equal(netns_run(&config, NULL), 0);
    assert_true(swan_engine_look(side->engine, side->place.gateway->tunnels[0].name, &look));
    assert_int_equal(look.packets_out, 2);
    assert_int_equal(look.packets_in, 2);
}

static void tunnel_lives_and_dies(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab_start(&lab);
    struct side *txl = &lab.sides[0], *lhr = &lab.sides[1];
    const struct topo_engine_ops *ops = txl->engine->ops;
    assert_int_equal(info_of(txl).state, IKE_PEER_DOWN);
    assert_false(ops->initiate(txl->engine, "nobody"));
    assert_false(ops->terminate(txl->engine, "lhr-tunnel", false));

    assert_true(ops->initiate(txl->engine, "lhr-tunnel"));
    const struct ike_event *end = await_task(&lab, txl);
    assert_int_equal(end->kind, IKE_EVENT_TASK_DONE);
    assert_int_equal(end->task, IKE_TASK_CONNECT);
    run_for(&lab, 100 * BASE_MS);
    assert_non_null(find(txl, IKE_EVENT_IKE_UP));
    assert_non_null(find(lhr, IKE_EVENT_CHILD_UP));
    assert_true(has_message(txl, true, IKE_EXCHANGE_IKE_SA_INIT, false,
                            IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED));
    assert_true(has_message(lhr, false, IKE_EXCHANGE_IKE_AUTH, false, IKE_NOTIFY_MOBIKE_SUPPORTED));
    is_as_negotiated(txl);

    for (int i = 0; i < 2; i++) {
        txl->count = 0;
        assert_true(ops->rekey(txl->engine, "lhr-tunnel", i == 0));
        assert_int_equal(await_task(&lab, txl)->kind, IKE_EVENT_TASK_DONE);
    }
    run_for(&lab, 100 * BASE_MS);
    assert_int_equal(info_of(txl).child_rekeys, 1);
    assert_int_equal(info_of(txl).ike_rekeys, 1);
    assert_int_equal(info_of(lhr).child_rekeys, 1);
    ping(txl);

    txl->count = 0;
    assert_true(ops->terminate(txl->engine, "lhr-tunnel", false));
    assert_int_equal(await_task(&lab, txl)->kind, IKE_EVENT_TASK_DONE);
    assert_int_equal(info_of(txl).state, IKE_PEER_DOWN);
    lab_end(&lab);
}

static void refusals_are_told(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab.setting.tunnels[1].psk = "another key of at least 32 characters";
    lab_start(&lab);
    struct side *txl = &lab.sides[0];
    assert_true(txl->engine->ops->initiate(txl->engine, "lhr-tunnel"));
    const struct ike_event *end = await_task(&lab, txl);
    assert_int_equal(end->kind, IKE_EVENT_TASK_FAILED);
    assert_int_equal(end->notify, IKE_NOTIFY_AUTHENTICATION_FAILED);
    assert_int_equal(end->reason, IKE_REASON_AUTHENTICATION);
    lab_end(&lab);
}

static void power_comes_and_goes(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab.setting.gateways[0].behaviour.start = TOPO_START_AT_ONCE;
    lab.setting.gateways[1].behaviour.start = TOPO_START_AT_ONCE;
    lab_start(&lab);
    struct side *txl = &lab.sides[0], *lhr = &lab.sides[1];
    run_for(&lab, 1500 * BASE_MS);
    assert_int_equal(info_of(txl).state, IKE_PEER_ESTABLISHED);
    assert_int_equal(info_of(txl).ike_sas, 1);
    lhr->engine->ops->power(lhr->engine, false);
    assert_false(lhr->engine->ops->running(lhr->engine));
    assert_int_equal(info_of(lhr).state, IKE_PEER_DOWN);
    lhr->engine->ops->power(lhr->engine, true);
    await_ready(&lab, lhr);
    run_for(&lab, 1500 * BASE_MS);
    assert_int_equal(info_of(lhr).state, IKE_PEER_ESTABLISHED);
    assert_int_equal(info_of(txl).ike_sas, 1); /* INITIAL_CONTACT */
    lab_end(&lab);
}

static char *swanctl(const char *const *argv)
{
    char *output = NULL;
    if (netns_run(&(struct netns_process_config){.argv = argv}, &output) != 0)
        fail_msg("%s %s: %s", argv[0], argv[1], output);
    return output;
}

/* The file that is left for reading says what was loaded: swanctl, which reads it, changes nothing. */
static void swanctl_takes_the_file(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab.setting.gateways[0].behaviour.negotiation = TOPO_NEGOTIATION_MOST_SECURE;
    lab_start(&lab);
    char *folder = base_printf("%s/run", netns_folder(lab.sides[0].netns));
    char *file = base_printf("%s/swanctl.conf", folder);
    char *uri = base_printf("unix://%s/charon.vici", folder);
    const char *const list[] = {"swanctl", "--list-conns", "--uri", uri, NULL};
    const char *const load[] = {"swanctl", "--load-all", "--noprompt", "--file",
                                file,      "--uri",      uri,          NULL};
    char *before = swanctl(list);
    free(swanctl(load));
    char *after = swanctl(list);
    assert_string_equal(before, after);
    assert_non_null(strstr(before, "lhr-tunnel: IKEv2"));
    assert_null(strstr(swan_engine_log(lab.sides[0].engine), "replaced vici connection"));
    free(before);
    free(after);
    free(uri);
    free(file);
    free(folder);
    lab_end(&lab);
}

int main(void)
{
    char *error = NULL;
    if (lacks_root("test_charon"))
        return SKIPPED;
    if (!swan_find_charon(&error)) {
        fprintf(stderr, "test_charon: SKIPPED: %s\n", error);
        free(error);
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tunnel_lives_and_dies),
        cmocka_unit_test(refusals_are_told),
        cmocka_unit_test(power_comes_and_goes),
        cmocka_unit_test(swanctl_takes_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
