/*
 * The router: an IPv4 stack with two interfaces that forwards. What goes out is translated at its out hook, when it is
 * routed; what is for the public address at its in hook, before delivery, and enters again with its new destination.
 */
#include "sim/nat.h"

#include <assert.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "net/checksum.h"
#include "net/icmp.h"
#include "net/udp.h"
#include "sim/nat_table.h"
#include "sim/stack.h"
#include "sim/world.h"

struct sim_nat {
    struct sim_stack *stack;
    struct sim_world *world;
    struct nat_table table;
    net_ip4 public_address, inside_address;
    struct net_prefix inside_subnet;
    uint16_t inside, outside; /* interfaces */
    uint16_t node;
};

/* ---- Rewriting ---- */

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* Writes a 16-bit field and keeps a checksum right that covers it (RFC 1624). */
static void set16(uint8_t *at, uint16_t value, uint8_t *checksum)
{
    if (checksum)
        base_put_be(checksum, net_checksum_update(get16(checksum), get16(at), value), 2);
    base_put_be(at, value, 2);
}

static void set_address(uint8_t *at, net_ip4 address, uint8_t *header_sum, uint8_t *udp_sum)
{
    for (size_t i = 0; i < 2; i++) {
        uint16_t value = (uint16_t)(address >> (i ? 0 : 16));
        if (udp_sum)
            base_put_be(udp_sum, net_checksum_update(get16(udp_sum), get16(at + 2 * i), value), 2);
        set16(at + 2 * i, value, header_sum);
    }
}

/* Which end of a packet is rewritten. */
enum side {
    SOURCE,
    DESTINATION
};

/*
 * Rewrites one end of a UDP datagram or echo: `size` bytes from the IPv4 header on, which may be
 * cut short where they are a quotation. A fragment but the first has no port.
 */
static void rewrite(uint8_t *ip, size_t size, enum side side, struct nat_endpoint to)
{
    assert(ip);
    size_t header_size = net_ipv4_header_size(ip);
    uint8_t *payload = ip + header_size;
    bool first = !(net_ipv4_fragment_word(ip) & NET_IPV4_OFFSET_MASK);
    bool udp = ip[9] == NET_IPV4_UDP;
    uint8_t *sum = NULL;
    if (first && udp && size >= header_size + NET_UDP_SIZE && get16(payload + 6))
        sum = payload + 6;
    set_address(ip + (side == SOURCE ? 12 : 16), to.address, ip + 10, sum);
    if (first && udp && size >= header_size + 4)
        set16(payload + (side == SOURCE ? 0 : 2), to.port, sum);
    else if (first && !udp && size >= header_size + 6)
        set16(payload + 4, to.port, payload + 2);
    if (sum && !get16(sum))
        base_put_be(sum, 0xffff, 2);
}

/* The ends of a packet with ports, or with an echo's identifier on the one side; false where it has none. */
static bool read_ends(const uint8_t *ip, size_t size, struct nat_endpoint ends[static 2])
{
    size_t header_size = net_ipv4_header_size(ip);
    const uint8_t *payload = ip + header_size;
    ends[SOURCE] = (struct nat_endpoint){.address = net_ipv4_src(ip)};
    ends[DESTINATION] = (struct nat_endpoint){.address = net_ipv4_dst(ip)};
    if (size < header_size + NET_ICMP_SIZE || net_ipv4_fragment_word(ip) & NET_IPV4_OFFSET_MASK)
        return false;
    if (ip[9] == NET_IPV4_UDP) {
        ends[SOURCE].port = get16(payload);
        ends[DESTINATION].port = get16(payload + 2);
        return true;
    }
    if (ip[9] != NET_IPV4_ICMP ||
        (payload[0] != NET_ICMP_ECHO && payload[0] != NET_ICMP_ECHO_REPLY))
        return false;
    ends[payload[0] == NET_ICMP_ECHO ? SOURCE : DESTINATION].port = get16(payload + 4);
    return true;
}

