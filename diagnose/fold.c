/*
 * Laps that repeat are folded: of a loop the first lap is told, and how many more there were. A lap is a
 * run of visits to nodes (lines that follow each other at one node) that comes again with the same first
 * words; times, TTLs and sequence numbers may differ.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "diagnose/case.h"

enum {
    PERIOD_MAX = 12, /* visits in a lap */
    LAPS_MIN = 3,    /* fewer are told whole */
};

struct visit {
    size_t first, count;
};

static bool same_line(const struct diag_line *a, const struct diag_line *b)
{
    size_t size = strcspn(a->text, ":,");
    return strcmp(a->node, b->node) == 0 && a->bad == b->bad && strcspn(b->text, ":,") == size &&
           strncmp(a->text, b->text, size) == 0;
}

static bool same_visit(const struct diag_line *lines, const struct visit *a, const struct visit *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!same_line(&lines[a->first + i], &lines[b->first + i]))
            return false;
    }
    return true;
}

static size_t visits_of(const struct diag_line *lines, size_t count, struct visit *visits)
{
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(lines[i].node, lines[i - 1].node) == 0)
            visits[made - 1].count++;
        else
            visits[made++] = (struct visit){i, 1};
    }
    return made;
}

/* How often the `period` visits from `at` come one after the other. */
static size_t laps(const struct diag_line *lines, const struct visit *visits, size_t count,
                   size_t at, size_t period)
{
    size_t same = 0;
    while (at + period + same < count &&
           same_visit(lines, &visits[at + same % period], &visits[at + period + same]))
        same++;
    return 1 + same / period;
}

/* The nodes of a lap, each once: "txl-gw and lhr-gw". Links are on the way, and not named. */
static const char *nodes_of(struct base_arena *arena, const struct diag_line *lines,
                            const struct visit *visits, size_t at, size_t period)
{
    const char *text = "";
    for (size_t i = 0; i < period; i++) {
        const char *node = lines[visits[at + i].first].node;
        bool known = strchr(node, '/') || strcmp(node, "internet") == 0;
        for (size_t j = 0; j < i && !known; j++)
            known = strcmp(lines[visits[at + j].first].node, node) == 0;
        if (known)
            continue;
        text = base_arena_printf(arena, "%s%s%s", text, *text ? " and " : "", node);
    }
    return text;
}

size_t diag_fold(struct base_arena *arena, struct diag_line *lines, size_t count)
{
    if (!count)
        return 0;
    struct visit *visits = base_alloc_array(count + 1, sizeof(*visits));
    struct diag_line *folded = base_alloc_array(count + 1, sizeof(*folded));
    size_t visit_count = visits_of(lines, count, visits), made = 0;
    for (size_t at = 0; at < visit_count;) {
        size_t period = 0, times = 1;
        for (size_t p = 1; p <= PERIOD_MAX && times < LAPS_MIN; p++) {
            times = laps(lines, visits, visit_count, at, p);
            period = p;
        }
        size_t told = times >= LAPS_MIN ? period : 1;
        for (size_t i = 0; i < told; i++) {
            const struct visit *visit = &visits[at + i];
            memcpy(&folded[made], &lines[visit->first], visit->count * sizeof(*lines));
            made += visit->count;
        }
        at += told;
        if (times < LAPS_MIN)
            continue;
        folded[made++] = (struct diag_line){
            .at = lines[visits[at].first].at,
            .text = base_arena_printf(arena, "... %zu more times between %s", times - 1,
                                      nodes_of(arena, lines, visits, at - told, period))};
        at += (times - 1) * period;
    }
    memcpy(lines, folded, made * sizeof(*lines));
    free(folded);
    free(visits);
    return made;
}
