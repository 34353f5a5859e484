/* Whether a scenario can be played in the world that was asked for: what only stands in the other
 * is refused with its line. */
#ifndef SCENARIOS_CHECK_WORLD_H
#define SCENARIOS_CHECK_WORLD_H

#include "base/diagnostic.h"
#include "scenarios/scenario.h"

enum scn_world {
    SCN_WORLD_SIMULATED,
    SCN_WORLD_NAMESPACES,
};

/* Adds an error for each. */
void scn_check_world(const struct scn_scenario *scenario, enum scn_world world,
                     struct base_diagnostics *problems);

#endif