/* As journal records have it. */
static uint64_t number_of(struct nat_endpoint endpoint)
{
    return (uint64_t)endpoint.address << 16 | endpoint.port;
}

static void note(struct sim_nat *nat, const struct sim_packet *packet, struct nat_endpoint from,
                 struct nat_endpoint to)
{
    sim_note(nat->world, packet, nat->node, 0, SIM_KIND_TRANSLATED, SIM_REASON_NONE,
             number_of(from), number_of(to));
}

/* The record says where it was going and where it came from. */
static bool drop(struct sim_nat *nat, struct sim_packet *packet, enum sim_reason reason)
{
    struct nat_endpoint ends[2] = {{0}};
    const uint8_t *ip = sim_packet_data(packet);
    if ((ip[9] == NET_IPV4_UDP || ip[9] == NET_IPV4_ICMP) &&
        !(net_ipv4_fragment_word(ip) & NET_IPV4_OFFSET_MASK))
        (void)read_ends(ip, sim_packet_size(packet), ends);
    sim_drop(nat->world, packet, nat->node, 0, reason, number_of(ends[DESTINATION]),
             number_of(ends[SOURCE]));
    return false;
}

/* ---- ICMP errors (RFC 5508, section 4) ---- */

/* What an ICMP error quotes: its bytes, or NULL where the packet is no whole and sound error with a quotation. */
static uint8_t *quoted_by(struct sim_packet *packet, size_t *size)
{
    uint8_t *ip = sim_packet_data(packet);
    size_t header_size = net_ipv4_header_size(ip);
    size_t icmp_size = net_ipv4_total_size(ip) - header_size;
    struct net_icmp icmp;
    struct net_ipv4 quoted;
    if (ip[9] != NET_IPV4_ICMP || net_ipv4_is_fragment(ip) ||
        !net_icmp_read(&icmp, ip + header_size, icmp_size) || !net_icmp_type_is_error(icmp.type))
        return NULL;
    *size = icmp_size - NET_ICMP_SIZE;
    uint8_t *bytes = ip + header_size + NET_ICMP_SIZE;
    return net_ipv4_read_quoted(&quoted, bytes, *size) == NET_IPV4_OK ? bytes : NULL;
}

static void seal_icmp(struct sim_packet *packet)
{
    uint8_t *ip = sim_packet_data(packet);
    uint8_t *icmp = ip + net_ipv4_header_size(ip);
    base_put_be(icmp + 2, 0, 2);
    base_put_be(icmp + 2, net_checksum(icmp, net_ipv4_total_size(ip) - net_ipv4_header_size(ip)),
                2);
}

/* One about a packet that went out from inside: its sender is told. The router's own ones, about what it had translated
 * already, come by lo. */
static bool error_in(struct sim_nat *nat, struct sim_packet *packet)
{
    size_t size;
    struct nat_endpoint ends[2];
    uint8_t *quoted = quoted_by(packet, &size);
    if (!quoted || net_ipv4_src(quoted) != nat->public_address || !read_ends(quoted, size, ends))
        return false;
    const struct nat_mapping *mapping =
        nat_table_by_port(&nat->table, nat->world->now, quoted[9], ends[SOURCE].port);
    if (!mapping)
        return false;
    note(nat, packet, ends[SOURCE], mapping->inside);
    rewrite(quoted, size, SOURCE, mapping->inside);
    seal_icmp(packet);
    uint8_t *ip = sim_packet_data(packet);
    set_address(ip + 16, mapping->inside.address, ip + 10, NULL);
    if (net_ipv4_src(ip) == nat->public_address)
        set_address(ip + 12, nat->inside_address, ip + 10, NULL);
    return true;
}

