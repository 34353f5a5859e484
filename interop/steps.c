/* See steps.h. A step of the table below is begun once and then asked again and again whether it has ended. */
#include "interop/steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/ts.h"
#include "netns/netns.h"
#include "sim/nat.h"
#include "sim/world.h"
#include "strongswan/engine.h"
#include "topology/outside.h"

#define STEP_TIMEOUT (20 * BASE_S)
#define ASK_INTERVAL (60 * BASE_MS) /* charon is asked about its SAs no more often */

struct context {
    struct interop_lab *lab;
    struct interop_played *played;
    const struct interop_step *step;
    struct interop_player *starter, *other, *ours, *charon;
    char *reason;
    base_ns now;
};

typedef enum interop_progress step_fn(struct context *c);

static enum interop_progress fail(struct context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum interop_progress fail(struct context *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->reason, 512, format, args);
    va_end(args);
    return INTEROP_STEP_FAILED;
}

static bool is_late(const struct context *c, base_ns limit)
{
    return c->now - c->played->step_at > limit;
}

/* ---- What the sides know ---- */

static struct ike_peer_info info_of(const struct interop_player *player)
{
    struct ike_peer_info info;
    struct topo_engine *engine = player->engine;
    int peer = engine->ops->peer_number(engine, player->tunnel);
    if (peer < 0 || !engine->ops->peer(engine, peer, &info))
        info = (struct ike_peer_info){.state = IKE_PEER_DOWN};
    return info;
}

static bool child_of(const struct interop_player *player, struct ike_child_info *out)
{
    struct topo_engine *engine = player->engine;
    int peer = engine->ops->peer_number(engine, player->tunnel);
    bool found = false;
    struct ike_child_info child;
    for (size_t i = 0; peer >= 0 && engine->ops->child(engine, peer, i, &child); i++) {
        if (child.state == IKE_CHILD_INSTALLED) {
            *out = child;
            found = true;
        }
    }
    return found;
}

/* Whether it is time to ask charon again: a question costs a third of a millisecond. */
static bool may_ask(struct context *c)
{
    if (c->now - c->played->asked_at < ASK_INTERVAL)
        return false;
    c->played->asked_at = c->now;
    return true;
}

static bool ask(struct interop_player *player, enum ike_task_kind task)
{
    struct topo_engine *engine = player->engine;
    player->asked = true;
    player->ended = false;
    switch ((int)task) {
    case IKE_TASK_CONNECT:
        return engine->ops->initiate(engine, player->tunnel);
    case IKE_TASK_CHILD_DELETE:
    case IKE_TASK_IKE_DELETE:
        return engine->ops->terminate(engine, player->tunnel, task == IKE_TASK_CHILD_DELETE);
    default:
        return engine->ops->rekey(engine, player->tunnel, task == IKE_TASK_CHILD_REKEY);
    }
}

static enum interop_progress fail_task(struct context *c, const struct interop_player *player)
{
    return fail(c, "%s: %s%s%s", player == c->ours ? "ours" : "charon",
                ike_reason_name(player->reason), player->notify ? ", " : "",
                player->notify ? ike_notify_name(player->notify) : "");
}

/* ---- Beginning ---- */

static bool same_ike(const struct ike_keys_info *a, const struct ike_keys_info *b)
{
    return a->encr == b->encr && a->integ == b->integ && a->prf == b->prf && a->group == b->group &&
           a->spi_i == b->spi_i && a->spi_r == b->spi_r;
}

/* Whether both say the same of what was agreed on, and it is what the case is about. */
static enum interop_progress compare(struct context *c)
{
    struct ike_peer_info ours = info_of(c->ours), theirs = info_of(c->charon);
    struct ike_child_info own, other;
    const struct interop_case *of = c->played->of;
    if (!child_of(c->ours, &own))
        return fail(c, "ours has no child SA installed");
    if (!child_of(c->charon, &other))
        return fail(c, "charon has no child SA installed");
    if (!ours.has_ike || !theirs.has_ike || !same_ike(&ours.ike, &theirs.ike))
        return fail(c, "the sides differ in the IKE SA's algorithms or SPIs");
    if (own.encr != other.encr || own.integ != other.integ || own.group != other.group ||
        own.spi_in != other.spi_out || own.spi_out != other.spi_in)
        return fail(c, "the sides differ in the child SA's algorithms or SPIs");
    if ((of->ike_encr && ours.ike.encr != of->ike_encr) ||
        (of->ike_group && ours.ike.group != of->ike_group))
        return fail(c, "the IKE SA has other algorithms than were configured");
    if ((of->esp_encr && own.encr != of->esp_encr) ||
        (of->esp_integ && !own.encr->aead && own.integ != of->esp_integ))
        return fail(c, "the child SA has other algorithms than were configured");
    return INTEROP_STEP_ENDED;
}

