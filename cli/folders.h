/* Where each scenario's results go: one folder a scenario below --out, named as its file. */
#ifndef CLI_FOLDERS_H
#define CLI_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "scenarios/result.h"

/*
 * Makes the folder of the scenario and takes an older result.json out of it, so that one is there only when a run
 * is complete. Two scenarios of one name are told apart by the folders their files lie in. Returns the
 * path, to be freed; NULL with a message where it cannot be made or written to.
 */
char *cli_folder_make(const char *out, struct scn_scenario *const *scenarios, size_t count,
                      size_t index);

/* Writes result.json into result->folder; false, with a message, where it cannot. */
bool cli_folder_write_result(const struct scn_result *result);

#endif
