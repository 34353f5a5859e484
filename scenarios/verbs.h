/* The maps of the steps' verbs, for the table of steps. What the slot holds is noted beside each. */
#ifndef SCENARIOS_VERBS_H
#define SCENARIOS_VERBS_H

#include "scenarios/bind.h"

extern const struct scn_type scn_verb_ping;      /* struct scn_ping */
extern const struct scn_type scn_verb_traffic;   /* struct scn_traffic */
extern const struct scn_type scn_verb_route;     /* struct scn_route */
extern const struct scn_type scn_verb_heal;      /* struct scn_heal */
extern const struct scn_type scn_verb_initiate;  /* struct scn_sa */
extern const struct scn_type scn_verb_terminate; /* struct scn_sa */
extern const struct scn_type scn_verb_rekey;     /* struct scn_sa */
extern const struct scn_type scn_verb_node;      /* const char * */
extern const struct scn_type scn_verb_change;
extern const struct scn_type scn_verb_inject;  /* struct scn_inject * */
extern const struct scn_type scn_verb_release; /* const char * */

#endif
