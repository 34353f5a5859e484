/*
 * What a run keeps for later: frames at its capture points, and the keys that its engines agreed on.
 * With files to be written every point is captured; without, only those that an expectation names.
 */
#ifndef SCENARIOS_RECORDING_H
#define SCENARIOS_RECORDING_H

#include "scenarios/play.h"
#include "topology/world.h"

struct cap_set;
struct ike_event;
struct scn_recording;

/* Whether an expectation can only be judged from the journal. */
bool scn_recording_needs_journal(const struct scn_scenario *scenario);

struct scn_recording *scn_recording_new(struct topo_world *world,
                                        const struct scn_scenario *scenario, bool files);
/* The world was changed from one model to another: tunnels that are new get their capture points. */
void scn_recording_change(struct scn_recording *recording, const struct topo_model *before,
                          const struct topo_model *after);
/* Before the world is freed. */
void scn_recording_free(struct scn_recording *recording);

/* An engine's event: keys are taken from it. */
void scn_recording_engine(struct scn_recording *recording, const char *gateway,
                          const struct ike_event *event);

/* Frames have outgrown their memory: the run cannot be told whole. */
bool scn_recording_is_full(const struct scn_recording *recording);

const struct cap_set *scn_recording_frames(const struct scn_recording *recording);

/*
 * Writes captures and key tables into options->folder and fills in result->captures (without files
 * where the folder is NULL). False, with *error to be freed, where something cannot be written.
 */
bool scn_recording_write(struct scn_recording *recording, const struct scn_play_options *options,
                         struct scn_result *result, char **error);

#endif
