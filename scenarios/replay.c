/*
 * A captured packet again: byte by byte as it was, or with some fields made others and some bits
 * turned. What is altered is put together anew by libnet, so that lengths and checksums (of IPv4,
 * UDP, ICMP and TCP) are right, as an attacker's are; IPv4 options are then lost. Where bits of a
 * checksum itself, or of UDP's length, are turned it is wrong by these.
 */
#include "scenarios/inject.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "ipsec/ike/wire.h"
#include "net/checksum.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "net/udp.h"
#include "pcap/craft.h"

enum {
    ESP_HEADER = 8,
    IKE_MESSAGE_ID_AT = 20,
    ICMP_CHECKSUM_AT = 2,
    UDP_LENGTH_AT = 4,
    TCP_CHECKSUM_AT = 16, /* RFC 9293, 3.1 */
    TCP_HEADER = 20,      /* without options */
    PORT_RANDOM_MIN = 1024,
};

/* --- Looking at a packet --------------------------------------------------------------------------- */

static void view_esp(struct base_reader r, struct scn_packet_view *view)
{
    uint32_t spi = base_read_u32(&r), sequence = base_read_u32(&r);
    if (r.failed)
        return;
    view->carried = SCN_CARRIED_ESP;
    view->numbers = (struct scn_sight){.has_esp = true, .spi = spi, .sequence = sequence};
}

static void view_ike(struct base_reader r, size_t size, struct scn_packet_view *view)
{
    uint64_t initiator = base_read_u64(&r), responder = base_read_u64(&r);
    if (r.failed || size < IKE_HEADER_SIZE)
        return;
    view->carried = SCN_CARRIED_IKE;
    view->numbers =
        (struct scn_sight){.has_ike = true, .spi_initiator = initiator, .spi_responder = responder};
}

static void view_udp(const uint8_t *ip, size_t size, struct scn_packet_view *view)
{
    size_t at = view->header_size + NET_UDP_SIZE;
    struct net_udp udp;
    if (!net_udp_read(&udp, ip + view->header_size, size - view->header_size))
        return;
    view->carried = SCN_CARRIED_UDP;
    view->message_at = at;
    if (udp.src_port == NET_UDP_PORT_IKE || udp.dst_port == NET_UDP_PORT_IKE) {
        view_ike(base_reader_of(ip + at, size - at), size - at, view);
    } else if (udp.src_port == NET_UDP_PORT_NATT || udp.dst_port == NET_UDP_PORT_NATT) {
        if (size - at >= IKE_NON_ESP_MARKER_SIZE && net_ip4_read(ip + at) != 0) {
            view_esp(base_reader_of(ip + at, size - at), view);
        } else if (size - at >= IKE_NON_ESP_MARKER_SIZE) {
            view->message_at += IKE_NON_ESP_MARKER_SIZE;
            view_ike(base_reader_of(ip + at + IKE_NON_ESP_MARKER_SIZE,
                                    size - at - IKE_NON_ESP_MARKER_SIZE),
                     size - at - IKE_NON_ESP_MARKER_SIZE, view);
        }
    }
}

bool scn_packet_view(const uint8_t *bytes, size_t size, struct scn_packet_view *out)
{
    struct net_ipv4 ip;
    if (net_ipv4_read(&ip, bytes, size) != NET_IPV4_OK)
        return false;
    *out = (struct scn_packet_view){.source = ip.src,
                                    .destination = ip.dst,
                                    .header_size = ip.header_size,
                                    .message_at = ip.header_size};
    size_t rest = ip.total_size - (size_t)ip.header_size;
    if (ip.more_fragments || ip.fragment_offset)
        return true;
    if (ip.protocol == NET_IPV4_ESP)
        view_esp(base_reader_of(bytes + ip.header_size, rest), out);
    else if (ip.protocol == NET_IPV4_UDP)
        view_udp(bytes, ip.total_size, out);
    return true;
}

/* --- Fields ---------------------------------------------------------------------------------------- */

uint64_t scn_field_value(const struct scn_maker *maker, const struct scn_field *field,
                         uint64_t random_max)
{
    if (field->pick == SCN_PICK_RANDOM)
        return random_max == UINT64_MAX ? base_rng_u64(maker->rng)
                                        : base_rng_below(maker->rng, random_max + 1);
    return field->pick == SCN_PICK_NEXT ? maker->sight->sequence + UINT64_C(1) : field->number;
}

