/*
 * pcapng blocks: type, length, body padded to 32 bits, length again. Little endian whatever the machine, so
 * that a capture is the same everywhere.
 */
#include "pcap/pcapng.h"

#include <stddef.h>
#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BLOCK_SECRETS = 10,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    BLOCK_FRAME_SIZE = 12, /* type and both lengths */

    OPT_END = 0,
    OPT_COMMENT = 1,
    SHB_HARDWARE = 2,
    SHB_OS = 3,
    SHB_USERAPPL = 4,
    IF_NAME = 2,
    IF_DESCRIPTION = 3,
    IF_TSRESOL = 9,
    EPB_FLAGS = 2,
    EPB_PACKETID = 5,

    TSRESOL_NANO = 9, /* 10^-9 s */
    OPTIONS_MAX = 4
};

struct option {
    uint16_t code;
    const void *bytes; /* NULL: left out */
    size_t size;
};

static void put(FILE *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        putc_unlocked((int)(value >> (8 * i) & 0xff), out);
}

static size_t padded(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

static void put_padded(FILE *out, const void *bytes, size_t size)
{
    fwrite_unlocked(bytes, 1, size, out);
    put(out, 0, padded(size) - size);
}

static struct option text_option(uint16_t code, const char *text)
{
    size_t size = text ? strlen(text) : 0;
    if (size > CAP_PCAPNG_TEXT_MAX) {
        size = CAP_PCAPNG_TEXT_MAX;
        while (size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80)
            size--; /* not in the middle of a UTF-8 character */
    }
    return (struct option){code, text, size};
}

static size_t options_size(const struct option *options, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (options[i].bytes)
            size += 4 + padded(options[i].size);
    }
    return size ? size + 4 : 0; /* with the end mark */
}

static void put_options(FILE *out, const struct option *options, size_t count)
{
    if (!options_size(options, count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (!options[i].bytes)
            continue;
        put(out, options[i].code, 2);
        put(out, options[i].size, 2);
        put_padded(out, options[i].bytes, options[i].size);
    }
    put(out, OPT_END, 4);
}

void cap_pcapng_section(FILE *out, const struct cap_pcapng_section *section)
{
    const struct option options[] = {text_option(SHB_HARDWARE, section->hardware),
                                     text_option(SHB_OS, section->os),
                                     text_option(SHB_USERAPPL, section->application)};
    size_t size = BLOCK_FRAME_SIZE + 16 + options_size(options, 3);
    put(out, BLOCK_SECTION, 4);
    put(out, size, 4);
    put(out, BYTE_ORDER_MAGIC, 4);
    put(out, 1, 2); /* version 1.0 */
    put(out, 0, 2);
    put(out, UINT64_MAX, 8); /* the section's length is not given */
    put_options(out, options, 3);
    put(out, size, 4);
}

void cap_pcapng_interface(FILE *out, const struct cap_pcapng_interface *interface)
{
    static const uint8_t resolution = TSRESOL_NANO;
    const struct option options[] = {text_option(IF_NAME, interface->name),
                                     text_option(IF_DESCRIPTION, interface->description),
                                     {IF_TSRESOL, &resolution, 1}};
    size_t size = BLOCK_FRAME_SIZE + 8 + options_size(options, 3);
    put(out, BLOCK_INTERFACE, 4);
    put(out, size, 4);
    put(out, interface->link, 2);
    put(out, 0, 2);
    put(out, 0, 4); /* no limit on a packet's length */
    put_options(out, options, 3);
    put(out, size, 4);
}

void cap_pcapng_secrets(FILE *out, uint32_t type, const void *bytes, uint32_t size)
{
    size_t block_size = BLOCK_FRAME_SIZE + 8 + padded(size);
    put(out, BLOCK_SECRETS, 4);
    put(out, block_size, 4);
    put(out, type, 4);
    put(out, size, 4);
    put_padded(out, bytes, size);
    put(out, block_size, 4);
}

void cap_pcapng_packet(FILE *out, const struct cap_pcapng_packet *packet)
{
    uint8_t flags[4] = {(uint8_t)packet->flags};
    uint8_t id[8];
    for (size_t i = 0; i < sizeof(id); i++)
        id[i] = (uint8_t)(packet->packet_id >> (8 * i));
    const struct option options[] = {text_option(OPT_COMMENT, packet->comment),
                                     {EPB_FLAGS, packet->flags ? flags : NULL, sizeof(flags)},
                                     {EPB_PACKETID, packet->packet_id ? id : NULL, sizeof(id)}};
    size_t size = BLOCK_FRAME_SIZE + 20 + padded(packet->size) + options_size(options, 3);
    put(out, BLOCK_PACKET, 4);
    put(out, size, 4);
    put(out, packet->interface, 4);
    put(out, packet->time_ns >> 32, 4);
    put(out, packet->time_ns & UINT32_MAX, 4);
    put(out, packet->size, 4); /* captured */
    put(out, packet->size, 4); /* on the wire */
    put_padded(out, packet->bytes, packet->size);
    put_options(out, options, 3);
    put(out, size, 4);
}