static bool both_are(struct context *c, enum ike_peer_state state)
{
    struct ike_peer_info ours = info_of(c->ours);
    if (ours.state != state || ours.children > 1 || ours.ike_sas > 1 || !may_ask(c))
        return false;
    struct ike_peer_info theirs = info_of(c->charon);
    return theirs.state == state && theirs.children <= 1 && theirs.ike_sas <= 1;
}

static enum interop_progress late_states(struct context *c)
{
    static const char *const names[] = {"down", "connecting", "an IKE SA alone", "established"};
    struct ike_peer_info ours = info_of(c->ours), theirs = info_of(c->charon);
    return fail(c, "after %.0f s: ours %s (%u IKE SAs, %u children), charon %s (%u, %u)",
                (double)(c->now - c->played->step_at) / (double)BASE_S, names[ours.state],
                ours.ike_sas, ours.children, names[theirs.state], theirs.ike_sas, theirs.children);
}

static enum interop_progress step_up(struct context *c)
{
    if (!c->played->begun && !ask(c->starter, IKE_TASK_CONNECT))
        return fail(c, "cannot be initiated");
    if (c->starter->ended && !c->starter->done)
        return fail_task(c, c->starter);
    if (c->starter->ended && both_are(c, IKE_PEER_ESTABLISHED))
        return compare(c);
    return is_late(c, STEP_TIMEOUT) ? late_states(c) : INTEROP_STEP_LASTS;
}

static enum interop_progress step_refused(struct context *c)
{
    if (!c->played->begun && !ask(c->starter, IKE_TASK_CONNECT))
        return fail(c, "cannot be initiated");
    if (!c->starter->ended)
        return is_late(c, STEP_TIMEOUT) ? late_states(c) : INTEROP_STEP_LASTS;
    if (c->starter->done)
        return fail(c, "it was established");
    if (c->starter->notify != c->step->value)
        return fail_task(c, c->starter);
    return INTEROP_STEP_ENDED;
}

static enum interop_progress step_ike_alone(struct context *c)
{
    if (both_are(c, IKE_PEER_IKE_ONLY))
        return INTEROP_STEP_ENDED;
    return is_late(c, STEP_TIMEOUT) ? late_states(c) : INTEROP_STEP_LASTS;
}

static enum interop_progress step_come_up(struct context *c)
{
    if (both_are(c, IKE_PEER_ESTABLISHED))
        return compare(c);
    return is_late(c, c->step->value * BASE_S) ? late_states(c) : INTEROP_STEP_LASTS;
}

static enum interop_progress step_go_down(struct context *c)
{
    if (c->played->ike_downs > 0) /* it may be on its way up again by now */
        return INTEROP_STEP_ENDED;
    return is_late(c, c->step->value * BASE_S) ? late_states(c) : INTEROP_STEP_LASTS;
}

/* ---- Packets ---- */

static net_ip4 inside_of(struct context *c, const struct interop_player *player)
{
    const struct topo_world_node *node = topo_world_node(c->lab->world, player->gateway);
    return net_addr_ip4(&node->model.gateway->connections[0].ipv4.addr);
}

