/*
 * The whole catalog in one call of the program, two scenarios at a time, captures and all: what a change to the
 * project waits for. The path of the program is the one argument. Wall clock, since two processes share the work;
 * the processor's time beside it tells a busy machine from a slow program.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/measure.h"

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static void play(const char *program, const char *folder)
{
    pid_t child = fork();
    assert(child >= 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execl(program, program, "run", "--jobs", "2", "--quiet", "--out", folder,
              "scenarios/catalog", (char *)NULL);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    (void)status;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/tunnelbed-bench-XXXXXX", command[64];
    struct rusage usage;
    assert(argc == 2);
    (void)argc;
    if (!mkdtemp(folder))
        abort();
    double start = now_seconds();
    play(argv[1], folder);
    double wall = now_seconds() - start;
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("catalog: %.2f s of processor time, %.0f MiB at most in one process\n",
           seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), (double)usage.ru_maxrss / 1024);
    bench_report("catalog: scenarios/catalog with --jobs 2", wall, BENCH_AT_MOST, 20, "s");
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command) ? 1 : 0;
}
