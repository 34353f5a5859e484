/* What every run is held to, without being asked. */
#include "scenarios/judge.h"

#include <inttypes.h>

#include "base/mem.h"
#include "ipsec/esp/sa.h"
#include "ipsec/ike/endpoint.h"
#include "scenarios/play_state.h"
#include "scenarios/watch.h"

static struct scn_expect_result *always(struct scn_result *result, const char *text)
{
    struct scn_expect_result *row = scn_result_add_expect(result);
    row->kind = "always";
    row->text = text;
    row->verdict = SCN_PASS;
    return row;
}

static void judge_cleartext(struct scn_play *play, const struct scn_watch_findings *findings)
{
    char from[NET_ADDR_TEXT_MAX];
    char to[NET_ADDR_TEXT_MAX];
    if (play->scenario->cleartext_allowed)
        return;
    struct scn_expect_result *row =
        always(play->result, "no packet between private subnets crosses the internet in clear");
    if (findings->cleartext == 0) {
        row->found = base_strdup("0");
        return;
    }
    struct net_addr source = net_addr_from_ip4(findings->cleartext_source);
    struct net_addr destination = net_addr_from_ip4(findings->cleartext_destination);
    row->verdict = SCN_FAIL;
    row->found = base_printf("%" PRIu64 ", the first from %s to %s at %.6f s", findings->cleartext,
                             net_addr_format(&source, from), net_addr_format(&destination, to),
                             (double)findings->cleartext_first_ns / 1e9);
}

static void judge_reuse(struct scn_play *play, const struct scn_watch_findings *findings)
{
    struct scn_expect_result *row =
        always(play->result, "no SPI and sequence number is used twice");
    if (findings->reused == 0) {
        row->found = base_strdup("0");
        return;
    }
    row->verdict = SCN_FAIL;
    row->found = base_printf("%" PRIu64 ", the first with SPI 0x%08" PRIx32 ", sequence %" PRIu32,
                             findings->reused, findings->reused_spi, findings->reused_sequence);
}

static struct topo_engine *engine_at(struct scn_play *play, net_ip4 address)
{
    struct net_addr public_ip = net_addr_from_ip4(address);
    struct topo_node node;
    if (!topo_find_public(play->model, &public_ip, &node))
        return NULL;
    return topo_world_engine(play->world, node.gateway->node);
}

struct pairing {
    struct scn_play *play;
    size_t broken;
    const char *gateway; /* of the first broken one */
    uint32_t spi;
};

/* An exchange under way at either end explains a missing twin: it is judged only where both are at rest. */
static void on_unpaired(void *context, const struct topo_world_node *node, const struct esp_sa *sa)
{
    struct pairing *pairing = context;
    struct topo_engine *peer = engine_at(pairing->play, sa->path.destination);
    if (!node->engine->ops->quiet(node->engine) || (peer && !peer->ops->quiet(peer)))
        return;
    if (pairing->broken++ > 0)
        return;
    pairing->gateway = node->name;
    pairing->spi = sa->spi;
}

static void judge_pairing(struct scn_play *play)
{
    struct pairing pairing = {.play = play};
    bool broken_is_meant = play->scenario->pairing_broken;
    struct scn_expect_result *row = always(
        play->result, broken_is_meant ? "some outbound SA has no inbound twin at the peer"
                                      : "every outbound SA has its inbound twin at the peer");
    topo_world_pairing(play->world, on_unpaired, &pairing);
    row->verdict = (pairing.broken > 0) == broken_is_meant ? SCN_PASS : SCN_FAIL;
    if (pairing.broken == 0)
        row->found = base_strdup("all have");
    else
        row->found = base_printf("%zu without, the first is SPI 0x%08" PRIx32 " of %s",
                                 pairing.broken, pairing.spi, pairing.gateway);
}

void scn_judge_always(struct scn_play *play)
{
    const struct scn_watch_findings *findings = scn_watch_findings(play->watch);
    judge_cleartext(play, findings);
    judge_pairing(play);
    judge_reuse(play, findings);
}

void scn_judge_leaks(struct scn_result *result, const struct topo_leaks *leaks)
{
    struct scn_expect_result *row = always(result, "no packet and no timer is left over");
    row->found =
        base_printf("%" PRIu64 " packets, %" PRIu64 " timers", leaks->packets, leaks->timers);
    if (leaks->packets || leaks->timers)
        row->verdict = SCN_FAIL;
}
