/* Facts of a run, gathered while it plays: an observer for scn_play, and what its result says at the end. */
#ifndef COMPARE_GATHER_H
#define COMPARE_GATHER_H

#include "compare/facts.h"
#include "scenarios/play.h"

struct cmp_gather;

/* Counts into `facts` (initialised, borrowed), which borrow names of the scenario that is played. */
struct cmp_gather *cmp_gather_new(struct cmp_facts *facts);
void cmp_gather_free(struct cmp_gather *gather);

/* For scn_play_options.observer; a folder must be set there, else nothing of the internet is captured. */
const struct scn_observer *cmp_gather_observer(struct cmp_gather *gather);

/* Once, after scn_play. */
void cmp_gather_result(struct cmp_gather *gather, const struct scn_result *result);

/* What an Ethernet frame on the internet is; false where it is not IPv4. *message (may be NULL) is
 * where an IKE message begins, with its size in *message_size; NULL where it is none. */
bool cmp_frame_kind(const uint8_t *frame, size_t size, enum cmp_kind *kind, const uint8_t **message,
                    size_t *message_size);

#endif
