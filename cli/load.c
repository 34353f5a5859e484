/* Reading for run, show and list: all files first, so that nothing runs where one is wrong. */
#include "cli/load.h"

#include <stdlib.h>

#include "base/diagnostic.h"
#include "base/mem.h"
#include "cli/input.h"
#include "netns/session.h"
#include "scenarios/check_world.h"
#include "scenarios/read.h"

static struct scn_scenario *read_one(const struct cli_scenarios *scenarios, size_t index,
                                     const struct cli_options *options,
                                     struct base_diagnostics *problems)
{
    struct scn_read_options read = {options->sets, options->set_count};
    size_t size = 0;
    if (scenarios->files.count > 0)
        return cli_read_scenario(scenarios->files.paths[index], &read, problems);
    const char *text = scn_tutorial_text(&size);
    return scn_read_text(scn_tutorial_name(), text, size, &read, problems);
}

static void load_one(struct cli_scenarios *scenarios, size_t index,
                     const struct cli_options *options, bool warnings)
{
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    scenarios->items[index] = read_one(scenarios, index, options, &problems);
    cli_print_problems(&problems, warnings);
    scenarios->errors += problems.error_count;
    scenarios->warnings += problems.warning_count;
    base_diagnostics_fini(&problems);
}

bool cli_scenarios_load(struct cli_scenarios *scenarios, const struct cli_options *options,
                        bool warnings)
{
    *scenarios = (struct cli_scenarios){0};
    bool found = true;
    for (size_t i = 0; i < options->path_count; i++)
        found = cli_files_add(&scenarios->files, options->paths[i]) && found;
    scenarios->count = options->path_count > 0 ? scenarios->files.count : 1;
    scenarios->items = base_alloc_array(scenarios->count, sizeof(*scenarios->items));
    for (size_t i = 0; i < scenarios->count; i++)
        load_one(scenarios, i, options, warnings);
    return found;
}

void cli_scenarios_check_world(struct cli_scenarios *scenarios, const struct cli_options *options)
{
    enum scn_world world = options->namespaces ? SCN_WORLD_NAMESPACES : SCN_WORLD_SIMULATED;
    for (size_t i = 0; i < scenarios->count; i++) {
        struct base_diagnostics problems;
        base_diagnostics_init(&problems);
        if (scenarios->items[i])
            scn_check_world(scenarios->items[i], world, &problems);
        cli_print_problems(&problems, true);
        scenarios->errors += problems.error_count;
        base_diagnostics_fini(&problems);
    }
}

bool cli_world_open(const struct cli_options *options, struct netns_session **out)
{
    char *error = NULL;
    *out = NULL;
    if (!options->namespaces)
        return true;
    *out = netns_session_open(&error);
    if (*out) {
        setvbuf(stdout, NULL, _IOLBF, 0); /* what happens now is read now */
        return true;
    }
    cli_complain("--world namespaces: %s", error);
    free(error);
    return false;
}

void cli_world_close(struct netns_session *session)
{
    if (!session)
        return;
    fflush(stdout);
    netns_session_close(session);
}

void cli_scenarios_fini(struct cli_scenarios *scenarios)
{
    for (size_t i = 0; i < scenarios->count; i++)
        scn_scenario_free(scenarios->items[i]);
    free(scenarios->items);
    cli_files_fini(&scenarios->files);
}