static enum interop_progress step_ping(struct context *c)
{
    struct interop_played *played = c->played;
    if (!played->begun) {
        struct sim_ping_config config = {.to = inside_of(c, c->charon),
                                         .from = inside_of(c, c->ours),
                                         .count = c->step->value,
                                         .interval_ns = 30 * BASE_MS,
                                         .timeout_ns = 8 * BASE_S, /* for busy machines */
                                         .size = SIM_PING_SIZE_DEFAULT};
        struct topo_ping_listener listener = {.context = played};
        if (played->ping)
            topo_ping_free(played->ping);
        played->ping =
            topo_ping_start(topo_world_node(c->lab->world, c->ours->gateway), &config, &listener);
    }
    const struct sim_ping_statistics *statistics = topo_ping_statistics(played->ping);
    if (!statistics->done)
        return INTEROP_STEP_LASTS;
    if (statistics->received != c->step->value || statistics->duplicates)
        return fail(c, "%u sent, %u received, %u errors", c->step->value,
                    (unsigned)statistics->received, (unsigned)statistics->errors);
    return INTEROP_STEP_ENDED;
}

/* ---- Rekeys and deletes ---- */

static void remember_rekeys(struct interop_player *player)
{
    struct ike_peer_info info = info_of(player);
    player->ike_rekeys = info.ike_rekeys;
    player->child_rekeys = info.child_rekeys;
}

static bool has_rekeyed(const struct interop_player *player, bool child)
{
    struct ike_peer_info info = info_of(player);
    return child ? info.child_rekeys > player->child_rekeys : info.ike_rekeys > player->ike_rekeys;
}

/* The group of a child that was rekeyed is the configured one: PFS. */
static enum interop_progress compare_pfs(struct context *c, bool child)
{
    struct ike_child_info own;
    enum interop_progress same = compare(c);
    if (same != INTEROP_STEP_ENDED || !child || !c->played->of->esp_group)
        return same;
    if (!child_of(c->ours, &own) || own.group != c->played->of->esp_group)
        return fail(c, "the child SA has %s instead of the configured group",
                    own.group ? own.group->product_name : "no group");
    return INTEROP_STEP_ENDED;
}

static enum interop_progress rekey(struct context *c, bool child)
{
    struct interop_player *player = c->step->other ? c->other : c->starter;
    if (!c->played->begun) {
        remember_rekeys(c->ours);
        remember_rekeys(c->charon);
        if (!ask(player, child ? IKE_TASK_CHILD_REKEY : IKE_TASK_IKE_REKEY))
            return fail(c, "cannot be rekeyed");
    }
    if (player->ended && !player->done)
        return player->notify == c->step->value && c->step->value ? INTEROP_STEP_ENDED
                                                                  : fail_task(c, player);
    if (player->ended && c->step->value)
        return fail(c, "it succeeded");
    if (player->ended && both_are(c, IKE_PEER_ESTABLISHED) && has_rekeyed(c->ours, child) &&
        has_rekeyed(c->charon, child))
        return compare_pfs(c, child);
    return is_late(c, STEP_TIMEOUT) ? late_states(c) : INTEROP_STEP_LASTS;
}

static enum interop_progress step_rekey_child(struct context *c)
{
    return rekey(c, true);
}

static enum interop_progress step_rekey_ike(struct context *c)
{
    return rekey(c, false);
}

/* Whichever wins, there is one in the end, and it is rekeyed. Either's own try may have been given up. */
static enum interop_progress rekey_both(struct context *c, bool child)
{
    enum ike_task_kind task = child ? IKE_TASK_CHILD_REKEY : IKE_TASK_IKE_REKEY;
    if (!c->played->begun) {
        remember_rekeys(c->ours);
        remember_rekeys(c->charon);
        if (!ask(c->charon, task) || !ask(c->ours, task))
            return fail(c, "cannot be rekeyed");
    }
    if (c->now - c->played->step_at > 500 * BASE_MS && both_are(c, IKE_PEER_ESTABLISHED) &&
        has_rekeyed(c->ours, child))
        return compare(c);
    return is_late(c, STEP_TIMEOUT) ? late_states(c) : INTEROP_STEP_LASTS;
}

static enum interop_progress step_rekey_child_both(struct context *c)
{
    return rekey_both(c, true);
}

static enum interop_progress step_rekey_ike_both(struct context *c)
{
    return rekey_both(c, false);
}

static enum interop_progress end(struct context *c, bool child)
{
    struct interop_player *player = c->step->other ? c->other : c->starter;
    if (!c->played->begun && !ask(player, child ? IKE_TASK_CHILD_DELETE : IKE_TASK_IKE_DELETE))
        return fail(c, "cannot be deleted");
    if (player->ended && !player->done)
        return fail_task(c, player);
    if (player->ended && both_are(c, child ? IKE_PEER_IKE_ONLY : IKE_PEER_DOWN))
        return INTEROP_STEP_ENDED;
    return is_late(c, STEP_TIMEOUT) ? late_states(c) : INTEROP_STEP_LASTS;
}

