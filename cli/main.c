/* The program: finds the subcommand and hands over. */
#include "cli/command.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/version.h"

static const struct cli_command *const COMMANDS[] = {
    &cli_command_run,    &cli_command_explain, &cli_command_check,
    &cli_command_show,   &cli_command_list,    &cli_command_schema,
    &cli_command_import, &cli_command_interop, &cli_command_compare,
};

#define COMMAND_COUNT (sizeof(COMMANDS) / sizeof(COMMANDS[0]))

void cli_complain(const char *format, ...)
{
    va_list arguments;
    fputs("tunnelbed: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

bool cli_wants_color(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (no_color && *no_color)
        return false;
    return isatty(fileno(stream)) && term && strcmp(term, "dumb") != 0;
}

/*
 * As systemd has it: where nothing is set, as in most containers and CI jobs, UTF-8 does no harm; a locale that is not
 * installed is asked by its name. The program's own locale stays "C": what it takes for a letter or a digit depends on nothing.
 */
bool cli_wants_ascii(void)
{
    static const char *const VARIABLES[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *name = NULL;
    for (size_t i = 0; i < sizeof(VARIABLES) / sizeof(VARIABLES[0]) && !(name && *name); i++)
        name = getenv(VARIABLES[i]);
    if (!name || !*name)
        return false;
    locale_t locale = newlocale(LC_CTYPE_MASK, "", NULL);
    if (!locale)
        return !strcasestr(name, "utf-8") && !strcasestr(name, "utf8");
    bool ascii = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") != 0;
    freelocale(locale);
    return ascii;
}

static void print_overview(FILE *out)
{
    fputs("tunnelbed: a test bed for IPsec tunnels, played in virtual time\n\n"
          "usage: tunnelbed COMMAND [OPTION...] [FILE|DIR...]\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-8s %s\n", COMMANDS[i]->name, COMMANDS[i]->summary);
    fputs("\n`tunnelbed COMMAND --help` tells more, and so does tunnelbed(1).\n"
          "`tunnelbed run` without a file plays the built-in tutorial.\n",
          out);
}

static const struct cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(COMMANDS[i]->name, name) == 0)
            return COMMANDS[i];
    }
    return NULL;
}

static void complain_of_command(const char *name)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = COMMANDS[i]->name;
    const char *nearest = base_text_nearest(name, names, COMMAND_COUNT);
    if (nearest)
        cli_complain("there is no command '%s'; did you mean '%s'?", name, nearest);
    else
        cli_complain("there is no command '%s'; `tunnelbed help` lists them", name);
}

static enum cli_exit help(int argc, char **argv)
{
    const struct cli_command *command = argc > 2 ? find_command(argv[2]) : NULL;
    if (argc > 2 && !command) {
        complain_of_command(argv[2]);
        return CLI_WRONG;
    }
    if (command)
        fputs(command->usage, stdout);
    else
        print_overview(stdout);
    return CLI_OK;
}

static bool is_any(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

/* Results that never reached a full disk or a closed pipe must not end in status 0. */
static int finish(enum cli_exit status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_complain("cannot write to standard output");
        return CLI_WRONG;
    }
    return (int)status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return CLI_WRONG;
    }
    if (is_any(argv[1], "help", "--help", "-h"))
        return finish(help(argc, argv));
    if (is_any(argv[1], "version", "--version", "-V")) {
        puts("tunnelbed " TUNNELBED_VERSION);
        return finish(CLI_OK);
    }
    const struct cli_command *command = find_command(argv[1]);
    if (!command) {
        complain_of_command(argv[1]);
        return CLI_WRONG;
    }
    return finish(command->run(command, argc - 1, argv + 1));
}
