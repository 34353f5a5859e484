/*
 * The step `inject` as the reader leaves it, and the making of its packets: from one that a capture point saw
 * (replay.c), or from nothing (forge.c), by libnet in both cases (pcap/craft.h).
 */
#ifndef SCENARIOS_INJECT_H
#define SCENARIOS_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/vtime.h"
#include "base/where.h"
#include "net/addr.h"

struct cap_craft;

/* --- As it was written --------------------------------------------------------------------------- */

enum scn_pick {
    SCN_PICK_NUMBER,
    SCN_PICK_RANDOM,  /* another one for each packet, from the step's own stream */
    SCN_PICK_CURRENT, /* an SPI as it was last seen on the way */
    SCN_PICK_NEXT,    /* a sequence number: one more than was last seen on the way */
};

/* What a field of a packet is to hold. */
struct scn_field {
    bool set;
    enum scn_pick pick;
    uint64_t number; /* of addresses: net_ip4 */
};

/* Which fields of a packet are made others. */
struct scn_fields {
    struct scn_field source, destination, ttl, identification;
    struct scn_field source_port, destination_port;            /* of UDP */
    struct scn_field spi, sequence;                            /* of ESP */
    struct scn_field spi_initiator, spi_responder, message_id; /* of IKE */
};

#define SCN_FLIP_LAST UINT32_MAX

struct scn_replay {
    const char *seen_at; /* a capture point; NULL: where it is injected */
    const char *filter;  /* accepted by libpcap for that point; NULL: every packet */
    uint64_t nth;        /* of those that match, from 1; 0: the last one */
    struct scn_fields set;
    uint32_t *flip; /* bits behind the IPv4 header, from 0; SCN_FLIP_LAST: the packet's last */
    size_t flip_count;
};

enum scn_forge_kind {
    SCN_FORGE_ESP,
    SCN_FORGE_IKE,
    SCN_FORGE_ICMP,
    SCN_FORGE_UDP,
    SCN_FORGE_RAW,
};

/* Bytes: `given` first, then random ones up to `size`. */
struct scn_forge_data {
    const uint8_t *given;
    size_t given_size;
    uint32_t size;
};

struct scn_forge_payload {
    uint8_t type; /* RFC 7296, 3.2 */
    bool critical;
    struct scn_forge_data data;
};

struct scn_forge {
    enum scn_forge_kind kind;
    struct scn_fields set; /* source and destination always; the rest as the kind needs it */
    bool dont_fragment;
    bool more_fragments; /* raw */
    uint32_t offset;     /* raw: bytes, a multiple of 8 */
    bool encapsulated;   /* esp, ike: in UDP as RFC 3948 has it */
    uint8_t protocol;    /* raw */
    uint8_t icmp_type, icmp_code;
    uint32_t icmp_identifier, icmp_sequence;
    struct scn_forge_data data; /* all but ike */

    uint8_t exchange;      /* ike: RFC 7296, 3.1 */
    unsigned message_kind; /* of enum scn_message_kind, for the reader */
    bool response;
    bool has_from_initiator, from_initiator; /* the flag; default: set in requests */
    bool has_notify;                         /* for the reader: it becomes the last payload */
    uint16_t notify;
    struct scn_forge_data notify_data;
    struct scn_forge_payload *payloads;
    size_t payload_count;
};

struct scn_inject {
    const char *at; /* `internet`, or an interface's capture point */
    bool is_replay;
    struct scn_replay replay;
    struct scn_forge forge;
    uint64_t count;
    base_ns interval_ns;
};

/* --- What was seen --------------------------------------------------------------------------------- */

/* What somebody on the way remembers of the last packets that matter to him. */
struct scn_sight {
    bool has_esp, has_ike;
    uint32_t spi, sequence;
    uint64_t spi_initiator, spi_responder;
};

/* What an IPv4 packet carries, as far as it can be read without keys. */
enum scn_carried {
    SCN_CARRIED_OTHER,
    SCN_CARRIED_UDP,
    SCN_CARRIED_ESP, /* in UDP or not */
    SCN_CARRIED_IKE,
};

struct scn_packet_view {
    enum scn_carried carried;
    net_ip4 source, destination;
    size_t header_size;
    size_t message_at; /* of ESP or IKE: from the packet's first byte */
    struct scn_sight numbers;
};

/* False for what is no whole IPv4 packet. */
bool scn_packet_view(const uint8_t *ip, size_t size, struct scn_packet_view *out);

/* --- Making packets -------------------------------------------------------------------------------- */

/* What both ways of making a packet work with. */
struct scn_maker {
    struct cap_craft *craft;
    struct base_rng *rng;
    const struct scn_sight *sight;
    const char *problem; /* why the last packet could not be made, in words */
    uint8_t *out;        /* of CAP_CRAFT_SIZE_MAX bytes */
};

/* The field's value for this packet; `random_max` bounds a random one from 0. */
uint64_t scn_field_value(const struct scn_maker *maker, const struct scn_field *field,
                         uint64_t random_max);
net_ip4 scn_field_address(const struct scn_maker *maker, const struct scn_field *field);
uint16_t scn_field_port(const struct scn_maker *maker, const struct scn_field *field);

/* Both write an IPv4 packet to maker->out and return its size; 0, with maker->problem, where that cannot be. */
size_t scn_replay_make(struct scn_maker *maker, const struct scn_replay *replay,
                       const uint8_t *original, size_t size);
size_t scn_forge_make(struct scn_maker *maker, const struct scn_forge *forge);

#endif
