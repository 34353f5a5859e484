/* `tunnelbed show`: the topology as text, or as SVG. */
#include "cli/command.h"

#include "cli/load.h"
#include "report/show.h"

static const char USAGE[] =
    "usage: tunnelbed show [OPTION...] [FILE]\n\n"
    "Draws the topology of a scenario on standard output; without a file, the\n"
    "tutorial's. `-` is standard input.\n\n"
    "  --set PATH=VALUE      set one value first; may be repeated\n"
    "  --format FORMAT       text or svg (default: text)\n"
    "  --color WHEN          auto, always or never (default: auto)\n"
    "  -h, --help            this text\n";

static void show_one(const struct scn_scenario *scenario, const struct cli_options *options)
{
    struct report_paper paper = {stdout, options->color, options->ascii};
    const char *title = scenario->title ? scenario->title : scenario->name;
    if (options->format == CLI_FORMAT_SVG) {
        report_show_svg(stdout, title, &scenario->model);
        return;
    }
    report_paint(&paper, REPORT_BOLD, "%s\n\n", title);
    report_show_text(&paper, &scenario->model);
}

static enum cli_exit show_command(const struct cli_command *self, int argc, char **argv)
{
    static const char *const FORMATS[] = {"text", "svg", NULL};
    struct cli_options options;
    struct cli_scenarios scenarios;
    enum cli_exit status = CLI_WRONG;
    enum cli_parse parsed =
        cli_options_parse(&options, self, CLI_ACCEPT_SET | CLI_ACCEPT_COLOR, FORMATS, argc, argv);
    if (parsed != CLI_PARSE_OK)
        return parsed == CLI_PARSE_HELP ? CLI_OK : CLI_WRONG;
    bool found = cli_scenarios_load(&scenarios, &options, true);
    if (found && scenarios.errors == 0 && scenarios.count == 1) {
        show_one(scenarios.items[0], &options);
        status = CLI_OK;
    } else if (found && scenarios.errors == 0) {
        cli_complain("show takes one scenario, not %zu", scenarios.count);
    }
    cli_scenarios_fini(&scenarios);
    cli_options_fini(&options);
    return status;
}

const struct cli_command cli_command_show = {
    .name = "show",
    .summary = "draw the topology of a scenario, as text or SVG",
    .usage = USAGE,
    .run = show_command,
};
