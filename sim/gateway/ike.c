/*
 * The engine inside a gateway: its two UDP ports (RFC 7296 section 2, RFC 3948), its one timer, and
 * what it puts out: datagrams to be sent, events to be acted upon, in the order in which they happened.
 *
 * The sockets are charon's: policies do not touch what they send and receive, DF is set where the
 * datagram fits the path (IP_PMTUDISC_WANT).
 */
#include "sim/gateway/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/icmp.h"
#include "net/udp.h"

enum {
    MARKER_SIZE = 4, /* of zeros, in front of IKE on port 4500 (RFC 3948 section 2.2) */
    KEEPALIVE = 0xff
};

static void send_datagram(struct sim_gateway *gw, const struct ike_output *output)
{
    uint32_t marker = output->marker ? MARKER_SIZE : 0;
    struct sim_packet *packet =
        sim_packet_new(gw->world, (uint32_t)output->size + marker, gw->cause);
    uint8_t *data = base_buffer_put(&packet->bytes, (uint32_t)output->size + marker);
    memset(data, 0, marker);
    memcpy(data + marker, output->bytes, output->size);
    bool keepalive = !marker && output->size == 1 && output->bytes[0] == KEEPALIVE;
    sim_note(gw->world, packet, gw->node, gw->wan_port, SIM_KIND_BORN, SIM_REASON_NONE,
             keepalive ? SIM_ORIGIN_KEEPALIVE : SIM_ORIGIN_IKE,
             (uint64_t)output->path.local_port << 16 | output->path.remote_port);
    struct sim_stack_udp how = {
        .src = net_addr_ip4(&output->path.local),
        .dst = net_addr_ip4(&output->path.remote),
        .src_port = output->path.local_port,
        .dst_port = output->path.remote_port,
        .df = SIM_STACK_DF_WANT,
        .flags = SIM_STACK_NO_POLICY | gw->socket_flags,
    };
    /* Where it cannot be sent the engine sends it again: as charon, which only logs the error. */
    (void)sim_stack_udp_send(gw->stack, packet, &how, NULL);
}

/* The journal's word for why the engine dropped a message; none for one that it answered from memory. */
static enum sim_reason reason_of(enum ike_reason reason)
{
    static const uint8_t reasons[IKE_REASON_COUNT] = {
        [IKE_REASON_MALFORMED] = SIM_REASON_IKE_MALFORMED,
        [IKE_REASON_VERSION] = SIM_REASON_IKE_VERSION,
        [IKE_REASON_UNKNOWN_SPI] = SIM_REASON_IKE_UNKNOWN_SPI,
        [IKE_REASON_UNEXPECTED] = SIM_REASON_IKE_UNEXPECTED,
        [IKE_REASON_WINDOW] = SIM_REASON_IKE_WINDOW,
        [IKE_REASON_NOT_AUTHENTIC] = SIM_REASON_IKE_NOT_AUTHENTIC,
        [IKE_REASON_FRAGMENT] = SIM_REASON_IKE_FRAGMENT,
        [IKE_REASON_HALF_OPEN] = SIM_REASON_IKE_HALF_OPEN,
        [IKE_REASON_INVALID] = SIM_REASON_IKE_INVALID,
    };
    return (enum sim_reason)reasons[reason];
}

static void handle_event(struct sim_gateway *gw, const struct ike_event *event)
{
    if (event->kind == IKE_EVENT_MESSAGE_DROPPED)
        gw->refused = reason_of(event->reason);
    bool installed = gateway_charon_event(gw, event);
    int peer = event->peer;
    if (gw->on_event) {
        struct ike_event told = *event;
        told.at = gw->world->now; /* listeners know one clock */
        gw->on_event(gw->event_context, gw, &told);
    }
    if (!installed) /* the peer is told with a DELETE, as charon does */
        ike_endpoint_terminate(gw->engine, gateway_now(gw), peer, true);
}

void gateway_ike_pump(struct sim_gateway *gw)
{
    if (!gw->engine || gw->polling)
        return; /* whoever polls takes what was added */
    gw->polling = true;
    const struct ike_output *output;
    while ((output = ike_endpoint_poll(gw->engine))) {
        if (output->kind == IKE_OUTPUT_EVENT)
            handle_event(gw, &output->event);
        else if (gw->running) /* else a standby that was reconfigured: it cannot send yet */
            send_datagram(gw, output);
    }
    gw->polling = false;
    if (!gw->running)
        return;
    base_ns deadline = ike_endpoint_deadline(gw->engine);
    if (deadline == BASE_NEVER) {
        sim_world_cancel(gw->world, &gw->deadline);
        return;
    }
    deadline -= gw->clock_ahead;
    if (!sim_event_pending(&gw->deadline) || gw->deadline.at != deadline)
        sim_world_at(gw->world, &gw->deadline,
                     deadline > gw->world->now ? deadline : gw->world->now);
}

/*
 * What arrives at that very moment is heard first: the timers of a real daemon are never early and mostly late, and a
 * message that they wait for would otherwise be asked for again in the moment at which it comes.
 */
static void on_deadline(struct sim_world *world, struct sim_event *event)
{
    struct sim_gateway *gw = SIM_OWNER(event, struct sim_gateway, deadline);
    if (gw->deadline_met != world->now) {
        gw->deadline_met = world->now;
        sim_world_at(world, event, world->now);
        return;
    }
    ike_endpoint_expire(gw->engine, gateway_now(gw));
    gateway_ike_pump(gw);
}

