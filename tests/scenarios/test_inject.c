/* Packets that a step injects: what is altered in a captured one, what is forged, and what cannot be. */
#include "tests/test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/ike/message.h"
#include "ipsec/ike/payload.h"
#include "net/checksum.h"
#include "net/ipv4.h"
#include "net/udp.h"
#include "pcap/craft.h"
#include "scenarios/inject.h"

struct lab {
    struct scn_maker maker;
    struct base_rng rng;
    struct scn_sight sight;
    uint8_t out[CAP_CRAFT_SIZE_MAX];
    uint8_t original[200];
    size_t size;
};

static int set_up(void **state)
{
    struct lab *lab = base_alloc(sizeof(*lab));
    memset(lab->out, 0xa5, sizeof(lab->out));
    base_rng_init(&lab->rng, 1, "test");
    lab->maker = (struct scn_maker){
        .craft = cap_craft_new(), .rng = &lab->rng, .sight = &lab->sight, .out = lab->out};
    *state = lab;
    return 0;
}

static int tear_down(void **state)
{
    struct lab *lab = *state;
    cap_craft_free(lab->maker.craft);
    free(lab);
    return 0;
}

static struct scn_field number(uint64_t value)
{
    return (struct scn_field){.set = true, .number = value};
}

static const struct scn_field RANDOM = {.set = true, .pick = SCN_PICK_RANDOM};
static const struct scn_field CURRENT = {.set = true, .pick = SCN_PICK_CURRENT};
static const struct scn_field NEXT = {.set = true, .pick = SCN_PICK_NEXT};

static const struct cap_craft_ip header = {
    .source = NET_IP4(203, 0, 113, 10),
    .destination = NET_IP4(203, 0, 113, 20),
    .identification = 77,
    .tos = 3,
    .ttl = 60,
};

/* ESP: SPI 0xc974e0dd, sequence 5, 16 bytes. */
static void capture_esp(struct lab *lab, bool in_udp)
{
    static const uint8_t rest[16] = "sealed, I swear";
    struct cap_craft_esp esp = {.spi = 0xc974e0dd, .sequence = 5};
    struct cap_craft_udp udp = {4500, 4500, true};
    lab->size = cap_craft_esp(lab->maker.craft, &header, &esp, in_udp ? &udp : NULL, rest,
                              sizeof(rest), lab->out);
    memcpy(lab->original, lab->out, lab->size);
    memset(lab->out, 0xa5, lab->size);
}

/* An IKE header alone, with the marker on port 4500. */
static void capture_ike(struct lab *lab, uint16_t port)
{
    uint8_t message[4 + 28] = {0};
    size_t marker = port == 4500 ? 4 : 0;
    for (size_t i = 0; i < 28; i++)
        message[marker + i] = (uint8_t)(i + 1);
    struct cap_craft_udp udp = {port, port, false};
    lab->size = cap_craft_udp(lab->maker.craft, &header, &udp, message, marker + 28, lab->out);
    memcpy(lab->original, lab->out, lab->size);
    memset(lab->out, 0xa5, lab->size);
}

static size_t replay(struct lab *lab, const struct scn_replay *replay)
{
    return scn_replay_make(&lab->maker, replay, lab->original, lab->size);
}

static void a_copy_is_the_same_to_the_last_byte(void **state)
{
    struct lab *lab = *state;
    struct scn_replay plain = {.nth = 1};
    capture_esp(lab, false);
    assert_int_equal(replay(lab, &plain), lab->size);
    assert_memory_equal(lab->out, lab->original, lab->size);
    assert_int_equal(lab->out[lab->size], 0xa5);
    assert_int_equal(scn_replay_make(&lab->maker, &plain, lab->original, lab->size - 1), 0);
    assert_string_equal(lab->maker.problem, "it is no whole IPv4 packet");
}

