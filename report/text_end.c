/* The end of a run on the terminal: what was expected, how the tunnels stand, where the files are. */
#include "report/text.h"

#include <inttypes.h>
#include <string.h>

#include "report/causes.h"
#include "report/prose.h"
#include "report/rows.h"

static void print_title(const struct report_paper *paper, const char *title)
{
    fputc('\n', paper->out);
    report_paint(paper, REPORT_BOLD, "%s", title);
    fputc('\n', paper->out);
}

void report_text_row(const struct report_paper *paper, const struct report_row *row)
{
    fputs("  ", paper->out);
    report_paint_verdict(paper, row->verdict);
    if (row->step_text)
        fprintf(paper->out, " %s: %s%s%s", row->step_text, row->what, row->expected ? " " : "",
                row->expected ? row->expected : "");
    else
        fprintf(paper->out, " %s", row->what);
    if (row->found)
        fprintf(paper->out, ", found %s", row->found);
    if (row->proves_nothing)
        fputs(": it holds whatever happens, so it proves nothing", paper->out);
    if (row->where.line)
        report_paint(paper, REPORT_DIM, " (%s:%d)", row->where.file, row->where.line);
    fputc('\n', paper->out);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_group(const struct report_paper *paper, const struct scn_result *result,
                        const char *group, const char *title)
{
    bool any = false;
    for (size_t i = 0; i < report_row_count(result); i++) {
        struct report_row row = report_row_at(result, i);
        if (strcmp(row.group, group) != 0)
            continue;
        if (!any)
            print_title(paper, title);
        any = true;
        report_text_row(paper, &row);
    }
}

static void print_tunnel(const struct report_paper *paper, const struct scn_tunnel_result *tunnel)
{
    FILE *out = paper->out;
    enum report_color color = tunnel->state == SCN_TUNNEL_ESTABLISHED  ? REPORT_GREEN
                              : tunnel->state == SCN_TUNNEL_CONNECTING ? REPORT_YELLOW
                                                                       : REPORT_RED;
    fprintf(out, "  %s %s: ", tunnel->gateway, tunnel->name);
    report_paint(paper, color, "%s", scn_tunnel_state_name(tunnel->state));
    if (tunnel->has_child)
        fprintf(out, ", %s === %s", tunnel->local_selectors, tunnel->remote_selectors);
    if (tunnel->engine)
        fprintf(out, " (%s, data plane %s)", tunnel->engine, tunnel->data_plane);
    fputc('\n', out);
    if (tunnel->has_ike)
        fprintf(out, "    IKE %s%s%s/%s/%s, rekeyed %" PRIu64 " time%s\n", tunnel->ike_encryption,
                tunnel->ike_integrity ? "/" : "",
                tunnel->ike_integrity ? tunnel->ike_integrity : "", tunnel->ike_prf,
                tunnel->ike_group, tunnel->ike_rekeys, plural(tunnel->ike_rekeys));
    if (tunnel->has_child)
        fprintf(out, "    ESP %s%s%s%s%s%s%s, rekeyed %" PRIu64 " time%s\n", tunnel->esp_encryption,
                tunnel->esp_integrity ? "/" : "",
                tunnel->esp_integrity ? tunnel->esp_integrity : "", tunnel->esp_group ? "/" : "",
                tunnel->esp_group ? tunnel->esp_group : "", tunnel->esn ? "/EXT_SEQ" : "",
                tunnel->encapsulated ? " in UDP" : "", tunnel->child_rekeys,
                plural(tunnel->child_rekeys));
}

static void print_captures(const struct report_paper *paper, const struct scn_result *result)
{
    uint64_t packets = 0;
    bool written = result->capture_count > 0 && result->captures[0].file;
    if (!result->folder || !written || result->error)
        return;
    for (size_t i = 0; i < result->capture_count; i++)
        packets += result->captures[i].packets;
    print_title(paper, "Captures");
    fprintf(paper->out, "  %s/capture.pcapng: %" PRIu64 " packet%s at %zu point%s\n",
            result->folder, packets, plural(packets), result->capture_count,
            plural(result->capture_count));
    fprintf(paper->out, "  to see them decrypted:\n");
    fputs("  WIRESHARK_CONFIG_DIR=", paper->out);
    report_shell_word(paper->out, result->folder);
    fputs("/wireshark tshark -r ", paper->out);
    report_shell_word(paper->out, result->folder);
    fputs("/capture.pcapng\n", paper->out);
    for (size_t i = 0; i < result->capture_count; i++)
        fprintf(paper->out, "  %s: %" PRIu64 " packet%s\n", result->captures[i].file,
                result->captures[i].packets, plural(result->captures[i].packets));
}

static void print_verdict(const struct report_paper *paper, const struct scn_result *result)
{
    static const enum report_color COLORS[] = {[SCN_PASS] = REPORT_GREEN,
                                               [SCN_FAIL] = REPORT_RED,
                                               [SCN_INCONCLUSIVE] = REPORT_YELLOW,
                                               [SCN_ERROR] = REPORT_RED};
    fputc('\n', paper->out);
    report_paint(paper, COLORS[result->verdict], "%s: %s", result->scenario->name,
                 scn_verdict_name(result->verdict));
    if (result->error)
        fprintf(paper->out, ": %s", result->error);
    if (result->real)
        fprintf(paper->out, " (seed %" PRIu64 ", in namespaces, %.3g s of real time)\n",
                result->seed, result->wall_s);
    else
        fprintf(paper->out, " (seed %" PRIu64 ", %.9g s of virtual time in %.3g s)\n", result->seed,
                (double)result->virtual_ns / 1e9, result->wall_s);
}

void report_text_end(struct report_text *text, const struct scn_result *result)
{
    const struct report_paper *paper = report_text_paper(text);
    print_group(paper, result, "expect", "Expected");
    print_group(paper, result, "always", "Always checked");
    report_causes_text(paper, result);
    if (result->tunnel_count)
        print_title(paper, "Tunnels");
    for (size_t i = 0; i < result->tunnel_count; i++)
        print_tunnel(paper, &result->tunnels[i]);
    print_captures(paper, result);
    if (result->scenario->lesson) {
        print_title(paper, "What to look for");
        report_prose_text(paper->out, result->scenario->lesson);
    }
    print_verdict(paper, result);
}

void report_text_line(const struct report_paper *paper, const struct scn_result *result)
{
    report_paint_verdict(paper, result->verdict);
    fprintf(paper->out, " %s", result->scenario->name);
    if (result->scenario->title)
        fprintf(paper->out, ": %s", result->scenario->title);
    fputc('\n', paper->out);
    if (result->error)
        fprintf(paper->out, "  %s\n", result->error);
    for (size_t i = 0; result->verdict != SCN_PASS && i < report_row_count(result); i++) {
        struct report_row row = report_row_at(result, i);
        if (row.verdict != SCN_PASS)
            report_text_row(paper, &row);
    }
}

void report_text_total(const struct report_paper *paper, const struct scn_result *const *results,
                       size_t count)
{
    size_t passed = 0;
    for (size_t i = 0; i < count; i++)
        passed += results[i]->verdict == SCN_PASS;
    report_paint(paper, passed == count ? REPORT_GREEN : REPORT_RED, "%zu passed, %zu failed\n",
                 passed, count - passed);
}