static enum interop_progress step_delete_child(struct context *c)
{
    return end(c, true);
}

static enum interop_progress step_delete_ike(struct context *c)
{
    return end(c, false);
}

static enum interop_progress step_liveness(struct context *c)
{
    if (!c->played->begun)
        c->starter->empty_requests = 0;
    if (c->starter->empty_requests >= c->step->value && both_are(c, IKE_PEER_ESTABLISHED))
        return INTEROP_STEP_ENDED;
    return is_late(c, STEP_TIMEOUT) ? fail(c, "%u were sent in 20 s", c->starter->empty_requests)
                                    : INTEROP_STEP_LASTS;
}

/* ---- What was seen ---- */

static enum interop_progress step_seen(struct context *c)
{
    for (size_t i = 0; i < c->played->seen_count; i++) {
        if (c->played->seen[i] == c->step->value)
            return INTEROP_STEP_ENDED;
    }
    return is_late(c, 4 * BASE_S)
               ? fail(c, "no %s has passed", ike_notify_name((uint16_t)c->step->value))
               : INTEROP_STEP_LASTS;
}

static enum interop_progress step_logged(struct context *c)
{
    if (strstr(swan_engine_log(c->charon->engine), c->step->text))
        return INTEROP_STEP_ENDED;
    return is_late(c, 1 * BASE_S) ? fail(c, "has no \"%s\"", c->step->text) : INTEROP_STEP_LASTS;
}

static enum interop_progress step_encapsulated(struct context *c)
{
    struct ike_child_info child;
    if (!child_of(c->ours, &child) || !child.udp_encapsulation)
        return fail(c, "ESP is not in UDP");
    return INTEROP_STEP_ENDED;
}

/* ---- Power, and the path ---- */

static enum interop_progress step_kill(struct context *c)
{
    c->charon->engine->ops->power(c->charon->engine, false);
    c->played->seen_count = 0; /* asked for is what comes after */
    return INTEROP_STEP_ENDED;
}

static enum interop_progress step_quit(struct context *c)
{
    if (!c->played->begun)
        swan_engine_quit(c->charon->engine);
    if (!c->charon->engine->ops->running(c->charon->engine))
        return INTEROP_STEP_ENDED;
    return is_late(c, STEP_TIMEOUT) ? fail(c, "it still runs") : INTEROP_STEP_LASTS;
}

static enum interop_progress step_start(struct context *c)
{
    char *error = NULL;
    struct topo_engine *engine = c->charon->engine;
    if (!c->played->begun)
        engine->ops->power(engine, true);
    bool ready = engine->ops->ready(engine, &error);
    if (error) {
        fail(c, "%s", error);
        free(error);
        return INTEROP_STEP_FAILED;
    }
    if (ready)
        return INTEROP_STEP_ENDED;
    return is_late(c, STEP_TIMEOUT) ? fail(c, "it is not ready") : INTEROP_STEP_LASTS;
}

static enum interop_progress step_restart_ours(struct context *c)
{
    topo_world_restart(c->lab->world, c->ours->gateway);
    return INTEROP_STEP_ENDED;
}

/* The old address goes once the new one is there; charon tells us by MOBIKE. */
static enum interop_progress step_move(struct context *c)
{
    const struct topo_world_node *node = topo_world_node(c->lab->world, c->charon->gateway);
    const struct topo_gateway *gateway = node->model.gateway;
    struct net_addr to = interop_moved_address(gateway);
    if (!c->played->begun) {
        struct netns *netns = topo_outside_netns(node->outside);
        struct net_prefix before = {.addr = gateway->public_ip, .length = 15};
        struct net_prefix after = {.addr = to, .length = 15};
        if (netns_address_add(netns, "wan", &after) ||
            netns_sysctl(netns, "net/ipv4/conf/all/promote_secondaries", "1") ||
            netns_address_remove(netns, "wan", &before))
            return fail(c, "the address cannot be changed");
    }
    struct ike_peer_info info = info_of(c->ours);
    if (net_addr_equal(&info.path.remote, &to))
        return INTEROP_STEP_ENDED;
    return is_late(c, STEP_TIMEOUT) ? fail(c, "ours still sends to the old address")
                                    : INTEROP_STEP_LASTS;
}

