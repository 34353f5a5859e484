/* `tunnelbed compare`: plays scenarios in both worlds, and says what a user would see differently. */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/compare_play.h"
#include "cli/crew.h"
#include "netns/netns.h"
#include "netns/session.h"
#include "strongswan/engine.h"

static const char USAGE[] =
    "usage: tunnelbed compare [OPTION...] FILE|DIR...\n\n"
    "Plays each scenario twice: simulated, in virtual time, and with strongSwan\n"
    "gateways and real hosts in Linux network namespaces, in real time. Lines up\n"
    "what a user would see in either: tunnels, pings, ICMP errors, notifies, packets\n"
    "on the internet by kind; and says where they differ. Needs root and strongSwan\n"
    "(docs/strongswan.md names the packages).\n\n"
    "  --longest DURATION    skip what takes longer in virtual time (default: 3m)\n"
    "  --seed N              seed of every random choice; wins over the file's\n"
    "  --set PATH=VALUE      set one value: --set internet.loss=5%; may be repeated\n"
    "  -o, --out DIR         where results go, two folders a scenario (default: out)\n"
    "  -j, --jobs N          play up to N scenarios at a time (default: 1)\n"
    "  --format FORMAT       text, json or markdown (default: text)\n"
    "  -q, --quiet           one line a scenario, and what is not the same\n"
    "  --color WHEN          auto, always or never (default: auto)\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 nothing differs but what is known, 1 something does, 2 the call\n"
    "or a file is wrong, or there is no root or no strongSwan.\n";

struct compare {
    struct cli_compare_setting setting;
    struct cli_scenarios *scenarios;
    struct cli_comparison *comparisons;
};

static void play(void *context, size_t index, struct crypto_context *crypto)
{
    struct compare *compare = context;
    (void)crypto;
    cli_compare_play(&compare->setting, compare->scenarios, index, &compare->comparisons[index]);
}

static void tell(void *context, size_t index)
{
    const struct compare *compare = context;
    const struct cli_options *options = compare->setting.options;
    struct report_paper paper = {stdout, options->color, options->ascii};
    const struct cmp_report *report = &compare->comparisons[index].report;
    if (options->format == CLI_FORMAT_JSON) {
        cmp_report_json(report, compare->setting.plane, stdout);
    } else if (options->format == CLI_FORMAT_MARKDOWN) {
        cmp_report_markdown(report, stdout);
    } else {
        cmp_report_text(&paper, report, options->quiet);
        if (!options->quiet)
            fputc('\n', stdout);
    }
    fflush(stdout);
}

static enum cli_exit conclude(const struct compare *compare)
{
    const struct cli_options *options = compare->setting.options;
    struct report_paper paper = {stdout, options->color, options->ascii};
    size_t count = compare->scenarios->count;
    struct cmp_report *reports = base_alloc_array(count + 1, sizeof(*reports));
    enum cli_exit status = CLI_OK;
    for (size_t i = 0; i < count; i++) {
        reports[i] = compare->comparisons[i].report;
        if (reports[i].error)
            status = CLI_WRONG;
        else if (!reports[i].skipped && status == CLI_OK &&
                 cmp_lineup_verdict(reports[i].lineup) == CMP_DIFFERS)
            status = CLI_FAIL;
    }
    if (options->format == CLI_FORMAT_TEXT) {
        cmp_report_total(&paper, reports, count);
        fprintf(stdout, "%s.\n", cmp_plan_text(compare->setting.libipsec));
    }
    free(reports);
    return status;
}

/* Finds out what ESP the kernel has; false, with a message, where that cannot be. */
static bool find_plane(struct cli_compare_setting *setting)
{
    char *error = NULL;
    struct netns *ns = NULL;
    if (swan_find_charon(&error))
        ns = netns_new(setting->session, "probe", &error);
    if (!ns) {
        cli_complain("compare: %s", error);
        free(error);
        return false;
    }
    enum swan_data_plane plane = swan_data_plane_find(ns);
    setting->libipsec = plane == SWAN_DATA_LIBIPSEC;
    setting->plane = swan_data_plane_name(plane);
    netns_free(ns);
    return true;
}

static enum cli_exit compare_loaded(const struct cli_options *options,
                                    struct cli_scenarios *scenarios)
{
    struct compare compare = {.setting = {.options = options}, .scenarios = scenarios};
    char *error = NULL;
    enum cli_exit status = CLI_WRONG;
    compare.setting.session = netns_session_open(&error);
    if (!compare.setting.session) {
        cli_complain("compare: %s", error);
        free(error);
        return CLI_WRONG;
    }
    if (find_plane(&compare.setting)) {
        compare.comparisons = base_alloc_array(scenarios->count + 1, sizeof(*compare.comparisons));
        if (options->format == CLI_FORMAT_MARKDOWN)
            cmp_report_markdown_head(stdout);
        cli_crew_run(&(struct cli_crew){.count = scenarios->count,
                                        .workers = options->jobs,
                                        .context = &compare,
                                        .play = play,
                                        .tell = tell});
        status = conclude(&compare);
        for (size_t i = 0; i < scenarios->count; i++)
            cli_comparison_fini(&compare.comparisons[i]);
        free(compare.comparisons);
    }
    fflush(stdout);
    netns_session_close(
        compare.setting.session); /* ends the program here where Ctrl-C was pressed */
    return status;
}

static enum cli_exit compare_command(const struct cli_command *self, int argc, char **argv)
{
    static const char *const FORMATS[] = {"text", "json", "markdown", NULL};
    struct cli_options options;
    struct cli_scenarios scenarios;
    enum cli_exit status = CLI_WRONG;
    enum cli_parse parsed =
        cli_options_parse(&options, self,
                          CLI_ACCEPT_SEED | CLI_ACCEPT_SET | CLI_ACCEPT_OUT | CLI_ACCEPT_JOBS |
                              CLI_ACCEPT_QUIET | CLI_ACCEPT_COLOR | CLI_ACCEPT_LONGEST,
                          FORMATS, argc, argv);
    if (parsed != CLI_PARSE_OK)
        return parsed == CLI_PARSE_HELP ? CLI_OK : CLI_WRONG;
    if (options.path_count == 0) {
        cli_complain("compare needs a file or a folder");
        cli_options_fini(&options);
        return CLI_WRONG;
    }
    /* No warnings: they are the misconfigurations that are compared. */
    bool found = cli_scenarios_load(&scenarios, &options, false);
    if (found && scenarios.errors == 0)
        status = compare_loaded(&options, &scenarios);
    cli_scenarios_fini(&scenarios);
    cli_options_fini(&options);
    return status;
}

const struct cli_command cli_command_compare = {
    .name = "compare",
    .summary = "play scenarios here and with strongSwan, and compare",
    .usage = USAGE,
    .run = compare_command,
};