static void fields_of_esp(void **state)
{
    struct lab *lab = *state;
    static const uint8_t expected[] = {0x01, 0x02, 0x03, 0x04, 0, 0, 0, 43};
    struct scn_replay other = {.set = {.spi = number(0x01020304),
                                       .sequence = NEXT,
                                       .ttl = number(9),
                                       .identification = number(0x5566),
                                       .source = number(NET_IP4(192, 0, 2, 1)),
                                       .destination = number(NET_IP4(192, 0, 2, 2))}};
    for (int in_udp = 0; in_udp < 2; in_udp++) {
        size_t at = in_udp ? 28 : 20;
        capture_esp(lab, in_udp);
        lab->sight.sequence = 42;
        assert_int_equal(replay(lab, &other), lab->size);
        struct net_ipv4 ip;
        assert_int_equal(net_ipv4_read(&ip, lab->out, lab->size), NET_IPV4_OK);
        assert_true(ip.ttl == 9 && ip.id == 0x5566 && ip.tos == 3);
        assert_true(ip.src == NET_IP4(192, 0, 2, 1) && ip.dst == NET_IP4(192, 0, 2, 2));
        assert_memory_equal(lab->out + at, expected, 8);
        assert_memory_equal(lab->out + at + 8, lab->original + at + 8, 16);
        if (in_udp)
            assert_memory_equal(lab->out + 20, lab->original + 20,
                                8); /* no checksum before, none now */
    }
}

static void fields_of_ike(void **state)
{
    struct lab *lab = *state;
    struct scn_replay other = {.set = {.spi_initiator = number(0x1122334455667788),
                                       .spi_responder = number(1),
                                       .message_id = number(0x0a0b0c0d),
                                       .source_port = number(1234),
                                       .destination_port = number(500)}};
    static const uint8_t spis[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
                                   0,    0,    0,    0,    0,    0,    0,    1};
    static const uint8_t id[] = {10, 11, 12, 13};
    static const uint16_t ports[] = {500, 4500};
    for (size_t i = 0; i < 2; i++) {
        capture_ike(lab, ports[i]);
        size_t at = 28 + (ports[i] == 4500 ? 4 : 0);
        assert_int_equal(replay(lab, &other), lab->size);
        assert_memory_equal(lab->out + at, spis, sizeof(spis));
        assert_memory_equal(lab->out + at + 16, lab->original + at + 16, 4);
        assert_memory_equal(lab->out + at + 20, id, 4);
        struct net_udp udp;
        assert_true(net_udp_read(&udp, lab->out + 20, lab->size - 20));
        assert_true(udp.src_port == 1234 && udp.dst_port == 500 && udp.checksum);
        assert_true(net_udp_checksum_ok(&udp, lab->out + 20, header.source, header.destination));
    }
}

static void bits_are_turned_behind_the_header(void **state)
{
    struct lab *lab = *state;
    uint32_t bits[] = {0, 15, SCN_FLIP_LAST};
    struct scn_replay flipped = {.flip = bits, .flip_count = 3};
    capture_esp(lab, false);
    assert_int_equal(replay(lab, &flipped), lab->size);
    assert_int_equal(lab->out[20], 0xc9 ^ 0x80);
    assert_int_equal(lab->out[21], 0x74 ^ 0x01);
    assert_int_equal(lab->out[lab->size - 1], lab->original[lab->size - 1] ^ 1);
    assert_memory_equal(lab->out, lab->original, 20);
    assert_memory_equal(lab->out + 22, lab->original + 22, lab->size - 23);
    bits[0] = 24 * 8;
    assert_int_equal(replay(lab, &flipped), 0);
    assert_string_equal(lab->maker.problem, "it has not so many bits behind its IPv4 header");
    bits[0] = 24 * 8 - 1;
    assert_int_equal(replay(lab, &flipped), lab->size);
}

