/* UDP ports and the hooks of a gateway: policies, exits, virtual interfaces, packets out of an SA. */
#include "tests/sim/lab.h"

#include "net/icmp.h"
#include "sim/link.h"

/* ---- Ports ---- */

struct inbox {
    size_t count;
    char text[64];
    struct sim_stack_datagram last;
    uint8_t error_code;
    size_t errors;
};

static void on_datagram(void *context, struct sim_stack *stack,
                        const struct sim_stack_datagram *datagram, struct sim_packet *packet)
{
    struct inbox *inbox = context;
    inbox->count++;
    inbox->last = *datagram;
    snprintf(inbox->text, sizeof(inbox->text), "%.*s", (int)datagram->size,
             (const char *)datagram->data);
    sim_packet_free(sim_stack_world(stack), packet);
}

static void on_error(void *context, struct sim_stack *stack,
                     const struct sim_stack_icmp_error *error)
{
    struct inbox *inbox = context;
    (void)stack;
    inbox->errors++;
    inbox->error_code = error->code;
    assert_int_equal(error->type, NET_ICMP_UNREACHABLE);
}

static uint16_t bind_port(struct sim_stack *stack, uint16_t port, struct inbox *inbox)
{
    struct sim_stack_socket socket = {
        .port = port, .input = on_datagram, .error = on_error, .context = inbox};
    return sim_stack_bind_udp(stack, &socket);
}

static struct sim_packet *text_packet(struct lab *lab, const char *text)
{
    uint32_t size = (uint32_t)strlen(text);
    struct sim_packet *packet = sim_packet_new(lab->world, size, 0);
    memcpy(base_buffer_put(&packet->bytes, size), text, size);
    return packet;
}

static enum sim_stack_status send_text(struct lab *lab, struct sim_stack *from, uint16_t from_port,
                                       net_ip4 to, const char *text)
{
    struct sim_stack_udp how = {.dst = to, .src_port = from_port, .dst_port = 500};
    enum sim_stack_status status = sim_stack_udp_send(from, text_packet(lab, text), &how, NULL);
    sim_world_run_until(lab->world, lab->world->now + BASE_S);
    return status;
}

static void test_datagrams(void **state)
{
    (void)state;
    struct lab lab;
    struct inbox sender = {0}, receiver = {0};
    lab_init(&lab);
    struct sim_stack *a = sim_host_stack(lab.a), *c = sim_host_stack(lab.c);
    uint16_t port = bind_port(a, 0, &sender);
    assert_in_range(port, 32768, 60999);
    assert_int_equal(bind_port(a, port, &sender), 0);
    assert_int_equal(bind_port(c, 500, &receiver), 500);
    assert_int_equal(send_text(&lab, a, port, LAB_C, "hello"), SIM_STACK_OK);
    assert_string_equal(receiver.text, "hello");
    assert_int_equal(receiver.last.src, LAB_A);
    assert_int_equal(receiver.last.src_port, port);
    assert_int_equal(receiver.last.ttl, 63);
    sim_stack_unbind_udp(c, 500);
    assert_int_equal(send_text(&lab, a, port, LAB_C, "again"), SIM_STACK_OK);
    assert_int_equal(receiver.count, 1);
    assert_int_equal(sender.errors, 1);
    assert_int_equal(sender.error_code, NET_ICMP_PORT_UNREACHABLE);
    assert_int_equal(lab_drops(&lab, c, SIM_REASON_NO_SOCKET), 1);
    assert_int_equal(send_text(&lab, a, port, NET_IP4(10, 0, 0, 1), "x"),
                     SIM_STACK_NET_UNREACHABLE);
    lab_fini(&lab);
}

static bool turn_a_bit(void *context, const struct sim_packet *frame)
{
    (void)context;
    uint8_t *last = sim_packet_data(frame) + sim_packet_size(frame) - 1;
    *last ^= sim_packet_size(frame) > 42;
    return false;
}

static void test_damaged_datagram(void **state)
{
    (void)state;
    struct lab lab;
    struct inbox receiver = {0};
    lab_init(&lab);
    lab_ping(&lab, sim_host_stack(lab.a), LAB_C);
    bind_port(sim_host_stack(lab.c), 500, &receiver);
    struct sim_fault_config fault = {.action = SIM_FAULT_DROP, .match = turn_a_bit};
    sim_link_add_fault(sim_switch_link(lab.lan1), &fault);
    send_text(&lab, sim_host_stack(lab.a), 1, LAB_C, "hello");
    assert_int_equal(receiver.count, 0);
    assert_int_equal(lab_drops(&lab, sim_host_stack(lab.c), SIM_REASON_BAD_CHECKSUM), 1);
    lab_fini(&lab);
}

