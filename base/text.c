/*
 * Values as people write them. Numbers are read as a whole number and a power of ten, so that
 * "0.1ms" is exact and no locale has a say.
 */
#include "base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 18
#define WORD_MAX 64

__extension__ typedef unsigned __int128 wide;

/* mantissa / 10^decimals */
struct number {
    uint64_t mantissa;
    unsigned decimals;
};

struct unit {
    const char *name;
    uint64_t size;
};

static const uint64_t powers[] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

static const struct unit durations[] = {
    {"ns", 1},
    {"us", 1000},
    {"\xc2\xb5s", 1000},
    {"ms", 1000000},
    {"s", 1000000000},
    {"m", 60000000000},
    {"min", 60000000000},
    {"h", 3600000000000},
    {"d", 86400000000000},
};

static const struct unit rates[] = {
    {"bit", 1},   {"kbit", 1000},   {"Mbit", 1000000},   {"Gbit", 1000000000},
    {"bit/s", 1}, {"kbit/s", 1000}, {"Mbit/s", 1000000}, {"Gbit/s", 1000000000},
    {"bps", 1},   {"kbps", 1000},   {"Mbps", 1000000},   {"Gbps", 1000000000},
};

static const struct unit sizes[] = {
    {"B", 1},     {"byte", 1},   {"bytes", 1},    {"kB", 1000},
    {"KB", 1000}, {"KiB", 1024}, {"MB", 1000000}, {"MiB", 1048576},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* "12", "1.5"; NULL where there is none, or too many digits. */
static const char *read_number(const char *at, struct number *out)
{
    struct number n = {0};
    unsigned digits = 0;
    bool point = false;
    for (;; at++) {
        if (*at == '.' && !point && digits && isdigit((unsigned char)at[1])) {
            point = true;
            continue;
        }
        if (!isdigit((unsigned char)*at))
            break;
        if (++digits > DIGITS_MAX)
            return NULL;
        n.mantissa = n.mantissa * 10 + (uint64_t)(*at - '0');
        n.decimals += point;
    }
    if (!digits)
        return NULL;
    *out = n;
    return at;
}

/* The longest run of letters (and '/') is a unit's name; NULL where it is none of them. */
static const char *read_unit(const char *at, const struct unit *units, size_t count, uint64_t *size)
{
    size_t length = 0;
    while (isalpha((unsigned char)at[length]) || at[length] == '/' || (at[length] & 0x80))
        length++;
    for (size_t i = 0; i < count; i++)
        if (strlen(units[i].name) == length && !memcmp(units[i].name, at, length)) {
            *size = units[i].size;
            return at + length;
        }
    return NULL;
}

/* number * size, where that is whole and at most `max`. */
static bool scale(struct number n, uint64_t size, uint64_t max, uint64_t *out)
{
    wide product = (wide)n.mantissa * size;
    uint64_t power = powers[n.decimals];
    if (product % power != 0 || product / power > max)
        return false;
    *out = (uint64_t)(product / power);
    return true;
}

/* One number with its unit; the end of it, or NULL. */
static const char *read_quantity(const char *at, const struct unit *units, size_t count,
                                 uint64_t max, uint64_t *out)
{
    struct number n;
    uint64_t size;
    at = read_number(skip_blanks(at), &n);
    if (!at)
        return NULL;
    at = read_unit(skip_blanks(at), units, count, &size);
    if (!at || !scale(n, size, max, out))
        return NULL;
    return at;
}

bool base_text_duration(const char *text, base_ns *out)
{
    uint64_t sum = 0;
    const char *at = skip_blanks(text);
    if (*at == '0' && *skip_blanks(at + 1) == '\0') {
        *out = 0;
        return true;
    }
    do {
        uint64_t part;
        at = read_quantity(at, durations, COUNT(durations), INT64_MAX - 1, &part);
        if (!at || part > INT64_MAX - 1 - sum)
            return false;
        sum += part;
        at = skip_blanks(at);
    } while (*at);
    *out = (base_ns)sum;
    return true;
}

const char *base_format_duration(base_ns value, char out[BASE_TEXT_MAX])
{
    static const struct unit largest_first[] = {
        {"d", 86400000000000}, {"h", 3600000000000}, {"m", 60000000000}, {"s", 1000000000},
        {"ms", 1000000},       {"us", 1000},         {"ns", 1},
    };
    if (value == 0)
        return memcpy(out, "0s", sizeof("0s"));
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t i = 0;
    while (magnitude % largest_first[i].size)
        i++;
    snprintf(out, BASE_TEXT_MAX, "%s%" PRIu64 "%s", value < 0 ? "-" : "",
             magnitude / largest_first[i].size, largest_first[i].name);
    return out;
}

const char *base_format_milliseconds(base_ns value, char out[BASE_TEXT_MAX])
{
    /* As iputils does it, from whole microseconds. */
    int64_t us = value / BASE_US;
    if (us >= 100000 - 50)
        snprintf(out, BASE_TEXT_MAX, "%" PRId64 " ms", (us + 500) / 1000);
    else if (us >= 10000 - 5)
        snprintf(out, BASE_TEXT_MAX, "%" PRId64 ".%01" PRId64 " ms", (us + 50) / 1000,
                 (us + 50) % 1000 / 100);
    else if (us >= 1000)
        snprintf(out, BASE_TEXT_MAX, "%" PRId64 ".%02" PRId64 " ms", (us + 5) / 1000,
                 (us + 5) % 1000 / 10);
    else
        snprintf(out, BASE_TEXT_MAX, "%" PRId64 ".%03" PRId64 " ms", us / 1000, us % 1000);
    return out;
}

static bool whole_quantity(const char *text, const struct unit *units, size_t count, uint64_t *out)
{
    const char *end = read_quantity(text, units, count, INT64_MAX, out);
    return end && !*skip_blanks(end);
}

bool base_text_rate(const char *text, uint64_t *bits_per_second)
{
    uint64_t value;
    if (!whole_quantity(text, rates, COUNT(rates), &value) || value == 0)
        return false;
    *bits_per_second = value;
    return true;
}

const char *base_format_rate(uint64_t bits_per_second, char out[BASE_TEXT_MAX])
{
    size_t i = 3;
    while (i > 0 && bits_per_second % rates[i].size)
        i--;
    snprintf(out, BASE_TEXT_MAX, "%" PRIu64 "%s", bits_per_second / rates[i].size, rates[i].name);
    return out;
}

bool base_text_percent(const char *text, double *fraction)
{
    struct number n;
    const char *at = read_number(skip_blanks(text), &n);
    if (!at || n.decimals + 2 >= COUNT(powers))
        return false;
    at = skip_blanks(at);
    bool zero = n.mantissa == 0 && !*at;
    if (!zero && (*at++ != '%' || *skip_blanks(at)))
        return false;
    uint64_t whole = powers[n.decimals + 2];
    if (n.mantissa > whole)
        return false;
    *fraction = (double)n.mantissa / (double)whole;
    return true;
}

const char *base_format_percent(double fraction, char out[BASE_TEXT_MAX])
{
    snprintf(out, BASE_TEXT_MAX, "%.6g%%", fraction * 100);
    return out;
}

bool base_text_bytes(const char *text, uint64_t *bytes)
{
    uint64_t value;
    if (!whole_quantity(text, sizes, COUNT(sizes), &value))
        return false;
    *bytes = value;
    return true;
}

bool base_text_unsigned(const char *text, uint64_t max, uint64_t *out)
{
    const char *at = skip_blanks(text);
    uint64_t value = 0;
    if (!isdigit((unsigned char)*at))
        return false;
    for (; isdigit((unsigned char)*at); at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (*skip_blanks(at) || value > max)
        return false;
    *out = value;
    return true;
}

static bool read_value(const char *text, enum base_unit unit, int64_t *out)
{
    uint64_t count;
    if (unit == BASE_UNIT_DURATION)
        return base_text_duration(text, out);
    if (!base_text_unsigned(text, INT64_MAX - 1, &count))
        return false;
    *out = (int64_t)count;
    return true;
}

static bool read_range(const char *text, const char *dots, enum base_unit unit,
                       struct base_comparison *out)
{
    char first[WORD_MAX];
    struct base_comparison c;
    size_t size = (size_t)(dots - text);
    if (size >= sizeof(first))
        return false;
    memcpy(first, text, size);
    first[size] = '\0';
    if (!read_value(first, unit, &c.low) || !read_value(dots + 2, unit, &c.high) || c.low > c.high)
        return false;
    *out = c;
    return true;
}

bool base_text_comparison(const char *text, enum base_unit unit, struct base_comparison *out)
{
    const char *at = skip_blanks(text);
    const char *dots = strstr(at, "..");
    if (dots)
        return read_range(at, dots, unit, out);
    char sign = *at == '<' || *at == '>' || *at == '=' ? *at : '=';
    bool or_equal = *at == sign && at[1] == '=';
    if (*at == sign)
        at += 1 + or_equal;
    int64_t value;
    if (!read_value(at, unit, &value))
        return false;
    if (sign == '<' && !or_equal && value == 0)
        return false; /* nothing is below zero */
    if (sign == '<')
        *out = (struct base_comparison){0, or_equal ? value : value - 1};
    else if (sign == '>')
        *out = (struct base_comparison){or_equal ? value : value + 1, INT64_MAX};
    else
        *out = (struct base_comparison){value, value};
    return true;
}

static const char *format_value(int64_t value, enum base_unit unit, char out[BASE_TEXT_MAX])
{
    if (unit == BASE_UNIT_DURATION)
        return base_format_duration(value, out);
    snprintf(out, BASE_TEXT_MAX, "%" PRId64, value);
    return out;
}

const char *base_format_comparison(const struct base_comparison *c, enum base_unit unit,
                                   char out[BASE_TEXT_MAX])
{
    char low[BASE_TEXT_MAX], high[BASE_TEXT_MAX];
    /* "< 40ms" was kept as one nanosecond less, and is written as it was. */
    bool below = unit == BASE_UNIT_DURATION && c->high % BASE_US == BASE_US - 1;
    format_value(c->low, unit, low);
    format_value(below ? c->high + 1 : c->high, unit, high);
    if (c->low == c->high)
        snprintf(out, BASE_TEXT_MAX, "%s", low);
    else if (c->high == INT64_MAX)
        snprintf(out, BASE_TEXT_MAX, ">= %.30s", low);
    else if (c->low == 0)
        snprintf(out, BASE_TEXT_MAX, "%s %.30s", below ? "<" : "<=", high);
    else
        snprintf(out, BASE_TEXT_MAX, "%.22s..%.22s", low, high);
    return out;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1];
    size_t a_size = strlen(a), b_size = strlen(b);
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *now = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);
            now[j] = least(up[j] + 1, now[j - 1] + 1, up[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
                tolower((unsigned char)a[i - 2]) == cb && up2[j - 2] + 1 < now[j])
                now[j] = up2[j - 2] + 1;
        }
    }
    return rows[a_size % 3][b_size];
}

const char *base_text_nearest(const char *word, const char *const *words, size_t count)
{
    size_t size = strlen(word);
    const char *best = NULL;
    size_t best_distance = size / 3 + 1;
    if (size > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!words[i] || strlen(words[i]) > WORD_MAX)
            continue;
        size_t distance = edit_distance(word, words[i]);
        bool near = best ? distance < best_distance : distance <= best_distance;
        /* A distance as large as the word itself means that nothing of it is left. */
        if (near && distance < strlen(words[i]) && distance < size) {
            best = words[i];
            best_distance = distance;
        }
    }
    return best;
}

size_t base_text_length(const char *text)
{
    size_t length = 0;
    for (; *text; text++)
        length += (*text & 0xc0) != 0x80;
    return length;
}
