/* tunnel: state, algorithms, selectors, rekeys, child SAs, as the gateway has them. */
#include "scenarios/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "scenarios/play_state.h"
#include "scenarios/tunnels.h"

/* What was found, told item by item; `verdict` is the worst. */
struct findings {
    FILE *out;
    bool any;
    enum scn_verdict verdict;
};

static void find(struct findings *findings, bool holds, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void find(struct findings *findings, bool holds, const char *format, ...)
{
    va_list arguments;
    fputs(findings->any ? ", " : "", findings->out);
    findings->any = true;
    va_start(arguments, format);
    vfprintf(findings->out, format, arguments);
    va_end(arguments);
    if (!holds)
        findings->verdict = SCN_FAIL;
}

static const char *or_none(const char *text)
{
    return text ? text : "none";
}

static void judge_ike(struct findings *findings, const struct scn_negotiated *asked,
                      const struct scn_tunnel_result *tunnel)
{
    const struct ike_keys_info *ike = &tunnel->ike;
    if (asked->group)
        find(findings, tunnel->has_ike && ike->group == asked->group, "ike group %s",
             or_none(tunnel->ike_group));
    if (asked->encryption)
        find(findings, tunnel->has_ike && ike->encr == asked->encryption, "ike encryption %s",
             or_none(tunnel->ike_encryption));
    if (!asked->integrity)
        return;
    bool aead = tunnel->has_ike && ike->encr->aead;
    bool holds = aead ? ike->prf == crypto_prf_of_integ(asked->integrity)
                      : tunnel->has_ike && ike->integ == asked->integrity;
    find(findings, holds, "ike integrity %s",
         or_none(aead ? tunnel->ike_prf : tunnel->ike_integrity));
}

static void judge_esp(struct findings *findings, const struct scn_negotiated *asked,
                      const struct scn_tunnel_result *tunnel)
{
    if (asked->group || asked->group_none)
        find(findings, tunnel->has_child && tunnel->esp_dh == asked->group, "esp group %s",
             or_none(tunnel->esp_group));
    if (asked->encryption)
        find(findings, tunnel->has_child && tunnel->esp_encr == asked->encryption,
             "esp encryption %s", or_none(tunnel->esp_encryption));
    if (asked->integrity || asked->integrity_none)
        find(findings, tunnel->has_child && tunnel->esp_integ == asked->integrity,
             "esp integrity %s", or_none(tunnel->esp_integrity));
}

/* Whether a comma-separated text of selectors names the same set as the prefixes. */
static bool same_selectors(const char *found, const struct net_prefix *asked, size_t count)
{
    size_t members = 0;
    char *copy = base_strdup(found ? found : "");
    char *rest = copy;
    bool same = true;
    for (char *item = strsep(&rest, ","); item && *item; item = strsep(&rest, ",")) {
        bool known = false;
        item += *item == ' ';
        for (size_t i = 0; i < count && !known; i++) {
            char text[NET_PREFIX_TEXT_MAX];
            known = strcmp(item, net_prefix_format(&asked[i], text)) == 0;
        }
        same = same && known;
        members++;
    }
    free(copy);
    return same && members == count;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void judge_counts(struct findings *findings, const struct scn_expect_tunnel *asked,
                         const struct scn_tunnel_result *tunnel)
{
    if (asked->has_ike_rekeys)
        find(findings, base_comparison_holds(&asked->ike_rekeys, (int64_t)tunnel->ike_rekeys),
             "%" PRIu64 " ike rekey%s", tunnel->ike_rekeys, plural(tunnel->ike_rekeys));
    if (asked->has_child_rekeys)
        find(findings, base_comparison_holds(&asked->child_rekeys, (int64_t)tunnel->child_rekeys),
             "%" PRIu64 " child rekey%s", tunnel->child_rekeys, plural(tunnel->child_rekeys));
    if (asked->has_child_sas)
        find(findings, base_comparison_holds(&asked->child_sas, (int64_t)tunnel->child_sas),
             "%" PRIu64 " child SA%s", tunnel->child_sas, plural(tunnel->child_sas));
}

static bool proves_nothing(const struct scn_expect_tunnel *asked)
{
    bool other = asked->has_state || asked->local_count || asked->remote_count ||
                 asked->ike.group || asked->ike.encryption || asked->ike.integrity ||
                 asked->esp.group || asked->esp.group_none || asked->esp.encryption ||
                 asked->esp.integrity || asked->esp.integrity_none;
    bool counts =
        (asked->has_ike_rekeys && !scn_judge_always_holds(&asked->ike_rekeys, INT64_MAX)) ||
        (asked->has_child_rekeys && !scn_judge_always_holds(&asked->child_rekeys, INT64_MAX)) ||
        (asked->has_child_sas && !scn_judge_always_holds(&asked->child_sas, INT64_MAX));
    return !other && !counts;
}

void scn_judge_tunnel(struct scn_play *play, const struct scn_expect *expect,
                      struct scn_expect_result *row)
{
    const struct scn_expect_tunnel *asked = &expect->u.tunnel;
    struct scn_tunnel_result tunnel;
    size_t size = 0;
    struct findings findings = {open_memstream(&row->found, &size), false, SCN_PASS};
    scn_tunnel_read(play->world, asked->on, asked->name, &tunnel);
    if (asked->has_state || !tunnel.has_child)
        find(&findings, !asked->has_state || tunnel.state == asked->state, "%s",
             scn_tunnel_state_name(tunnel.state));
    judge_ike(&findings, &asked->ike, &tunnel);
    judge_esp(&findings, &asked->esp, &tunnel);
    if (asked->local_count)
        find(&findings, same_selectors(tunnel.local_selectors, asked->local, asked->local_count),
             "local %s", or_none(tunnel.local_selectors));
    if (asked->remote_count)
        find(&findings, same_selectors(tunnel.remote_selectors, asked->remote, asked->remote_count),
             "remote %s", or_none(tunnel.remote_selectors));
    judge_counts(&findings, asked, &tunnel);
    fclose(findings.out);
    row->verdict = findings.verdict;
    row->proves_nothing = proves_nothing(asked);
    free(tunnel.local_selectors);
    free(tunnel.remote_selectors);
}
