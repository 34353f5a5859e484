/* Scenarios of a command line, read and checked; what is wrong with them is printed. */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "cli/files.h"
#include "cli/options.h"
#include "scenarios/scenario.h"

struct netns_session;

struct cli_scenarios {
    struct scn_scenario **items; /* owned; NULL where a file has errors */
    size_t count;
    struct cli_files files;
    size_t errors, warnings; /* of all files together */
};

/*
 * Reads the files and folders that the options name, or the built-in tutorial where they name none. Prints every
 * error and, where asked for, every warning on standard error. False where a path cannot be read at all.
 */
bool cli_scenarios_load(struct cli_scenarios *scenarios, const struct cli_options *options,
                        bool warnings);
/*
 * What worlds of namespaces are made in, where the options ask for them; NULL for simulated ones. False, with a
 * complaint, where there can be none here. Closing it ends the program where Ctrl-C was pressed.
 */
bool cli_world_open(const struct cli_options *options, struct netns_session **out);
void cli_world_close(struct netns_session *session);

/* Plays and reports them all as `run` does; none has errors. In run.c. */
enum cli_exit cli_run_loaded(const struct cli_options *options, struct cli_scenarios *scenarios);

/* Plays it and tells as `explain` does. In explain.c. */
enum cli_exit cli_explain_loaded(const struct cli_options *options,
                                 const struct scn_scenario *scenario);

/*
 * Checks that they can be played in the world of the options (scenarios/check_world.h), prints what
 * is against it, and counts it among the errors.
 */
void cli_scenarios_check_world(struct cli_scenarios *scenarios, const struct cli_options *options);

void cli_scenarios_fini(struct cli_scenarios *scenarios);

#endif
