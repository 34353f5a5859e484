/*
 * Files that appear whole or not at all: written under temporary names in their folder and renamed when
 * all of them are complete. A full disk or an unwritable folder is an error with the system's words.
 */
#ifndef PCAP_OUTPUT_H
#define PCAP_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

enum {
    CAP_ERROR_MAX = 512
};

/* Why something could not be done, as a sentence for the user; written only on failure. */
struct cap_error {
    char text[CAP_ERROR_MAX];
};

void cap_error_set(struct cap_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Files that belong together. */
struct cap_output;

/* Files go to `folder`, which must exist; the text is copied. */
struct cap_output *cap_output_new(const char *folder);
/* Removes what was not committed. NULL is fine. */
void cap_output_free(struct cap_output *output);

/*
 * Opens `name` in the folder for writing; at most one is open at a time. NULL with *error set when that
 * fails. The stream is closed by cap_output_close, never by the caller.
 */
FILE *cap_output_open(struct cap_output *output, const char *name, struct cap_error *error);
/* Closes the open file; false with *error set when any write to it has failed. */
bool cap_output_close(struct cap_output *output, struct cap_error *error)
    __attribute__((warn_unused_result));
/* Gives every closed file its name, over older files; false with *error set when that fails. */
bool cap_output_commit(struct cap_output *output, struct cap_error *error)
    __attribute__((warn_unused_result));

/* mkdir with its parents; it is fine when the folder exists. */
bool cap_folder_make(const char *folder, struct cap_error *error)
    __attribute__((warn_unused_result));

#endif
