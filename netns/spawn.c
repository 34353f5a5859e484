/*
 * From fork to exec. The program's arguments and environment are put together before the fork:
 * between it and exec nothing may allocate, as other threads may hold the heap's lock. Whether exec
 * came about is read from a pipe that closes by itself when it did.
 */
#include "netns/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "netns/inside.h"
#include "netns/process.h"

/* What the child needs. */
struct child {
    const struct netns_process_config *config;
    char **environment;
    int input, output, error, report;
    pid_t parent;
};

/* ---- In the child ---- */

static bool lay_mounts(const struct netns_process_config *config)
{
    if (config->mount_count == 0 && !config->mount_namespace)
        return true;
    if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
        return false;
    for (size_t i = 0; i < config->mount_count; i++)
        if (mount(config->mounts[i].source, config->mounts[i].target, "none", MS_BIND | MS_REC,
                  NULL) < 0)
            return false;
    return true;
}

static bool settle(const struct child *child)
{
    sigset_t none;
    sigemptyset(&none);
    if (child->config->place && setns(child->config->place->fd, CLONE_NEWNET) < 0)
        return false;
    if (!lay_mounts(child->config))
        return false;
    if (dup2(child->input, 0) < 0 || dup2(child->output, 1) < 0 || dup2(child->error, 2) < 0)
        return false;
    if (child->config->nice)
        (void)setpriority(PRIO_PROCESS, 0, child->config->nice);
    (void)signal(SIGPIPE, SIG_DFL);
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static _Noreturn void become(const struct child *child)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != child->parent) /* it died meanwhile */
        _exit(127);
    if (settle(child))
        (void)execvpe(child->config->argv[0], (char *const *)child->config->argv,
                      child->environment);
    int problem = errno;
    ssize_t told = write(child->report, &problem, sizeof(problem));
    _exit(told == sizeof(problem) ? 127 : 126);
}

/* ---- In the parent ---- */

/* PATH is ours, with the places of what only root runs: charon and ip are not everywhere on it. */
static char **environment_of(const char *const *more)
{
    size_t count = 0;
    while (more && more[count])
        count++;
    char **all = base_alloc_array(count + 3, sizeof(*all));
    const char *path = getenv("PATH");
    all[0] =
        base_printf("PATH=%s%s/usr/sbin:/usr/bin:/sbin:/bin", path ? path : "", path ? ":" : "");
    all[1] = base_strdup("LC_ALL=C");
    for (size_t i = 0; i < count; i++)
        all[i + 2] = base_strdup(more[i]);
    return all;
}

static void environment_free(char **all)
{
    for (size_t i = 0; all[i]; i++)
        free(all[i]);
    free(all);
}

struct pipes {
    int output[2], error[2], report[2];
    int input;
};

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipes(struct pipes *pipes)
{
    for (int i = 0; i < 2; i++) {
        close_one(&pipes->output[i]);
        close_one(&pipes->error[i]);
        close_one(&pipes->report[i]);
    }
    close_one(&pipes->input);
}

static bool open_pipes(struct pipes *pipes, bool one_output)
{
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}, -1};
    pipes->input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return pipes->input >= 0 && pipe2(pipes->output, O_CLOEXEC) == 0 &&
           pipe2(pipes->report, O_CLOEXEC) == 0 &&
           (one_output || pipe2(pipes->error, O_CLOEXEC) == 0);
}

static pid_t fork_child(const struct netns_process_config *config, struct pipes *pipes)
{
    struct child child = {
        .config = config,
        .environment = environment_of(config->env),
        .input = pipes->input,
        .output = pipes->output[1],
        .error = pipes->error[1] >= 0 ? pipes->error[1] : pipes->output[1],
        .report = pipes->report[1],
        .parent = getpid(),
    };
    pid_t pid = fork();
    if (pid == 0)
        become(&child);
    environment_free(child.environment);
    return pid;
}

/* What the child could not do, as errno has it; 0: it runs. */
static int problem_of(struct pipes *pipes, pid_t pid)
{
    int problem = 0;
    if (pid < 0)
        return errno;
    close_one(&pipes->report[1]);
    if (read(pipes->report[0], &problem, sizeof(problem)) != sizeof(problem))
        return 0;
    (void)waitpid(pid, NULL, 0);
    return problem;
}

bool netns_spawn(const struct netns_process_config *config, bool one_output,
                 struct netns_spawned *out, char **error)
{
    struct pipes pipes;
    bool opened = open_pipes(&pipes, one_output);
    pid_t pid = opened ? fork_child(config, &pipes) : -1;
    int problem = problem_of(&pipes, pid);
    if (problem) {
        *error = base_printf("cannot run %s: %s", config->argv[0], strerror(problem));
        close_pipes(&pipes);
        return false;
    }
    *out = (struct netns_spawned){.pid = pid, .output = pipes.output[0], .error = pipes.error[0]};
    pipes.output[0] = pipes.error[0] = -1;
    close_pipes(&pipes);
    (void)fcntl(out->output, F_SETFL, O_NONBLOCK);
    if (out->error >= 0)
        (void)fcntl(out->error, F_SETFL, O_NONBLOCK);
    return true;
}
