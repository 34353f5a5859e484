/* getopt_long over one table; an option that a command does not take is unknown to it. */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum {
    FIRST_WITHOUT_LETTER = 256, /* what is less is the letter itself */
    OPTION_SEED = FIRST_WITHOUT_LETTER,
    OPTION_SET,
    OPTION_FORMAT,
    OPTION_PROVE,
    OPTION_INCONCLUSIVE,
    OPTION_NO_CAPTURES,
    OPTION_COLOR,
    OPTION_WORLD,
    OPTION_ONLY,
    OPTION_RUN,
    OPTION_EXPLAIN,
    OPTION_PSK,
    OPTION_PSK_FILE,
    OPTION_RESOLVE,
    OPTION_PING,
    OPTION_ALL,
    OPTION_LONGEST,
};

static const struct {
    struct option option;
    unsigned accept; /* 0: every command */
} TABLE[] = {
    {{"seed", required_argument, NULL, OPTION_SEED}, CLI_ACCEPT_SEED},
    {{"set", required_argument, NULL, OPTION_SET}, CLI_ACCEPT_SET},
    {{"out", required_argument, NULL, 'o'}, CLI_ACCEPT_OUT},
    {{"jobs", required_argument, NULL, 'j'}, CLI_ACCEPT_JOBS},
    {{"quiet", no_argument, NULL, 'q'}, CLI_ACCEPT_QUIET},
    {{"world", required_argument, NULL, OPTION_WORLD}, CLI_ACCEPT_WORLD},
    {{"only", required_argument, NULL, OPTION_ONLY}, CLI_ACCEPT_ONLY},
    {{"prove", no_argument, NULL, OPTION_PROVE}, CLI_ACCEPT_JUDGE},
    {{"allow-inconclusive", no_argument, NULL, OPTION_INCONCLUSIVE}, CLI_ACCEPT_JUDGE},
    {{"no-captures", no_argument, NULL, OPTION_NO_CAPTURES}, CLI_ACCEPT_CAPTURES},
    {{"color", required_argument, NULL, OPTION_COLOR}, CLI_ACCEPT_COLOR},
    {{"run", no_argument, NULL, OPTION_RUN}, CLI_ACCEPT_IMPORT},
    {{"explain", no_argument, NULL, OPTION_EXPLAIN}, CLI_ACCEPT_IMPORT},
    {{"psk", required_argument, NULL, OPTION_PSK}, CLI_ACCEPT_IMPORT},
    {{"psk-file", required_argument, NULL, OPTION_PSK_FILE}, CLI_ACCEPT_IMPORT},
    {{"resolve", required_argument, NULL, OPTION_RESOLVE}, CLI_ACCEPT_IMPORT},
    {{"ping", required_argument, NULL, OPTION_PING}, CLI_ACCEPT_EXPLAIN},
    {{"all", no_argument, NULL, OPTION_ALL}, CLI_ACCEPT_EXPLAIN},
    {{"longest", required_argument, NULL, OPTION_LONGEST}, CLI_ACCEPT_LONGEST},
    {{"format", required_argument, NULL, OPTION_FORMAT}, 0},
    {{"help", no_argument, NULL, 'h'}, 0},
};

#define TABLE_SIZE (sizeof(TABLE) / sizeof(TABLE[0]))
#define LETTERS_SIZE (2 * TABLE_SIZE + 1) /* a letter and its colon each */

static bool parse_u64(const char *text, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || *text == '+' || *text == ' ')
        return false;
    *out = value;
    return true;
}

static bool parse_jobs(struct cli_options *options, const char *text)
{
    uint64_t jobs;
    if (!parse_u64(text, &jobs) || jobs < 1 || jobs > 256) {
        cli_complain("--jobs takes a number from 1 to 256, not '%s'", text);
        return false;
    }
    options->jobs = (unsigned)jobs;
    return true;
}

static bool parse_format(struct cli_options *options, const char *const *formats, const char *text)
{
    static const char *const NAMES[] = {"text", "tap", "junit", "json", "svg", "sarif", "markdown"};
    for (size_t i = 0; formats[i]; i++) {
        if (strcmp(formats[i], text) != 0)
            continue;
        for (size_t j = 0; j < sizeof(NAMES) / sizeof(NAMES[0]); j++) {
            if (strcmp(NAMES[j], text) == 0)
                options->format = (enum cli_format)j;
        }
        return true;
    }
    fprintf(stderr, "tunnelbed: --format takes ");
    for (size_t i = 0; formats[i]; i++)
        fprintf(stderr, "%s%s", i ? (formats[i + 1] ? ", " : " or ") : "", formats[i]);
    fprintf(stderr, ", not '%s'\n", text);
    return false;
}

static bool parse_color(struct cli_options *options, const char *text)
{
    if (strcmp(text, "auto") == 0)
        options->color = cli_wants_color(stdout);
    else if (strcmp(text, "always") == 0)
        options->color = true;
    else if (strcmp(text, "never") == 0)
        options->color = false;
    else {
        cli_complain("--color takes auto, always or never, not '%s'", text);
        return false;
    }
    return true;
}

static bool parse_world(struct cli_options *options, const char *text)
{
    options->namespaces = strcmp(text, "namespaces") == 0;
    if (options->namespaces || strcmp(text, "simulated") == 0)
        return true;
    cli_complain("--world takes simulated or namespaces, not '%s'", text);
    return false;
}

static bool parse_seed(struct cli_options *options, const char *text)
{
    options->has_seed = true;
    if (parse_u64(text, &options->seed))
        return true;
    cli_complain("--seed takes a whole number below 2^64, not '%s'", text);
    return false;
}

