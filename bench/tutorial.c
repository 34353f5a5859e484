/*
 * The tutorial, without captures: repeated inside this process beside the four MODP-3072 operations that its
 * handshake cannot avoid, and as a whole process, whose path is the one argument.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diagnostic.h"
#include "bench/limits.h"
#include "bench/measure.h"
#include "ipsec/crypto/context.h"
#include "scenarios/play.h"
#include "scenarios/read.h"

enum {
    RUNS = 20,
    PROCESSES = 25, /* a round */
};

struct repeated {
    struct crypto_context *crypto;
    struct scn_scenario *scenario;
};

static void play(void *user, size_t count)
{
    struct repeated *repeated = user;
    struct scn_play_options options = {.crypto = repeated->crypto};
    for (size_t i = 0; i < count; i++) {
        struct scn_result result;
        scn_play(repeated->scenario, &options, &result);
        assert(result.verdict == SCN_PASS);
        scn_result_fini(&result);
    }
}

static double children_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) * 1e-6;
}

static void spawn(const char *program, const char *folder)
{
    pid_t child = fork();
    assert(child >= 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        execl(program, program, "run", "--no-captures", "--quiet", "--format", "json", "--out",
              folder, (char *)NULL);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Processor time of the whole process, start and end included: no clock of a shared machine. */
static void whole_processes(const char *program)
{
    char folder[] = "/tmp/tunnelbed-bench-XXXXXX";
    double best = 1e9;
    if (!mkdtemp(folder))
        abort();
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        double start = children_seconds();
        for (int i = 0; i < PROCESSES; i++)
            spawn(program, folder);
        double one = (children_seconds() - start) / PROCESSES;
        best = one < best ? one : best;
    }
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    if (system(command) != 0)
        abort();
    bench_report("tutorial: whole processes", 1 / best, BENCH_AT_LEAST, 100, "a second");
}

int main(int argc, char **argv)
{
    struct base_diagnostics problems;
    struct repeated repeated = {.crypto = crypto_context_new()};
    size_t size;
    base_diagnostics_init(&problems);
    const char *text = scn_tutorial_text(&size);
    repeated.scenario = scn_read_text(scn_tutorial_name(), text, size, NULL, &problems);
    assert(repeated.scenario);
    struct bench_task tasks[] = {{.work = play, .user = &repeated, .count = RUNS},
                                 {.work = bench_limit_modp3072, .count = RUNS}};
    bench_run(tasks, 2);
    double ours = bench_unit_seconds(&tasks[0]);
    double theirs = bench_unit_seconds(&tasks[1]);
    printf("tutorial: %.2f ms a run, its four MODP-3072 operations %.2f ms\n", ours * 1e3,
           theirs * 1e3);
    bench_report("tutorial: repeated, against four MODP-3072 operations", ours / theirs,
                 BENCH_AT_MOST, 1.5, "");
    if (argc > 1)
        whole_processes(argv[1]);
    scn_scenario_free(repeated.scenario);
    base_diagnostics_fini(&problems);
    crypto_context_free(repeated.crypto);
    return 0;
}
