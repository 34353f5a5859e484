/*
 * One ESP packet, sealed or opened in place: tunnel mode (RFC 4303), IPv4 outside, IPv4 and IPv6 inside,
 * with UDP encapsulation where the SA has it (RFC 3948).
 *
 * Outer header: TTL 64; DF is copied from an inner IPv4 header and set for IPv6, the identification
 * is 0 with DF and counts without, both as Linux does; DSCP is copied and ECN treated as RFC 6040 says in
 * its normal mode. Opening leaves the inner DSCP as it is (RFC 4301 section 5.1.2.1) and brings the outer
 * congestion mark inside (RFC 6040 section 4.2). Path MTU is the caller's: it asks esp_sa_inner_mtu first.
 * TFC padding is not made; it is taken off where a peer sends it.
 */
#ifndef ESP_PACKET_H
#define ESP_PACKET_H

#include "base/buffer.h"
#include "ipsec/esp/sa.h"
#include "ipsec/esp/status.h"

enum {
    ESP_HEADROOM = 20 + 8 + 8 + 16, /* outer IPv4, UDP, SPI and number, IV */
    ESP_TAILROOM = 15 + 2 + 32,     /* padding, its length and next header, ICV */
    ESP_NATT_PORT = 4500,
};

/*
 * Seals the IP packet in `packet` into an outer IPv4 packet. The buffer has ESP_HEADROOM and ESP_TAILROOM
 * at least (a broken invariant otherwise) and holds the packet alone, without link padding. On any
 * status but ESP_OK (the ESP_OUT_ ones) the packet and the SA are as before.
 */
enum esp_status esp_seal(struct esp_sa *sa, base_ns now, struct base_buffer *packet)
    __attribute__((warn_unused_result));

/* What the outer headers of an ESP packet say, before its SA is known. */
struct esp_seen {
    net_ip4 source;
    net_ip4 destination;
    uint16_t source_port; /* 0: not in UDP */
    uint16_t destination_port;
    uint32_t spi;
    uint32_t sequence; /* the low 32 bits */
    uint16_t offset;   /* of the SPI from the start of the outer IPv4 header */
    uint16_t size;     /* from the SPI to the last octet of the ICV */
    uint8_t tos;       /* outer DSCP and ECN */
};

/*
 * Reads the outer headers of a whole (reassembled) IPv4 packet: protocol 50, or UDP whose payload is
 * ESP: the caller has seen by port and non-ESP marker that it is. ESP_OK or ESP_IN_MALFORMED.
 */
enum esp_status esp_seen_read(const uint8_t *packet, size_t size, struct esp_seen *seen)
    __attribute__((warn_unused_result));

/*
 * Opens an ESP packet that `seen` was read from, with the inbound SA that its SPI names. On ESP_OK the
 * buffer holds the inner packet alone. Before the ICV has proven right nothing of the SA changes but its
 * failure counters. From the ICV check on, any status but ESP_OK leaves the buffer's size as it was and its
 * contents of no more use (an AEAD decrypts before it knows).
 */
enum esp_status esp_open(struct esp_sa *sa, base_ns now, const struct esp_seen *seen,
                         struct base_buffer *packet) __attribute__((warn_unused_result));

#endif
