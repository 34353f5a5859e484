/* `tunnelbed run`: reads all, plays all, reports in the order of the command line. */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/crew.h"
#include "cli/folders.h"
#include "cli/load.h"
#include "cli/version.h"
#include "ipsec/crypto/context.h"
#include "netns/session.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/tap.h"
#include "report/text.h"
#include "scenarios/play.h"
#include "strongswan/engine.h"

static const char USAGE[] =
    "usage: tunnelbed run [OPTION...] [FILE|DIR...]\n\n"
    "Plays scenarios and judges them, in virtual time; without a file, the built-in\n"
    "tutorial. `-` is standard input.\n\n"
    "  --world WORLD         simulated, in virtual time (default), or namespaces:\n"
    "                        hosts are network namespaces, in real time; needs root\n"
    "  --seed N              seed of every random choice; wins over the file's\n"
    "  --set PATH=VALUE      set one value: --set internet.loss=5%; may be repeated\n"
    "  -o, --out DIR         where results go, one folder a scenario (default: out)\n"
    "  -j, --jobs N          play up to N scenarios at a time (default: 1)\n"
    "  --format FORMAT       text, tap, junit or json (default: text)\n"
    "  -q, --quiet           one line a scenario\n"
    "  --prove               report expectations that hold whatever happens\n"
    "  --allow-inconclusive  an expectation with nothing to judge is no failure\n"
    "  --no-captures         write no captures and no key tables\n"
    "  --color WHEN          auto, always or never (default: auto)\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 all holds, 1 something does not, 2 the call, a file or the\n"
    "writing went wrong.\n";

/* One scenario's run and what it says. */
struct job {
    struct scn_result result;
    char *folder;
    char *text; /* what it prints, where it was not printed at once */
    size_t text_size;
};

struct run {
    const struct cli_options *options;
    struct cli_scenarios *scenarios;
    struct netns_session *session; /* NULL: simulated worlds */
    struct job *jobs;
    struct timespec progress_last;
    bool progress_shown;
};

struct progress {
    struct run *run;
    const struct scn_scenario *scenario;
};

/* At most five times a second, and only where nobody reads the run itself on that terminal. */
static void show_progress(void *context, base_ns now)
{
    struct progress *progress = context;
    struct run *run = progress->run;
    struct timespec real;
    clock_gettime(CLOCK_MONOTONIC, &real);
    double since = (double)(real.tv_sec - run->progress_last.tv_sec) +
                   (double)(real.tv_nsec - run->progress_last.tv_nsec) / 1e9;
    if (since < 0.2)
        return;
    run->progress_last = real;
    run->progress_shown = true;
    int64_t seconds = now / BASE_S;
    fprintf(stderr, "\r%s: %02d:%02d:%02d of %s time\x1b[K", progress->scenario->name,
            (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60),
            run->session ? "real" : "virtual");
}

static bool wants_progress(const struct cli_options *options)
{
    bool reads_along =
        options->format == CLI_FORMAT_TEXT && !options->quiet && isatty(STDOUT_FILENO);
    return options->jobs == 1 && isatty(STDERR_FILENO) && !reads_along;
}

static void clear_progress(struct run *run)
{
    if (run->progress_shown)
        fputs("\r\x1b[K", stderr);
    run->progress_shown = false;
}

static void play_one(struct run *run, size_t index, struct crypto_context *crypto, FILE *out)
{
    const struct cli_options *options = run->options;
    struct job *job = &run->jobs[index];
    const struct scn_scenario *scenario = run->scenarios->items[index];
    struct report_paper paper = {out, options->color, options->ascii};
    struct progress progress = {run, scenario};
    struct report_text *text = NULL;
    struct scn_play_options play = {
        .crypto = crypto,
        .has_seed = options->has_seed,
        .seed = options->seed,
        .folder = options->no_captures ? NULL : job->folder,
        .application = "tunnelbed " TUNNELBED_VERSION,
        .prove = options->prove,
        .allow_inconclusive = options->allow_inconclusive,
        .progress = wants_progress(options) ? show_progress : NULL,
        .progress_context = &progress,
        .session = run->session,
        .strongswan = swan_engine_start,
    };
    if (options->format == CLI_FORMAT_TEXT && !options->quiet) {
        text = report_text_new(&paper);
        report_text_begin(text, scenario);
        play.observer = report_text_observer(text);
    }
    scn_play(scenario, &play, &job->result);
    job->result.folder = base_strdup(job->folder);
    clear_progress(run);
    if (!job->result.error && !cli_folder_write_result(&job->result)) {
        job->result.error = base_strdup("result.json could not be written");
        job->result.verdict = SCN_ERROR;
    }
    if (text)
        report_text_end(text, &job->result);
    if (text)
        report_text_free(text);
}