/* ICMP, or a SYN of TCP with an odd octet of data, with its checksum; DF as both have it. */
static void capture_sealed(struct lab *lab, uint8_t protocol)
{
    struct cap_craft_ip ip = header;
    uint8_t body[41] = {0x04, 0x00, 0x00, 0x00, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff};
    size_t at = protocol == NET_IPV4_TCP ? 16 : 2;
    body[sizeof(body) - 1] = 0x77;
    ip.protocol = protocol;
    ip.fragment = NET_IPV4_DF;
    uint64_t pseudo = protocol == NET_IPV4_TCP ? net_checksum_pseudo_ip4(ip.source, ip.destination,
                                                                         protocol, sizeof(body))
                                               : 0;
    uint16_t sum = net_checksum_finish(net_checksum_add(pseudo, body, sizeof(body)));
    body[at] = (uint8_t)(sum >> 8);
    body[at + 1] = (uint8_t)sum;
    lab->size = cap_craft_raw(lab->maker.craft, &ip, body, sizeof(body), lab->out);
    memcpy(lab->original, lab->out, lab->size);
    memset(lab->out, 0xa5, lab->size);
}

/* What a receiver of the packet in `out` gets when it adds all up: 0 where the checksum is right. */
static uint16_t sum_of(const struct lab *lab)
{
    const uint8_t *ip = lab->out;
    size_t size = lab->size - 20;
    uint64_t pseudo =
        ip[9] == NET_IPV4_ICMP
            ? 0
            : net_checksum_pseudo_ip4(net_ipv4_src(ip), net_ipv4_dst(ip), ip[9], (uint16_t)size);
    return net_checksum_finish(net_checksum_add(pseudo, ip + 20, size));
}

static void checksums_follow(void **state)
{
    struct lab *lab = *state;
    static const uint8_t protocols[] = {NET_IPV4_ICMP, NET_IPV4_TCP, NET_IPV4_UDP};
    uint32_t bit = 13;
    const struct scn_replay others[] = {
        {.set.source = number(NET_IP4(192, 0, 2, 77))},
        {.flip = &bit, .flip_count = 1},
    };
    for (size_t i = 0; i < 3; i++) {
        if (protocols[i] == NET_IPV4_UDP)
            capture_ike(lab, 500);
        else
            capture_sealed(lab, protocols[i]);
        for (size_t j = 0; j < 2; j++) {
            assert_int_equal(replay(lab, &others[j]), lab->size);
            assert_int_equal(net_checksum(lab->out, 20), 0);
            assert_int_equal(sum_of(lab), 0);
        }
        assert_int_equal(lab->out[21], lab->original[21] ^ 0x04);
    }
}

/* Who turns bits of a checksum wants it wrong, by these bits; also where there was none. */
static void a_checksum_whose_bits_are_turned_is_wrong(void **state)
{
    struct lab *lab = *state;
    static const struct {
        uint8_t protocol;
        uint32_t bits[2];
    } cases[] = {{NET_IPV4_ICMP, {16, 31}}, {NET_IPV4_TCP, {128, 143}}, {NET_IPV4_UDP, {48, 63}}};
    for (size_t i = 0; i < 3; i++) {
        uint32_t bits[3] = {cases[i].bits[0], cases[i].bits[1], SCN_FLIP_LAST};
        const struct scn_replay turned = {.flip = bits, .flip_count = 2};
        const struct scn_replay and_last = {.flip = bits, .flip_count = 3};
        size_t at = 20 + bits[0] / 8;
        if (cases[i].protocol == NET_IPV4_UDP)
            capture_ike(lab, 500);
        else
            capture_sealed(lab, cases[i].protocol);
        assert_int_equal(replay(lab, &turned), lab->size);
        assert_memory_equal(lab->out + 20, lab->original + 20, at - 20);
        assert_int_equal(lab->out[at], lab->original[at] ^ 0x80);
        assert_int_equal(lab->out[at + 1], lab->original[at + 1] ^ 0x01);
        assert_memory_equal(lab->out + at + 2, lab->original + at + 2, lab->size - at - 2);
        assert_int_equal(replay(lab, &and_last), lab->size);
        assert_int_not_equal(sum_of(lab), 0);
        lab->out[at] ^= 0x80;
        lab->out[at + 1] ^= 0x01;
        assert_int_equal(sum_of(lab), 0);
    }
    uint32_t last = 63;
    const struct scn_replay turned = {.flip = &last, .flip_count = 1};
    capture_esp(lab, true);
    assert_int_equal(replay(lab, &turned), lab->size);
    assert_memory_equal(lab->out + 20 + 6, "\0\1", 2);
    last = 47; /* of UDP's length */
    assert_int_equal(replay(lab, &turned), lab->size);
    assert_int_equal(lab->out[20 + 5], lab->original[20 + 5] ^ 1);
    lab->out[20 + 5] ^= 1;
    assert_memory_equal(lab->out, lab->original, lab->size);
}

