/* Networks as values: parsing, masks, containment, and ranges as prefixes. */
#include "net/prefix.h"

#include <stdio.h>

static unsigned bits_of(const struct net_addr *addr)
{
    return (unsigned)net_addr_size(addr) * 8;
}

/* One to three decimal digits, no sign, no leading zero. */
static bool parse_length(const char *text, unsigned max, uint8_t *out)
{
    unsigned value = 0;
    size_t digits = strspn(text, "0123456789");
    if (!digits || digits > 3 || text[digits] || (digits > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (unsigned)(text[i] - '0');
    if (value > max)
        return false;
    *out = (uint8_t)value;
    return true;
}

bool net_prefix_parse(const char *text, enum net_prefix_host_bits host_bits, struct net_prefix *out)
{
    struct net_prefix prefix;
    char addr[NET_ADDR_TEXT_MAX];
    size_t size = strcspn(text, "/");
    if (size >= sizeof(addr))
        return false;
    memcpy(addr, text, size);
    addr[size] = '\0';
    if (!net_addr_parse(addr, &prefix.addr))
        return false;
    prefix.length = (uint8_t)bits_of(&prefix.addr);
    if (text[size] && !parse_length(text + size + 1, prefix.length, &prefix.length))
        return false;
    *out = host_bits == NET_PREFIX_MASK ? net_prefix_mask(&prefix) : prefix;
    return true;
}

char *net_prefix_format(const struct net_prefix *prefix, char out[static NET_PREFIX_TEXT_MAX])
{
    net_addr_format(&prefix->addr, out);
    size_t size = strlen(out);
    snprintf(out + size, NET_PREFIX_TEXT_MAX - size, "/%u", prefix->length);
    return out;
}

struct net_prefix net_prefix_from_ip4(net_ip4 ip, uint8_t length)
{
    return (struct net_prefix){.addr = net_addr_from_ip4(ip), .length = length};
}

struct net_prefix net_prefix_from_addr(const struct net_addr *addr)
{
    return (struct net_prefix){.addr = *addr, .length = (uint8_t)bits_of(addr)};
}

/* The mask's byte number i. */
static uint8_t mask_byte(unsigned length, size_t i)
{
    unsigned before = (unsigned)i * 8;
    if (length >= before + 8)
        return 0xff;
    return (uint8_t)(length <= before ? 0 : 0xff00u >> (length - before));
}

struct net_addr net_prefix_first(const struct net_prefix *prefix)
{
    struct net_addr addr = prefix->addr;
    for (size_t i = 0; i < net_addr_size(&addr); i++)
        addr.bytes[i] &= mask_byte(prefix->length, i);
    return addr;
}

struct net_addr net_prefix_last(const struct net_prefix *prefix)
{
    struct net_addr addr = prefix->addr;
    for (size_t i = 0; i < net_addr_size(&addr); i++)
        addr.bytes[i] |= (uint8_t)~mask_byte(prefix->length, i);
    return addr;
}

struct net_prefix net_prefix_mask(const struct net_prefix *prefix)
{
    return (struct net_prefix){.addr = net_prefix_first(prefix), .length = prefix->length};
}

bool net_prefix_has_host_bits(const struct net_prefix *prefix)
{
    struct net_addr first = net_prefix_first(prefix);
    return !net_addr_equal(&first, &prefix->addr);
}

bool net_prefix_contains(const struct net_prefix *prefix, const struct net_addr *addr)
{
    if (addr->family != prefix->addr.family)
        return false;
    for (size_t i = 0; i < net_addr_size(addr) && i * 8 < prefix->length; i++)
        if ((addr->bytes[i] ^ prefix->addr.bytes[i]) & mask_byte(prefix->length, i))
            return false;
    return true;
}

bool net_prefix_covers(const struct net_prefix *outer, const struct net_prefix *inner)
{
    return outer->length <= inner->length && net_prefix_contains(outer, &inner->addr);
}

bool net_prefix_overlaps(const struct net_prefix *a, const struct net_prefix *b)
{
    return net_prefix_covers(a, b) || net_prefix_covers(b, a);
}

bool net_prefix_equal(const struct net_prefix *a, const struct net_prefix *b)
{
    return a->length == b->length && net_prefix_contains(a, &b->addr);
}

/* addr + 1; false when it was the last address there is. */
static bool increment(struct net_addr *addr)
{
    for (size_t i = net_addr_size(addr); i > 0; i--)
        if (++addr->bytes[i - 1])
            return true;
    return false;
}

/* The largest network that begins at `first` and does not pass `last`. */
static struct net_prefix largest_at(const struct net_addr *first, const struct net_addr *last)
{
    struct net_prefix best = net_prefix_from_addr(first);
    while (best.length) {
        struct net_prefix wider = {.addr = *first, .length = (uint8_t)(best.length - 1)};
        struct net_addr end = net_prefix_last(&wider);
        if (net_prefix_has_host_bits(&wider) || net_addr_compare(&end, last) > 0)
            break;
        best = wider;
    }
    return best;
}

size_t net_prefix_from_range(const struct net_addr *first, const struct net_addr *last,
                             struct net_prefix *out, size_t max)
{
    struct net_addr at = *first;
    size_t count = 0;
    while (net_addr_compare(&at, last) <= 0) {
        struct net_prefix prefix = largest_at(&at, last);
        if (count < max)
            out[count] = prefix;
        count++;
        at = net_prefix_last(&prefix);
        if (!increment(&at))
            break;
    }
    return count;
}
