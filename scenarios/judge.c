/* Expectations by kind, and the numbers that most of them come down to. */
#include "scenarios/judge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pcap/capture.h"
#include "scenarios/diagnosis.h"
#include "scenarios/ike_log.h"
#include "scenarios/play_state.h"
#include "scenarios/recording.h"
#include "sim/journal.h"
#include "sim/nat.h"
#include "sim/link.h"
#include "sim/stack.h"
#include "sim/world.h"

enum scn_verdict scn_judge_number(const struct base_comparison *expected, int64_t found)
{
    return base_comparison_holds(expected, found) ? SCN_PASS : SCN_FAIL;
}

bool scn_judge_always_holds(const struct base_comparison *expected, int64_t most)
{
    return expected->low <= 0 && expected->high >= most;
}

static const struct scn_step_result *find_step(const struct scn_play *play, const char *name)
{
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        const char *its_name = play->scenario->steps[i].name;
        if (its_name && strcmp(its_name, name) == 0)
            return &play->result->steps[i];
    }
    return NULL;
}

struct scn_mark scn_mark_now(const struct scn_play *play)
{
    const struct sim_journal *journal = play->sim->journal;
    return (struct scn_mark){
        .frames = cap_set_frame_count(scn_recording_frames(play->recording)),
        .messages = play->ike_log ? scn_ike_log_size(play->ike_log) : 0,
        .records = journal ? sim_journal_count(journal) : 0,
    };
}

struct scn_window scn_judge_window(const struct scn_play *play, const struct scn_expect *expect)
{
    struct scn_window window = {.to = BASE_NEVER, .end = scn_mark_now(play)};
    if (!expect->during.set)
        return window;
    if (!expect->during.step) {
        window.from = expect->during.start_ns;
        window.to = expect->during.end_ns;
        return window;
    }
    const struct scn_step_result *row = find_step(play, expect->during.step);
    if (!row || !row->started)
        return (struct scn_window){0};
    window.first = row->start_mark;
    if (row->ended)
        window.end = row->end_mark;
    return window;
}

static void judge_ike(struct scn_play *play, const struct scn_expect *expect,
                      struct scn_expect_result *row)
{
    struct scn_window window = scn_judge_window(play, expect);
    uint64_t count = scn_ike_log_count(play->ike_log, &expect->u.ike, &window);
    row->verdict = scn_judge_number(&expect->u.ike.count, (int64_t)count);
    row->found = base_printf("%" PRIu64, count);
    row->proves_nothing = scn_judge_always_holds(&expect->u.ike.count, INT64_MAX);
    if (row->verdict == SCN_PASS && count == 0 &&
        scn_ike_log_total(play->ike_log, expect->u.ike.on) == 0) {
        row->verdict = SCN_INCONCLUSIVE;
        free(row->found);
        row->found = base_printf("%s saw no IKE message at all", expect->u.ike.on);
    }
}

/* The journal's number of a node or link; 0 means anywhere. */
static uint16_t journal_node(struct topo_world *world, const char *on)
{
    if (!on)
        return 0;
    struct topo_world_node *node = topo_world_node(world, on);
    if (node)
        return node->sim->id;
    struct sim_nat *nat = topo_world_nat(world, on);
    return nat ? sim_nat_node(nat)->id : topo_world_link(world, on)->node;
}

static uint64_t count_drops(struct scn_play *play, const struct scn_expect *expect)
{
    const struct sim_journal *journal = play->sim->journal;
    uint16_t node = journal_node(play->world, expect->u.drops.on);
    enum sim_reason reason = SIM_REASON_NONE;
    bool any = !expect->u.drops.reason || !sim_reason_find(expect->u.drops.reason, &reason);
    struct scn_window window = scn_judge_window(play, expect);
    uint64_t count = 0;
    for (size_t i = window.first.records; i < window.end.records; i++) {
        const struct sim_record *record = sim_journal_at(journal, i);
        if (record->kind != SIM_KIND_DROPPED && record->kind != SIM_KIND_LOST)
            continue;
        if (record->at >= window.from && record->at < window.to &&
            (any || record->reason == reason) && (node == 0 || record->node == node))
            count++;
    }
    return count;
}

static void judge_drops(struct scn_play *play, const struct scn_expect *expect,
                        struct scn_expect_result *row)
{
    uint64_t count = count_drops(play, expect);
    row->verdict = scn_judge_number(&expect->u.drops.count, (int64_t)count);
    row->found = base_printf("%" PRIu64, count);
    row->proves_nothing = scn_judge_always_holds(&expect->u.drops.count, INT64_MAX);
}

/* The codes found, each once, in their order. */
static char *codes_found(const struct diag_report *report)
{
    char *text = base_strdup("");
    for (size_t i = 0; i < report->cause_count; i++) {
        const char *code = diag_code_row(report->causes[i].code)->code;
        bool known = false;
        for (size_t j = 0; j < i; j++)
            known = known || report->causes[j].code == report->causes[i].code;
        if (known)
            continue;
        char *longer = base_printf("%s%s%s", text, *text ? ", " : "", code);
        free(text);
        text = longer;
    }
    return text;
}

/* Nothing that failed has no cause: the expectation is then simply wrong, and not without anything to judge. */
static void judge_cause(struct scn_play *play, const struct scn_expect *expect,
                        struct scn_expect_result *row)
{
    const struct diag_report *report = &play->result->diagnosis;
    row->verdict = SCN_FAIL;
    if (row->step) /* in the middle of a run: of what has failed by now */
        scn_diagnose(play);
    for (size_t i = 0; i < report->cause_count; i++) {
        if (strcmp(diag_code_row(report->causes[i].code)->code, expect->u.cause.code) == 0)
            row->verdict = SCN_PASS;
    }
    row->found = codes_found(report);
    if (!*row->found) {
        free(row->found);
        row->found = base_strdup("no cause");
    }
}

void scn_judge_expect(struct scn_play *play, const struct scn_expect *expect,
                      const struct scn_step *step)
{
    static const struct {
        const char *name;
        void (*judge)(struct scn_play *, const struct scn_expect *, struct scn_expect_result *);
    } KINDS[] = {
        [SCN_EXPECT_CAPTURE] = {"capture", scn_judge_capture},
        [SCN_EXPECT_TUNNEL] = {"tunnel", scn_judge_tunnel},
        [SCN_EXPECT_IKE] = {"ike", judge_ike},
        [SCN_EXPECT_DROPS] = {"drops", judge_drops},
        [SCN_EXPECT_CAUSE] = {"cause", judge_cause},
    };
    struct scn_expect_result *row = scn_result_add_expect(play->result);
    const struct scn_observer *observer = play->options->observer;
    row->expect = expect;
    row->step = step;
    row->kind = KINDS[expect->kind].name;
    row->text = expect->text;
    row->where = expect->where;
    KINDS[expect->kind].judge(play, expect, row);
    row->proves_nothing = row->proves_nothing && play->options->prove;
    if (row->proves_nothing && row->verdict == SCN_PASS)
        row->verdict = SCN_FAIL;
    if (step && observer && observer->expect)
        observer->expect(observer->context, row);
}
