/*
 * Values as people write them: durations, rates, percents, sizes, comparisons; and the word nearest to a
 * mistyped one. Parsers take the whole text (blanks around it are skipped), return false without
 * touching the result where it is no such value, and never overflow.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/vtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE_TEXT_MAX 48 /* room for every formatted value, its end included */

/* "250us", "12ms", "4s", "1.5h", "1h 30m", "2d"; units ns us ms s m h d. A bare number has no unit
 * and is refused, but for 0. */
bool base_text_duration(const char *text, base_ns *out);

/* Whole and exact, in the largest unit that needs no fraction: "1500us", "12ms", "90s", "1h", "0s". */
const char *base_format_duration(base_ns value, char out[BASE_TEXT_MAX]);

/* As ping prints times: three significant decimals of milliseconds at most: "24.3 ms". */
const char *base_format_milliseconds(base_ns value, char out[BASE_TEXT_MAX]);

/* "10kbit", "1.5Mbit", "1Gbit", "800bit": bits a second, decimal prefixes; "/s" may follow. Zero is refused. */
bool base_text_rate(const char *text, uint64_t *bits_per_second);
const char *base_format_rate(uint64_t bits_per_second, char out[BASE_TEXT_MAX]);

/* "0.5%" to "100%" as a fraction 0..1. The sign is needed, but for 0. */
bool base_text_percent(const char *text, double *fraction);
const char *base_format_percent(double fraction, char out[BASE_TEXT_MAX]);

/* "64kB", "64KiB", "1500 bytes", "1500B" */
bool base_text_bytes(const char *text, uint64_t *bytes);

/* A decimal number without sign, whole text, at most `max`. */
bool base_text_unsigned(const char *text, uint64_t max, uint64_t *out);

/* What a value is compared with: both ends included, so "< 40ms" ends one nanosecond before. */
struct base_comparison {
    int64_t low;
    int64_t high;
};

enum base_unit {
    BASE_UNIT_COUNT,    /* whole numbers from 0 */
    BASE_UNIT_DURATION, /* nanoseconds */
};

/* "3", ">= 3", "> 3", "< 40ms", "<= 40ms", "== 3", "2..5", "10ms..40ms". */
bool base_text_comparison(const char *text, enum base_unit unit, struct base_comparison *out);
const char *base_format_comparison(const struct base_comparison *, enum base_unit,
                                   char out[BASE_TEXT_MAX]);

static inline bool base_comparison_holds(const struct base_comparison *c, int64_t value)
{
    return value >= c->low && value <= c->high;
}

/*
 * The one of `count` words that is nearest to `word` by edit distance (case set aside), or NULL where none is near
 * enough to be what was meant. `words` may hold NULLs, which are skipped.
 */
const char *base_text_nearest(const char *word, const char *const *words, size_t count);

/* Characters (not bytes) of a UTF-8 text; a byte that is no UTF-8 counts as one. */
size_t base_text_length(const char *text);

#endif