/* What is no whole header has no checksum either: the octets stay. */
static void what_is_too_short_has_no_checksum(void **state)
{
    struct lab *lab = *state;
    static const uint8_t protocols[] = {NET_IPV4_ICMP, NET_IPV4_TCP};
    const struct scn_replay ttl = {.set.ttl = number(3)};
    uint8_t body[20];
    memset(body, 17, sizeof(body));
    for (size_t i = 0; i < 2; i++) {
        for (size_t size = 0; size < (i ? 20 : 8); size++) {
            struct cap_craft_ip part = header;
            part.protocol = protocols[i];
            lab->size = cap_craft_raw(lab->maker.craft, &part, body, size, lab->out);
            memcpy(lab->original, lab->out, lab->size);
            assert_int_equal(replay(lab, &ttl), lab->size);
            assert_memory_equal(lab->out + 20, body, size);
        }
    }
}

static void fields_that_a_packet_lacks(void **state)
{
    struct lab *lab = *state;
    const struct scn_replay spi = {.set.spi = number(1)}, id = {.set.message_id = number(1)};
    const struct scn_replay port = {.set.source_port = number(1)};
    capture_esp(lab, false);
    assert_int_equal(replay(lab, &id), 0);
    assert_string_equal(lab->maker.problem,
                        "it is no IKE message and has neither SPIs nor a message ID");
    assert_int_equal(replay(lab, &port), 0);
    assert_string_equal(lab->maker.problem, "it is no UDP datagram and has no ports");
    capture_ike(lab, 500);
    assert_int_equal(replay(lab, &spi), 0);
    assert_string_equal(lab->maker.problem, "it is no ESP packet and has neither spi nor sequence");
}

/* Of a fragment only IPv4's own fields can be altered: the rest is not whole. */
static void a_fragment_stays_one(void **state)
{
    struct lab *lab = *state;
    struct cap_craft_ip part = header;
    uint8_t data[64];
    memset(data, 17, sizeof(data));
    part.fragment = 0x2001;
    part.protocol = 17;
    lab->size = cap_craft_raw(lab->maker.craft, &part, data, sizeof(data), lab->out);
    memcpy(lab->original, lab->out, lab->size);
    const struct scn_replay ttl = {.set.ttl = number(3)}, port = {.set.source_port = number(3)};
    assert_int_equal(replay(lab, &ttl), lab->size);
    assert_memory_equal(lab->out + 6, lab->original + 6, 2);
    assert_memory_equal(lab->out + 20, data, sizeof(data));
    assert_int_equal(replay(lab, &port), 0);
    part.protocol = 6; /* nor is its checksum: it counts the others too */
    lab->size = cap_craft_raw(lab->maker.craft, &part, data, sizeof(data), lab->out);
    memcpy(lab->original, lab->out, lab->size);
    assert_int_equal(replay(lab, &ttl), lab->size);
    assert_memory_equal(lab->out + 20, data, sizeof(data));
}

