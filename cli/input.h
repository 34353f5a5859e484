/* Files of a command line, of which one may be standard input, and what is wrong with them. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diagnostic.h"
#include "scenarios/read.h"

#define CLI_STDIN "-"          /* what stands on the command line */
#define CLI_STDIN_NAME "stdin" /* what messages and results call it */

/* All that the stream gives, to be freed, or NULL with errno. Stops one byte past `max`, so that too much is seen. */
char *cli_read_stream(FILE *stream, size_t max, size_t *size);

/* A scenario at `path`, or of standard input where that is CLI_STDIN; its `base` is then relative
 * to the current folder. */
struct scn_scenario *cli_read_scenario(const char *path, const struct scn_read_options *options,
                                       struct base_diagnostics *problems);

/* Errors and, where asked for, warnings, one a line on standard error. */
void cli_print_problems(const struct base_diagnostics *problems, bool warnings);

#endif
