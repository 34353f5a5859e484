/* `tunnelbed explain`: plays a scenario and tells the way of its packets, and why they did not get through. */
#include "cli/command.h"

#include "cli/load.h"
#include "report/causes.h"
#include "scenarios/play.h"
#include "strongswan/engine.h"

static const char USAGE[] =
    "usage: tunnelbed explain [OPTION...] [FILE]\n\n"
    "Plays a scenario and tells the way of every ping and datagram that did not get\n"
    "through, hop by hop, then the causes: what is wrong, in which line of the file,\n"
    "and what repairs it. Without a file, the tutorial's; `-` is standard input.\n\n"
    "  --world WORLD         simulated, in virtual time (default), or namespaces:\n"
    "                        hosts are network namespaces, in real time; needs root;\n"
    "                        what is decided inside of them is not told\n"
    "  --ping N              tell the N-th ping or flow instead, failed or not\n"
    "  --all                 tell all of them\n"
    "  --format FORMAT       text or json (default: text)\n"
    "  --seed N              seed of every random choice; wins over the file's\n"
    "  --set PATH=VALUE      set one value: --set internet.loss=5%; may be repeated\n"
    "  --color WHEN          auto, always or never (default: auto)\n"
    "  -h, --help            this text\n\n"
    "No captures are written. Exit status as `run` has it: 0 all that was expected\n"
    "holds, 1 something does not, 2 the call or the file is wrong.\n";

static void print_text(const struct cli_options *options, const struct scn_result *result)
{
    struct report_paper paper = {stdout, options->color, options->ascii};
    report_paint(&paper, REPORT_BOLD, "%s", result->scenario->name);
    if (result->scenario->title)
        report_paint(&paper, REPORT_BOLD, ": %s", result->scenario->title);
    fputc('\n', stdout);
    report_accounts_text(&paper, result);
    report_causes_text(&paper, result);
    if (!result->diagnosis.account_count)
        fputs("\nEvery ping and every datagram got through.\n", stdout);
}

enum cli_exit cli_explain_loaded(const struct cli_options *options,
                                 const struct scn_scenario *scenario)
{
    struct scn_result result;
    struct scn_play_options play = {
        .has_seed = options->has_seed,
        .seed = options->seed,
        .explain = options->all    ? DIAG_WISH_ALL
                   : options->ping ? DIAG_WISH_ONE
                                   : DIAG_WISH_FAILED,
        .explain_ping = options->ping,
        .strongswan = swan_engine_start,
    };
    enum cli_exit status = CLI_WRONG;
    if (!cli_world_open(options, &play.session))
        return CLI_WRONG;
    scn_play(scenario, &play, &result);
    if (result.verdict == SCN_ERROR)
        cli_complain("%s: %s", scenario->name, result.error);
    else if (options->ping > result.probe_count)
        cli_complain("%s has %zu pings and flows, not %zu", scenario->name, result.probe_count,
                     options->ping);
    else
        status = result.verdict == SCN_PASS ? CLI_OK : CLI_FAIL;
    if (status != CLI_WRONG && options->format == CLI_FORMAT_JSON)
        report_explain_json(&result, stdout);
    else if (status != CLI_WRONG)
        print_text(options, &result);
    scn_result_fini(&result);
    cli_world_close(play.session);
    return status;
}

static enum cli_exit explain_command(const struct cli_command *self, int argc, char **argv)
{
    static const char *const FORMATS[] = {"text", "json", NULL};
    struct cli_options options;
    struct cli_scenarios scenarios;
    enum cli_exit status = CLI_WRONG;
    enum cli_parse parsed = cli_options_parse(&options, self,
                                              CLI_ACCEPT_SEED | CLI_ACCEPT_SET | CLI_ACCEPT_COLOR |
                                                  CLI_ACCEPT_EXPLAIN | CLI_ACCEPT_WORLD,
                                              FORMATS, argc, argv);
    if (parsed != CLI_PARSE_OK)
        return parsed == CLI_PARSE_HELP ? CLI_OK : CLI_WRONG;
    /* No warnings: the causes say what they would. */
    bool found = cli_scenarios_load(&scenarios, &options, false);
    if (found && scenarios.errors == 0)
        cli_scenarios_check_world(&scenarios, &options);
    if (found && scenarios.errors == 0 && scenarios.count == 1)
        status = cli_explain_loaded(&options, scenarios.items[0]);
    else if (found && scenarios.errors == 0)
        cli_complain("explain takes one scenario, not %zu", scenarios.count);
    cli_scenarios_fini(&scenarios);
    cli_options_fini(&options);
    return status;
}

const struct cli_command cli_command_explain = {
    .name = "explain",
    .summary = "tell the way of packets, and why they did not get through",
    .usage = USAGE,
    .run = explain_command,
};