/* No host of the internet has one of these (RFC 1122, 1918, 3927, 5771, 6598). The neighbours on both sides may. */
static const struct {
    net_ip4 first, last;
} no_hosts[] = {
    {NET_IP4(0, 0, 0, 0), NET_IP4(0, 255, 255, 255)},
    {NET_IP4(10, 0, 0, 0), NET_IP4(10, 255, 255, 255)},
    {NET_IP4(100, 64, 0, 0), NET_IP4(100, 127, 255, 255)},
    {NET_IP4(127, 0, 0, 0), NET_IP4(127, 255, 255, 255)},
    {NET_IP4(169, 254, 0, 0), NET_IP4(169, 254, 255, 255)},
    {NET_IP4(172, 16, 0, 0), NET_IP4(172, 31, 255, 255)},
    {NET_IP4(192, 168, 0, 0), NET_IP4(192, 168, 255, 255)},
    {NET_IP4(224, 0, 0, 0), NET_IP4(255, 255, 255, 255)},
};
#define NO_HOSTS (sizeof(no_hosts) / sizeof(no_hosts[0]))

/* So many that a /16 is met some thirty times: by what is drawn, and by none of what comes out. */
static void random_addresses_are_hosts_of_the_internet(void **state)
{
    struct lab *lab = *state;
    size_t drawn[NO_HOSTS] = {0}, before[NO_HOSTS] = {0}, behind[NO_HOSTS] = {0};
    struct base_rng raw = lab->rng;
    for (int i = 0; i < 2000000; i++) {
        net_ip4 any = base_rng_u32(&raw), address = scn_field_address(&lab->maker, &RANDOM);
        for (size_t j = 0; j < NO_HOSTS; j++) {
            assert_false(address >= no_hosts[j].first && address <= no_hosts[j].last);
            drawn[j] += any >= no_hosts[j].first && any <= no_hosts[j].last;
            before[j] += address >> 16 == (no_hosts[j].first >> 16) - 1;
            behind[j] += address >> 16 == (no_hosts[j].last >> 16) + 1;
        }
    }
    for (size_t j = 0; j < NO_HOSTS; j++) {
        assert_true(drawn[j] > 0);
        assert_true(before[j] > 0 || no_hosts[j].first == 0);
        assert_true(behind[j] > 0 || no_hosts[j].last == UINT32_MAX);
    }
}

static void random_ports_are_all_but_the_well_known(void **state)
{
    struct lab *lab = *state;
    bool seen[UINT16_MAX + 1] = {false};
    for (int i = 0; i < 2000000; i++)
        seen[scn_field_port(&lab->maker, &RANDOM)] = true;
    for (int port = 0; port <= UINT16_MAX; port++)
        assert_int_equal(seen[port], port >= 1024);
}

static void random_fields_are_others_in_each_packet(void **state)
{
    struct lab *lab = *state;
    struct scn_replay flood = {.set = {.source = RANDOM,
                                       .source_port = RANDOM,
                                       .spi_initiator = RANDOM,
                                       .message_id = RANDOM}};
    uint8_t before[4 + 2 + 8 + 4] = {0};
    capture_ike(lab, 500);
    for (int i = 0; i < 20; i++) {
        const uint8_t *out = lab->out;
        assert_int_equal(replay(lab, &flood), lab->size);
        assert_memory_not_equal(out + 12, before, 4);
        assert_memory_not_equal(out + 20, before + 4, 2);
        assert_memory_not_equal(out + 28, before + 6, 8);
        assert_memory_not_equal(out + 28 + 20, before + 14, 4);
        memcpy(before, out + 12, 4);
        memcpy(before + 4, out + 20, 2);
        memcpy(before + 6, out + 28, 8);
        memcpy(before + 14, out + 28 + 20, 4);
        assert_memory_equal(out + 16, lab->original + 16, 4); /* what is not set stays */
        assert_memory_equal(out + 22, lab->original + 22, 4);
        assert_memory_equal(out + 28 + 8, lab->original + 28 + 8, 12);
    }
}

