/* Wall-clock times by the proleptic Gregorian calendar, without the C library's zones. */
#include "scenarios/timestamp.h"

#include <ctype.h>

static bool digits(const char **at, int count, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        value = value * 10 + (**at - '0');
    }
    *out = value;
    return true;
}

static bool literal(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static int64_t days_since_1970(int year, int month, int day)
{
    int64_t days = day - 1;
    for (int y = 1970; y < year; y++)
        days += month_days(y, 2) == 29 ? 366 : 365;
    for (int m = 1; m < month; m++)
        days += month_days(year, m);
    return days;
}

/* ".5" as nanoseconds; nothing is 0. */
static bool fraction(const char **at, int64_t *ns)
{
    int64_t scale = 100000000;
    *ns = 0;
    if (**at != '.')
        return true;
    (*at)++;
    if (!isdigit((unsigned char)**at))
        return false;
    for (; isdigit((unsigned char)**at); (*at)++, scale /= 10) {
        if (!scale)
            return false;
        *ns += (**at - '0') * scale;
    }
    return true;
}

bool scn_timestamp_parse(const char *text, int64_t *unix_ns)
{
    const char *at = text;
    int year, month, day, hour = 0, minute = 0, second = 0;
    int64_t ns = 0;
    if (!digits(&at, 4, &year) || !literal(&at, '-') || !digits(&at, 2, &month) ||
        !literal(&at, '-') || !digits(&at, 2, &day))
        return false;
    if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 ||
        day > month_days(year, month))
        return false;
    if (*at) {
        if (!literal(&at, 'T') && !literal(&at, 't') && !literal(&at, ' '))
            return false;
        if (!digits(&at, 2, &hour) || !literal(&at, ':') || !digits(&at, 2, &minute) ||
            !literal(&at, ':') || !digits(&at, 2, &second) || !fraction(&at, &ns))
            return false;
        if (!literal(&at, 'Z'))
            literal(&at, 'z');
    }
    if (*at || hour > 23 || minute > 59 || second > 59)
        return false;
    int64_t seconds =
        days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *unix_ns = seconds * 1000000000 + ns;
    return true;
}
