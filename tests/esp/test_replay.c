/* The anti-replay window as numbered lists of (number, expected), and held against a plain model. */
#include "tests/test.h"

#include "base/rng.h"
#include "ipsec/esp/replay.h"

enum {
    NEW = ESP_REPLAY_NEW,
    SEEN = ESP_REPLAY_SEEN,
    OLD = ESP_REPLAY_OLD
};

struct step {
    uint64_t number; /* of the step, for the message */
    uint64_t counter;
    int expected;
};

/* Plays a list: what is judged new is also taken note of, as after a right ICV. */
static void play(uint32_t window, uint64_t top, const struct step *steps, size_t count)
{
    struct esp_replay replay;
    memset(&replay, 0xa5, sizeof(replay));
    esp_replay_init(&replay, window);
    if (top)
        esp_replay_update(&replay, top);
    for (size_t i = 0; i < count; i++) {
        int verdict = (int)esp_replay_check(&replay, steps[i].counter);
        if (verdict != steps[i].expected)
            fail_msg("window %u, step %llu: counter %llu gave %d, expected %d", window,
                     (unsigned long long)steps[i].number, (unsigned long long)steps[i].counter,
                     verdict, steps[i].expected);
        if (verdict == NEW)
            esp_replay_update(&replay, steps[i].counter);
    }
    esp_replay_fini(&replay);
}

#define PLAY(window, top, ...)                                                                     \
    do {                                                                                           \
        static const struct step list[] = {__VA_ARGS__};                                           \
        play(window, top, list, sizeof(list) / sizeof(list[0]));                                   \
    } while (0)

static void window_64(void **state)
{
    (void)state;
    PLAY(64, 0, {1, 0, SEEN}, {2, 1, NEW}, {3, 1, SEEN}, {4, 9, NEW}, {5, 8, NEW}, {6, 7, NEW},
         {7, 7, SEEN}, {8, 64, NEW}, {9, 63, NEW}, {10, 63, SEEN}, {11, 64, SEEN}, {12, 1, SEEN},
         {13, 2, NEW}, {14, 65, NEW}, {15, 1, OLD}, {16, 2, SEEN}, {17, 3, NEW}, {18, 128, NEW},
         {19, 64, OLD}, {20, 65, SEEN}, {21, 66, NEW}, {22, 129, NEW}, {23, 65, OLD},
         {24, 66, SEEN}, {25, 193, NEW}, {26, 129, OLD}, {27, 130, NEW}, {28, 100000, NEW},
         {29, 193, OLD}, {30, 99936, OLD}, {31, 99937, NEW}, {32, 99937, SEEN}, {33, 100000, SEEN});
}

static void window_1(void **state)
{
    (void)state;
    PLAY(1, 0, {1, 1, NEW}, {2, 1, SEEN}, {3, 2, NEW}, {4, 1, OLD}, {5, 2, SEEN}, {6, 66, NEW},
         {7, 65, OLD}, {8, 66, SEEN}, {9, 67, NEW});
}

static void window_4096(void **state)
{
    (void)state;
    PLAY(4096, 0, {1, 5000, NEW}, {2, 904, OLD}, {3, 905, NEW}, {4, 905, SEEN}, {5, 9096, NEW},
         {6, 5000, OLD}, {7, 5001, NEW}, {8, 20000, NEW}, {9, 15904, OLD}, {10, 15905, NEW},
         {11, 16000, NEW}, {12, 16000, SEEN});
}

static void window_off_takes_everything(void **state)
{
    (void)state;
    PLAY(0, 0, {1, 0, NEW}, {2, 5, NEW}, {3, 5, NEW}, {4, 1, NEW}, {5, 0xffffffff, NEW},
         {6, 1, NEW});
}

static void window_at_the_ends_of_the_numbers(void **state)
{
    (void)state;
    PLAY(64, 0xfffffffe, {1, 0xffffffff, NEW}, {2, 0xffffffff, SEEN}, {3, 0xffffffbf, OLD},
         {4, 0xffffffc0, NEW}, {5, 0x100000000, NEW}, {6, 0xffffffc0, OLD}, {7, 0xffffffc1, NEW});
    PLAY(64, UINT64_MAX - 1, {1, UINT64_MAX, NEW}, {2, UINT64_MAX, SEEN}, {3, UINT64_MAX - 63, NEW},
         {4, UINT64_MAX - 64, OLD}, {5, 0, SEEN}, {6, 1, OLD});
}

