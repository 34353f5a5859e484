/* The judgement: what was found is held against what was expected. Private to scenarios/. */
#ifndef SCENARIOS_JUDGE_H
#define SCENARIOS_JUDGE_H

#include "scenarios/result.h"
#include "topology/world.h"

struct ike_peer_info;
struct scn_play;

/* A step's own `expect`; its row gets its verdict. */
void scn_judge_step(struct scn_step_result *row, bool prove);

/* An expectation as things stand now; adds its row to the result. `step` is the one it stands in, or NULL. */
void scn_judge_expect(struct scn_play *play, const struct scn_expect *expect,
                      const struct scn_step *step);

/* What is checked in every run; adds a row for each. */
void scn_judge_always(struct scn_play *play);
void scn_judge_leaks(struct scn_result *result, const struct topo_leaks *leaks);

/* One kind of expectation each: fill in verdict, found, proves_nothing of the row. */
void scn_judge_capture(struct scn_play *play, const struct scn_expect *expect,
                       struct scn_expect_result *row);
void scn_judge_tunnel(struct scn_play *play, const struct scn_expect *expect,
                      struct scn_expect_result *row);

/* What an expectation asks about: from <= at < to, and of what was recorded only what lies between the marks. */
struct scn_window {
    base_ns from, to;
    struct scn_mark first, end;
};
struct scn_window scn_judge_window(const struct scn_play *play, const struct scn_expect *expect);

/* How much is recorded by now. */
struct scn_mark scn_mark_now(const struct scn_play *play);

/* Pass or fail by a number; with `prove`, an expectation that no number up to `most` fails is found out. */
enum scn_verdict scn_judge_number(const struct base_comparison *expected, int64_t found);
bool scn_judge_always_holds(const struct base_comparison *expected, int64_t most);

#endif
