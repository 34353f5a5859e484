/* One step of a cell. */
#ifndef INTEROP_STEPS_H
#define INTEROP_STEPS_H

#include "interop/lab.h"

enum interop_progress {
    INTEROP_STEP_LASTS,
    INTEROP_STEP_ENDED,
    INTEROP_STEP_FAILED,
};

/* Begins the step, or looks how far it is; failed: why, in `reason` of 512 bytes. */
enum interop_progress interop_step_go(struct interop_lab *lab, struct interop_played *played,
                                      const struct interop_step *step, char reason[512]);

#endif