static void report_one(const struct run *run, size_t index)
{
    const struct scn_result *result = &run->jobs[index].result;
    struct report_paper paper = {stdout, run->options->color, run->options->ascii};
    switch (run->options->format) {
    case CLI_FORMAT_TEXT:
        if (run->options->quiet)
            report_text_line(&paper, result);
        else if (index + 1 < run->scenarios->count)
            fputs("\n", stdout);
        break;
    case CLI_FORMAT_TAP:
        report_tap_scenario(stdout, index + 1, result);
        break;
    case CLI_FORMAT_JSON:
        report_json_write(result, REPORT_JSON_LINE, stdout);
        break;
    case CLI_FORMAT_JUNIT:
    case CLI_FORMAT_SVG:
    case CLI_FORMAT_SARIF:
    case CLI_FORMAT_MARKDOWN:
        break;
    }
    fflush(stdout);
}

static void play_apart(void *context, size_t index, struct crypto_context *crypto)
{
    struct run *run = context;
    struct job *job = &run->jobs[index];
    FILE *out = open_memstream(&job->text, &job->text_size);
    play_one(run, index, crypto, out);
    fclose(out);
}

static void tell(void *context, size_t index)
{
    const struct run *run = context;
    fwrite(run->jobs[index].text, 1, run->jobs[index].text_size, stdout);
    report_one(run, index);
}

static void play_in_turn(struct run *run)
{
    struct crypto_context *crypto = crypto_context_new();
    for (size_t i = 0; i < run->scenarios->count; i++) {
        play_one(run, i, crypto, stdout);
        report_one(run, i);
    }
    crypto_context_free(crypto);
}

static enum cli_exit conclude(struct run *run)
{
    size_t count = run->scenarios->count;
    const struct scn_result **results = base_alloc_array(count, sizeof(*results));
    struct report_paper paper = {stdout, run->options->color, run->options->ascii};
    enum cli_exit status = CLI_OK;
    for (size_t i = 0; i < count; i++) {
        results[i] = &run->jobs[i].result;
        if (results[i]->verdict == SCN_ERROR) {
            cli_complain("%s: %s", results[i]->scenario->name, results[i]->error);
            status = CLI_WRONG;
        } else if (results[i]->verdict != SCN_PASS && status == CLI_OK) {
            status = CLI_FAIL;
        }
    }
    if (run->options->format == CLI_FORMAT_JUNIT)
        report_junit(stdout, results, count);
    else if (run->options->format == CLI_FORMAT_TEXT && count > 1)
        report_text_total(&paper, results, count);
    free(results);
    return status;
}

static enum cli_exit play_all(struct run *run)
{
    enum cli_exit status = CLI_WRONG;
    size_t count = run->scenarios->count;
    bool ready = true;
    run->jobs = base_alloc_array(count, sizeof(*run->jobs));
    for (size_t i = 0; i < count && ready; i++) {
        run->jobs[i].folder = cli_folder_make(run->options->out, run->scenarios->items, count, i);
        ready = run->jobs[i].folder != NULL;
    }
    if (ready) {
        if (run->options->format == CLI_FORMAT_TAP)
            report_tap_begin(stdout, count);
        if (run->options->jobs > 1 && count > 1)
            cli_crew_run(&(struct cli_crew){.count = run->scenarios->count,
                                            .workers = run->options->jobs,
                                            .context = run,
                                            .play = play_apart,
                                            .tell = tell});
        else
            play_in_turn(run);
        status = conclude(run);
    }
    for (size_t i = 0; i < count; i++) {
        if (ready)
            scn_result_fini(&run->jobs[i].result);
        free(run->jobs[i].folder);
        free(run->jobs[i].text);
    }
    free(run->jobs);
    return status;
}

enum cli_exit cli_run_loaded(const struct cli_options *options, struct cli_scenarios *scenarios)
{
    struct run run = {.options = options, .scenarios = scenarios};
    if (!cli_world_open(options, &run.session))
        return CLI_WRONG;
    enum cli_exit status = play_all(&run);
    cli_world_close(run.session);
    return status;
}

static enum cli_exit run_command(const struct cli_command *self, int argc, char **argv)
{
    static const char *const FORMATS[] = {"text", "tap", "junit", "json", NULL};
    struct cli_options options;
    struct cli_scenarios scenarios;
    enum cli_exit status = CLI_WRONG;
    enum cli_parse parsed = cli_options_parse(
        &options, self,
        CLI_ACCEPT_SEED | CLI_ACCEPT_SET | CLI_ACCEPT_OUT | CLI_ACCEPT_JOBS | CLI_ACCEPT_QUIET |
            CLI_ACCEPT_JUDGE | CLI_ACCEPT_CAPTURES | CLI_ACCEPT_COLOR | CLI_ACCEPT_WORLD,
        FORMATS, argc, argv);
    if (parsed != CLI_PARSE_OK)
        return parsed == CLI_PARSE_HELP ? CLI_OK : CLI_WRONG;
    bool found = cli_scenarios_load(&scenarios, &options, !options.quiet);
    if (found && scenarios.errors == 0)
        cli_scenarios_check_world(&scenarios, &options);
    if (found && scenarios.errors == 0)
        status = cli_run_loaded(&options, &scenarios);
    cli_scenarios_fini(&scenarios);
    cli_options_fini(&options);
    return status;
}

const struct cli_command cli_command_run = {
    .name = "run",
    .summary = "play scenarios and judge them",
    .usage = USAGE,
    .run = run_command,
};
