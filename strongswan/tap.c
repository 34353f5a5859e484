/*
 * The inside of tunnels, where kernel-libipsec does ESP: its device ipsec0 carries the packets of
 * all tunnels before sealing and after opening. A packet is the tunnel's in whose configured
 * selectors it lies. Where the kernel does ESP nothing is seen.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipsec/ike/wire.h"
#include "net/ipv4.h"
#include "netns/netns.h"
#include "sim/world.h"
#include "strongswan/internal.h"

#define DEVICE "ipsec0"

enum {
    RECURSED_MAX = 1000 /* see is_own_esp */
};

static bool lies_in(const struct topo_cidr *cidrs, size_t count, net_ip4 ip)
{
    struct net_addr addr = net_addr_from_ip4(ip);
    for (size_t i = 0; i < count; i++) {
        if (net_prefix_contains(&cidrs[i].prefix, &addr))
            return true;
    }
    return false;
}

static struct swan_tunnel *tunnel_with(struct swan_engine *engine, net_ip4 inside, net_ip4 outside)
{
    for (size_t i = 0; i < engine->tunnel_count; i++) {
        const struct topo_tunnel *model = engine->tunnels[i]->model;
        if (lies_in(model->cloud, model->cloud_count, inside) &&
            lies_in(model->peer, model->peer_count, outside))
            return engine->tunnels[i];
    }
    return NULL;
}

/*
 * What charon itself has sealed and sent, routed into its own device: it is sealed again, and so
 * on, tens of thousands of packets a second until somebody ends it. The first ones tell all there
 * is to tell.
 */
static bool is_own_esp(const struct swan_engine *engine, const struct net_ipv4 *ip,
                       const uint8_t *bytes, size_t size)
{
    const uint8_t *udp = bytes + ip->header_size;
    return ip->src == net_addr_ip4(topo_gateway_wan(&engine->model)) &&
           ip->protocol == NET_IPV4_UDP && size >= ip->header_size + 2u &&
           (udp[0] << 8 | udp[1]) == IKE_PORT_NATT;
}

static void show(struct swan_engine *engine, const uint8_t *bytes, size_t size,
                 enum sim_direction direction)
{
    struct net_ipv4 ip;
    if (net_ipv4_read(&ip, bytes, size) != NET_IPV4_OK) /* IPv6's own, for one */
        return;
    if (is_own_esp(engine, &ip, bytes, size) && ++engine->recursed > RECURSED_MAX)
        return;
    bool out = direction == SIM_DIRECTION_OUT;
    struct swan_tunnel *tunnel =
        out ? tunnel_with(engine, ip.src, ip.dst) : tunnel_with(engine, ip.dst, ip.src);
    struct sim_tap_frame frame = {
        .at = engine->place.sim->now, .bytes = bytes, .size = size, .direction = direction};
    for (struct sim_tap *tap = tunnel ? tunnel->taps : NULL; tap; tap = tap->next)
        tap->frame(tap, &frame);
}

static void on_packets(struct netns_watch *watch)
{
    struct swan_engine *engine = SIM_OWNER(watch, struct swan_engine, device);
    uint8_t bytes[65536];
    struct sockaddr_ll from = {.sll_family = AF_PACKET};
    socklen_t from_size = sizeof(from);
    ssize_t size;
    while ((size = recvfrom(watch->fd, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&from,
                            &from_size)) > 0) {
        show(engine, bytes, (size_t)size,
             from.sll_pkttype == PACKET_OUTGOING ? SIM_DIRECTION_OUT : SIM_DIRECTION_IN);
        from_size = sizeof(from);
    }
}

void swan_tap_open(struct swan_engine *engine)
{
    struct ifreq request = {.ifr_name = DEVICE};
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    if (engine->options.plane != SWAN_DATA_LIBIPSEC)
        return;
    int fd = netns_socket(engine->place.netns, AF_PACKET, SOCK_DGRAM, 0);
    if (fd < 0)
        return;
    if (!ioctl(fd, SIOCGIFINDEX, &request)) {
        address.sll_ifindex = request.ifr_ifindex;
        if (!bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
            engine->device = (struct netns_watch){.fd = fd, .ready = on_packets};
            netns_loop_add(engine->place.loop, &engine->device);
            return;
        }
    }
    close(fd);
}

/* What has not been read yet is still shown. */
void swan_tap_close(struct swan_engine *engine)
{
    if (engine->device.fd < 0)
        return;
    on_packets(&engine->device);
    netns_loop_remove(engine->place.loop, &engine->device);
    close(engine->device.fd);
    engine->device.fd = -1;
}

bool swan_tap(struct topo_engine *engine, const char *name, struct sim_tap *tap)
{
    struct swan_engine *self = swan_of(engine);
    for (size_t i = 0; i < self->tunnel_count; i++) {
        if (strcmp(self->tunnels[i]->model->name, name) != 0)
            continue;
        sim_tap_add(&self->tunnels[i]->taps, tap);
        return self->options.plane == SWAN_DATA_LIBIPSEC;
    }
    return false;
}
