/* `tunnelbed schema`: the JSON Schema of the scenario language, built in. */
#include "cli/command.h"

#include <stdlib.h>

#include "cli/options.h"
#include "scenarios/schema.h"

static const char USAGE[] =
    "usage: tunnelbed schema\n\n"
    "Prints the JSON Schema of the scenario language, for editors that check YAML.\n\n"
    "  -h, --help            this text\n";

static enum cli_exit schema_command(const struct cli_command *self, int argc, char **argv)
{
    static const char *const FORMATS[] = {"json", NULL};
    struct cli_options options;
    enum cli_parse parsed = cli_options_parse(&options, self, 0, FORMATS, argc, argv);
    if (parsed != CLI_PARSE_OK)
        return parsed == CLI_PARSE_HELP ? CLI_OK : CLI_WRONG;
    bool alone = options.path_count == 0;
    if (alone) {
        char *text = scn_schema_json();
        fputs(text, stdout);
        free(text);
    } else {
        cli_complain("schema takes no file: '%s'", options.paths[0]);
    }
    cli_options_fini(&options);
    return alone ? CLI_OK : CLI_WRONG;
}

const struct cli_command cli_command_schema = {
    .name = "schema",
    .summary = "print the JSON Schema of the scenario language",
    .usage = USAGE,
    .run = schema_command,
};
