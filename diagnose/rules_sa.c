/* Causes in the state of SAs: one end has lost what the other one still uses, or refuses a sequence number. */
#include <stdio.h>
#include <string.h>

#include "diagnose/case.h"
#include "diagnose/index.h"
#include "diagnose/remedy.h"

/* When the gateway made the SA that it calls `spi`; NULL: it never did. */
static const struct diag_row *made(const struct diag_case *c, const char *gateway, uint64_t spi)
{
    const struct diag_history *history = c->in->history;
    for (size_t i = 0; i < history->count; i++) {
        const struct diag_row *row = &history->rows[i];
        if (row->what == DIAG_CHILD_UP && row->spi_in == spi && strcmp(row->node, gateway) == 0)
            return row;
    }
    return NULL;
}

static void say_missing(struct diag_case *c, const struct diag_leg *leg,
                        const struct sim_record *end, const struct diag_row *up, const char *sender,
                        const char *spi)
{
    const struct diag_fault *fault = diag_fault_at(c, end);
    struct topo_node node = {0};
    topo_find_node(c->in->model, up->node, &node);
    diag_say(
        c, leg, DIAG_INBOUND_SA_MISSING, DIAG_STAGE_FAR,
        fault          ? fault->where
        : node.gateway ? node.gateway->where
                       : (struct base_where){0},
        NULL,
        DIAG_WORDS({"node", up->node}, {"gateway", sender}, {"spi", spi}, {"tunnel", up->tunnel}));
}

void diag_say_restart(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                      const struct diag_row *lost, const char *other, const char *detail)
{
    struct topo_node node = {0};
    topo_find_node(c->in->model, lost->node, &node);
    bool starts = !node.gateway || node.gateway->behaviour.start == TOPO_START_AT_ONCE;
    const char *initiate =
        starts ? ""
               : base_arena_printf(&c->out->arena,
                                   "have %s initiate at once after a restart (start: at-once), or ",
                                   lost->node);
    diag_say(c, leg, DIAG_PEER_RESTARTED, stage, lost->where,
             starts ? NULL : diag_set_gateway(c, node.vdc, "behaviour.start", "at-once"),
             DIAG_WORDS({"node", lost->node}, {"at", diag_clock(c, lost->at)}, {"gateway", other},
                        {"detail", detail}, {"initiate", initiate}));
}

void diag_say_daemon(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                     const struct diag_row *off, const char *detail)
{
    struct topo_node node = {0};
    topo_find_node(c->in->model, off->node, &node);
    bool starts = node.gateway && node.gateway->behaviour.start == TOPO_START_AT_ONCE;
    if (diag_is_said(c, leg, DIAG_IKE_DAEMON_DIED, off->where))
        return;
    diag_say(c, leg, DIAG_IKE_DAEMON_DIED, stage, off->where,
             node.vdc && !starts ? diag_set_gateway(c, node.vdc, "behaviour.start", "at-once")
                                 : NULL,
             DIAG_WORDS({"node", off->node}, {"at", diag_clock(c, off->at)}, {"detail", detail}));
}

/* Its receiver never had it, or not yet: the answer that would have told it of the SA was stopped on its way. */
static void check_never(struct diag_case *c, const struct diag_leg *leg,
                        const struct sim_record *end)
{
    struct diag_leg now = *leg, next;
    for (size_t i = 0; i < c->in->model->vdc_count && now.peer; i++) {
        if (diag_node_id(c, now.peer->gateway.node) == end->node) {
            if (now.back)
                (void)diag_rule_messages(c, leg, now.peer, now.from.vdc, now.back, end->at);
            return;
        }
        if (!diag_leg_next(c, &now, &next))
            return;
        now = next;
    }
}

/* Its receiver gave the tunnel up since the sender did not answer: true where what became of the messages explains that. */
static bool check_given_up(struct diag_case *c, const struct diag_leg *leg,
                           const struct sim_record *end, const struct diag_row *up,
                           const struct topo_vdc *sender)
{
    struct topo_node node = {0};
    const struct diag_row *down = diag_history_find(c->in->history, DIAG_CHILD_DOWN, up->node,
                                                    up->tunnel, up->at, end->at, false);
    if (!down || down->reason != IKE_REASON_TIMEOUT ||
        !topo_find_node(c->in->model, up->node, &node) || !node.gateway)
        return false;
    const struct topo_tunnel *tunnel = topo_find_tunnel(node.gateway, up->tunnel);
    return tunnel && diag_rule_messages(c, leg, node.vdc, sender, tunnel, down->at);
}