/* Every window size of interest against a list of all numbers seen. */
static void agrees_with_a_plain_model(void **state)
{
    (void)state;
    static const uint32_t windows[] = {1, 2, 31, 32, 33, 63, 64, 65, 66, 127, 128, 129, 1000, 4096};
    static uint8_t seen[60000];
    for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
        struct esp_replay replay;
        esp_replay_init(&replay, windows[w]);
        struct base_rng rng;
        base_rng_init(&rng, w, "test replay");
        memset(seen, 0, sizeof(seen));
        uint64_t top = 0;
        for (int i = 0; i < 20000; i++) {
            bool ahead = base_rng_below(&rng, 8) == 0;
            uint64_t back = top < 2 * windows[w] ? top : 2 * windows[w];
            uint64_t n =
                ahead ? top + 1 + base_rng_below(&rng, 8) : top - base_rng_below(&rng, back + 1);
            if (n >= sizeof(seen))
                break;
            int expected = n == 0 ? SEEN : n + windows[w] <= top ? OLD : seen[n] ? SEEN : NEW;
            assert_int_equal(esp_replay_check(&replay, n), expected);
            if (expected != NEW)
                continue;
            seen[n] = 1;
            top = n > top ? n : top;
            esp_replay_update(&replay, n);
            assert_int_equal(replay.top, top);
        }
        assert_true(top > 1000);
        esp_replay_fini(&replay);
    }
}

static void check_changes_nothing(void **state)
{
    (void)state;
    struct esp_replay replay;
    esp_replay_init(&replay, 64);
    esp_replay_update(&replay, 100);
    struct esp_replay before = replay;
    for (uint64_t n = 0; n < 300; n++)
        (void)esp_replay_check(&replay, n);
    (void)esp_replay_extend(&replay, 7);
    assert_memory_equal(&before, &replay, sizeof(replay));
    esp_replay_fini(&replay);
}

/* RFC 4303 appendix A2.2: the two cases, at their edges. */
static void high_word_by_the_appendix(void **state)
{
    (void)state;
    static const struct {
        uint32_t window;
        uint64_t top;
        uint64_t low;
        uint64_t expected;
    } cases[] = {
        /* case A: the window lies within one subspace */
        {64, 0x100000100, 0x101, 0x100000101},
        {64, 0x100000100, 0xc1, 0x1000000c1}, /* the window's first number */
        {64, 0x100000100, 0xc0, 0x2000000c0}, /* left of it: taken as the next subspace */
        {64, 0x100000100, 0xffffffff, 0x1ffffffff},
        {64, 0x10000003f, 0, 0x100000000}, /* Tl = W - 1: still case A */
        /* case B: the window spans two subspaces */
        {64, 0x10000003e, 0xffffffff, 0xffffffff},  /* the last number of the one before */
        {64, 0x10000003e, 0xfffffffe, 0x1fffffffe}, /* one more to the left: ahead instead */
        {64, 0x100000000, 0xffffffc1, 0xffffffc1},
        {64, 0x100000000, 0xffffffc0, 0x1ffffffc0},
        {64, 0x100000000, 1, 0x100000001},
        /* the turn of the subspace, seen from below */
        {64, 0xffffffff, 0, 0x100000000},
        {64, 0xfffffff0, 5, 0x100000005},
        {64, 0xfffffff0, 0xfffffff5, 0xfffffff5},
        /* nothing lies before the first subspace */
        {64, 0, 1, 1},
        {64, 0, 0xffffffff, 0xffffffff},
        {64, 10, 0xfffffff0, 0xfffffff0},
        /* window off: the nearest */
        {0, 0x1fffffff0, 5, 0x200000005},
        {0, 0x200000005, 0xfffffff0, 0x1fffffff0},
        {0, 0x200000005, 7, 0x200000007},
        {0, 0, 1, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct esp_replay replay;
        esp_replay_init(&replay, cases[i].window);
        if (cases[i].top)
            esp_replay_update(&replay, cases[i].top);
        uint64_t found = esp_replay_extend(&replay, (uint32_t)cases[i].low);
        if (found != cases[i].expected)
            fail_msg("case %zu: %llx, expected %llx", i, (unsigned long long)found,
                     (unsigned long long)cases[i].expected);
        esp_replay_fini(&replay);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_64),
        cmocka_unit_test(window_1),
        cmocka_unit_test(window_4096),
        cmocka_unit_test(window_off_takes_everything),
        cmocka_unit_test(window_at_the_ends_of_the_numbers),
        cmocka_unit_test(agrees_with_a_plain_model),
        cmocka_unit_test(check_changes_nothing),
        cmocka_unit_test(high_word_by_the_appendix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
