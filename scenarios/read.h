/*
 * Reading a scenario: YAML text to a bound scenario, with every problem told in one go. Where there is an error
 * nothing is returned and `problems` says what is wrong; warnings come with a scenario. `problems` is sorted by place.
 * Safe on any bytes.
 */
#ifndef SCENARIOS_READ_H
#define SCENARIOS_READ_H

#include "base/diagnostic.h"
#include "scenarios/scenario.h"

/* Limits of a file, so that none can eat the machine. */
#define SCN_FILE_SIZE_MAX (4 * 1024 * 1024)
#define SCN_DEPTH_MAX 32
#define SCN_NODES_MAX 400000
#define SCN_BASES_MAX 16

struct scn_read_options {
    const char *const *overrides; /* "internet.loss=5%", applied in order after `base` was merged */
    size_t override_count;
};

/* `options` may be NULL. A `base` is looked up relative to the file that names it. */
struct scn_scenario *scn_read_file(const char *path, const struct scn_read_options *options,
                                   struct base_diagnostics *problems);

/* As above from memory; `name` is what messages call it, and what `base` is relative to. */
struct scn_scenario *scn_read_text(const char *name, const void *bytes, size_t size,
                                   const struct scn_read_options *options,
                                   struct base_diagnostics *problems);

/* The tutorial, built into the program. */
const char *scn_tutorial_text(size_t *size);
const char *scn_tutorial_name(void); /* "vdc-to-vdc.yaml" */

#endif