/* ESP under an SPI that its receiver does not know: whether it did, and what made it forget. */
static void check_unknown(struct diag_case *c, const struct diag_leg *leg,
                          const struct sim_record *end)
{
    const char *node = diag_place(c, end);
    const struct diag_history *history = c->in->history;
    const struct diag_row *up = made(c, node, end->a);
    const struct sim_record *born = diag_sent_as(c, end->packet);
    struct topo_node sender = {0};
    if (!up || up->at > end->at) {
        check_never(c, leg, end);
        return;
    }
    if (!up->tunnel || !topo_find_node(c->in->model, diag_place(c, born), &sender) ||
        !sender.gateway)
        return;
    const char *gateway = sender.gateway->node;
    const char *spi = base_arena_printf(&c->out->arena, "0x%08llx", (unsigned long long)end->a);
    const struct diag_row *lost =
        diag_history_find(history, DIAG_SAS_LOST, node, NULL, up->at, end->at, false);
    const struct diag_row *died = diag_history_find(history, DIAG_DAEMON_OFF, lost ? node : gateway,
                                                    NULL, up->at, end->at, false);
    const char *detail = base_arena_printf(
        &c->out->arena, "%s still seals with them, and %s knows no SA with SPI %s", gateway, node,
        spi);
    if (lost && died && died->at == lost->at)
        diag_say_daemon(c, leg, DIAG_STAGE_FAR, died,
                        base_arena_printf(&c->out->arena, "its SAs went with it; %s", detail));
    else if (lost)
        diag_say_restart(c, leg, DIAG_STAGE_FAR, lost, gateway, detail);
    else if (died)
        diag_say_daemon(c, leg, DIAG_STAGE_FAR, died,
                        base_arena_printf(&c->out->arena,
                                          "its kernel still seals with an SA that %s has given up",
                                          node));
    else if (!check_given_up(c, leg, end, up, sender.vdc))
        say_missing(c, leg, end, up, gateway, spi);
}

/* ESP in UDP for a port that nobody has open: the daemon's, which is dead. */
static void check_port(struct diag_case *c, const struct diag_leg *leg,
                       const struct sim_record *end)
{
    const char *node = diag_place(c, end);
    const struct diag_row *died =
        diag_history_find(c->in->history, DIAG_DAEMON_OFF, node, NULL, 0, end->at, false);
    enum sim_origin origin = diag_origin(c, end->packet);
    if (died && (origin == SIM_ORIGIN_ESP || origin == SIM_ORIGIN_WHOLE))
        diag_say_daemon(c, leg, DIAG_STAGE_FAR, died,
                        "nobody takes ESP in UDP from port 4500 any more");
}

static void check_replay(struct diag_case *c, const struct diag_leg *leg,
                         const struct sim_record *end)
{
    struct topo_node node = {0};
    char spi[24], window[16];
    if (!topo_find_node(c->in->model, diag_place(c, end), &node) || !node.gateway)
        return;
    const struct topo_behaviour *behaviour = &node.gateway->behaviour;
    snprintf(spi, sizeof(spi), "0x%08llx", (unsigned long long)end->a);
    snprintf(window, sizeof(window), "%u", behaviour->replay_window_packets);
    bool twice = diag_index_was_opened(c->whole, end->node, end->a, end->b, end->at);
    const char *detail = "copies of them came before";
    const char *cure = "nothing is wrong with the configuration: somebody on the way sends copies";
    if (!twice) {
        detail = base_arena_printf(&c->out->arena,
                                   "they come after so many later ones that they are behind "
                                   "the replay window of %s packets",
                                   window);
        cure = base_arena_printf(&c->out->arena, "enlarge replayWindow of %s (now %s packets)",
                                 node.gateway->node, window);
    }
    diag_say(c, leg, DIAG_REPLAY_WINDOW, DIAG_STAGE_FAR, node.gateway->where,
             twice ? NULL : diag_set_gateway(c, node.vdc, "behaviour.replayWindow", "4096"),
             DIAG_WORDS({"gateway", node.gateway->node}, {"spi", spi}, {"detail", detail},
                        {"cure", cure}));
}

static void check_overflow(struct diag_case *c, const struct diag_leg *leg,
                           const struct sim_record *end)
{
    struct topo_node node = {0};
    if (!topo_find_node(c->in->model, diag_place(c, end), &node) || !node.gateway || !leg->peer)
        return;
    const struct topo_vdc *other = leg->peer == node.vdc ? leg->from.vdc : leg->peer;
    const char *set = diag_remedy_both(c, node.vdc, other, "behaviour.esn", "true");
    diag_say(c, leg, DIAG_SEQUENCE_EXHAUSTED, DIAG_STAGE_NEAR, node.gateway->where, set,
             DIAG_WORDS({"gateway", node.gateway->node},
                        {"spi", base_arena_printf(&c->out->arena, "0x%08llx",
                                                  (unsigned long long)end->a)}));
}

void diag_rules_sa(struct diag_case *c, const struct diag_leg *leg)
{
    const struct sim_record *end = leg->trip->end;
    if (!end || !sim_journal_index_count(c->index, end->packet))
        return;
    if (end->reason == SIM_REASON_NO_INBOUND_SA)
        check_unknown(c, leg, end);
    else if (end->reason == SIM_REASON_NO_SOCKET)
        check_port(c, leg, end);
    else if (end->reason == SIM_REASON_REPLAY)
        check_replay(c, leg, end);
    else if (end->reason == SIM_REASON_SEQUENCE_OVERFLOW)
        check_overflow(c, leg, end);
}