/* ---- Hooks ---- */

struct policy {
    bool in, forward, out; /* what the hooks say */
    size_t asked_in, asked_forward, asked_out;
    uint32_t reqid_seen;
    struct sim_stack_exit exit; /* mtu 0: none */
    size_t sealed;
    uint8_t ttl;
    uint32_t size;
    struct lab *lab;
};

static bool judge(bool verdict, struct sim_stack *stack, struct sim_packet *packet)
{
    if (!verdict)
        sim_drop(sim_stack_world(stack), packet, sim_stack_node(stack)->id, 0,
                 SIM_REASON_NO_TEMPLATE, 0, 0);
    return verdict;
}

static bool hook_in(void *context, struct sim_stack *stack, struct sim_packet *packet)
{
    struct policy *policy = context;
    policy->asked_in++;
    policy->reqid_seen = packet->secpath_reqid;
    return judge(policy->in, stack, packet);
}

static bool hook_forward(void *context, struct sim_stack *stack, struct sim_packet *packet)
{
    struct policy *policy = context;
    policy->asked_forward++;
    policy->reqid_seen = packet->secpath_reqid;
    return judge(policy->forward, stack, packet);
}

static bool hook_out(void *context, struct sim_stack *stack, struct sim_packet *packet,
                     const struct sim_stack_route *route, struct sim_stack_exit **exit)
{
    struct policy *policy = context;
    policy->asked_out++;
    assert_null(*exit);
    assert_true(route->mtu >= 68);
    if (policy->exit.mtu)
        *exit = &policy->exit;
    return judge(policy->out, stack, packet);
}

static void seal(struct sim_stack_exit *exit, struct sim_stack *stack, struct sim_packet *packet)
{
    struct policy *policy = SIM_OWNER(exit, struct policy, exit);
    policy->sealed++;
    policy->ttl = sim_packet_data(packet)[8];
    policy->size = sim_packet_size(packet);
    assert_int_equal(sim_stack_send_packet(stack, packet, SIM_STACK_NO_POLICY), SIM_STACK_OK);
}

/* The laboratory with these hooks at its router, which let all pass. */
static void init_with_hooks(struct lab *lab, struct policy *policy)
{
    lab_init(lab);
    *policy = (struct policy){.in = true, .forward = true, .out = true, .lab = lab};
    policy->exit.output = seal;
    struct sim_stack_hooks hooks = {
        .context = policy, .in = hook_in, .forward = hook_forward, .out = hook_out};
    sim_stack_set_hooks(lab->router, &hooks);
}

static void test_hooks_are_asked_and_may_drop(void **state)
{
    (void)state;
    struct lab lab;
    struct policy policy;
    init_with_hooks(&lab, &policy);
    struct sim_stack *a = sim_host_stack(lab.a);
    assert_string_not_equal(lab_ping(&lab, a, LAB_C), "");
    assert_int_equal(policy.asked_forward, 2);
    assert_int_equal(policy.asked_out, 2);
    assert_int_equal(policy.asked_in, 0);
    assert_string_not_equal(lab_ping(&lab, a, LAB_ROUTER1), "");
    assert_int_equal(policy.asked_in, 1);
    assert_int_equal(policy.asked_out, 3);
    policy.in = false; /* case 2: a host's ping to its own gateway dies */
    assert_string_equal(lab_ping(&lab, a, LAB_ROUTER1), "");
    policy.forward = false;
    assert_string_equal(lab_ping(&lab, a, LAB_C), "");
    policy.forward = true;
    policy.out = false;
    assert_string_equal(lab_ping(&lab, a, LAB_C), "");
    assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_NO_TEMPLATE), 3);
    /* Nobody asks about what goes to oneself. */
    size_t asked = policy.asked_out;
    assert_string_not_equal(lab_ping(&lab, lab.router, LAB_ROUTER2), "");
    assert_int_equal(policy.asked_out, asked);
    lab_fini(&lab);
}

/* ip_forward(): the policy before the TTL. */
static void test_policy_comes_before_ttl(void **state)
{
    (void)state;
    struct lab lab;
    struct policy policy;
    init_with_hooks(&lab, &policy);
    policy.forward = false;
    struct sim_ping_config config = lab_config(LAB_C);
    config.ttl = 1;
    assert_string_equal(lab_run(&lab, sim_host_stack(lab.a), &config), "");
    policy.forward = true;
    policy.out = true;
    assert_string_equal(lab_run(&lab, sim_host_stack(lab.a), &config),
                        "From 192.168.1.5 icmp_seq=1 Time to live exceeded\n");
    /* Of the packet itself nobody asked where it goes; the error is a packet of its own. */
    assert_int_equal(policy.asked_out, 1);
    lab_fini(&lab);
}