/* An IKE message; the packet is freed, or dropped where the engine would not have it. */
static void take_message(struct sim_gateway *gw, const struct sim_stack_datagram *datagram,
                         size_t marker, struct sim_packet *packet)
{
    struct ike_path path = {
        .local = net_addr_from_ip4(datagram->dst),
        .remote = net_addr_from_ip4(datagram->src),
        .local_port = datagram->dst_port,
        .remote_port = datagram->src_port,
    };
    uint64_t outer_cause = gw->cause;
    gw->cause = packet->id;
    if (gw->engine)
        ike_endpoint_input(gw->engine, gateway_now(gw), &path, datagram->data + marker,
                           datagram->size - marker);
    gw->refused = SIM_REASON_NONE;
    gateway_ike_pump(gw);
    gw->cause = outer_cause;
    if (gw->refused)
        sim_drop(gw->world, packet, gw->node, gw->wan_port, gw->refused, 0, 0);
    else
        sim_packet_free(gw->world, packet);
}

static void input_500(void *context, struct sim_stack *stack,
                      const struct sim_stack_datagram *datagram, struct sim_packet *packet)
{
    (void)stack;
    take_message(context, datagram, 0, packet);
}

static void input_4500(void *context, struct sim_stack *stack,
                       const struct sim_stack_datagram *datagram, struct sim_packet *packet)
{
    static const uint8_t marker[MARKER_SIZE];
    struct sim_gateway *gw = context;
    (void)stack;
    if (datagram->size == 1 && datagram->data[0] == KEEPALIVE) /* RFC 3948 section 2.3 */
        sim_packet_free(gw->world, packet);
    else if (datagram->size < MARKER_SIZE) /* Linux gives it to charon, which drops it */
        sim_drop(gw->world, packet, gw->node, gw->wan_port, SIM_REASON_IKE_MALFORMED, 0, 0);
    else if (!memcmp(datagram->data, marker, MARKER_SIZE))
        take_message(gw, datagram, MARKER_SIZE, packet);
    else
        gateway_esp_input(gw, packet);
}

/* An ICMP error about a datagram: only a path's MTU counts; the engine relies on its own timers. */
static void udp_error(void *context, struct sim_stack *stack,
                      const struct sim_stack_icmp_error *error)
{
    (void)context;
    if (error->type == NET_ICMP_UNREACHABLE && error->code == NET_ICMP_FRAGMENTATION_NEEDED)
        sim_stack_learn_path_mtu(stack, error->quoted.dst, error->mtu);
}

void gateway_ike_init(struct sim_gateway *gw)
{
    sim_event_init(&gw->deadline, on_deadline);
    gw->deadline_met = BASE_NEVER;
}

static void bind_sockets(struct sim_gateway *gw)
{
    struct sim_stack_socket socket = {.port = NET_UDP_PORT_IKE,
                                      .bypass = true,
                                      .input = input_500,
                                      .error = udp_error,
                                      .context = gw};
    sim_stack_bind_udp(gw->stack, &socket);
    socket.port = NET_UDP_PORT_NATT;
    socket.input = input_4500;
    sim_stack_bind_udp(gw->stack, &socket);
}

/* All own addresses, to be freed. */
static net_ip4 *list_addresses(struct sim_gateway *gw, size_t *count)
{
    net_ip4 *list = NULL;
    size_t capacity = 0;
    *count = 0;
    for (uint16_t interface = 1; interface < sim_stack_interface_count(gw->stack); interface++) {
        const struct net_prefix *address;
        for (size_t i = 0; (address = sim_stack_address(gw->stack, interface, i)); i++) {
            list = base_grow(list, *count, &capacity, sizeof(*list));
            list[(*count)++] = net_addr_ip4(&address->addr);
        }
    }
    return list;
}

bool gateway_ike_add(struct sim_gateway *gw, struct gateway_tunnel *tunnel)
{
    struct ike_peer_config config = tunnel->config;
    net_ip4 *addresses = NULL;
    if (gw->vpn == SIM_GATEWAY_ROUTE_BASED) /* its children need a route, and that a source */
        config.own_addresses = addresses = list_addresses(gw, &config.own_address_count);
    tunnel->peer = ike_endpoint_add_peer(gw->engine, gateway_now(gw), &config);
    free(addresses);
    return tunnel->peer >= 0;
}

void gateway_ike_start(struct sim_gateway *gw)
{
    struct base_rng stream; /* another one after each start: a reboot repeats no nonce and no key */
    sim_world_rng(gw->world, &stream, "%s/ike/%u", gw->name, ++gw->boots);
    gw->engine = ike_endpoint_new(gw->crypto, gw->sad, &stream, NULL);
    bind_sockets(gw);
}

/* Nothing of the daemon is left but, perhaps, what it put into the kernel. */
static void end_daemon(struct sim_gateway *gw)
{
    assert(!gw->polling); /* a listener must not switch its gateway off */
    sim_world_cancel(gw->world, &gw->deadline);
    sim_stack_unbind_udp(gw->stack, NET_UDP_PORT_IKE);
    sim_stack_unbind_udp(gw->stack, NET_UDP_PORT_NATT);
    gw->engine = NULL;
}

void gateway_ike_die(struct sim_gateway *gw)
{
    struct ike_endpoint *engine = gw->engine;
    end_daemon(gw);
    ike_endpoint_abandon(engine);
}

void gateway_ike_stop(struct sim_gateway *gw)
{
    struct ike_endpoint *engine = gw->engine;
    end_daemon(gw);
    ike_endpoint_free(engine);
}