/* kernel-libipsec cannot move an SA, so charon rekeys it where an address of the two has changed; XFRM can. */
static enum interop_progress step_settle(struct context *c)
{
    bool rekeys = c->step->value &&
                  !strcmp(c->lab->matrix->data_plane, swan_data_plane_name(SWAN_DATA_LIBIPSEC));
    if (is_late(c, 1 * BASE_S) && (!rekeys || info_of(c->ours).child_rekeys > 0) &&
        both_are(c, IKE_PEER_ESTABLISHED))
        return INTEROP_STEP_ENDED;
    return is_late(c, STEP_TIMEOUT) ? late_states(c) : INTEROP_STEP_LASTS;
}

static enum interop_progress step_rebind(struct context *c)
{
    for (size_t i = 0; i < c->lab->model.internet.nat_count; i++) {
        const struct topo_nat *nat = &c->lab->model.internet.nats[i];
        if (!strcmp(nat->gateway, c->starter->gateway))
            sim_nat_rebind(topo_world_nat(c->lab->world, nat->node));
    }
    return INTEROP_STEP_ENDED;
}

static enum interop_progress step_half_open(struct context *c)
{
    struct topo_engine *engine = topo_world_engine(c->lab->world, INTEROP_DECOY "-gw");
    if (!c->played->begun && !engine->ops->initiate(engine, INTEROP_DECOY))
        return fail(c, "cannot be initiated");
    if (strstr(swan_engine_log(c->charon->engine), "generating IKE_SA_INIT response 0"))
        return INTEROP_STEP_ENDED;
    return is_late(c, STEP_TIMEOUT) ? fail(c, "charon has not answered") : INTEROP_STEP_LASTS;
}

static step_fn *const steps[] = {
    [INTEROP_OP_UP] = step_up,
    [INTEROP_OP_REFUSED] = step_refused,
    [INTEROP_OP_IKE_ALONE] = step_ike_alone,
    [INTEROP_OP_PING] = step_ping,
    [INTEROP_OP_REKEY_CHILD] = step_rekey_child,
    [INTEROP_OP_REKEY_IKE] = step_rekey_ike,
    [INTEROP_OP_REKEY_CHILD_BOTH] = step_rekey_child_both,
    [INTEROP_OP_REKEY_IKE_BOTH] = step_rekey_ike_both,
    [INTEROP_OP_DELETE_CHILD] = step_delete_child,
    [INTEROP_OP_DELETE_IKE] = step_delete_ike,
    [INTEROP_OP_LIVENESS] = step_liveness,
    [INTEROP_OP_SEEN] = step_seen,
    [INTEROP_OP_LOGGED] = step_logged,
    [INTEROP_OP_ENCAPSULATED] = step_encapsulated,
    [INTEROP_OP_KILL] = step_kill,
    [INTEROP_OP_QUIT] = step_quit,
    [INTEROP_OP_START] = step_start,
    [INTEROP_OP_RESTART_OURS] = step_restart_ours,
    [INTEROP_OP_COME_UP] = step_come_up,
    [INTEROP_OP_GO_DOWN] = step_go_down,
    [INTEROP_OP_MOVE] = step_move,
    [INTEROP_OP_SETTLE] = step_settle,
    [INTEROP_OP_REBIND] = step_rebind,
    [INTEROP_OP_HALF_OPEN] = step_half_open,
};

enum interop_progress interop_step_go(struct interop_lab *lab, struct interop_played *played,
                                      const struct interop_step *step, char reason[512])
{
    struct context c = {
        .lab = lab,
        .played = played,
        .step = step,
        .starter = &played->players[played->starter],
        .other = &played->players[!played->starter],
        .ours = &played->players[INTEROP_OURS],
        .charon = &played->players[INTEROP_CHARON],
        .reason = reason,
        .now = topo_world_now(lab->world),
    };
    enum interop_progress progress = steps[step->op](&c);
    played->begun = true;
    return progress;
}
