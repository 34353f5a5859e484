/* Names of a scenario's parts, and its end. */
#include "scenarios/scenario.h"

#include <stdlib.h>

const char *scn_verb_name(enum scn_verb verb)
{
    static const char *const names[] = {
#define SCN_VERB(id, name) name,
        SCN_VERBS(SCN_VERB)
#undef SCN_VERB
    };
    return (size_t)verb < sizeof(names) / sizeof(names[0]) ? names[verb] : NULL;
}

const char *scn_measure_name(enum scn_measure measure)
{
    static const char *const names[] = {"sent",      "received", "duplicates", "errors",  "rtt",
                                        "delivered", "lost",     "reordered",  "latency", "state"};
    return (size_t)measure < sizeof(names) / sizeof(names[0]) ? names[measure] : NULL;
}

const char *scn_tunnel_state_name(enum scn_tunnel_state state)
{
    static const char *const names[] = {"established", "connecting", "down"};
    return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : NULL;
}

void scn_scenario_free(struct scn_scenario *scenario)
{
    if (!scenario)
        return;
    base_arena_fini(&scenario->arena);
    free(scenario);
}
