/* What diagnose/ needs of a played scenario, and its causes as expectations judge them. Private to scenarios/. */
#ifndef SCENARIOS_DIAGNOSIS_H
#define SCENARIOS_DIAGNOSIS_H

#include "diagnose/history.h"
#include "scenarios/play_state.h"

/* Whether a run keeps what causes are found from: always with captures; else where it costs little, or
 * an account or a cause is asked for. */
bool scn_diagnosis_is_wanted(const struct scn_scenario *scenario,
                             const struct scn_play_options *options);

/* A ping or flow step has ended: what its ends know of each other is taken down. */
void scn_diagnosis_end_step(struct scn_running *running);

/* Finds causes of all that failed up to now, into the result; no effect where nothing was kept. */
void scn_diagnose(struct scn_play *play);

/* The number of a fault's step, from 1, which stands in the records of what it drops. */
uint32_t scn_fault_number(const struct scn_play *play, const struct scn_step *step);

/* What a step did to a node's daemon or SAs. */
void scn_diagnosis_note(struct scn_running *running, enum diag_happened what, const char *node);
/* Power of a node, told by the step that switches it. */
void scn_diagnosis_power(struct scn_running *running, const char *node, bool on);

#endif
