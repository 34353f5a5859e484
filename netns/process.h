/*
 * Programs that run in a namespace: started, listened to, ended. Each is killed by the kernel when
 * the thread that started it dies, and has a process group of its own, so that Ctrl-C at the
 * terminal comes to us alone. What it writes comes line by line.
 */
#ifndef NETNS_PROCESS_H
#define NETNS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct netns;
struct netns_loop;
struct netns_process;

/* A folder or file laid over another, for that process alone: in a mount namespace of its own. */
struct netns_mount {
    const char *source;
    const char *target; /* both must exist */
};

struct netns_process_config {
    struct netns *place;     /* NULL: the namespace that we are in ourselves */
    const char *const *argv; /* NULL-ended; argv[0] is looked for in PATH */
    const char *const *env;  /* NULL-ended "NAME=value", beside PATH and LC_ALL=C; NULL: none */
    const struct netns_mount *mounts;
    size_t mount_count;   /* 0: no mount namespace of its own */
    bool mount_namespace; /* one although there are no mounts */
    int nice;             /* setpriority(2): -20 for what measures time; 0: as others */
};

/* What it says and how it ends. Called from netns_loop_dispatch. Each may be NULL. */
struct netns_process_listener {
    void *context;
    /* A line without its end, from standard output or standard error. */
    void (*line)(void *context, bool is_error, const char *text);
    /* Once, after its last line; `status` is waitpid's. The process may be freed in it. */
    void (*ended)(void *context, int status);
};

/* NULL with *error set (to be freed) where it cannot be started: also where the program is not there. */
struct netns_process *netns_process_start(struct netns_loop *loop,
                                          const struct netns_process_config *config,
                                          const struct netns_process_listener *listener,
                                          char **error);
pid_t netns_process_pid(const struct netns_process *process);
bool netns_process_running(const struct netns_process *process);
void netns_process_signal(struct netns_process *process, int number);
/* Kills it where it still runs, and waits for its end; `ended` is not called. NULL is fine. */
void netns_process_free(struct netns_process *process);

/*
 * Runs a program to its end and waits, 10 s at most (then it is killed). Returns waitpid's status,
 * or -1 with *output saying why it could not be run. *output (to be freed; may be NULL) is what it
 * wrote, both streams together.
 */
int netns_run(const struct netns_process_config *config, char **output);

#endif
