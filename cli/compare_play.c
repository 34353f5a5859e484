/* See compare_play.h. */
#include "cli/compare_play.h"

#include <stdlib.h>
#include <string.h>

#include "base/diagnostic.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/folders.h"
#include "cli/input.h"
#include "cli/version.h"
#include "compare/gather.h"
#include "scenarios/check_world.h"
#include "scenarios/play.h"
#include "strongswan/engine.h"

/* ---- Setting up ---- */

/* What a scenario expects of its own kind of gateway says nothing about likeness, and not all of it
 * can be judged in both. */
static void drop_expectations(struct scn_scenario *scenario)
{
    scenario->expectation_count = 0;
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].verb == SCN_VERB_EXPECT)
            scenario->steps[i].u.expect.count = 0;
}

static const char *first_error(const struct base_diagnostics *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        if (problems->items[i].severity == BASE_ERROR)
            return problems->items[i].text;
    return "it cannot be read again";
}

/* The scenario with further settings; NULL, with *why, where they do not go with it or it does not
 * stand in that world. */
static struct scn_scenario *read_twin(const struct cli_compare_setting *setting, const char *path,
                                      char **sets, size_t count, enum scn_world world, char **why)
{
    const struct cli_options *options = setting->options;
    struct base_diagnostics problems;
    const char **all = base_alloc_array(options->set_count + count + 1, sizeof(char *));
    memcpy(all, options->sets, options->set_count * sizeof(*all));
    for (size_t i = 0; i < count; i++)
        all[options->set_count + i] = sets[i];
    struct scn_read_options read = {all, options->set_count + count};
    base_diagnostics_init(&problems);
    struct scn_scenario *scenario = cli_read_scenario(path, &read, &problems);
    if (scenario) {
        drop_expectations(scenario);
        scn_check_world(scenario, world, &problems);
    }
    if (!scenario || problems.error_count) {
        *why = base_strdup(first_error(&problems));
        scn_scenario_free(scenario);
        scenario = NULL;
    }
    base_diagnostics_fini(&problems);
    free(all);
    return scenario;
}

/* ---- Playing ---- */

static char *make_folder(const char *out, struct scn_scenario *scenario, const char *world)
{
    struct scn_scenario named = *scenario;
    struct scn_scenario *list[] = {&named};
    named.name = world;
    return cli_folder_make(out, list, 1, 0);
}

/* False, with *why, where it could not be played to its end. */
static bool play(const struct cli_compare_setting *setting, struct scn_scenario *scenario,
                 const char *folder, bool real, struct cmp_facts *facts, double *virtual_s,
                 char **why)
{
    const struct cli_options *options = setting->options;
    struct cmp_gather *gather = cmp_gather_new(facts);
    struct scn_result result;
    struct scn_play_options play = {
        .has_seed = options->has_seed,
        .seed = options->seed,
        .observer = cmp_gather_observer(gather),
        .folder = folder,
        .application = "tunnelbed " TUNNELBED_VERSION,
        .session = real ? setting->session : NULL,
        .strongswan = swan_engine_start,
    };
    scn_play(scenario, &play, &result);
    cmp_gather_result(gather, &result);
    result.folder = base_strdup(folder);
    if (!result.error && !cli_folder_write_result(&result))
        result.error = base_strdup("result.json could not be written");
    bool good = !result.error;
    if (!good)
        *why = base_printf("%s: %s", real ? "strongSwan" : "simulated", result.error);
    *virtual_s = (double)result.virtual_ns / (double)BASE_S;
    scn_result_fini(&result);
    cmp_gather_free(gather);
    return good;
}

static bool play_world(const struct cli_compare_setting *setting, const char *parent,
                       struct scn_scenario *scenario, bool real, struct cmp_facts *facts,
                       double *seconds, char **why)
{
    char *folder = make_folder(parent, scenario, real ? "strongswan" : "simulated");
    if (!folder) {
        *why = base_strdup("its folder of results could not be made");
        return false;
    }
    bool good = play(setting, scenario, folder, real, facts, seconds, why);
    free(folder);
    return good;
}

static bool is_too_long(const struct cli_compare_setting *setting, double seconds, char **why)
{
    base_ns longest = setting->options->longest_ns;
    if (seconds * (double)BASE_S <= (double)longest)
        return false;
    char text[BASE_TEXT_MAX];
    *why = base_printf("it takes %.0f s, more than %s (--longest)", seconds,
                       base_format_duration(longest, text));
    return true;
}

static void play_both(const struct cli_compare_setting *setting, const char *parent,
                      struct cli_comparison *out)
{
    struct cmp_report *report = &out->report;
    bool played = play_world(setting, parent, out->twins[0], false, &out->simulated,
                             &report->virtual_s, &out->text);
    if (played && is_too_long(setting, report->virtual_s, &out->text)) {
        report->skipped = out->text;
        return;
    }
    played = played && play_world(setting, parent, out->twins[1], true, &out->real, &report->real_s,
                                  &out->text);
    if (!played) {
        report->error = out->text;
        return;
    }
    struct cmp_traits traits = cmp_traits_of(out->twins[0]);
    cmp_lineup_init(&out->lineup, &traits, &out->simulated, &out->real);
    report->lineup = &out->lineup;
}

void cli_compare_play(const struct cli_compare_setting *setting,
                      const struct cli_scenarios *scenarios, size_t index,
                      struct cli_comparison *out)
{
    struct scn_scenario *scenario = scenarios->items[index];
    const char *path = scenarios->files.paths[index];
    struct cmp_plan plan;
    *out = (struct cli_comparison){.report = {.scenario = scenario}};
    cmp_facts_init(&out->simulated);
    cmp_facts_init(&out->real);
    cmp_plan_init(&plan, scenario, setting->libipsec);
    out->twins[0] =
        read_twin(setting, path, plan.simulated, plan.count, SCN_WORLD_SIMULATED, &out->text);
    if (out->twins[0])
        out->twins[1] =
            read_twin(setting, path, plan.real, plan.count, SCN_WORLD_NAMESPACES, &out->text);
    char *parent =
        cli_folder_make(setting->options->out, scenarios->items, scenarios->count, index);
    if (!parent)
        out->report.error = "its folder of results could not be made";
    else if (!out->twins[0] || !out->twins[1])
        out->report.skipped = out->text;
    else
        play_both(setting, parent, out);
    free(parent);
    cmp_plan_fini(&plan);
}

void cli_comparison_fini(struct cli_comparison *comparison)
{
    if (comparison->report.lineup)
        cmp_lineup_fini(&comparison->lineup);
    cmp_facts_fini(&comparison->simulated);
    cmp_facts_fini(&comparison->real);
    scn_scenario_free(comparison->twins[0]);
    scn_scenario_free(comparison->twins[1]);
    free(comparison->text);
}
