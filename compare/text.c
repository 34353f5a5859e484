/* The table, its columns as wide as what is in them. */
#include <string.h>

#include "base/text.h"
#include "compare/report.h"

enum {
    WHAT_MAX = 72, /* longer ones are cut */
    VALUE_MAX = 60,
};

struct widths {
    int what, simulated, real;
};

static void print_cell(const struct report_paper *paper, enum report_color color, const char *text,
                       int width)
{
    int length = (int)base_text_length(text);
    report_paint(paper, color, "%s", text);
    fprintf(paper->out, "%*s", length < width ? width - length + 2 : 2, "");
}

static int wider(int width, const char *text, int max)
{
    int length = (int)base_text_length(text);
    return length > max ? max : length > width ? length : width;
}

static const char *cut(const char *text, char out[WHAT_MAX + 4])
{
    if (base_text_length(text) <= WHAT_MAX || strlen(text) != base_text_length(text))
        return text;
    snprintf(out, WHAT_MAX + 4, "%.*s...", WHAT_MAX - 3, text);
    return out;
}

static void print_row(const struct report_paper *paper, const struct cmp_row *row,
                      const struct widths *widths)
{
    static const enum report_color COLORS[] = {REPORT_PLAIN, REPORT_PLAIN, REPORT_YELLOW,
                                               REPORT_RED};
    enum report_color color = COLORS[row->verdict];
    char what[WHAT_MAX + 4];
    fputs("  ", paper->out);
    print_cell(paper, color, cut(row->what, what), widths->what);
    print_cell(paper, color, row->simulated, widths->simulated);
    if (row->verdict == CMP_SAME) {
        report_paint(paper, REPORT_DIM, "same");
        fputc('\n', paper->out);
        return;
    }
    print_cell(paper, color, row->real, widths->real);
    if (row->verdict == CMP_DIFFERS)
        report_paint(paper, REPORT_RED, "DIFFERS");
    else if (row->verdict == CMP_KNOWN)
        report_paint(paper, REPORT_YELLOW, "known: %s [%s]", row->known->reason, row->known->code);
    else
        report_paint(paper, REPORT_DIM, "%s", cmp_verdict_name(row->verdict));
    if (row->line && row->verdict > CMP_NEAR)
        report_paint(paper, REPORT_DIM, " (line %d)", row->line);
    fputc('\n', paper->out);
}

/* Each message has its known notifies: a line for all of them together. */
static bool is_folded(const struct cmp_row *row)
{
    return row->topic == CMP_TOPIC_NOTIFY && row->verdict == CMP_KNOWN;
}

static struct widths find_widths(const struct cmp_lineup *lineup)
{
    struct widths widths = {4, 9, 10};
    for (size_t i = 0; i < lineup->count; i++) {
        if (is_folded(&lineup->rows[i]))
            continue;
        widths.what = wider(widths.what, lineup->rows[i].what, WHAT_MAX);
        widths.simulated = wider(widths.simulated, lineup->rows[i].simulated, VALUE_MAX);
        if (lineup->rows[i].verdict != CMP_SAME) /* else its place has the word "same" */
            widths.real = wider(widths.real, lineup->rows[i].real, VALUE_MAX);
    }
    return widths;
}

static void print_folded(const struct report_paper *paper, const struct cmp_lineup *lineup,
                         const struct cmp_known *known)
{
    size_t count = 0;
    for (size_t i = 0; i < lineup->count; i++)
        count += is_folded(&lineup->rows[i]) && lineup->rows[i].known == known;
    if (!count)
        return;
    fputs("  ", paper->out);
    report_paint(paper, REPORT_YELLOW, "%zu notif%s more", count, count == 1 ? "y" : "ies");
    fputs("  ", paper->out);
    report_paint(paper, REPORT_YELLOW, "known: %s [%s]\n", known->reason, known->code);
}

static void print_table(const struct report_paper *paper, const struct cmp_lineup *lineup,
                        bool brief)
{
    struct widths widths = find_widths(lineup);
    if (!brief) {
        fputs("  ", paper->out);
        print_cell(paper, REPORT_BOLD, "", widths.what);
        print_cell(paper, REPORT_BOLD, "simulated", widths.simulated);
        report_paint(paper, REPORT_BOLD, "strongSwan");
        fputc('\n', paper->out);
    }
    for (size_t i = 0; i < lineup->count; i++)
        if (!is_folded(&lineup->rows[i]) && (!brief || lineup->rows[i].verdict > CMP_NEAR))
            print_row(paper, &lineup->rows[i], &widths);
    for (size_t i = 0; i < cmp_known_count(); i++)
        print_folded(paper, lineup, cmp_known_at(i));
}

static void print_verdict(const struct report_paper *paper, const struct cmp_report *report)
{
    const struct cmp_lineup *lineup = report->lineup;
    bool differs = lineup->verdicts[CMP_DIFFERS] > 0;
    fprintf(paper->out, "%s: ", report->scenario->name);
    report_paint(paper, differs ? REPORT_RED : REPORT_GREEN, "%s", differs ? "differs" : "alike");
    fprintf(
        paper->out,
        " (%zu same, %zu near, %zu known, %zu different; %.0f s of virtual time, %.0f s of real)\n",
        lineup->verdicts[CMP_SAME], lineup->verdicts[CMP_NEAR], lineup->verdicts[CMP_KNOWN],
        lineup->verdicts[CMP_DIFFERS], report->virtual_s, report->real_s);
}

void cmp_report_text(const struct report_paper *paper, const struct cmp_report *report, bool brief)
{
    if (report->skipped || report->error) {
        fprintf(paper->out, "%s: ", report->scenario->name);
        report_paint(paper, report->error ? REPORT_RED : REPORT_YELLOW, "%s",
                     report->error ? "ERROR" : "skipped");
        fprintf(paper->out, ": %s\n", report->error ? report->error : report->skipped);
        return;
    }
    if (!brief) {
        report_paint(paper, REPORT_BOLD, "%s: %s", report->scenario->name,
                     report->scenario->title ? report->scenario->title : "");
        fputc('\n', paper->out);
        print_table(paper, report->lineup, false);
    }
    print_verdict(paper, report);
    if (brief)
        print_table(paper, report->lineup, true);
}

void cmp_report_total(const struct report_paper *paper, const struct cmp_report *reports,
                      size_t count)
{
    size_t alike = 0, different = 0, skipped = 0, errors = 0;
    for (size_t i = 0; i < count; i++) {
        if (reports[i].error)
            errors++;
        else if (reports[i].skipped)
            skipped++;
        else if (cmp_lineup_verdict(reports[i].lineup) == CMP_DIFFERS)
            different++;
        else
            alike++;
    }
    fprintf(paper->out, "%zu alike, ", alike);
    report_paint(paper, different ? REPORT_RED : REPORT_PLAIN, "%zu differ%s", different,
                 different == 1 ? "s" : "");
    fprintf(paper->out, ", %zu skipped", skipped);
    if (errors)
        report_paint(paper, REPORT_RED, ", %zu could not be compared", errors);
    fputc('\n', paper->out);
}