/* One of an inside host about a packet that came in. */
static bool error_out(struct sim_nat *nat, struct sim_packet *packet)
{
    size_t size;
    struct nat_endpoint ends[2];
    uint8_t *quoted = quoted_by(packet, &size);
    if (!quoted || !read_ends(quoted, size, ends))
        return false;
    const struct nat_mapping *mapping = nat_table_by_inside(&nat->table, nat->world->now, quoted[9],
                                                            ends[DESTINATION], ends[SOURCE]);
    if (!mapping)
        return false;
    struct nat_endpoint outside = {nat->public_address, mapping->outside_port};
    note(nat, packet, ends[DESTINATION], outside);
    rewrite(quoted, size, DESTINATION, outside);
    seal_icmp(packet);
    set_address(sim_packet_data(packet) + 12, nat->public_address, sim_packet_data(packet) + 10,
                NULL);
    return true;
}

/* ---- Out ---- */

static bool is_inside_host(const struct sim_nat *nat, net_ip4 address)
{
    struct net_addr source = net_addr_from_ip4(address);
    return address != nat->inside_address && net_prefix_contains(&nat->inside_subnet, &source);
}

static bool hook_out(void *context, struct sim_stack *stack, struct sim_packet *packet,
                     const struct sim_stack_route *route, struct sim_stack_exit **exit)
{
    struct sim_nat *nat = context;
    uint8_t *ip = sim_packet_data(packet);
    struct nat_endpoint ends[2];
    (void)stack;
    (void)exit;
    if (route->interface != nat->outside || !is_inside_host(nat, net_ipv4_src(ip)))
        return true;
    if (ip[9] != NET_IPV4_UDP && ip[9] != NET_IPV4_ICMP)
        return drop(nat, packet, SIM_REASON_NAT_PROTOCOL);
    if (net_ipv4_fragment_word(ip) & NET_IPV4_OFFSET_MASK) {
        rewrite(ip, sim_packet_size(packet), SOURCE,
                (struct nat_endpoint){.address = nat->public_address});
        return true;
    }
    if (!read_ends(ip, sim_packet_size(packet), ends))
        return error_out(nat, packet) || drop(nat, packet, SIM_REASON_NAT_NO_MAPPING);
    if (ip[9] == NET_IPV4_ICMP && ends[DESTINATION].port) /* a reply: nobody outside was let ask */
        return drop(nat, packet, SIM_REASON_NAT_NO_MAPPING);
    const struct nat_mapping *mapping =
        nat_table_out(&nat->table, nat->world->now, ip[9], ends[SOURCE], ends[DESTINATION]);
    struct nat_endpoint outside = {nat->public_address, mapping->outside_port};
    note(nat, packet, ends[SOURCE], outside);
    rewrite(ip, sim_packet_size(packet), SOURCE, outside);
    return true;
}

/* ---- In ---- */

static enum sim_reason reason_of(enum nat_verdict verdict)
{
    return verdict == NAT_EXPIRED    ? SIM_REASON_NAT_EXPIRED
           : verdict == NAT_FILTERED ? SIM_REASON_NAT_FILTERED
                                     : SIM_REASON_NAT_NO_MAPPING;
}

/* Off to the inside, as if it had come in with its new destination. */
static bool send_inside(struct sim_nat *nat, struct sim_packet *packet)
{
    if (net_ipv4_src(sim_packet_data(packet)) == nat->inside_address)
        (void)sim_stack_send_packet(nat->stack, packet, 0); /* an error of the router's own */
    else
        sim_stack_input(nat->stack, nat->outside, packet);
    return false;
}

