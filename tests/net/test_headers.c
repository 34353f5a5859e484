/* Ethernet, ARP, IPv4, UDP and IPv6 headers against packets that were captured elsewhere. */
#include "tests/net/flips.h"

#include "net/arp.h"
#include "net/ipv4.h"
#include "net/ipv6.h"
#include "net/udp.h"

/* An ARP request of Linux 6.1 for 203.0.113.20, in its Ethernet frame. */
static const uint8_t ARP_FRAME[] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0xc0, 0x0b, 0x5a, 0xef, 0x25, 0x08, 0x06,
    0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0xc0, 0x0b, 0x5a, 0xef, 0x25,
    0xcb, 0x00, 0x71, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xcb, 0x00, 0x71, 0x14};

/* The header that Wikipedia's "Internet checksum" and many textbooks compute: b861. */
static const uint8_t IPV4_UDP[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                   0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};

/* Two bytes from 10.0.0.1:4096 to 8.8.8.8:53; the checksum was computed apart, in another language. */
static const uint8_t UDP_SMALL[] = {0x10, 0x00, 0x00, 0x35, 0x00, 0x0a, 0xcb, 0x89, 0x0a, 0x0b};

static bool parse_ether(const uint8_t *data, size_t size)
{
    struct net_ether out;
    return net_ether_read(&out, data, size);
}

static bool parse_arp(const uint8_t *data, size_t size)
{
    struct net_arp out;
    return net_arp_read(&out, data, size);
}

static bool parse_ipv4(const uint8_t *data, size_t size)
{
    struct net_ipv4 out;
    return net_ipv4_read(&out, data, size) == NET_IPV4_OK;
}

static bool parse_quoted(const uint8_t *data, size_t size)
{
    struct net_ipv4 out;
    return net_ipv4_read_quoted(&out, data, size) == NET_IPV4_OK;
}

static bool parse_udp(const uint8_t *data, size_t size)
{
    struct net_udp out;
    return net_udp_read(&out, data, size) &&
           net_udp_checksum_ok(&out, data, NET_IP4(10, 0, 0, 1), NET_IP4(8, 8, 8, 8));
}

static bool parse_ipv6(const uint8_t *data, size_t size)
{
    struct net_ipv6 out;
    return net_ipv6_read(&out, data, size);
}

static void test_ethernet_and_arp(void **state)
{
    (void)state;
    struct net_ether ether;
    struct net_arp arp;
    uint8_t again[NET_ETHER_SIZE + NET_ARP_SIZE];
    memset(again, 0xa5, sizeof(again));
    assert_true(net_ether_read(&ether, ARP_FRAME, sizeof(ARP_FRAME)));
    assert_int_equal(ether.type, NET_ETHER_ARP);
    assert_true(net_mac_is_broadcast(ether.dst) && net_mac_is_group(ether.dst));
    assert_false(net_mac_is_group(ether.src));
    assert_true(net_arp_read(&arp, ARP_FRAME + NET_ETHER_SIZE, NET_ARP_SIZE));
    assert_int_equal(arp.operation, NET_ARP_REQUEST);
    assert_int_equal(arp.sender, NET_IP4(203, 0, 113, 10));
    assert_int_equal(arp.target, NET_IP4(203, 0, 113, 20));
    net_ether_write(&ether, again);
    net_arp_write(&arp, again + NET_ETHER_SIZE);
    assert_memory_equal(again, ARP_FRAME, sizeof(again));
    assert_int_equal(count_truncations(parse_ether, ARP_FRAME, NET_ETHER_SIZE), 0);
    assert_int_equal(count_truncations(parse_arp, ARP_FRAME + NET_ETHER_SIZE, NET_ARP_SIZE), 0);
    /* Only the six bytes that say "IPv4 over Ethernet" must be as they are. */
    assert_int_equal(count_flips(parse_arp, ARP_FRAME + NET_ETHER_SIZE, NET_ARP_SIZE),
                     (NET_ARP_SIZE - 6) * 8);
}

static void test_ipv4_header(void **state)
{
    (void)state;
    uint8_t packet[0x73] = {0}, again[NET_IPV4_SIZE];
    memcpy(packet, IPV4_UDP, sizeof(IPV4_UDP));
    memset(again, 0xa5, sizeof(again));
    struct net_ipv4 ip;
    assert_int_equal(net_ipv4_read(&ip, packet, sizeof(packet)), NET_IPV4_OK);
    assert_int_equal(ip.total_size, 0x73);
    assert_int_equal(ip.protocol, NET_IPV4_UDP);
    assert_int_equal(ip.ttl, 64);
    assert_true(ip.dont_fragment);
    assert_false(ip.more_fragments);
    assert_int_equal(ip.src, NET_IP4(192, 168, 0, 1));
    assert_int_equal(ip.dst, NET_IP4(192, 168, 0, 199));
    net_ipv4_write(&ip, again);
    assert_memory_equal(again, IPV4_UDP, sizeof(again));
    assert_int_equal(count_truncations(parse_ipv4, packet, sizeof(packet)), 0);
    /* The header checksum finds every single bit; the payload is not its matter. */
    assert_int_equal(count_flips(parse_ipv4, packet, sizeof(packet)),
                     (sizeof(packet) - NET_IPV4_SIZE) * 8);
}

