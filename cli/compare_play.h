/* One scenario in both worlds. */
#ifndef CLI_COMPARE_PLAY_H
#define CLI_COMPARE_PLAY_H

#include "cli/load.h"
#include "compare/plan.h"
#include "compare/report.h"

struct netns_session;

struct cli_compare_setting {
    const struct cli_options *options;
    struct netns_session *session;
    const char *plane; /* strongSwan's data plane, in a word */
    bool libipsec;
};

struct cli_comparison {
    struct cmp_report report; /* its texts are this struct's */
    struct cmp_facts simulated, real;
    struct cmp_lineup lineup;
    struct scn_scenario *twins[2]; /* as set up in either world; facts point into them */
    char *text;                    /* why it was skipped, or what went wrong */
};

/* Plays it and compares. Several may be at work in threads. */
void cli_compare_play(const struct cli_compare_setting *setting,
                      const struct cli_scenarios *scenarios, size_t index,
                      struct cli_comparison *out);
void cli_comparison_fini(struct cli_comparison *comparison);

#endif