static bool datagram_in(struct sim_nat *nat, struct sim_packet *packet,
                        const struct nat_endpoint ends[static 2])
{
    const struct nat_mapping *mapping;
    uint8_t *ip = sim_packet_data(packet);
    enum nat_verdict verdict = nat_table_in(&nat->table, nat->world->now, ip[9],
                                            ends[DESTINATION].port, ends[SOURCE], &mapping);
    if (verdict == NAT_PASS) {
        note(nat, packet, ends[DESTINATION], mapping->inside);
        rewrite(ip, sim_packet_size(packet), DESTINATION, mapping->inside);
        return send_inside(nat, packet);
    }
    if (ip[9] == NET_IPV4_UDP)
        sim_stack_send_icmp_error(nat->stack, packet, NET_ICMP_UNREACHABLE,
                                  NET_ICMP_PORT_UNREACHABLE, 0);
    return drop(nat, packet, reason_of(verdict));
}

static bool hook_in(void *context, struct sim_stack *stack, struct sim_packet *packet)
{
    struct sim_nat *nat = context;
    uint8_t *ip = sim_packet_data(packet);
    struct nat_endpoint ends[2];
    (void)stack;
    if (net_ipv4_dst(ip) != nat->public_address || is_inside_host(nat, net_ipv4_src(ip)))
        return true;
    if (read_ends(ip, sim_packet_size(packet), ends)) {
        bool asked = ip[9] == NET_IPV4_ICMP && ip[net_ipv4_header_size(ip)] == NET_ICMP_ECHO;
        return asked || datagram_in(nat, packet, ends); /* an echo request is the router's own */
    }
    if (error_in(nat, packet))
        return send_inside(nat, packet);
    return true;
}

/* ---- The router ---- */

struct sim_nat *sim_nat_new(struct sim_world *world, const struct sim_nat_config *config)
{
    struct sim_nat *nat = base_alloc(sizeof(*nat));
    struct sim_stack_hooks hooks = {.context = nat, .looped = true, .in = hook_in, .out = hook_out};
    nat->world = world;
    nat->public_address = net_addr_ip4(&config->outside.addr);
    nat->inside_address = net_addr_ip4(&config->inside.addr);
    nat->inside_subnet = net_prefix_mask(&config->inside);
    nat_table_init(&nat->table, config->type, config->timeout_ns);
    nat->stack =
        sim_stack_new(world, &(struct sim_stack_config){.name = config->name, .ip_forward = true});
    nat->node = sim_stack_node(nat->stack)->id;
    nat->inside = sim_stack_add_ethernet(nat->stack, "inside", config->mtu);
    nat->outside = sim_stack_add_ethernet(nat->stack, "outside", config->mtu);
    sim_stack_add_address(nat->stack, nat->inside, &config->inside);
    sim_stack_add_address(nat->stack, nat->outside, &config->outside);
    if (config->default_gateway) {
        struct net_route route = {.to = net_prefix_from_ip4(0, 0),
                                  .via = config->default_gateway,
                                  .interface = nat->outside,
                                  .kind = NET_ROUTE_UNICAST};
        enum sim_stack_status status =
            sim_stack_route_add(nat->stack, SIM_STACK_TABLE_MAIN, &route);
        assert(status == SIM_STACK_OK);
        (void)status;
    }
    sim_stack_set_hooks(nat->stack, &hooks);
    return nat;
}

void sim_nat_free(struct sim_nat *nat)
{
    if (!nat)
        return;
    sim_stack_free(nat->stack);
    nat_table_fini(&nat->table);
    free(nat);
}

struct sim_port *sim_nat_inside(struct sim_nat *nat)
{
    return sim_stack_port(nat->stack, nat->inside);
}

struct sim_port *sim_nat_outside(struct sim_nat *nat)
{
    return sim_stack_port(nat->stack, nat->outside);
}

struct sim_node *sim_nat_node(struct sim_nat *nat)
{
    return sim_stack_node(nat->stack);
}

void sim_nat_rebind(struct sim_nat *nat)
{
    nat_table_rebind(&nat->table);
}

size_t sim_nat_mappings(const struct sim_nat *nat)
{
    size_t count = 0;
    for (size_t i = 0; i < nat->table.count; i++)
        count += nat->table.mappings[i].until > nat->world->now;
    return count;
}
