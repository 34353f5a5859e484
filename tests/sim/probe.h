/* A node of one port that sends frames made by tests and remembers those that it gets. */
#ifndef TESTS_SIM_PROBE_H
#define TESTS_SIM_PROBE_H

#include <stdint.h>

#include "net/addr.h"
#include "sim/node.h"
#include "sim/tap.h"
#include "sim/world.h"

#define PROBE_FRAMES_MAX 4096
#define PROBE_BYTES_MAX 1600 /* kept of each frame */

struct probe_frame {
    base_ns at;
    uint64_t id, parent;
    uint32_t size;
    uint8_t bytes[PROBE_BYTES_MAX];
};

struct probe {
    struct sim_node node;
    struct sim_port port;
    struct probe_frame *frames; /* received */
    size_t count;
};

struct probe *probe_new(struct sim_world *world, const char *name);
void probe_free(struct probe *probe);

/* Forgets what was received. */
void probe_clear(struct probe *probe);

/* Sends an Ethernet frame of `payload_size` bytes with the number in its last byte; returns its id.
 */
uint64_t probe_send(struct probe *probe, const uint8_t *to_mac, uint8_t number,
                    uint32_t payload_size);

/* The numbers of the frames received, as decimal digits: "1245" when 3 was lost. */
const char *probe_numbers(const struct probe *probe, char *out, size_t size);

/* What an IPv4 test packet is made of; zero fields are left at their defaults. */
struct probe_ip {
    net_ip4 src, dst;
    uint8_t ttl;      /* 0: 64 */
    bool ttl_zero;    /* really 0 */
    uint8_t protocol; /* 0: UDP */
    uint8_t tos;
    bool dont_fragment;
    uint16_t fragment_offset;
    uint32_t size;     /* of the IP packet; 0: 128 */
    uint8_t icmp_type; /* with NET_IPV4_ICMP: an ICMP packet with its checksum */
    bool bad_checksum;
};

/* Sends the packet to that MAC address; returns its id. */
uint64_t probe_send_ip(struct probe *probe, const uint8_t *to_mac, const struct probe_ip *ip);

/* A tap that remembers comments, one a line, "-" for none. */
struct probe_tap {
    struct sim_tap tap;
    char text[8192];
    size_t count;
    uint8_t last[PROBE_BYTES_MAX];
    size_t last_size;
};
void probe_tap_init(struct probe_tap *tap);

#endif
