/* Why pings failed, on the terminal. */
#include "report/causes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "diagnose/diagnose.h"
#include "report/prose.h"

enum {
    NODE_COLUMN = 14 /* of an account: after the time */
};

static void print_place(const struct report_paper *paper, struct base_where where)
{
    if (where.line)
        report_paint(paper, REPORT_DIM, " (%s:%d)", where.file, where.line);
}

/* What was built in or came by standard input has no path: there it is the same call as before, with these. */
static void print_sets(const struct report_paper *paper, const struct scn_result *result,
                       const char *sets)
{
    fputs("      try:    ", paper->out);
    if (result->scenario->has_path) {
        fprintf(paper->out, "tunnelbed run %s", result->real ? "--world namespaces " : "");
        report_shell_word(paper->out, result->scenario->file);
    } else {
        fputs("the same with", paper->out);
    }
    while (*sets) {
        size_t size = strcspn(sets, "\n");
        char *set = base_strndup(sets, size);
        fputs(" --set ", paper->out);
        report_shell_word(paper->out, set);
        free(set);
        sets += size;
        sets += *sets == '\n';
    }
    fputc('\n', paper->out);
}

static void print_cause(const struct report_paper *paper, const struct scn_result *result,
                        const struct diag_cause *cause)
{
    FILE *out = paper->out;
    fputs("    ", out);
    report_paint(paper, REPORT_YELLOW, "%s", diag_code_row(cause->code)->code);
    print_place(paper, cause->where);
    fputs("\n      ", out);
    report_prose(out, cause->text, 6, 6);
    fputs("      remedy: ", out);
    report_prose(out, cause->remedy, 14, 14);
    if (cause->set)
        print_sets(paper, result, cause->set);
}

void report_causes_text(const struct report_paper *paper, const struct scn_result *result)
{
    bool any = false;
    for (size_t i = 0; result->diagnosed && i < result->probe_count; i++) {
        const struct diag_probe *probe = &result->probes[i];
        const struct diag_report *report = &result->diagnosis;
        bool named = false;
        if (!diag_probe_failed(probe))
            continue;
        if (!any)
            report_paint(paper, REPORT_BOLD, "\nWhy packets did not get through\n");
        any = true;
        fprintf(paper->out, "  %s", probe->text);
        print_place(paper, probe->where);
        fputc('\n', paper->out);
        for (size_t j = 0; j < report->cause_count; j++) {
            if (report->causes[j].probe != i)
                continue;
            print_cause(paper, result, &report->causes[j]);
            named = true;
        }
        if (report->unexplained[i])
            fputs("    no cause found\n", paper->out);
        else if (!named)
            fputs("    for a cause named above\n", paper->out);
    }
}

const struct diag_cause *report_cause_of(const struct scn_result *result, const char *step_text)
{
    const struct diag_report *report = &result->diagnosis;
    const struct diag_cause *found = NULL;
    for (size_t i = 0; step_text && result->diagnosed && i < result->probe_count; i++) {
        if (result->probes[i].text != step_text || !diag_probe_failed(&result->probes[i]) ||
            report->unexplained[i])
            continue;
        for (size_t j = report->cause_count; j-- > 0;) {
            /* Its own first one, else one that an earlier step was told of. */
            if (report->causes[j].probe == i || !found)
                found = &report->causes[j];
        }
    }
    return found;
}

/* ---- Accounts ---- */

static void print_line(const struct report_paper *paper, const struct diag_line *line,
                       const char *before)
{
    if (!line->node) {
        report_paint(paper, REPORT_CYAN, "    %16s%s\n", "", line->text);
        return;
    }
    bool again = before && strcmp(before, line->node) == 0;
    report_paint(paper, REPORT_DIM, "    %14.6f  ", (double)line->at / 1e9);
    report_paint(paper, REPORT_CYAN, "%-*s", NODE_COLUMN, again ? "" : line->node);
    report_paint(paper, line->bad ? REPORT_RED : REPORT_PLAIN, " %s\n", line->text);
}

static void print_account(const struct report_paper *paper, const struct scn_result *result,
                          const struct diag_account *account)
{
    const struct diag_probe *probe = &result->probes[account->probe];
    const char *before = NULL;
    FILE *out = paper->out;
    fputc('\n', out);
    report_paint(paper, REPORT_BOLD, "  %s", probe->text);
    print_place(paper, probe->where);
    fputs("\n  ", out);
    if (account->number)
        fprintf(out, "%s %" PRIu64, probe->flow ? "datagram" : "request", account->number);
    if (account->alike)
        fprintf(out, " (and %" PRIu64 " that went the same way)", account->alike);
    fputs(account->number ? ": " : "", out);
    report_paint(paper, account->good ? REPORT_GREEN : REPORT_RED, "%s\n", account->outcome);
    for (size_t i = 0; i < account->line_count; i++) {
        print_line(paper, &account->lines[i], before);
        before = account->lines[i].node;
    }
}

void report_accounts_text(const struct report_paper *paper, const struct scn_result *result)
{
    if (!result->diagnosed || !result->diagnosis.account_count)
        return;
    report_paint(paper, REPORT_BOLD, "\nThe way of the packets\n");
    for (size_t i = 0; i < result->diagnosis.account_count; i++)
        print_account(paper, result, &result->diagnosis.accounts[i]);
}
