/* `tunnelbed import`: from the API's JSON to a scenario, or at once to its result. */
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/input.h"
#include "cli/load.h"
#include "import/import.h"

static const char USAGE[] =
    "usage: tunnelbed import [OPTION...] JSON...\n\n"
    "Makes a scenario of the VPN Gateway API's answers, of both sides: GET\n"
    "/ipsecgateways/{id} and /ipsecgateways/{id}/tunnels, single objects or\n"
    "collections, in any order. `-` is standard input.\n\n"
    "  -o, --out FILE        write the scenario there (default: standard output)\n"
    "  --run                 play it at once; results go to out/ as with `run`\n"
    "  --explain             play it and tell what is lost, and why, as `explain`\n"
    "  --psk KEY             the pre-shared key of all tunnels that came without one\n"
    "  --psk TUNNEL=KEY      that of one tunnel, or VDC/TUNNEL=KEY; may be repeated\n"
    "  --psk-file FILE       such keys from a file, one a line; `-`: standard input\n"
    "  --resolve NAME=ADDR   what a name in remoteHost stands for; may be repeated\n"
    "  -q, --quiet           no warnings; with --run one line\n"
    "  --seed, --set, --format, --color\n"
    "                        with --run or --explain: as these commands have them\n"
    "  --prove, --allow-inconclusive, --no-captures\n"
    "                        with --run\n"
    "  -h, --help            this text\n\n"
    "Exit status: 2 where an answer is wrong, and nothing is written; 0 else, with\n"
    "--run or --explain that of `run`.\n";

/* --- Sources ----------------------------------------------------------------------------------- */

static bool read_source(const char *path, struct import_source *source)
{
    bool standard = strcmp(path, CLI_STDIN) == 0;
    FILE *file = standard ? stdin : fopen(path, "rb");
    source->name = standard ? CLI_STDIN_NAME : path;
    source->bytes = file ? cli_read_stream(file, SCN_FILE_SIZE_MAX, &source->size) : NULL;
    if (!source->bytes)
        cli_complain("%s: %s", source->name, strerror(errno));
    if (file && !standard)
        fclose(file);
    return source->bytes != NULL;
}

/* --- Keys -------------------------------------------------------------------------------------- */

/* The lines of a file of keys, as so many --psk; they live in `bytes`. */
struct keys {
    char *bytes;
    const char **lines; /* those of the command line first */
    size_t count;
};

static bool keys_init(struct keys *keys, const struct cli_options *options)
{
    struct import_source source = {0};
    *keys = (struct keys){0};
    if (options->psk_file && !read_source(options->psk_file, &source))
        return false;
    keys->bytes = base_alloc(source.size + 1);
    if (source.size)
        memcpy(keys->bytes, source.bytes, source.size);
    free((void *)source.bytes);
    size_t lines = 1;
    for (size_t i = 0; i < source.size; i++)
        lines += keys->bytes[i] == '\n';
    keys->lines = base_alloc_array(options->psk_count + lines, sizeof(*keys->lines));
    for (size_t i = 0; i < options->psk_count; i++)
        keys->lines[keys->count++] = options->psks[i];
    char *rest = keys->bytes;
    for (char *line; (line = strsep(&rest, "\r\n"));)
        if (line[strspn(line, " \t")])
            keys->lines[keys->count++] = line;
    return true;
}

static void keys_fini(struct keys *keys)
{
    free(keys->lines);
    free(keys->bytes);
}

/* --- The scenario ------------------------------------------------------------------------------ */

static char *import_paths(const struct cli_options *options, struct base_diagnostics *problems,
                          size_t *keys_missing)
{
    struct keys keys;
    if (!keys_init(&keys, options))
        return NULL;
    const struct import_options import = {keys.lines, keys.count, options->resolves,
                                          options->resolve_count};
    struct import_source *sources = base_alloc_array(options->path_count, sizeof(*sources));
    char *text = NULL;
    bool ok = true;
    for (size_t i = 0; i < options->path_count; i++)
        ok = read_source(options->paths[i], &sources[i]) && ok;
    if (ok)
        text = import_scenario(sources, options->path_count, &import, problems, keys_missing);
    for (size_t i = 0; i < options->path_count; i++)
        free((void *)sources[i].bytes);
    free(sources);
    keys_fini(&keys);
    return text;
}

