/* From fork to exec, for process.c alone. */
#ifndef NETNS_SPAWN_H
#define NETNS_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

struct netns_process_config;

struct netns_spawned {
    pid_t pid;
    int output, error; /* the ends to read, not blocking; `error` -1 where both are one */
};

/* False with *error set (to be freed) where it could not be started: exec's own failure is one. */
bool netns_spawn(const struct netns_process_config *config, bool one_output,
                 struct netns_spawned *out, char **error);

#endif
