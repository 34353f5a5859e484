/* `tunnelbed interop`: our engine against strongSwan, as a matrix. */
#include "cli/command.h"

#include <stdlib.h>

#include "cli/options.h"
#include "interop/matrix.h"
#include "netns/session.h"
#include "strongswan/engine.h"

static const char USAGE[] =
    "usage: tunnelbed interop [OPTION...]\n\n"
    "Plays our IKEv2 engine against strongSwan's charon, as initiator and as\n"
    "responder: every algorithm, rekeys, deletes, cookies, fragments, NAT, refusals,\n"
    "restarts. Needs root, network namespaces and strongSwan.\n\n"
    "  --only TEXT           cases with this in their group or name\n"
    "  --format FORMAT       text, json or markdown (default: text)\n"
    "  --color WHEN          auto, always or never (default: auto)\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 all that can be tried here works, 1 something does not, 2 it\n"
    "cannot be tried\n";

static void show_progress(void *context, const struct interop_row *row)
{
    size_t *count = context;
    ++*count;
    fprintf(stderr, "\r%4zu  %-70.70s", *count, row->name);
}

static enum cli_exit print(const struct interop_matrix *matrix, const struct cli_options *options)
{
    switch ((int)options->format) {
    case CLI_FORMAT_JSON:
        interop_print_json(matrix, stdout);
        break;
    case CLI_FORMAT_MARKDOWN:
        interop_print_markdown(matrix, stdout);
        break;
    default:
        interop_print_text(matrix, options->color, stdout);
        break;
    }
    fflush(stdout);
    return interop_count(matrix, INTEROP_FAIL) > 0 ? CLI_FAIL : CLI_OK;
}

static enum cli_exit play(const struct cli_options *options, struct netns_session *session)
{
    size_t count = 0;
    char *error = NULL;
    bool watched = cli_wants_color(stderr);
    struct interop_options interop = {.only = options->only,
                                      .session = session,
                                      .progress = watched ? show_progress : NULL,
                                      .context = &count};
    struct interop_matrix *matrix = interop_run(&interop, &error);
    if (watched)
        fputs("\r\033[K", stderr);
    if (!matrix) {
        cli_complain("interop: %s", error);
        free(error);
        return CLI_WRONG;
    }
    enum cli_exit status = CLI_WRONG;
    if (matrix->row_count == 0)
        cli_complain("no case has '%s' in its group or name", options->only);
    else if (!matrix->interrupted)
        status = print(matrix, options);
    interop_free(matrix);
    return status;
}

static enum cli_exit interop_command(const struct cli_command *self, int argc, char **argv)
{
    static const char *const FORMATS[] = {"text", "json", "markdown", NULL};
    struct cli_options options;
    char *error = NULL;
    enum cli_parse parsed =
        cli_options_parse(&options, self, CLI_ACCEPT_COLOR | CLI_ACCEPT_ONLY, FORMATS, argc, argv);
    if (parsed != CLI_PARSE_OK)
        return parsed == CLI_PARSE_HELP ? CLI_OK : CLI_WRONG;
    enum cli_exit status = CLI_WRONG;
    struct netns_session *session = NULL;
    if (options.path_count > 0)
        cli_complain("interop plays no file: '%s'", options.paths[0]);
    else if (swan_find_charon(&error))
        session = netns_session_open(&error);
    if (session) {
        status = play(&options, session);
        netns_session_close(session);
    } else if (error) {
        cli_complain("interop: %s", error);
    }
    free(error);
    cli_options_fini(&options);
    return status;
}

const struct cli_command cli_command_interop = {
    .name = "interop",
    .summary = "our engine against strongSwan, as a matrix",
    .usage = USAGE,
    .run = interop_command,
};