static void forged_ike_is_what_the_engine_reads(void **state)
{
    struct lab *lab = *state;
    static const uint8_t notify[] = {0, 0, 0, 17, 0, 14}, raw[] = {1, 2, 3};
    struct scn_forge_payload payloads[] = {
        {.type = 40, .data = {.size = 32}},
        {.type = 200, .critical = true, .data = {raw, 3, 3}},
        {.type = 41, .data = {notify, sizeof(notify), sizeof(notify)}},
    };
    struct scn_forge forge = {.kind = SCN_FORGE_IKE,
                              .set = {.source = number(header.source),
                                      .destination = number(header.destination),
                                      .ttl = number(64),
                                      .identification = RANDOM,
                                      .source_port = number(500),
                                      .destination_port = number(500),
                                      .spi_initiator = CURRENT,
                                      .spi_responder = number(9),
                                      .message_id = number(2)},
                              .exchange = 34,
                              .response = true,
                              .payloads = payloads,
                              .payload_count = 3};
    assert_int_equal(scn_forge_make(&lab->maker, &forge), 0);
    assert_string_equal(lab->maker.problem, "no IKE message of its destination was seen");
    lab->sight.has_ike = true;
    lab->sight.spi_initiator = 0xdeadbeefcafe;
    size_t size = scn_forge_make(&lab->maker, &forge);
    struct net_udp udp;
    struct ike_message message;
    assert_true(net_udp_read(&udp, lab->out + 20, size - 20));
    assert_true(net_udp_checksum_ok(&udp, lab->out + 20, header.source, header.destination));
    assert_int_equal(ike_message_parse(&message, lab->out + 28, size - 28),
                     IKE_WIRE_UNKNOWN_CRITICAL);
    assert_true(message.header.spi_i == 0xdeadbeefcafe && message.header.spi_r == 9);
    assert_true(message.header.exchange == 34 && message.header.message_id == 2);
    assert_int_equal(message.header.flags, 0x20);
    assert_int_equal(message.header.length, size - 28);
    assert_int_equal(message.unknown_critical, 200);
    assert_int_equal(ike_message_find(&message, 40)->size, 32);
    struct ike_notify_payload read;
    uint16_t group;
    assert_true(ike_message_notify(&message, 17, &read) && ike_notify_u16(&read, &group));
    assert_int_equal(group, 14);
    forge.response = false;
    forge.encapsulated = true;
    assert_int_equal(scn_forge_make(&lab->maker, &forge), size + 4);
    assert_int_equal(net_ip4_read(lab->out + 28), 0);
    assert_int_equal(lab->out[28 + 4 + 19], 0x08);
    forge.has_from_initiator = true;
    scn_forge_make(&lab->maker, &forge);
    assert_int_equal(lab->out[28 + 4 + 19], 0);
}

static void forged_esp(void **state)
{
    struct lab *lab = *state;
    static const uint8_t given[] = {0xee, 0xff};
    struct scn_forge forge = {.kind = SCN_FORGE_ESP,
                              .set = {.source = number(header.source),
                                      .destination = number(header.destination),
                                      .ttl = number(64),
                                      .spi = CURRENT,
                                      .sequence = NEXT},
                              .data = {given, 2, 40}};
    assert_int_equal(scn_forge_make(&lab->maker, &forge), 0);
    assert_string_equal(lab->maker.problem, "no ESP packet to its destination was seen");
    lab->sight = (struct scn_sight){.has_esp = true, .spi = 0xc1c2c3c4, .sequence = 255};
    assert_int_equal(scn_forge_make(&lab->maker, &forge), 20 + 8 + 40);
    static const uint8_t head[] = {0xc1, 0xc2, 0xc3, 0xc4, 0, 0, 1, 0, 0xee, 0xff};
    assert_memory_equal(lab->out + 20, head, sizeof(head));
    forge.set.spi = RANDOM;
    for (int i = 0; i < 100; i++) {
        scn_forge_make(&lab->maker, &forge);
        assert_true(net_ip4_read(lab->out + 20) >= 256);
    }
}