/* Random sources are hosts of the internet: no private, loopback, multicast or reserved ones. */
static bool is_public(net_ip4 address)
{
    bool link_local = address >> 16 == 0xa9fe;
    bool shared = address >> 22 == 0x191; /* 100.64.0.0/10, RFC 6598 */
    return address >> 24 > 0 && address >> 24 < 224 && !net_ip4_is_private(address) &&
           !net_ip4_is_loopback(address) && !link_local && !shared;
}

net_ip4 scn_field_address(const struct scn_maker *maker, const struct scn_field *field)
{
    net_ip4 address = (net_ip4)field->number;
    while (field->pick == SCN_PICK_RANDOM && !is_public(address))
        address = base_rng_u32(maker->rng);
    return address;
}

uint16_t scn_field_port(const struct scn_maker *maker, const struct scn_field *field)
{
    if (field->pick == SCN_PICK_RANDOM)
        return (uint16_t)(PORT_RANDOM_MIN +
                          base_rng_below(maker->rng, UINT16_MAX - PORT_RANDOM_MIN + 1));
    return (uint16_t)field->number;
}

/* --- Altering -------------------------------------------------------------------------------------- */

static void put(const struct scn_maker *maker, const struct scn_field *field, uint8_t *at,
                size_t size)
{
    uint64_t most = size == 8 ? UINT64_MAX : (UINT64_C(1) << size * 8) - 1;
    if (field->set)
        base_put_be(at, scn_field_value(maker, field, most), size);
}

static bool refuse(struct scn_maker *maker, const char *problem)
{
    maker->problem = problem;
    return false;
}

/* Fields of UDP, ESP and IKE, in `body`: what lies behind the IPv4 header. */
static bool alter_fields(struct scn_maker *maker, const struct scn_fields *set,
                         const struct scn_packet_view *view, uint8_t *body)
{
    bool udp = view->message_at > view->header_size;
    bool esp = view->carried == SCN_CARRIED_ESP, ike = view->carried == SCN_CARRIED_IKE;
    uint8_t *message = body + (view->message_at - view->header_size);
    if ((set->source_port.set || set->destination_port.set) && !udp)
        return refuse(maker, "it is no UDP datagram and has no ports");
    if ((set->spi.set || set->sequence.set) && !esp)
        return refuse(maker, "it is no ESP packet and has neither spi nor sequence");
    if ((set->spi_initiator.set || set->spi_responder.set || set->message_id.set) && !ike)
        return refuse(maker, "it is no IKE message and has neither SPIs nor a message ID");
    if (set->source_port.set)
        base_put_be(body, scn_field_port(maker, &set->source_port), 2);
    if (set->destination_port.set)
        base_put_be(body + 2, scn_field_port(maker, &set->destination_port), 2);
    put(maker, &set->spi, message, 4);
    put(maker, &set->sequence, message + 4, 4);
    put(maker, &set->spi_initiator, message, 8);
    put(maker, &set->spi_responder, message + 8, 8);
    put(maker, &set->message_id, message + IKE_MESSAGE_ID_AT, 4);
    return true;
}