static bool parse_out(struct cli_options *options, const char *text)
{
    options->out = text;
    options->has_out = true;
    if (*text)
        return true;
    cli_complain("--out takes a name, not an empty one"); /* '' would be the root folder */
    return false;
}

static bool parse_longest(struct cli_options *options, const char *text)
{
    if (base_text_duration(text, &options->longest_ns))
        return true;
    cli_complain("--longest takes a duration such as 90s or 3m, not '%s'", text);
    return false;
}

static bool parse_ping(struct cli_options *options, const char *text)
{
    uint64_t number;
    if (!parse_u64(text, &number) || number < 1 || number > SIZE_MAX) {
        cli_complain("--ping takes a number from 1, not '%s'", text);
        return false;
    }
    options->ping = (size_t)number;
    return true;
}

static bool take_option(struct cli_options *options, const char *const *formats, int which,
                        const char *value)
{
    switch (which) {
    case OPTION_SEED:
        return parse_seed(options, value);
    case OPTION_SET:
        options->sets[options->set_count++] = value;
        return true;
    case 'o':
        return parse_out(options, value);
    case 'j':
        return parse_jobs(options, value);
    case OPTION_FORMAT:
        return parse_format(options, formats, value);
    case OPTION_COLOR:
        return parse_color(options, value);
    case OPTION_WORLD:
        return parse_world(options, value);
    case OPTION_ONLY:
        options->only = value;
        return true;
    case OPTION_RUN:
        options->run = true;
        return true;
    case OPTION_EXPLAIN:
        options->explain = true;
        return true;
    case OPTION_PSK_FILE:
        options->psk_file = value;
        return true;
    case OPTION_PSK:
        options->psks[options->psk_count++] = value;
        return true;
    case OPTION_RESOLVE:
        options->resolves[options->resolve_count++] = value;
        return true;
    case OPTION_PING:
        return parse_ping(options, value);
    case OPTION_LONGEST:
        return parse_longest(options, value);
    case OPTION_ALL:
        options->all = true;
        return true;
    case OPTION_PROVE:
        options->prove = true;
        return true;
    case OPTION_INCONCLUSIVE:
        options->allow_inconclusive = true;
        return true;
    case OPTION_NO_CAPTURES:
        options->no_captures = true;
        return true;
    case 'q':
        options->quiet = true;
        return true;
    default:
        return false;
    }
}

/* Whether the option says how a scenario is played, or how its result is told. */
static bool is_of_playing(int which)
{
    return which == OPTION_SEED || which == OPTION_SET || which == OPTION_FORMAT ||
           which == OPTION_PROVE || which == OPTION_INCONCLUSIVE || which == OPTION_NO_CAPTURES;
}

static const char *name_of(int which)
{
    for (size_t i = 0; i < TABLE_SIZE; i++)
        if (TABLE[i].option.val == which)
            return TABLE[i].option.name;
    return "";
}

/* The options of one command as getopt_long wants them. Both arrays come zeroed. */
static void accepted_options(struct option out[TABLE_SIZE + 1], char letters[LETTERS_SIZE],
                             unsigned accept)
{
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        const struct option *option = &TABLE[i].option;
        if (TABLE[i].accept && !(TABLE[i].accept & accept))
            continue;
        *out++ = *option;
        if (option->val >= FIRST_WITHOUT_LETTER)
            continue;
        *letters++ = (char)option->val;
        if (option->has_arg == required_argument)
            *letters++ = ':';
    }
}

static enum cli_parse parse(struct cli_options *options, const struct cli_command *command,
                            unsigned accept, const char *const *formats, int argc, char **argv)
{
    struct option table[TABLE_SIZE + 1] = {{0}};
    char letters[LETTERS_SIZE] = "";
    *options = (struct cli_options){.out = "out",
                                    .jobs = 1,
                                    .longest_ns = 180 * BASE_S,
                                    .color = cli_wants_color(stdout),
                                    .ascii = cli_wants_ascii()};
    options->sets = base_alloc_array((size_t)argc, sizeof(*options->sets));
    options->psks = base_alloc_array((size_t)argc, sizeof(*options->psks));
    options->resolves = base_alloc_array((size_t)argc, sizeof(*options->resolves));
    accepted_options(table, letters, accept);
    optind = 1;
    for (;;) {
        int which = getopt_long(argc, argv, letters, table, NULL);
        if (which == -1)
            break;
        if (which == 'h') {
            fputs(command->usage, stdout);
            cli_options_fini(options);
            return CLI_PARSE_HELP;
        }
        if (!take_option(options, formats, which, optarg)) {
            if (which == '?')
                fprintf(stderr, "`tunnelbed %s --help` lists the options\n", command->name);
            cli_options_fini(options);
            return CLI_PARSE_WRONG;
        }
        if (is_of_playing(which))
            options->play_option = name_of(which);
    }
    options->paths = argv + optind;
    options->path_count = (size_t)(argc - optind);
    return CLI_PARSE_OK;
}

enum cli_parse cli_options_parse(struct cli_options *options, const struct cli_command *command,
                                 unsigned accept, const char *const *formats, int argc, char **argv)
{
    char *called = argv[0];
    char *whole = base_printf("tunnelbed %s", command->name);
    argv[0] = whole; /* getopt's complaints begin with it */
    enum cli_parse parsed = parse(options, command, accept, formats, argc, argv);
    argv[0] = called;
    free(whole);
    return parsed;
}

void cli_options_fini(struct cli_options *options)
{
    free(options->sets);
    free(options->psks);
    free(options->resolves);
    options->sets = NULL;
    options->psks = NULL;
    options->resolves = NULL;
}