static void test_ipv4_faults_by_name(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        enum net_ipv4_status status;
    } cases[] = {
        {0, 0x65, NET_IPV4_BAD_VERSION}, {0, 0x44, NET_IPV4_BAD_HEADER_LENGTH},
        {0, 0x4f, NET_IPV4_TRUNCATED},   {3, 19, NET_IPV4_BAD_TOTAL_LENGTH},
        {3, 41, NET_IPV4_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t packet[40] = {0};
        struct net_ipv4 out = {.ttl = 0xa5};
        net_ipv4_write(&(struct net_ipv4){.total_size = 40, .ttl = 64}, packet);
        packet[cases[i].at] = cases[i].value;
        if (cases[i].at)
            net_ipv4_seal(packet);
        assert_int_equal(net_ipv4_read(&out, packet, sizeof(packet)), cases[i].status);
        assert_int_equal(out.ttl, 0xa5);
    }
    assert_string_equal(net_ipv4_status_text(NET_IPV4_BAD_CHECKSUM), "bad header checksum");
}

static void test_quoted_header_may_be_cut(void **state)
{
    (void)state;
    struct net_ipv4 ip;
    assert_int_equal(net_ipv4_read_quoted(&ip, IPV4_UDP, sizeof(IPV4_UDP)), NET_IPV4_OK);
    assert_int_equal(ip.total_size, 0x73);
    assert_int_equal(count_truncations(parse_quoted, IPV4_UDP, sizeof(IPV4_UDP)), 0);
    assert_true(count_flips(parse_quoted, IPV4_UDP, sizeof(IPV4_UDP)) > 140);
}

static void test_fragment_fields(void **state)
{
    (void)state;
    uint8_t packet[NET_IPV4_SIZE];
    struct net_ipv4 out, in = {.total_size = 20, .fragment_offset = 65528, .more_fragments = true};
    net_ipv4_write(&in, packet);
    assert_int_equal(net_ipv4_read(&out, packet, sizeof(packet)), NET_IPV4_OK);
    assert_int_equal(out.fragment_offset, 65528);
    assert_true(out.more_fragments);
    assert_false(out.dont_fragment);
    assert_true(net_ipv4_is_fragment(packet));
    assert_false(net_ipv4_is_fragment(IPV4_UDP));
}

static void test_udp(void **state)
{
    (void)state;
    struct net_udp udp;
    uint8_t again[sizeof(UDP_SMALL)];
    assert_true(net_udp_read(&udp, UDP_SMALL, sizeof(UDP_SMALL)));
    assert_int_equal(udp.dst_port, 53);
    memset(again, 0xa5, sizeof(again));
    memcpy(again + 8, UDP_SMALL + 8, 2);
    net_udp_write(again, 4096, 53, 2, true, NET_IP4(10, 0, 0, 1), NET_IP4(8, 8, 8, 8));
    assert_memory_equal(again, UDP_SMALL, sizeof(again));
    assert_int_equal(count_truncations(parse_udp, UDP_SMALL, sizeof(UDP_SMALL)), 0);
    assert_int_equal(count_flips(parse_udp, UDP_SMALL, sizeof(UDP_SMALL)), 0);
    net_udp_write(again, 4500, 4500, 2, false, 0, 0);
    assert_int_equal(again[6] | again[7], 0);
    assert_true(parse_udp(again, sizeof(again)));
}

static void test_udp_checksum_zero_is_sent_as_ones(void **state)
{
    (void)state;
    uint8_t data[10] = {0};
    /* Choose the payload so that the sum comes to zero. */
    net_udp_write(data, 1, 2, 2, true, NET_IP4(10, 0, 0, 1), NET_IP4(10, 0, 0, 2));
    memcpy(data + 8, data + 6, 2);
    net_udp_write(data, 1, 2, 2, true, NET_IP4(10, 0, 0, 1), NET_IP4(10, 0, 0, 2));
    assert_int_equal(data[6] << 8 | data[7], 0xffff);
    struct net_udp udp;
    assert_true(net_udp_read(&udp, data, sizeof(data)));
    assert_true(net_udp_checksum_ok(&udp, data, NET_IP4(10, 0, 0, 1), NET_IP4(10, 0, 0, 2)));
}

static void test_ipv6(void **state)
{
    (void)state;
    struct net_ipv6 out, in = {.traffic_class = 0xb8,
                               .flow_label = 0x12345,
                               .payload_size = 4,
                               .next_header = NET_IPV6_NO_NEXT,
                               .hop_limit = 64};
    assert_true(net_addr_parse("2001:db8::1", &in.src));
    assert_true(net_addr_parse("2001:db8::2", &in.dst));
    uint8_t packet[NET_IPV6_SIZE + 4] = {0};
    net_ipv6_write(&in, packet);
    static const uint8_t start[] = {0x6b, 0x81, 0x23, 0x45, 0x00, 0x04, 0x3b, 0x40, 0x20, 0x01};
    assert_memory_equal(packet, start, sizeof(start));
    assert_true(net_ipv6_read(&out, packet, sizeof(packet)));
    assert_true(net_addr_equal(&out.dst, &in.dst) && net_addr_equal(&out.src, &in.src));
    assert_int_equal(out.traffic_class, 0xb8);
    assert_int_equal(out.flow_label, 0x12345);
    assert_int_equal(count_truncations(parse_ipv6, packet, sizeof(packet)), 0);
    assert_true(count_flips(parse_ipv6, packet, sizeof(packet)) < sizeof(packet) * 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ethernet_and_arp),
        cmocka_unit_test(test_ipv4_header),
        cmocka_unit_test(test_ipv4_faults_by_name),
        cmocka_unit_test(test_quoted_header_may_be_cut),
        cmocka_unit_test(test_fragment_fields),
        cmocka_unit_test(test_udp),
        cmocka_unit_test(test_udp_checksum_zero_is_sent_as_ones),
        cmocka_unit_test(test_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