static void test_exit_and_its_mtu(void **state)
{
    (void)state;
    struct lab lab;
    struct policy policy;
    init_with_hooks(&lab, &policy);
    policy.exit.mtu = 1446;
    struct sim_stack *a = sim_host_stack(lab.a);
    assert_string_equal(lab_ping_size(&lab, a, LAB_C, 1418, SIM_STACK_DF_DO),
                        "1426 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    assert_int_equal(policy.sealed, 2);
    assert_int_equal(policy.ttl, 63);
    assert_string_equal(lab_ping_size(&lab, a, LAB_C, 1419, SIM_STACK_DF_DO),
                        "From 192.168.1.5 icmp_seq=1 Frag needed and DF set (mtu = 1446)\n");
    /* What the gateway itself sends is refused at once. */
    assert_string_equal(lab_ping_size(&lab, lab.router, LAB_C, 1419, SIM_STACK_DF_DO),
                        "ping: local error: message too long, mtu=1446\n");
    lab_fini(&lab);
}

static void test_without_df_the_exit_gets_it_whole(void **state)
{
    (void)state;
    struct lab lab;
    struct policy policy;
    init_with_hooks(&lab, &policy);
    policy.exit.mtu = 1446;
    struct sim_stack *b = sim_host_stack(lab.b);
    assert_string_equal(lab_ping_size(&lab, b, LAB_C, 1472, SIM_STACK_DF_DONT),
                        "1480 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    assert_int_equal(policy.size, 1500);
    lab_fini(&lab);
}

/* ---- Packets that come and go by other ways ---- */

static void wire(void *context, struct sim_stack *stack, struct sim_packet *packet)
{
    (void)stack;
    struct sim_stack *other = context;
    /* The far end of the tunnel, a moment later in reality: this one may not be re-entered. */
    packet->secpath_reqid = 7;
    sim_stack_input(other, 2, packet);
}

static void test_virtual_interfaces(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_stack *a = sim_host_stack(lab.a), *c = sim_host_stack(lab.c);
    struct net_prefix near = lab_prefix("10.9.0.1/32"), far = lab_prefix("10.9.0.2/32");
    uint16_t tun_a = sim_stack_add_virtual(a, "tun0", 1400, wire, c);
    uint16_t tun_c = sim_stack_add_virtual(c, "tun0", 1400, wire, a);
    sim_stack_add_address(a, tun_a, &near);
    sim_stack_add_address(c, tun_c, &far);
    struct net_route out = {.to = far, .interface = tun_a}, back = {.to = near, .interface = tun_c};
    assert_int_equal(sim_stack_route_add(a, SIM_STACK_TABLE_VPN, &out), SIM_STACK_OK);
    assert_int_equal(sim_stack_route_add(c, SIM_STACK_TABLE_VPN, &back), SIM_STACK_OK);
    const net_ip4 to = NET_IP4(10, 9, 0, 2);
    assert_string_equal(lab_ping(&lab, a, to), "64 bytes from 10.9.0.2: icmp_seq=1 ttl=64\n");
    assert_string_equal(lab_ping_size(&lab, a, to, 1373, SIM_STACK_DF_DO),
                        "ping: local error: message too long, mtu=1400\n");
    assert_string_equal(lab_ping_size(&lab, a, to, 1373, SIM_STACK_DF_DONT),
                        "1381 bytes from 10.9.0.2: icmp_seq=1 ttl=64\n");
    assert_null(sim_stack_port(a, tun_a));
    lab_fini(&lab);
}

/* A packet out of an SA: the hook sees its reqid, and rp_filter lets it be (case 14c). */
static void test_out_of_an_sa(void **state)
{
    (void)state;
    struct lab lab;
    struct policy policy;
    init_with_hooks(&lab, &policy);
    sim_stack_set_rp_filter(lab.router, SIM_STACK_RP_STRICT);
    for (uint32_t reqid = 0; reqid < 2; reqid++) {
        uint64_t before = lab_drops(&lab, lab.router, SIM_REASON_RP_FILTER);
        struct sim_packet *packet = sim_packet_new(lab.world, 64, 0);
        uint8_t *bytes = base_buffer_put(&packet->bytes, 64);
        memset(bytes, 0, 64);
        net_ipv4_write(
            &(struct net_ipv4){
                .total_size = 64, .ttl = 9, .protocol = 99, .src = LAB_A, .dst = LAB_C},
            bytes);
        packet->secpath_reqid = reqid;
        sim_stack_input(lab.router, LAB_LAN2, packet); /* a lives behind the other interface */
        assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_RP_FILTER) - before, !reqid);
        assert_int_equal(policy.asked_forward, reqid);
        assert_int_equal(policy.reqid_seen, reqid);
    }
    sim_world_run_until(lab.world, 20 * BASE_S);
    lab_fini(&lab);
}

