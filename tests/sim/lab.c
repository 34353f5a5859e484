#include "tests/sim/lab.h"

#include "net/icmp.h"
#include "sim/link.h"

struct net_prefix lab_prefix(const char *text)
{
    struct net_prefix prefix;
    assert_true(net_prefix_parse(text, NET_PREFIX_KEEP, &prefix));
    return prefix;
}

struct sim_host *lab_host(struct lab *lab, struct sim_switch *lan, const char *name,
                          const char *address)
{
    struct sim_host_config config = {.name = name, .address = lab_prefix(address)};
    struct sim_host *host = sim_host_new(lab->world, &config);
    sim_switch_attach(lan, sim_host_port(host));
    return host;
}

void lab_route(struct sim_stack *stack, const char *to, net_ip4 via)
{
    struct net_prefix prefix = lab_prefix(to);
    assert_int_equal(sim_stack_route_add_via(stack, SIM_STACK_TABLE_MAIN, &prefix, via, 0, 0),
                     SIM_STACK_OK);
}

static void add_interface(struct lab *lab, struct sim_switch *lan, const char *name,
                          const char *address)
{
    struct net_prefix prefix = lab_prefix(address);
    uint16_t interface = sim_stack_add_ethernet(lab->router, name, 1500);
    sim_stack_add_address(lab->router, interface, &prefix);
    sim_switch_attach(lan, sim_stack_port(lab->router, interface));
}

void lab_init(struct lab *lab)
{
    struct sim_impairment base = {.set = SIM_IMPAIR_DELAY, .delay_ns = 100 * BASE_US};
    lab->world = sim_world_new(1, true);
    lab->lan1 = sim_switch_new(lab->world, "lan1", &base);
    lab->lan2 = sim_switch_new(lab->world, "lan2", &base);
    lab->router =
        sim_stack_new(lab->world, &(struct sim_stack_config){.name = "router", .ip_forward = true});
    add_interface(lab, lab->lan1, "lan1", "192.168.1.5/24");
    add_interface(lab, lab->lan2, "lan2", "192.168.2.5/24");
    lab->a = lab_host(lab, lab->lan1, "a", "192.168.1.11/24");
    lab->b = lab_host(lab, lab->lan1, "b", "192.168.1.12/24");
    lab->c = lab_host(lab, lab->lan2, "c", "192.168.2.11/24");
    lab_route(sim_host_stack(lab->a), "192.168.2.0/24", LAB_ROUTER1);
    lab_route(sim_host_stack(lab->b), "192.168.2.0/24", LAB_ROUTER1);
    lab_route(sim_host_stack(lab->c), "192.168.1.0/24", LAB_ROUTER2);
}

void lab_fini(struct lab *lab)
{
    sim_world_drain(lab->world);
    sim_host_free(lab->a);
    sim_host_free(lab->b);
    sim_host_free(lab->c);
    sim_stack_free(lab->router);
    sim_switch_free(lab->lan1);
    sim_switch_free(lab->lan2);
    struct sim_leaks leaks = sim_world_leaks(lab->world);
    assert_int_equal(leaks.packets + leaks.flights + leaks.timers, 0);
    sim_world_free(lab->world);
}

uint64_t lab_drops(struct lab *lab, struct sim_stack *stack, enum sim_reason reason)
{
    return sim_world_drops(lab->world, sim_stack_node(stack)->id, reason);
}

/* ---- Pings ---- */

struct sim_ping_config lab_config(net_ip4 to)
{
    return (struct sim_ping_config){
        .to = to,
        .count = 1,
        .interval_ns = BASE_S,
        .timeout_ns = 4 * BASE_S,
        .size = SIM_PING_SIZE_DEFAULT,
        .df = SIM_STACK_DF_WANT,
    };
}

static void write_line(const struct sim_ping_line *line, char *out, size_t size)
{
    char from[NET_IP4_TEXT_MAX], text[NET_ICMP_TEXT_MAX];
    unsigned long long sequence = line->sequence;
    net_ip4_format(line->from, from);
    if (line->kind == SIM_PING_REPLY || line->kind == SIM_PING_DUPLICATE)
        snprintf(out, size, "%u bytes from %s: icmp_seq=%llu ttl=%u%s\n", line->bytes, from,
                 sequence, line->ttl, line->kind == SIM_PING_DUPLICATE ? " (DUP!)" : "");
    else if (line->kind == SIM_PING_REDIRECT)
        snprintf(out, size, "From %s: icmp_seq=%llu %s\n", from, sequence,
                 net_icmp_redirect_text(line->icmp_code, line->gateway, text));
    else if (line->kind == SIM_PING_ERROR)
        snprintf(out, size, "From %s icmp_seq=%llu %s\n", from, sequence,
                 net_icmp_error_text(line->icmp_type, line->icmp_code, (uint16_t)line->mtu, text));
    else if (line->status == SIM_STACK_MESSAGE_TOO_LONG)
        snprintf(out, size, "ping: local error: message too long, mtu=%u\n", line->mtu);
    else
        snprintf(out, size, "ping: %s: %s\n",
                 line->kind == SIM_PING_NO_CONNECT ? "connect" : "sendmsg",
                 sim_stack_status_text(line->status));
}

static void on_line(void *context, struct sim_ping *ping, const struct sim_ping_line *line)
{
    struct lab_ping *out = context;
    size_t used = strlen(out->lines);
    (void)ping;
    write_line(line, out->lines + used, sizeof(out->lines) - used);
}

static void on_done(void *context, struct sim_ping *ping)
{
    struct lab_ping *out = context;
    out->s = *sim_ping_statistics(ping);
    sim_ping_free(ping);
}

const char *lab_run(struct lab *lab, struct sim_stack *from, const struct sim_ping_config *config)
{
    struct sim_ping_listener listener = {.context = &lab->ping, .line = on_line, .done = on_done};
    memset(&lab->ping, 0, sizeof(lab->ping));
    sim_ping_start(from, config, &listener);
    while (!lab->ping.s.done)
        assert_true(sim_world_step(lab->world, BASE_NEVER));
    return lab->ping.lines;
}

const char *lab_ping(struct lab *lab, struct sim_stack *from, net_ip4 to)
{
    struct sim_ping_config config = lab_config(to);
    return lab_run(lab, from, &config);
}

const char *lab_ping_size(struct lab *lab, struct sim_stack *from, net_ip4 to, uint32_t size,
                          enum sim_stack_df df)
{
    struct sim_ping_config config = lab_config(to);
    config.size = size;
    config.df = df;
    return lab_run(lab, from, &config);
}
