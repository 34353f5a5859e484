/*
 * Frames into a router between two LANs and a host behind it, with time going by: each is two octets
 * (size, then what goes by in units of 50 ms and, in the top bit, whether checksums are mended) and
 * the bytes of an Ethernet payload behind its type. Whatever comes, nothing is left over at the end.
 */
#include "fuzz/fuzz.h"

#include "base/bytes.h"
#include "net/checksum.h"
#include "net/ether.h"
#include "sim/host.h"
#include "sim/switch.h"

#include <assert.h>
#include <string.h>

#define FRAME_MAX (NET_ETHER_SIZE + 255)

/* Right checksums, so that what lies behind their check is reached. */
static void mend(uint8_t *ip, size_t size)
{
    if (size < NET_IPV4_SIZE || ip[0] != 0x45)
        return;
    base_put_be(ip + 2, size, 2);
    net_ipv4_seal(ip);
    if (ip[9] == NET_IPV4_ICMP && size >= NET_IPV4_SIZE + 8) {
        base_put_be(ip + 22, 0, 2);
        base_put_be(ip + 22, net_checksum(ip + 20, size - 20), 2);
    }
}

static void give(struct sim_world *world, struct sim_port *port, struct base_reader *r)
{
    uint8_t size = base_read_u8(r), how = base_read_u8(r);
    struct sim_packet *packet = sim_packet_new(world, FRAME_MAX, 0);
    struct net_ether ether = {.src = {2, 0, 0, 0, 0, 9}};
    memcpy(ether.dst, how & 0x40 ? NET_MAC_BROADCAST : port->mac, NET_MAC_SIZE);
    ether.type = base_read_u8(r) & 1 ? NET_ETHER_ARP : NET_ETHER_IPV4;
    size_t left = base_reader_left(r);
    size_t body = size < left ? size : left;
    net_ether_write(&ether, base_buffer_put(&packet->bytes, NET_ETHER_SIZE));
    uint8_t *payload = base_buffer_put(&packet->bytes, (uint32_t)body);
    base_read_copy(r, payload, body);
    if (how & 0x80)
        mend(payload, body);
    sim_port_deliver(port, packet);
    sim_world_run_until(world, world->now + (how & 0x3f) * 50 * BASE_MS);
}

static struct sim_stack *make_router(struct sim_world *world, struct sim_switch *lan)
{
    struct sim_stack *router =
        sim_stack_new(world, &(struct sim_stack_config){.name = "router", .ip_forward = true});
    for (unsigned i = 1; i <= 2; i++) {
        struct net_prefix address = net_prefix_from_ip4(NET_IP4(192, 168, i, 5), 24);
        uint16_t interface = sim_stack_add_ethernet(router, i == 1 ? "lan1" : "lan2", 600);
        sim_stack_add_address(router, interface, &address);
    }
    sim_switch_attach(lan, sim_stack_port(router, 2));
    return router;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct base_reader r = base_reader_of(data, size);
    struct sim_world *world = sim_world_new(1, false);
    struct sim_switch *lan = sim_switch_new(world, "lan", NULL);
    struct sim_stack *router = make_router(world, lan);
    struct sim_host_config config = {
        .name = "host",
        .address = net_prefix_from_ip4(NET_IP4(192, 168, 2, 11), 24),
        .default_gateway = NET_IP4(192, 168, 2, 5),
    };
    struct sim_host *host = sim_host_new(world, &config);
    sim_switch_attach(lan, sim_host_port(host));
    while (base_reader_left(&r) > 3)
        give(world, sim_stack_port(router, 1), &r);
    sim_world_drain(world);
    sim_host_free(host);
    sim_stack_free(router);
    sim_switch_free(lan);
    struct sim_leaks leaks = sim_world_leaks(world);
    assert(leaks.packets + leaks.flights + leaks.timers == 0);
    sim_world_free(world);
    return 0;
}
