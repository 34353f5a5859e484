/* `tunnelbed list`: scenarios with their titles and tags. */
#include "cli/command.h"

#include <jansson.h>
#include <string.h>

#include "cli/load.h"
#include "report/paint.h"

static const char USAGE[] =
    "usage: tunnelbed list [OPTION...] [FILE|DIR...]\n\n"
    "Lists scenarios with their titles and tags; without a file, the built-in one.\n\n"
    "  --format FORMAT       text or json (default: text)\n"
    "  --color WHEN          auto, always or never (default: auto)\n"
    "  -h, --help            this text\n";

/* Where a scenario stands: the one that no file was named for in the program itself. */
static const char *place_of(const struct cli_scenarios *scenarios,
                            const struct scn_scenario *scenario)
{
    return scenarios->files.count ? scenario->file : "(built in)";
}

static json_t *scenario_tree(const struct cli_scenarios *scenarios,
                             const struct scn_scenario *scenario)
{
    json_t *object = json_object();
    json_t *tags = json_array();
    for (size_t i = 0; i < scenario->tag_count; i++)
        json_array_append_new(tags, json_string(scenario->tags[i]));
    json_object_set_new(object, "scenario", json_string(scenario->name));
    json_object_set_new(object, "file",
                        scenarios->files.count ? json_string(scenario->file) : json_null());
    json_object_set_new(object, "title",
                        scenario->title ? json_string(scenario->title) : json_null());
    json_object_set_new(object, "tags", tags);
    return object;
}

static void print_json(const struct cli_scenarios *scenarios)
{
    json_t *list = json_array();
    for (size_t i = 0; i < scenarios->count; i++) {
        if (scenarios->items[i])
            json_array_append_new(list, scenario_tree(scenarios, scenarios->items[i]));
    }
    json_dumpf(list, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(list);
}

static void print_text(const struct cli_scenarios *scenarios, bool color)
{
    struct report_paper paper = {stdout, color, cli_wants_ascii()};
    int width = 0;
    for (size_t i = 0; i < scenarios->count; i++) {
        const struct scn_scenario *scenario = scenarios->items[i];
        int size = scenario ? (int)strlen(place_of(scenarios, scenario)) : 0;
        width = size > width ? size : width;
    }
    for (size_t i = 0; i < scenarios->count; i++) {
        const struct scn_scenario *scenario = scenarios->items[i];
        if (!scenario)
            continue;
        printf("%-*s  %s", width, place_of(scenarios, scenario),
               scenario->title ? scenario->title : "");
        for (size_t j = 0; j < scenario->tag_count; j++)
            report_paint(&paper, REPORT_CYAN, "%s%s", j ? ", " : "  [", scenario->tags[j]);
        if (scenario->tag_count)
            report_paint(&paper, REPORT_CYAN, "]");
        putchar('\n');
    }
}

static enum cli_exit list_command(const struct cli_command *self, int argc, char **argv)
{
    static const char *const FORMATS[] = {"text", "json", NULL};
    struct cli_options options;
    struct cli_scenarios scenarios;
    enum cli_parse parsed =
        cli_options_parse(&options, self, CLI_ACCEPT_COLOR, FORMATS, argc, argv);
    if (parsed != CLI_PARSE_OK)
        return parsed == CLI_PARSE_HELP ? CLI_OK : CLI_WRONG;
    bool found = cli_scenarios_load(&scenarios, &options, false); /* warnings are `check`'s */
    if (options.format == CLI_FORMAT_JSON)
        print_json(&scenarios);
    else
        print_text(&scenarios, options.color);
    bool sound = found && scenarios.errors == 0;
    cli_scenarios_fini(&scenarios);
    cli_options_fini(&options);
    return sound ? CLI_OK : CLI_WRONG;
}

const struct cli_command cli_command_list = {
    .name = "list",
    .summary = "list scenarios with their titles and tags",
    .usage = USAGE,
    .run = list_command,
};