static bool flip_bits(struct scn_maker *maker, const struct scn_replay *replay, uint8_t *body,
                      size_t size)
{
    for (size_t i = 0; i < replay->flip_count; i++) {
        size_t bit = replay->flip[i] == SCN_FLIP_LAST ? size * 8 - 1 : replay->flip[i];
        if (bit >= size * 8)
            return refuse(maker, "it has not so many bits behind its IPv4 header");
        body[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
    }
    return true;
}

static bool alters(const struct scn_replay *replay)
{
    const struct scn_fields *set = &replay->set;
    return replay->flip_count || set->source.set || set->destination.set || set->ttl.set ||
           set->identification.set || set->source_port.set || set->destination_port.set ||
           set->spi.set || set->sequence.set || set->spi_initiator.set || set->spi_responder.set ||
           set->message_id.set;
}

/* The header as it was, but for what is set. */
static struct cap_craft_ip header_of(const struct scn_maker *maker, const struct scn_fields *set,
                                     const uint8_t *original)
{
    struct cap_craft_ip ip = {
        .source = net_ipv4_src(original),
        .destination = net_ipv4_dst(original),
        .identification = (uint16_t)(original[4] << 8 | original[5]),
        .fragment = net_ipv4_fragment_word(original),
        .tos = original[1],
        .ttl = original[8],
        .protocol = original[9],
    };
    if (set->source.set)
        ip.source = scn_field_address(maker, &set->source);
    if (set->destination.set)
        ip.destination = scn_field_address(maker, &set->destination);
    if (set->ttl.set)
        ip.ttl = (uint8_t)scn_field_value(maker, &set->ttl, UINT8_MAX);
    if (set->identification.set)
        ip.identification = (uint16_t)scn_field_value(maker, &set->identification, UINT16_MAX);
    return ip;
}

/* Where what is counted anew lies behind the IPv4 header. */
struct counted {
    size_t at, size; /* size 0: there is nothing */
};

/* A checksum, with UDP's length before it; nothing where it counts what is not here. */
static struct counted counted_in(const struct cap_craft_ip *ip, const struct scn_packet_view *view,
                                 size_t size)
{
    if (ip->fragment & (NET_IPV4_MF | NET_IPV4_OFFSET_MASK))
        return (struct counted){0};
    if (view->message_at > view->header_size)
        return (struct counted){UDP_LENGTH_AT, 4};
    if (ip->protocol == NET_IPV4_ICMP && size >= NET_ICMP_SIZE)
        return (struct counted){ICMP_CHECKSUM_AT, 2};
    if (ip->protocol == NET_IPV4_TCP && size >= TCP_HEADER)
        return (struct counted){TCP_CHECKSUM_AT, 2};
    return (struct counted){0};
}

/* What libnet does not know how to count: it takes the body as it is. */
static void seal(const struct cap_craft_ip *ip, uint8_t *body, size_t size, size_t at)
{
    uint64_t pseudo =
        ip->protocol == NET_IPV4_TCP
            ? net_checksum_pseudo_ip4(ip->source, ip->destination, ip->protocol, (uint16_t)size)
            : 0;
    base_put_be(body + at, 0, 2);
    base_put_be(body + at, net_checksum_finish(net_checksum_add(pseudo, body, size)), 2);
}

static size_t rebuild(struct scn_maker *maker, const struct cap_craft_ip *ip,
                      const struct scn_packet_view *view, uint8_t *body, size_t size)
{
    if (view->message_at == view->header_size) {
        struct counted counted = counted_in(ip, view, size);
        if (counted.size)
            seal(ip, body, size, counted.at);
        return cap_craft_raw(maker->craft, ip, body, size, maker->out);
    }
    struct cap_craft_udp udp = {
        .source_port = (uint16_t)(body[0] << 8 | body[1]),
        .destination_port = (uint16_t)(body[2] << 8 | body[3]),
        .no_checksum = !body[6] && !body[7],
    };
    return cap_craft_udp(maker->craft, ip, &udp, body + NET_UDP_SIZE, size - NET_UDP_SIZE,
                         maker->out);
}

/* The packet with its fields and bits as they are to be, in `body`, which is what lies behind the IPv4 header. */
static size_t alter(struct scn_maker *maker, const struct scn_replay *replay,
                    const struct scn_packet_view *view, const uint8_t *original, uint8_t *body,
                    size_t size)
{
    struct cap_craft_ip ip = header_of(maker, &replay->set, original);
    struct counted counted = counted_in(&ip, view, size);
    uint8_t turned[4] = {0};
    if (!alter_fields(maker, &replay->set, view, body) || !flip_bits(maker, replay, body, size))
        return 0;
    for (size_t i = 0; i < counted.size; i++) {
        uint8_t before = original[view->header_size + counted.at + i];
        turned[i] = body[counted.at + i] ^ before;
        body[counted.at + i] = before;
    }
    size_t made = rebuild(maker, &ip, view, body, size);
    for (size_t i = 0; made && i < counted.size; i++)
        maker->out[NET_IPV4_SIZE + counted.at + i] ^= turned[i];
    return made;
}

size_t scn_replay_make(struct scn_maker *maker, const struct scn_replay *replay,
                       const uint8_t *original, size_t size)
{
    struct scn_packet_view view;
    if (!scn_packet_view(original, size, &view)) {
        maker->problem = "it is no whole IPv4 packet";
        return 0;
    }
    size = net_ipv4_total_size(original);
    if (!alters(replay)) {
        memcpy(maker->out, original, size);
        return size;
    }
    uint8_t *body = base_alloc(size);
    size_t body_size = size - view.header_size;
    memcpy(body, original + view.header_size, body_size);
    size_t made = alter(maker, replay, &view, original, body, body_size);
    free(body);
    return made;
}
