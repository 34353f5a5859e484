/*
 * A writer of pcapng files (draft-ietf-opsawg-pcapng): one section, little endian, nanoseconds. Only the
 * blocks that we need. Errors of the stream are sticky in the stream: ask ferror at the end.
 */
#ifndef PCAP_PCAPNG_H
#define PCAP_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

enum {
    CAP_PCAPNG_SECRETS_ESP = 0x45535053, /* ESP SAs as lines of Wireshark's esp_sa table */
    CAP_PCAPNG_TEXT_MAX = 65535          /* longer texts of an option are cut */
};

struct cap_pcapng_section {
    const char *hardware;
    const char *os;
    const char *application;
};

struct cap_pcapng_interface {
    const char *name;
    const char *description; /* NULL: none */
    uint16_t link;           /* an enum cap_link */
};

struct cap_pcapng_packet {
    uint32_t interface; /* from 0, in the order of the interface blocks */
    uint64_t time_ns;   /* since 1970 UTC */
    const uint8_t *bytes;
    uint32_t size;
    uint32_t flags;      /* epb_flags: 1 inbound, 2 outbound, 0 unknown: left out */
    uint64_t packet_id;  /* epb_packetid; 0: left out */
    const char *comment; /* NULL: none */
};

void cap_pcapng_section(FILE *out, const struct cap_pcapng_section *section);
void cap_pcapng_interface(FILE *out, const struct cap_pcapng_interface *interface);
/* A Decryption Secrets Block; stands before the packets that need it. */
void cap_pcapng_secrets(FILE *out, uint32_t type, const void *bytes, uint32_t size);
void cap_pcapng_packet(FILE *out, const struct cap_pcapng_packet *packet);

#endif
