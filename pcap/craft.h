/*
 * IPv4 packets made by libnet, field by field: what an attacker sends. libnet fills in lengths and checksums; every
 * other byte is the caller's. No packet is sent by it: it builds without a device.
 */
#ifndef PCAP_CRAFT_H
#define PCAP_CRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/addr.h"

struct cap_craft;

/* Makes any number of packets, one after the other. To be freed. */
struct cap_craft *cap_craft_new(void);
void cap_craft_free(struct cap_craft *craft); /* NULL is fine */

/* The IPv4 header, without options. */
struct cap_craft_ip {
    net_ip4 source, destination;
    uint16_t identification;
    uint16_t fragment; /* as in the header: flags and the offset in units of eight octets */
    uint8_t tos;
    uint8_t ttl;
    uint8_t protocol; /* of cap_craft_raw alone: the others know theirs */
};

#define CAP_CRAFT_SIZE_MAX 65535

/*
 * Each writes the packet from its IPv4 header on and returns its size, 0 where it would be larger
 * than CAP_CRAFT_SIZE_MAX. In a fragment (`fragment` but for DF) only cap_craft_raw makes sense:
 * the others' checksums are over what is given.
 */
size_t cap_craft_raw(struct cap_craft *craft, const struct cap_craft_ip *ip, const uint8_t *payload,
                     size_t size, uint8_t out[static CAP_CRAFT_SIZE_MAX]);

struct cap_craft_udp {
    uint16_t source_port, destination_port;
    bool no_checksum; /* 0 in its place, as RFC 3948 has it around ESP */
};
size_t cap_craft_udp(struct cap_craft *craft, const struct cap_craft_ip *ip,
                     const struct cap_craft_udp *udp, const uint8_t *payload, size_t size,
                     uint8_t out[static CAP_CRAFT_SIZE_MAX]);

/* ICMP with the layout of an echo: type, code, checksum, identifier, sequence number, data. */
struct cap_craft_echo {
    uint8_t type, code;
    uint16_t identifier, sequence;
};
size_t cap_craft_echo(struct cap_craft *craft, const struct cap_craft_ip *ip,
                      const struct cap_craft_echo *echo, const uint8_t *payload, size_t size,
                      uint8_t out[static CAP_CRAFT_SIZE_MAX]);

/* ESP (RFC 4303): SPI, sequence number, and what looks like the rest, IV to ICV: at least four
 * octets. In UDP where `udp` is not NULL. */
struct cap_craft_esp {
    uint32_t spi, sequence;
};
size_t cap_craft_esp(struct cap_craft *craft, const struct cap_craft_ip *ip,
                     const struct cap_craft_esp *esp, const struct cap_craft_udp *udp,
                     const uint8_t *rest, size_t size, uint8_t out[static CAP_CRAFT_SIZE_MAX]);

#endif
