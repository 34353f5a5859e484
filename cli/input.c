/* Standard input as a file like others; and what reading found wrong. */
#include "cli/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

char *cli_read_stream(FILE *stream, size_t max, size_t *size)
{
    size_t capacity = 64 * 1024 < max ? 64 * 1024 : max + 1;
    char *bytes = base_alloc(capacity);
    *size = 0;
    while (!feof(stream)) {
        if (*size == capacity) {
            if (capacity > max)
                return bytes;
            size_t larger = capacity * 2 > max ? max + 1 : capacity * 2;
            char *moved = base_alloc(larger);
            memcpy(moved, bytes, *size);
            free(bytes);
            bytes = moved;
            capacity = larger;
        }
        *size += fread(bytes + *size, 1, capacity - *size, stream);
        if (ferror(stream)) {
            int why = errno;
            free(bytes);
            errno = why;
            return NULL;
        }
    }
    return bytes;
}

struct scn_scenario *cli_read_scenario(const char *path, const struct scn_read_options *options,
                                       struct base_diagnostics *problems)
{
    size_t size = 0;
    if (strcmp(path, CLI_STDIN) != 0)
        return scn_read_file(path, options, problems);
    char *text = cli_read_stream(stdin, SCN_FILE_SIZE_MAX, &size);
    if (!text) {
        base_diagnostics_add(problems, BASE_ERROR, "unreadable",
                             (struct base_where){CLI_STDIN_NAME, 0, 0}, NULL,
                             "standard input cannot be read: %s", strerror(errno));
        return NULL;
    }
    struct scn_scenario *scenario = scn_read_text(CLI_STDIN_NAME, text, size, options, problems);
    free(text);
    return scenario;
}

void cli_print_problems(const struct base_diagnostics *problems, bool warnings)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->items[i].severity == BASE_WARNING && !warnings)
            continue;
        char *text = base_diagnostic_format(&problems->items[i]);
        fprintf(stderr, "%s\n", text);
        free(text);
    }
}
