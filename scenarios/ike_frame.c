/* A short walk through Ethernet, IPv4 and UDP to the IKE header; nothing is verified beyond sizes. */
#include "scenarios/ike_frame.h"

#include "base/bytes.h"

enum {
    ETHERNET_SIZE = 14,
    ETHERTYPE_IPV4 = 0x0800,
    PROTOCOL_UDP = 17,
    PORT_IKE = 500,
    PORT_NATT = 4500,
    FLAG_RESPONSE = 0x20, /* RFC 7296 section 3.1 */
};

/* Leaves the reader at the UDP payload and returns the ports, or false where it is no UDP datagram. */
static bool read_udp(struct base_reader *r, uint16_t *source, uint16_t *destination)
{
    base_read_bytes(r, 12);
    if (base_read_u16(r) != ETHERTYPE_IPV4)
        return false;
    uint8_t version_and_length = base_read_u8(r);
    base_read_bytes(r, 5);
    uint16_t fragment_offset = base_read_u16(r) & 0x1fff;
    base_read_u8(r);
    uint8_t protocol = base_read_u8(r);
    size_t header = (size_t)(version_and_length & 15) * 4;
    if (version_and_length >> 4 != 4 || header < 20 || fragment_offset || protocol != PROTOCOL_UDP)
        return false;
    base_read_bytes(r, 10 + header - 20);
    *source = base_read_u16(r);
    *destination = base_read_u16(r);
    base_read_bytes(r, 4);
    return !r->failed;
}

static bool is_port(uint16_t source, uint16_t destination, uint16_t port)
{
    return source == port || destination == port;
}

bool scn_ike_frame_matches(const uint8_t *frame, size_t size, const struct scn_ike_match *match)
{
    struct base_reader r = base_reader_of(frame, size);
    uint16_t source = 0;
    uint16_t destination = 0;
    if (!read_udp(&r, &source, &destination))
        return false;
    if (is_port(source, destination, PORT_NATT)) {
        if (base_read_u32(&r) != 0)
            return false;
    } else if (!is_port(source, destination, PORT_IKE)) {
        return false;
    }
    base_read_bytes(&r, 18);
    uint8_t exchange = base_read_u8(&r);
    bool response = base_read_u8(&r) & FLAG_RESPONSE;
    uint32_t message_id = base_read_u32(&r);
    if (r.failed || (match->exchange && exchange != match->exchange))
        return false;
    if (match->kind != SCN_MESSAGE_ANY && response != (match->kind == SCN_MESSAGE_RESPONSE))
        return false;
    return !match->has_message_id || message_id == match->message_id;
}
