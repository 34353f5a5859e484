/*
 * Timing for the bench programs: processor time of this process, several rounds, the median. A
 * figure and its limit are measured in turn within one run, so that a noisy machine moves both.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>

#define BENCH_ROUNDS 7

/* Does `count` units of the work; returns nothing, aborts when the work goes wrong. */
typedef void bench_work(void *user, size_t count);

struct bench_task {
    bench_work *work;
    void *user;
    size_t count;                 /* units a round */
    double seconds[BENCH_ROUNDS]; /* out: processor seconds of each round */
};

/* Runs all tasks once to warm up, then BENCH_ROUNDS times in turn (A B A B ...). */
void bench_run(struct bench_task *tasks, size_t count);

/* Processor seconds for one unit, the median of the rounds. */
double bench_unit_seconds(const struct bench_task *task);

/* Processor seconds of this process so far. */
double bench_cpu_seconds(void);

/* One line: what was measured, the figure, the bound and whether it is met. */
enum bench_sense {
    BENCH_AT_LEAST,
    BENCH_AT_MOST,
};
void bench_report(const char *what, double figure, enum bench_sense sense, double bound,
                  const char *unit);

#endif
