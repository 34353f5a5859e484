/* The queue against a sorted list that is too simple to be wrong. */
#include "tests/test.h"

#include "base/rng.h"
#include "sim/queue.h"

#define EVENTS 300
#define OPERATIONS 60000

struct numbered {
    struct sim_event event;
    unsigned number;
};

static void nothing(struct sim_world *world, struct sim_event *event)
{
    (void)world;
    (void)event;
}

/* The model: pending events in the order in which they have to run. */
struct model {
    struct {
        base_ns at;
        unsigned number;
    } entries[EVENTS];
    size_t count;
};

static void model_add(struct model *model, base_ns at, unsigned number)
{
    size_t place = model->count;
    while (place > 0 && model->entries[place - 1].at > at) {
        model->entries[place] = model->entries[place - 1];
        place--;
    }
    model->entries[place].at = at;
    model->entries[place].number = number;
    model->count++;
}

static void model_remove(struct model *model, unsigned number)
{
    size_t kept = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (model->entries[i].number != number)
            model->entries[kept++] = model->entries[i];
    }
    model->count = kept;
}

/* Delays of very different sizes, and many that are equal. */
static base_ns some_delay(struct base_rng *rng)
{
    unsigned bits = (unsigned)base_rng_below(rng, 45);
    base_ns delay = (base_ns)base_rng_below(rng, (uint64_t)1 << bits);
    return base_rng_below(rng, 3) ? delay & ~(base_ns)0xff : delay;
}

static void run_program(uint64_t seed)
{
    static struct numbered events[EVENTS];
    struct sim_queue queue;
    struct model model = {0};
    struct base_rng rng;
    base_ns now = 0;
    sim_queue_init(&queue);
    base_rng_init(&rng, seed, "test/queue");
    for (unsigned i = 0; i < EVENTS; i++) {
        sim_event_init(&events[i].event, nothing);
        events[i].number = i;
    }
    for (unsigned step = 0; step < OPERATIONS; step++) {
        unsigned number = (unsigned)base_rng_below(&rng, EVENTS);
        struct sim_event *event = &events[number].event;
        base_ns at = now + some_delay(&rng);
        switch (base_rng_below(&rng, 8)) {
        case 0: {
            bool was_pending = sim_event_pending(event);
            assert_int_equal(sim_queue_cancel(&queue, event), was_pending);
            model_remove(&model, number);
            break;
        }
        case 1:
            sim_queue_reschedule(&queue, event, at);
            model_remove(&model, number);
            model_add(&model, at, number);
            break;
        case 2:
        case 3:
        case 4:
            if (!sim_event_pending(event)) {
                sim_queue_schedule(&queue, event, at);
                model_add(&model, at, number);
            }
            break;
        default: {
            base_ns limit = base_rng_below(&rng, 2) ? at : BASE_NEVER;
            struct sim_event *first = sim_queue_take(&queue, limit);
            if (!model.count || model.entries[0].at > limit) {
                if (first)
                    fail_msg("seed %llu, step %u: an event too early", (unsigned long long)seed,
                             step);
                break; /* the clock may stand anywhere up to the limit: here it stays */
            }
            if (!first ||
                SIM_OWNER(first, struct numbered, event)->number != model.entries[0].number)
                fail_msg("seed %llu, step %u: not the first event", (unsigned long long)seed, step);
            now = first->at;
            assert_int_equal(now, model.entries[0].at);
            model_remove(&model, model.entries[0].number);
            break;
        }
        }
        assert_int_equal(queue.pending, model.count);
        assert_int_equal(sim_queue_next(&queue), model.count ? model.entries[0].at : BASE_NEVER);
    }
}

static void test_random_programs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++)
        run_program(seed);
}

static void test_equal_times_keep_their_order(void **state)
{
    (void)state;
    static struct numbered events[EVENTS];
    struct sim_queue queue;
    sim_queue_init(&queue);
    /* All at one far time, scheduled from different moments, with others run in between. */
    for (unsigned i = 0; i < EVENTS; i++) {
        sim_event_init(&events[i].event, nothing);
        events[i].number = i;
        sim_queue_schedule(&queue, &events[i].event, 1000000007);
        struct numbered step;
        sim_event_init(&step.event, nothing);
        sim_queue_schedule(&queue, &step.event, (base_ns)i * 3333331);
        assert_ptr_equal(sim_queue_take(&queue, 999999999), &step.event);
    }
    for (unsigned i = 0; i < EVENTS; i++)
        assert_ptr_equal(sim_queue_take(&queue, BASE_NEVER), &events[i].event);
    assert_null(sim_queue_take(&queue, BASE_NEVER));
}

/* A take that gives nothing must leave room before its limit. */
static void test_a_vain_take_changes_nothing(void **state)
{
    (void)state;
    struct sim_queue queue;
    struct numbered late[2], early;
    sim_queue_init(&queue);
    for (unsigned i = 0; i < 2; i++) {
        sim_event_init(&late[i].event, nothing);
        sim_queue_schedule(&queue, &late[i].event, 1000 + (base_ns)i);
    }
    sim_event_init(&early.event, nothing);
    assert_null(sim_queue_take(&queue, 999));
    assert_int_equal(sim_queue_next(&queue), 1000);
    sim_queue_schedule(&queue, &early.event, 5);
    assert_ptr_equal(sim_queue_take(&queue, 999), &early.event);
    assert_null(sim_queue_take(&queue, 999));
    assert_ptr_equal(sim_queue_take(&queue, 1000), &late[0].event);
    assert_null(sim_queue_take(&queue, 1000));
    assert_ptr_equal(sim_queue_take(&queue, 1001), &late[1].event);
}

static void test_the_end_of_time(void **state)
{
    (void)state;
    struct sim_queue queue;
    struct numbered events[3];
    static const base_ns TIMES[3] = {BASE_NEVER, BASE_NEVER - 1, 0};
    sim_queue_init(&queue);
    assert_int_equal(sim_queue_next(&queue), BASE_NEVER);
    for (unsigned i = 0; i < 3; i++) {
        sim_event_init(&events[i].event, nothing);
        sim_queue_schedule(&queue, &events[i].event, TIMES[i]);
    }
    assert_ptr_equal(sim_queue_take(&queue, BASE_NEVER), &events[2].event);
    assert_ptr_equal(sim_queue_take(&queue, BASE_NEVER), &events[1].event);
    assert_ptr_equal(sim_queue_take(&queue, BASE_NEVER), &events[0].event);
}

static void cancel_odd(struct sim_event *event, void *context)
{
    if (SIM_OWNER(event, struct numbered, event)->number % 2)
        sim_queue_cancel(context, event);
}

static void test_visiting_may_cancel(void **state)
{
    (void)state;
    struct sim_queue queue;
    struct numbered events[64];
    sim_queue_init(&queue);
    for (unsigned i = 0; i < 64; i++) {
        sim_event_init(&events[i].event, nothing);
        events[i].number = i;
        sim_queue_schedule(&queue, &events[i].event, (base_ns)1 << (i % 40));
    }
    sim_queue_each(&queue, cancel_odd, &queue);
    assert_int_equal(queue.pending, 32);
    for (struct sim_event *event; (event = sim_queue_take(&queue, BASE_NEVER));)
        assert_int_equal(SIM_OWNER(event, struct numbered, event)->number % 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_programs),
        cmocka_unit_test(test_equal_times_keep_their_order),
        cmocka_unit_test(test_a_vain_take_changes_nothing),
        cmocka_unit_test(test_the_end_of_time),
        cmocka_unit_test(test_visiting_may_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
