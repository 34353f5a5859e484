/*
 * IPv4 fragments into one reassembly queue: each is made of six octets (identification, offset in
 * eights, flags, how many payload octets, what they are, milliseconds gone by).
 */
#include "fuzz/fuzz.h"

#include "base/bytes.h"
#include "net/frag.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct base_reader r = base_reader_of(data, size);
    struct net_reassembly *queue = net_reassembly_new();
    base_ns now = 0;
    uint64_t id = 0;
    while (base_reader_left(&r) >= 6) {
        uint8_t packet[NET_IPV4_SIZE + 256];
        struct net_reassembly_packet whole;
        struct net_ipv4 ip = {.ttl = 64, .protocol = 200, .src = 1, .dst = 2};
        ip.id = base_read_u8(&r) & 7;
        ip.fragment_offset = (uint16_t)(base_read_u8(&r) * 8);
        uint8_t flags = base_read_u8(&r);
        ip.more_fragments = flags & 1;
        ip.dont_fragment = (flags & 2) != 0;
        if (flags & 4)
            ip.fragment_offset = (uint16_t)(NET_IPV4_OFFSET_MASK * 8 - ip.fragment_offset);
        uint8_t payload = base_read_u8(&r);
        memset(packet + NET_IPV4_SIZE, base_read_u8(&r), payload);
        now += base_read_u8(&r) * 100 * BASE_MS;
        ip.total_size = (uint16_t)(NET_IPV4_SIZE + payload);
        net_ipv4_write(&ip, packet);
        while (net_reassembly_expire(queue, now, &whole))
            assert(whole.first_id <= id);
        if (!net_ipv4_is_fragment(packet))
            continue;
        if (net_reassembly_add(queue, now, packet, ++id, &whole) == NET_REASSEMBLY_DONE) {
            enum net_ipv4_status status = net_ipv4_read(&ip, whole.data, whole.size);
            assert(status == NET_IPV4_OK && !net_ipv4_is_fragment(whole.data));
        }
    }
    net_reassembly_free(queue);
    return 0;
}
