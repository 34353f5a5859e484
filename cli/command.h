/* The subcommands of the program, one file each, and what they share. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum cli_exit {
    CLI_OK = 0,    /* all that was expected holds */
    CLI_FAIL = 1,  /* something does not */
    CLI_WRONG = 2, /* the call or a file is wrong, or a result cannot be written */
};

struct cli_command {
    const char *name;
    const char *summary; /* one line, for the overview */
    const char *usage;   /* the whole text of `tunnelbed NAME --help` */
    enum cli_exit (*run)(const struct cli_command *self, int argc, char **argv);
};

extern const struct cli_command cli_command_run;
extern const struct cli_command cli_command_explain;
extern const struct cli_command cli_command_check;
extern const struct cli_command cli_command_show;
extern const struct cli_command cli_command_list;
extern const struct cli_command cli_command_schema;
extern const struct cli_command cli_command_import;
extern const struct cli_command cli_command_interop;
extern const struct cli_command cli_command_compare;

/* `tunnelbed: ` and a message on standard error. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* True where colours are wanted on the stream: it is a terminal, NO_COLOR is not set, TERM is not dumb. */
bool cli_wants_color(FILE *stream);

/* True where the locale's characters are not UTF-8, so that lines are to be drawn with ASCII. No locale at all is UTF-8. */
bool cli_wants_ascii(void);

#endif
