/* The anti-replay window: RFC 6479 over 64-bit words, RFC 4303 appendix A2 for extended numbers. */
#include "ipsec/esp/replay.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    WORD_BITS = 64
};

/* Words that `window` consecutive numbers can touch at most, as a power of two. */
static uint32_t words_for(uint32_t window)
{
    uint32_t needed = window ? (window + WORD_BITS - 2) / WORD_BITS + 1 : 1;
    uint32_t words = 1;
    while (words < needed)
        words *= 2;
    return words;
}

void esp_replay_init(struct esp_replay *replay, uint32_t window)
{
    assert(window <= ESP_REPLAY_WINDOW_MAX);
    uint32_t words = words_for(window);
    *replay = (struct esp_replay){.window = window, .word_mask = words - 1};
    bool fits = words <= sizeof(replay->inline_words) / sizeof(replay->inline_words[0]);
    replay->words = fits ? replay->inline_words : base_alloc_array(words, sizeof(uint64_t));
}

void esp_replay_fini(struct esp_replay *replay)
{
    if (replay->words != replay->inline_words)
        free(replay->words);
    replay->words = NULL;
}

uint64_t esp_replay_extend(const struct esp_replay *replay, uint32_t low)
{
    /* Without a window appendix A2.2 has nothing to go by: half the number space on either side. */
    uint32_t window = replay->window ? replay->window : 1u << 31;
    uint32_t top_low = (uint32_t)replay->top;
    uint32_t high = (uint32_t)(replay->top >> 32);
    uint32_t bottom = top_low - window + 1; /* wraps where the window spans two subspaces */
    if (top_low >= window - 1) {
        if (low < bottom)
            high++;
    } else if (low >= bottom && high > 0) {
        high--; /* with high 0 there is no subspace before: a far jump ahead, for the ICV to judge */
    }
    return (uint64_t)high << 32 | low;
}

static uint64_t *word_of(const struct esp_replay *replay, uint64_t number)
{
    return &replay->words[number / WORD_BITS & replay->word_mask];
}

static uint64_t bit_of(uint64_t number)
{
    return (uint64_t)1 << number % WORD_BITS;
}

enum esp_replay_verdict esp_replay_check(const struct esp_replay *replay, uint64_t number)
{
    if (!replay->window)
        return ESP_REPLAY_NEW;
    if (number == 0)
        return ESP_REPLAY_SEEN; /* the first packet is number 1: RFC 4303 section 3.3.3 */
    if (number > replay->top)
        return ESP_REPLAY_NEW;
    if (replay->top - number >= replay->window)
        return ESP_REPLAY_OLD;
    return *word_of(replay, number) & bit_of(number) ? ESP_REPLAY_SEEN : ESP_REPLAY_NEW;
}

void esp_replay_update(struct esp_replay *replay, uint64_t number)
{
    if (number > replay->top) {
        uint64_t word = replay->top / WORD_BITS;
        uint64_t steps = number / WORD_BITS - word;
        if (steps > replay->word_mask)
            steps = (uint64_t)replay->word_mask + 1; /* the whole ring is left behind */
        while (steps--)
            replay->words[++word & replay->word_mask] = 0;
        replay->top = number;
    }
    if (replay->window)
        *word_of(replay, number) |= bit_of(number);
}
