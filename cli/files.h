/* Which scenario files a command line names. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct cli_files {
    char **paths; /* owned */
    size_t count;
    size_t capacity;
};

/*
 * Adds a file as it is named, `-` for standard input (once), or every .yaml, .yml and .json file
 * below a folder in the order of their paths. Below a folder, names that begin with `_` or `.` are
 * left out: a `_base.yaml` is there to be another file's `base`. False, with a message, where
 * nothing can be read.
 */
bool cli_files_add(struct cli_files *files, const char *path);
void cli_files_fini(struct cli_files *files);

#endif
