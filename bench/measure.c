/* Rounds in turn, medians, and the one format of a bench line. */
#include "bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double bench_cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void bench_run(struct bench_task *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tasks[i].work(tasks[i].user, tasks[i].count);
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            double start = bench_cpu_seconds();
            tasks[i].work(tasks[i].user, tasks[i].count);
            tasks[i].seconds[round] = bench_cpu_seconds() - start;
        }
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double bench_unit_seconds(const struct bench_task *task)
{
    double sorted[BENCH_ROUNDS];
    for (size_t i = 0; i < BENCH_ROUNDS; i++)
        sorted[i] = task->seconds[i];
    qsort(sorted, BENCH_ROUNDS, sizeof(sorted[0]), compare);
    return sorted[BENCH_ROUNDS / 2] / (double)task->count;
}

void bench_report(const char *what, double figure, enum bench_sense sense, double bound,
                  const char *unit)
{
    int met = sense == BENCH_AT_LEAST ? figure >= bound : figure <= bound;
    printf("%-58s %10.3g %s %-8.3g %-14s %s\n", what, figure,
           sense == BENCH_AT_LEAST ? ">=" : "<=", bound, unit, met ? "met" : "MISSED");
    fflush(stdout);
}
