/*
 * Ones' complement sums over 64-bit words: the carries are gathered in the upper halves and folded
 * once at the end, since 2^16 and with it 2^32 are congruent to 1 modulo 0xffff.
 */
#include "net/checksum.h"

#include <arpa/inet.h>

/* Two 64-bit lanes: a vector register on every machine that has one (GCC, clang). */
typedef uint64_t lanes __attribute__((vector_size(16)));

/* The sum of whole blocks of 32 bytes, as halves of 32 bits so that no carry is lost. */
static uint64_t sum_blocks(const uint8_t *at, size_t blocks)
{
    const lanes low = {0xffffffff, 0xffffffff};
    lanes a = {0}, b = {0}, c = {0}, d = {0};
    for (; blocks; blocks--, at += 32) {
        lanes first, second;
        memcpy(&first, at, 16);
        memcpy(&second, at + 16, 16);
        a += first & low;
        b += first >> 32;
        c += second & low;
        d += second >> 32;
    }
    a += b + c + d;
    return a[0] + a[1];
}

uint64_t net_checksum_add(uint64_t sum, const void *data, size_t size)
{
    const uint8_t *at = data;
    uint64_t total = sum_blocks(at, size / 32);
    at += size / 32 * 32;
    size %= 32;
    for (; size >= 4; at += 4, size -= 4) {
        uint32_t word;
        memcpy(&word, at, sizeof(word));
        total += word;
    }
    if (size) {
        uint8_t padded[4] = {0};
        memcpy(padded, at, size);
        uint32_t word;
        memcpy(&word, padded, sizeof(word));
        total += word;
    }
    sum = (sum & 0xffffffff) + (sum >> 32); /* so that adding cannot overflow */
    return sum + (total & 0xffffffff) + (total >> 32);
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

uint16_t net_checksum_finish(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ntohs((uint16_t)~sum);
}
