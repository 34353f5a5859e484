/*
 * Ones' complement sums over 64-bit words: the carries are gathered in the upper halves and folded
 * once at the end, since 2^16 and with it 2^32 are congruent to 1 modulo 0xffff.
 */
#include "net/checksum.h"

#include <arpa/inet.h>

uint64_t net_checksum_add(uint64_t sum, const void *data, size_t size)
{
    const uint8_t *at = data;
    /* Halves of 32 bits: no carry is lost under 2^31 words. Four sums let the machine overlap them. */
    uint64_t a = 0, b = 0, c = 0, d = 0;
    for (; size >= 16; at += 16, size -= 16) {
        uint32_t w[4];
        memcpy(w, at, sizeof(w));
        a += w[0];
        b += w[1];
        c += w[2];
        d += w[3];
    }
    a += b + c + d;
    for (; size >= 2; at += 2, size -= 2) {
        uint16_t word;
        memcpy(&word, at, sizeof(word));
        a += word;
    }
    if (size) {
        const uint8_t padded[2] = {*at, 0};
        uint16_t word;
        memcpy(&word, padded, sizeof(word));
        a += word;
    }
    sum = (sum & 0xffffffff) + (sum >> 32); /* so that adding cannot overflow */
    return sum + (a & 0xffffffff) + (a >> 32);
}

/* A number as a word of the sum. */
static uint64_t word_of(uint16_t value)
{
    return htons(value);
}

uint64_t net_checksum_pseudo_ip4(net_ip4 src, net_ip4 dst, uint8_t protocol, uint16_t size)
{
    return (uint64_t)htonl(src) + htonl(dst) + word_of(protocol) + word_of(size);
}

uint64_t net_checksum_pseudo_ip6(const uint8_t *src, const uint8_t *dst, uint8_t protocol,
                                 uint32_t size)
{
    uint64_t sum = net_checksum_add(0, src, 16);
    return net_checksum_add(sum, dst, 16) + htonl(size) + word_of(protocol);
}

uint16_t net_checksum_finish(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ntohs((uint16_t)~sum);
}
