/*
 * The event queue alone: schedule-and-run pairs a second with so many events pending and
 * exponential delays, beside a binary heap of (time, sequence) in the same run. A binary heap is
 * the textbook's logarithmic queue, caches included, so being no slower than it at every size is
 * what "no worse than logarithmic" means on a real machine. The heap is spared what ours can do
 * besides: it cannot cancel.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "bench/measure.h"
#include "sim/queue.h"

#define DELAYS 65536
#define MEAN_NS 1e6
#define PAIRS_AT_1000_MIN 10e6

struct load {
    size_t pending;
    base_ns *delays; /* DELAYS of them */
    size_t next_delay;
    struct sim_queue queue;
    struct sim_event *events;
    struct entry *heap; /* from 1 */
    size_t heap_size;
    uint64_t sequence;
};

struct entry {
    base_ns at;
    uint64_t sequence;
    struct sim_event *event;
};

static base_ns next_delay(struct load *load)
{
    return load->delays[load->next_delay++ % DELAYS];
}

static void run_event(struct sim_world *world, struct sim_event *event)
{
    (void)world;
    (void)event;
}

static void pair_queue(void *user, size_t count)
{
    struct load *load = user;
    for (size_t i = 0; i < count; i++) {
        struct sim_event *event = sim_queue_take(&load->queue, BASE_NEVER);
        event->run(NULL, event);
        sim_queue_schedule(&load->queue, event, event->at + next_delay(load));
    }
}

static bool before(const struct entry *a, const struct entry *b)
{
    return a->at < b->at || (a->at == b->at && a->sequence < b->sequence);
}

static void heap_push(struct load *load, base_ns at, struct sim_event *event)
{
    struct entry entry = {.at = at, .sequence = load->sequence++, .event = event};
    size_t place = ++load->heap_size;
    for (; place > 1 && before(&entry, &load->heap[place / 2]); place /= 2)
        load->heap[place] = load->heap[place / 2];
    load->heap[place] = entry;
}

static struct entry heap_pop(struct load *load)
{
    struct entry first = load->heap[1];
    struct entry last = load->heap[load->heap_size--];
    size_t place = 1;
    for (size_t child; (child = place * 2) <= load->heap_size; place = child) {
        if (child < load->heap_size && before(&load->heap[child + 1], &load->heap[child]))
            child++;
        if (!before(&load->heap[child], &last))
            break;
        load->heap[place] = load->heap[child];
    }
    load->heap[place] = last;
    return first;
}

static void pair_heap(void *user, size_t count)
{
    struct load *load = user;
    for (size_t i = 0; i < count; i++) {
        struct entry entry = heap_pop(load);
        entry.event->run(NULL, entry.event);
        heap_push(load, entry.at + next_delay(load), entry.event);
    }
}

static void load_init(struct load *load, size_t pending, base_ns *delays)
{
    *load = (struct load){.pending = pending, .delays = delays};
    load->events = base_alloc_array(pending, sizeof(*load->events));
    load->heap = base_alloc_array(pending + 2, sizeof(*load->heap));
    sim_queue_init(&load->queue);
    for (size_t i = 0; i < pending; i++) {
        sim_event_init(&load->events[i], run_event);
        base_ns at = next_delay(load) + (base_ns)i % 1000;
        sim_queue_schedule(&load->queue, &load->events[i], at);
        heap_push(load, at, &load->events[i]);
    }
}

static void load_fini(struct load *load)
{
    free(load->events);
    free(load->heap);
}

static void measure(size_t pending, base_ns *delays)
{
    struct load load;
    load_init(&load, pending, delays);
    size_t count = pending > 500000 ? 2 * pending : 1000000;
    struct bench_task tasks[] = {
        {.work = pair_queue, .user = &load, .count = count},
        {.work = pair_heap, .user = &load, .count = count},
    };
    bench_run(tasks, sizeof(tasks) / sizeof(tasks[0]));
    double ours = 1 / bench_unit_seconds(&tasks[0]) / 1e6;
    double heap = 1 / bench_unit_seconds(&tasks[1]) / 1e6;
    char what[64];
    snprintf(what, sizeof(what), "queue, %zu pending, beside a binary heap", pending);
    bench_report(what, ours, BENCH_AT_LEAST, heap, "M pairs/s");
    if (pending == 1000)
        bench_report("queue, 1000 pending", ours, BENCH_AT_LEAST, PAIRS_AT_1000_MIN / 1e6,
                     "M pairs/s");
    load_fini(&load);
}

int main(void)
{
    static const size_t PENDING[] = {8, 128, 1000, 10000, 100000, 1000000};
    base_ns *delays = base_alloc_array(DELAYS, sizeof(*delays));
    struct base_rng rng;
    base_rng_init(&rng, 1, "bench/queue");
    for (size_t i = 0; i < DELAYS; i++)
        delays[i] = (base_ns)(-log(1 - base_rng_unit(&rng)) * MEAN_NS);
    for (size_t i = 0; i < sizeof(PENDING) / sizeof(PENDING[0]); i++)
        measure(PENDING[i], delays);
    free(delays);
    return 0;
}