/* --- What becomes of it ------------------------------------------------------------------------ */

/* A new file is its owner's alone: real keys stand in it. */
static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    bool written = file && fputs(text, file) != EOF;
    if (file)
        written = fclose(file) == 0 && written;
    if (!written)
        cli_complain("%s: %s", path, strerror(errno));
    return written;
}

/* Its warnings have been told with their places in the JSON. */
static enum cli_exit run_text(const char *name, const char *text, struct cli_options *options)
{
    struct scn_read_options read = {options->sets, options->set_count};
    struct base_diagnostics problems;
    struct scn_scenario *scenario;
    struct cli_scenarios scenarios = {.items = &scenario, .count = 1};
    enum cli_exit status = CLI_WRONG;
    base_diagnostics_init(&problems);
    scenario = scn_read_text(name, text, strlen(text), &read, &problems);
    cli_print_problems(&problems, false);
    options->out = "out";
    if (scenario && options->explain)
        status = cli_explain_loaded(options, scenario);
    else if (scenario)
        status = cli_run_loaded(options, &scenarios);
    scn_scenario_free(scenario);
    base_diagnostics_fini(&problems);
    return status;
}

static enum cli_exit use(const char *text, size_t keys_missing, struct cli_options *options)
{
    const char *out = options->has_out ? options->out : NULL;
    if (out && !write_file(out, text))
        return CLI_WRONG;
    bool play = options->run || options->explain;
    if (!play && !out)
        fputs(text, stdout);
    if (!play)
        return CLI_OK;
    if (keys_missing) {
        cli_complain("%zu tunnel%s no key, so there is nothing to run; give --psk TUNNEL=KEY",
                     keys_missing, keys_missing == 1 ? " has" : "s have");
        return CLI_WRONG;
    }
    return run_text(out ? out : "import.yaml", text, options);
}

/* What is asked for can be done, together. */
static bool makes_sense(const struct cli_options *options)
{
    bool judges = options->prove || options->allow_inconclusive || options->no_captures;
    bool told = options->format == CLI_FORMAT_TEXT || options->format == CLI_FORMAT_JSON;
    if (!options->path_count)
        cli_complain("import needs the API's answers as JSON files, or `-` for standard input");
    else if (options->run && options->explain)
        cli_complain("--run and --explain: one of the two");
    else if (options->play_option && !options->run && !options->explain)
        cli_complain("--%s goes with --run or --explain", options->play_option);
    else if (options->explain && (judges || !told))
        cli_complain("--prove, --allow-inconclusive, --no-captures and the formats tap and junit "
                     "go with --run");
    else
        return true;
    return false;
}

static enum cli_exit import_command(const struct cli_command *self, int argc, char **argv)
{
    static const char *const FORMATS[] = {"text", "tap", "junit", "json", NULL};
    struct cli_options options;
    struct base_diagnostics problems;
    size_t keys_missing = 0;
    enum cli_exit status = CLI_WRONG;
    enum cli_parse parsed = cli_options_parse(
        &options, self,
        CLI_ACCEPT_IMPORT | CLI_ACCEPT_SEED | CLI_ACCEPT_SET | CLI_ACCEPT_OUT | CLI_ACCEPT_QUIET |
            CLI_ACCEPT_JUDGE | CLI_ACCEPT_CAPTURES | CLI_ACCEPT_COLOR,
        FORMATS, argc, argv);
    if (parsed != CLI_PARSE_OK)
        return parsed == CLI_PARSE_HELP ? CLI_OK : CLI_WRONG;
    base_diagnostics_init(&problems);
    if (makes_sense(&options)) {
        char *text = import_paths(&options, &problems, &keys_missing);
        cli_print_problems(&problems, !options.quiet);
        if (text)
            status = use(text, keys_missing, &options);
        free(text);
    }
    base_diagnostics_fini(&problems);
    cli_options_fini(&options);
    return status;
}

const struct cli_command cli_command_import = {
    .name = "import",
    .summary = "make a scenario of the API's answers",
    .usage = USAGE,
    .run = import_command,
};
