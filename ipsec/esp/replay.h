/*
 * The anti-replay window of an inbound SA: RFC 4303 section 3.4.3, kept as RFC 6479's ring of words,
 * which moves by clearing words instead of shifting bits. Extended sequence numbers: the high half
 * of a number is found as RFC 4303 appendix A2.2 says.
 */
#ifndef ESP_REPLAY_H
#define ESP_REPLAY_H

#include <stdint.h>

enum {
    ESP_REPLAY_WINDOW_MAX = 1u << 20 /* packets: a limit on memory, 128 KiB of bits */
};

enum esp_replay_verdict {
    ESP_REPLAY_NEW,  /* not seen yet, inside the window or ahead of it */
    ESP_REPLAY_SEEN, /* inside the window, and its bit is set; or number 0, which nobody sends */
    ESP_REPLAY_OLD,  /* left of the window: nobody can tell any more */
};

struct esp_replay {
    uint64_t top;       /* the highest number that was accepted; 0: none yet */
    uint32_t window;    /* packets; 0: off, everything is new */
    uint32_t word_mask; /* words in the ring, less 1; a power of two less 1 */
    uint64_t *words;    /* bit n % 64 of word n / 64 % words stands for number n */
    uint64_t inline_words[2];
};

/* `window` is at most ESP_REPLAY_WINDOW_MAX. Must not be moved in memory afterwards. */
void esp_replay_init(struct esp_replay *replay, uint32_t window);
void esp_replay_fini(struct esp_replay *replay);

/*
 * The 64-bit number that a packet's 32 bits stand for: the one nearest to the window. With the
 * window off, the nearest to the top. What comes back is proven only by the packet's ICV.
 */
uint64_t esp_replay_extend(const struct esp_replay *replay, uint32_t low);

/* Judges a number before its packet's ICV is checked; changes nothing. */
enum esp_replay_verdict esp_replay_check(const struct esp_replay *replay, uint64_t number);
/* Takes note of a number that was judged new and whose packet's ICV was right. */
void esp_replay_update(struct esp_replay *replay, uint64_t number);

#endif