static void take_protocol(void *context, struct sim_stack *stack, uint16_t interface,
                          const struct net_ipv4 *ip, struct sim_packet *packet)
{
    struct inbox *inbox = context;
    inbox->count++;
    assert_int_equal(interface, LAB_LAN1);
    assert_int_equal(ip->total_size, sim_packet_size(packet));
    sim_packet_free(sim_stack_world(stack), packet);
}

static void test_protocol_handlers_pass_the_policy_by(void **state)
{
    (void)state;
    struct lab lab;
    struct policy policy;
    struct inbox esp = {0};
    init_with_hooks(&lab, &policy);
    policy.in = false;
    assert_int_equal(
        sim_stack_bind_protocol(lab.router, NET_IPV4_ESP, take_protocol, on_error, &esp),
        SIM_STACK_OK);
    assert_int_equal(sim_stack_bind_protocol(lab.router, NET_IPV4_ESP, take_protocol, NULL, &esp),
                     SIM_STACK_EXISTS);
    struct sim_stack_send how = {.dst = LAB_ROUTER1, .protocol = NET_IPV4_ESP};
    assert_int_equal(
        sim_stack_send(sim_host_stack(lab.a), text_packet(&lab, "0123456789"), &how, NULL),
        SIM_STACK_OK);
    /* Too big for one frame: the handler gets it whole. */
    struct sim_packet *large = sim_packet_new(lab.world, 3000, 0);
    memset(base_buffer_put(&large->bytes, 3000), 0, 3000);
    assert_int_equal(sim_stack_send(sim_host_stack(lab.a), large, &how, NULL), SIM_STACK_OK);
    sim_world_run_until(lab.world, BASE_S);
    assert_int_equal(esp.count, 2);
    assert_int_equal(policy.asked_in, 0);
    /* An error about ESP that the router sent goes to the same place. */
    how.dst = NET_IP4(192, 168, 2, 11);
    assert_int_equal(sim_stack_send(lab.router, text_packet(&lab, "0123456789"), &how, NULL),
                     SIM_STACK_OK);
    policy.in = true;
    sim_world_run_until(lab.world, 2 * BASE_S);
    assert_int_equal(esp.errors, 1);
    assert_int_equal(esp.error_code, NET_ICMP_PROTOCOL_UNREACHABLE);
    lab_fini(&lab);
}

static void test_bypassing_sockets(void **state)
{
    (void)state;
    struct lab lab;
    struct policy policy;
    struct inbox inbox = {0};
    init_with_hooks(&lab, &policy);
    policy.in = policy.out = false;
    struct sim_stack_socket socket = {
        .port = 500, .bypass = true, .input = on_datagram, .context = &inbox};
    assert_int_equal(sim_stack_bind_udp(lab.router, &socket), 500);
    send_text(&lab, sim_host_stack(lab.a), 9, LAB_ROUTER1, "IKE");
    assert_string_equal(inbox.text, "IKE");
    struct sim_stack_udp how = {
        .dst = LAB_C, .src_port = 500, .dst_port = 9, .flags = SIM_STACK_NO_POLICY};
    assert_int_equal(sim_stack_udp_send(lab.router, text_packet(&lab, "IKE"), &how, NULL),
                     SIM_STACK_OK);
    assert_int_equal(policy.asked_in + policy.asked_out, 0);
    sim_world_run_until(lab.world, 2 * BASE_S);
    assert_int_equal(lab_drops(&lab, sim_host_stack(lab.c), SIM_REASON_NO_SOCKET), 1);
    lab_fini(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_datagrams),
        cmocka_unit_test(test_damaged_datagram),
        cmocka_unit_test(test_hooks_are_asked_and_may_drop),
        cmocka_unit_test(test_policy_comes_before_ttl),
        cmocka_unit_test(test_exit_and_its_mtu),
        cmocka_unit_test(test_without_df_the_exit_gets_it_whole),
        cmocka_unit_test(test_virtual_interfaces),
        cmocka_unit_test(test_out_of_an_sa),
        cmocka_unit_test(test_protocol_handlers_pass_the_policy_by),
        cmocka_unit_test(test_bypassing_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
