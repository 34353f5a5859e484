/* The options of `run`, `check`, `show` and `list`: one table of names, each command takes its part. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/vtime.h"
#include "cli/command.h"

enum cli_format {
    CLI_FORMAT_TEXT,
    CLI_FORMAT_TAP,
    CLI_FORMAT_JUNIT,
    CLI_FORMAT_JSON,
    CLI_FORMAT_SVG,
    CLI_FORMAT_SARIF,
    CLI_FORMAT_MARKDOWN,
};

/* Which options a command takes, as bits. */
enum cli_accept {
    CLI_ACCEPT_SEED = 1 << 0,
    CLI_ACCEPT_SET = 1 << 1,
    CLI_ACCEPT_OUT = 1 << 2,
    CLI_ACCEPT_JOBS = 1 << 3,
    CLI_ACCEPT_QUIET = 1 << 4,
    CLI_ACCEPT_JUDGE = 1 << 5,    /* --prove, --allow-inconclusive */
    CLI_ACCEPT_CAPTURES = 1 << 6, /* --no-captures */
    CLI_ACCEPT_COLOR = 1 << 7,
    CLI_ACCEPT_IMPORT = 1 << 8,   /* --run, --explain, --psk, --psk-file, --resolve */
    CLI_ACCEPT_EXPLAIN = 1 << 9,  /* --ping, --all */
    CLI_ACCEPT_WORLD = 1 << 10,   /* --world */
    CLI_ACCEPT_ONLY = 1 << 11,    /* --only */
    CLI_ACCEPT_LONGEST = 1 << 12, /* --longest */
};

struct cli_options {
    char **paths; /* borrowed from argv */
    size_t path_count;
    const char **sets; /* PATH=VALUE each, borrowed from argv */
    size_t set_count;
    const char **psks; /* borrowed likewise */
    size_t psk_count;
    const char *psk_file;
    const char **resolves; /* NAME=ADDRESS each, borrowed likewise */
    size_t resolve_count;
    const char *out;
    const char *only; /* NULL: all */
    uint64_t seed;
    unsigned jobs;
    enum cli_format format;
    bool namespaces; /* --world */
    bool has_seed;
    bool has_out;
    bool run;
    bool explain;
    const char *play_option; /* the last that says how to play or to report; NULL: none */
    bool quiet;
    bool prove;
    bool allow_inconclusive;
    bool no_captures;
    bool color;
    bool ascii; /* no option: of the locale */
    bool all;
    size_t ping; /* 0: none was named */
    base_ns longest_ns;
};

enum cli_parse {
    CLI_PARSE_OK,
    CLI_PARSE_HELP, /* the usage was asked for and printed */
    CLI_PARSE_WRONG,
};

/*
 * Reads a command's arguments. `accept` are bits of cli_accept, `formats` a NULL-ended list of what
 * --format may say, the first being the default. Frees nothing on failure that the caller must.
 */
enum cli_parse cli_options_parse(struct cli_options *options, const struct cli_command *command,
                                 unsigned accept, const char *const *formats, int argc,
                                 char **argv);
void cli_options_fini(struct cli_options *options);

#endif