static void forged_plain_packets(void **state)
{
    struct lab *lab = *state;
    struct scn_forge forge = {.kind = SCN_FORGE_ICMP,
                              .set = {.source = number(header.source),
                                      .destination = number(header.destination),
                                      .ttl = number(5),
                                      .identification = number(3),
                                      .source_port = number(1),
                                      .destination_port = number(53)},
                              .icmp_type = 8,
                              .icmp_sequence = 7,
                              .data = {.size = 11},
                              .dont_fragment = true};
    assert_int_equal(scn_forge_make(&lab->maker, &forge), 20 + 8 + 11);
    assert_int_equal(net_ipv4_fragment_word(lab->out), NET_IPV4_DF);
    assert_int_equal(net_checksum(lab->out + 20, 19), 0);
    forge.kind = SCN_FORGE_UDP;
    assert_int_equal(scn_forge_make(&lab->maker, &forge), 20 + 8 + 11);
    assert_int_equal(lab->out[23], 53);
    forge.kind = SCN_FORGE_RAW;
    forge.dont_fragment = false;
    forge.more_fragments = true;
    forge.offset = 1480;
    forge.protocol = 17;
    assert_int_equal(scn_forge_make(&lab->maker, &forge), 20 + 11);
    assert_int_equal(net_ipv4_fragment_word(lab->out), NET_IPV4_MF | 185);
    forge.data.size = 65520;
    assert_int_equal(scn_forge_make(&lab->maker, &forge), 0);
    assert_string_equal(lab->maker.problem, "it would be too large for IPv4");
}

/* Whatever bytes a capture point saw, looking at them reads nothing behind their end. */
static void truncations_and_flips(void **state)
{
    struct lab *lab = *state;
    struct scn_packet_view view;
    uint32_t last = SCN_FLIP_LAST;
    struct scn_replay flipped = {.flip = &last, .flip_count = 1, .set.ttl = number(1)};
    for (int kind = 0; kind < 4; kind++) {
        if (kind < 2)
            capture_esp(lab, kind);
        else
            capture_ike(lab, kind == 2 ? 500 : 4500);
        for (size_t size = 0; size <= lab->size; size++) {
            uint8_t *copy = base_alloc(size + 1);
            memcpy(copy, lab->original, size);
            for (size_t bit = 0; bit < size * 8 || bit == 0; bit++) {
                copy[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
                if (size >= 20 &&
                    net_ipv4_header_size(copy) <=
                        size) { /* so that it is not the length or the checksum that stops it */
                    copy[2] = 0;
                    copy[3] = (uint8_t)size;
                    net_ipv4_seal(copy);
                }
                (void)!scn_packet_view(copy, size, &view);
                scn_replay_make(&lab->maker, &flipped, copy, size);
                copy[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
            }
            free(copy);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_copy_is_the_same_to_the_last_byte),
        TEST(fields_of_esp),
        TEST(fields_of_ike),
        TEST(bits_are_turned_behind_the_header),
        TEST(checksums_follow),
        TEST(a_checksum_whose_bits_are_turned_is_wrong),
        TEST(what_is_too_short_has_no_checksum),
        TEST(fields_that_a_packet_lacks),
        TEST(a_fragment_stays_one),
        TEST(random_addresses_are_hosts_of_the_internet),
        TEST(random_ports_are_all_but_the_well_known),
        TEST(random_fields_are_others_in_each_packet),
        TEST(forged_ike_is_what_the_engine_reads),
        TEST(forged_esp),
        TEST(forged_plain_packets),
        TEST(truncations_and_flips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
