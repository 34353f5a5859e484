/* `tunnelbed check`: reads and validates, and runs nothing. */
#include "cli/command.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diagnostic.h"
#include "cli/files.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/version.h"
#include "report/sarif.h"

static const char USAGE[] =
    "usage: tunnelbed check [OPTION...] FILE|DIR...\n\n"
    "Validates scenarios and runs nothing. Tells every error and warning with file,\n"
    "line and column. `-` is standard input.\n\n"
    "  --set PATH=VALUE      set one value first; may be repeated\n"
    "  --format FORMAT       text, json or sarif (default: text)\n"
    "  -q, --quiet           no warnings, only errors\n"
    "  --color WHEN          auto, always or never (default: auto)\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 no error, 2 an error.\n";

static json_t *problem_tree(const struct base_diagnostic *problem)
{
    json_t *object = json_object();
    if (problem->where.file)
        json_object_set_new(object, "file", json_string(problem->where.file));
    if (problem->where.line) {
        json_object_set_new(object, "line", json_integer(problem->where.line));
        json_object_set_new(object, "column", json_integer(problem->where.column));
    }
    json_object_set_new(object, "severity",
                        json_string(problem->severity == BASE_ERROR ? "error" : "warning"));
    json_object_set_new(object, "code", json_string(problem->code));
    json_object_set_new(object, "text", json_string(problem->text));
    if (problem->hint)
        json_object_set_new(object, "hint", json_string(problem->hint));
    return object;
}

/* file:line:column plain, then severity in its colour, as compilers do. */
static void print_problem(const struct base_diagnostic *problem, bool color)
{
    bool is_error = problem->severity == BASE_ERROR;
    if (problem->where.file)
        printf("%s:", problem->where.file);
    if (problem->where.line)
        printf("%d:%d:", problem->where.line, problem->where.column);
    printf(" %s%s:%s %s", color ? (is_error ? "\x1b[1;31m" : "\x1b[1;33m") : "",
           is_error ? "error" : "warning", color ? "\x1b[0m" : "", problem->text);
    if (problem->hint)
        printf("; %s", problem->hint);
    printf(" [%s]\n", problem->code);
}

struct tally {
    size_t files, errors, warnings;
    json_t *list;               /* with json, else NULL */
    struct report_sarif *sarif; /* with sarif, else NULL */
};

static void check_file(const char *path, const struct cli_options *options, struct tally *tally)
{
    struct scn_read_options read = {options->sets, options->set_count};
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    scn_scenario_free(cli_read_scenario(path, &read, &problems));
    for (size_t i = 0; i < problems.count; i++) {
        const struct base_diagnostic *problem = &problems.items[i];
        if (problem->severity == BASE_WARNING && options->quiet)
            continue;
        if (tally->sarif)
            report_sarif_add(tally->sarif, strcmp(path, CLI_STDIN) ? path : CLI_STDIN_NAME,
                             problem);
        else if (tally->list)
            json_array_append_new(tally->list, problem_tree(problem));
        else
            print_problem(problem, options->color);
    }
    tally->files++;
    tally->errors += problems.error_count;
    tally->warnings += problems.warning_count;
    base_diagnostics_fini(&problems);
}

static struct report_sarif *begin_sarif(void)
{
    char *folder = getcwd(NULL, 0);
    struct report_sarif *sarif = report_sarif_new(TUNNELBED_VERSION, folder);
    free(folder);
    return sarif;
}

static enum cli_exit check_files(const struct cli_files *files, const struct cli_options *options)
{
    struct tally tally = {0};
    if (options->format == CLI_FORMAT_JSON)
        tally.list = json_array();
    if (options->format == CLI_FORMAT_SARIF)
        tally.sarif = begin_sarif();
    for (size_t i = 0; i < files->count; i++)
        check_file(files->paths[i], options, &tally);
    if (tally.sarif) {
        report_sarif_write(tally.sarif, stdout);
        report_sarif_free(tally.sarif);
    } else if (tally.list) {
        json_dumpf(tally.list, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(tally.list);
    } else if (!options->quiet) {
        printf("%zu file%s checked, %zu error%s, %zu warning%s\n", tally.files,
               tally.files == 1 ? "" : "s", tally.errors, tally.errors == 1 ? "" : "s",
               tally.warnings, tally.warnings == 1 ? "" : "s");
    }
    return tally.errors ? CLI_WRONG : CLI_OK;
}

static enum cli_exit check_command(const struct cli_command *self, int argc, char **argv)
{
    static const char *const FORMATS[] = {"text", "json", "sarif", NULL};
    struct cli_options options;
    struct cli_files files = {0};
    enum cli_parse parsed = cli_options_parse(
        &options, self, CLI_ACCEPT_SET | CLI_ACCEPT_QUIET | CLI_ACCEPT_COLOR, FORMATS, argc, argv);
    if (parsed != CLI_PARSE_OK)
        return parsed == CLI_PARSE_HELP ? CLI_OK : CLI_WRONG;
    bool found = options.path_count > 0;
    enum cli_exit status = CLI_WRONG;
    for (size_t i = 0; i < options.path_count; i++)
        found = cli_files_add(&files, options.paths[i]) && found;
    if (options.path_count == 0)
        cli_complain("check needs a file or a folder");
    else
        status = check_files(&files, &options);
    cli_files_fini(&files);
    cli_options_fini(&options);
    return found ? status : CLI_WRONG;
}

const struct cli_command cli_command_check = {
    .name = "check",
    .summary = "validate scenarios, run nothing",
    .usage = USAGE,
    .run = check_command,
};
