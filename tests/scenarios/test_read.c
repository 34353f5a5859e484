/* What a scenario's values become, the defaults of what is left out, and that no bytes do harm. */
#include "tests/test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "ipsec/crypto/algorithm.h"
#include "scenarios/read.h"

#include <stdlib.h>

#define EVERYTHING "tests/scenarios/data/everything.yaml"
#define SMALL "tests/scenarios/data/small.yaml"
#define TUTORIAL "scenarios/catalog/tutorial/vdc-to-vdc.yaml"

static struct scn_scenario *read_or_fail(const char *path, size_t warnings)
{
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    struct scn_scenario *scenario = scn_read_file(path, NULL, &problems);
    for (size_t i = 0; i < problems.count; i++)
        if (problems.items[i].severity == BASE_ERROR)
            fail_msg("%s:%d: %s", path, problems.items[i].where.line, problems.items[i].text);
    assert_int_equal(problems.warning_count, warnings);
    assert_non_null(scenario);
    base_diagnostics_fini(&problems);
    return scenario;
}

static void expect_address(const struct net_addr *address, const char *expected)
{
    char text[NET_ADDR_TEXT_MAX];
    assert_string_equal(net_addr_format(address, text), expected);
}

static void expect_prefix(const struct net_prefix *prefix, const char *expected)
{
    char text[NET_PREFIX_TEXT_MAX];
    assert_string_equal(net_prefix_format(prefix, text), expected);
}

static void test_header(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    (void)state;
    assert_string_equal(s->file, EVERYTHING);
    assert_string_equal(s->name, "everything");
    assert_string_equal(s->title, "Everything");
    assert_string_equal(s->description, "Two\nlines\n");
    assert_string_equal(s->lesson, "Look");
    assert_int_equal(s->tag_count, 2);
    assert_string_equal(s->tags[1], "b");
    assert_true(s->seed == UINT64_MAX);
    assert_true(s->start_unix_ns == 1772366400500000000); /* date -d 2026-03-01T12:00:00Z +%s */
    assert_true(s->duration_ns == 5400 * BASE_S);
    assert_true(s->cleartext_allowed);
    assert_true(s->pairing_broken);
    scn_scenario_free(s);
}

static void test_gateway(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct topo_gateway *g = &s->model.vdcs[0].gateway;
    (void)state;
    assert_string_equal(g->node, "a-gw");
    assert_string_equal(g->name, "first");
    assert_string_equal(g->description, "of two");
    expect_address(&g->public_ip, "203.0.113.1");
    assert_int_equal(g->public_ip_where.line, 23);
    assert_int_equal(g->public_ip_where.column, 18);
    assert_int_equal(g->connection_count, 2);
    assert_int_equal(g->connections[1].lan, 2);
    expect_prefix(&g->connections[0].ipv4, "10.0.1.5/24");
    assert_int_equal(g->connections[0].ipv6.addr.family, NET_ADDR_NONE);
    assert_int_equal(g->tier, TOPO_TIER_PREMIUM_HA);
    assert_true(g->maintenance.set);
    assert_int_equal(g->maintenance.day, 6);
    assert_int_equal(g->maintenance.hour, 23);
    assert_int_equal(g->maintenance.minute, 59);
    assert_int_equal(g->maintenance.second, 58);
    scn_scenario_free(s);
}

static void test_tunnel(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct topo_tunnel *t = &s->model.vdcs[0].gateway.tunnels[0];
    (void)state;
    assert_string_equal(t->name, "to-b");
    assert_string_equal(t->remote_host, "b-gw");
    expect_address(&t->remote_address, "203.0.113.2");
    assert_string_equal(t->psk, "0123456789abcdef0123456789abcdef");
    assert_ptr_equal(t->ike.group, crypto_group_named("ecp256"));
    assert_ptr_equal(t->ike.encryption, crypto_encr_named("aes256gcm16"));
    assert_ptr_equal(t->ike.integrity, crypto_integ_named("sha384"));
    assert_int_equal(t->ike.lifetime_s, 7200);
    assert_ptr_equal(t->esp.group, crypto_group_named("ecp256bp"));
    assert_ptr_equal(t->esp.encryption, crypto_encr_named("aes256"));
    assert_ptr_equal(t->esp.integrity, crypto_integ_named("aesxcbc"));
    assert_int_equal(t->cloud_count, 3);
    expect_prefix(&t->cloud[0].prefix, "10.0.1.0/24");
    expect_prefix(&t->cloud[2].prefix, "2001:db8::/32");
    assert_string_equal(t->local_id, "a.example");
    assert_string_equal(t->remote_id, "203.0.113.2");
    const struct topo_tunnel *back = &s->model.vdcs[1].gateway.tunnels[0];
    assert_string_equal(back->local_id, "203.0.113.2");
    assert_ptr_equal(back->ike.group, crypto_group_named("15-MODP3072"));
    assert_ptr_equal(back->ike.encryption, crypto_encr_named("AES128-CTR"));
    assert_ptr_equal(back->esp.integrity, crypto_integ_named("SHA256"));
    assert_int_equal(back->ike.lifetime_s, 86400);
    assert_int_equal(back->esp.lifetime_s, 3600);
    scn_scenario_free(s);
}

static void test_behaviour(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct topo_behaviour *b = &s->model.vdcs[0].gateway.behaviour;
    const struct topo_behaviour *d = &s->model.vdcs[1].gateway.behaviour;
    (void)state;
    assert_int_equal(b->vpn, TOPO_VPN_ROUTE_BASED);
    assert_int_equal(b->start, TOPO_START_BY_HAND);
    assert_int_equal(b->negotiation, TOPO_NEGOTIATION_STRICT);
    assert_true(b->dpd_delay_ns == 0);
    assert_true(b->retransmit_timeout_ns == 2 * BASE_S);
    assert_true(b->retransmit_base == 1.5);
    assert_int_equal(b->retransmit_tries, 3);
    assert_true(b->nat_keepalive_ns == 10 * BASE_S);
    assert_int_equal(b->replay_window_packets, 128);
    assert_true(b->esn && b->force_udp_encapsulation && b->bypass_lan);
    assert_false(b->ike_fragmentation || b->mobike || b->ip_forward);
    assert_true(b->rekey_margin_ns == 300 * BASE_S);
    assert_int_equal(b->rp_filter, TOPO_RP_FILTER_LOOSE);
    assert_int_equal(d->vpn, TOPO_VPN_POLICY_BASED);
    assert_int_equal(d->start, TOPO_START_AT_ONCE);
    assert_int_equal(d->negotiation, TOPO_NEGOTIATION_MOST_SECURE);
    assert_true(d->dpd_delay_ns == 30 * BASE_S && d->nat_keepalive_ns == 20 * BASE_S);
    assert_true(d->retransmit_timeout_ns == 4 * BASE_S && d->retransmit_base == 1.8);
    assert_int_equal(d->retransmit_tries, 5);
    assert_int_equal(d->replay_window_packets, 64);
    assert_true(d->rekey_margin_ns == 540 * BASE_S);
    assert_true(d->mobike && d->ike_fragmentation && d->ip_forward);
    assert_false(d->esn || d->force_udp_encapsulation || d->bypass_lan);
    assert_int_equal(d->rp_filter, TOPO_RP_FILTER_OFF);
    scn_scenario_free(s);
}

static void test_links(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct topo_lan *lan = &s->model.vdcs[0].lans[0], *plain = &s->model.vdcs[0].lans[1];
    const struct topo_impairment *i = &s->model.internet.link;
    (void)state;
    assert_int_equal(lan->link.set, TOPO_MTU | TOPO_DELAY | TOPO_LOSS);
    assert_int_equal(lan->link.mtu_bytes, 9000);
    assert_true(lan->link.delay_ns == BASE_MS && lan->link.loss == 0.01);
    assert_true(lan->has_pool && !plain->has_pool);
    expect_address(&lan->pool_last, "10.0.1.99");
    assert_int_equal(plain->link.set, TOPO_MTU | TOPO_DELAY);
    assert_int_equal(plain->link.mtu_bytes, 1500);
    assert_true(plain->link.delay_ns == 100 * BASE_US);
    assert_int_equal(s->model.internet.hops, 3);
    assert_int_equal(i->set, (TOPO_DOWN - 1) & ~(unsigned)TOPO_LOSS);
    assert_true(i->delay_ns == 20 * BASE_MS && i->jitter_ns == 2 * BASE_MS);
    assert_true(i->duplicate == 0.01 && i->reorder == 0.02 && i->corrupt == 0.005);
    /* toBad / (toBad + toGood) = 5 % */
    assert_true(i->burst_loss.to_bad > 0.01315 && i->burst_loss.to_bad < 0.01316);
    assert_true(i->burst_loss.to_good == 0.25 && i->burst_loss.loss_in_bad == 1);
    assert_true(i->rate_bps == 10000000 && i->queue == 65536 && !i->queue_is_packets);
    assert_true(i->mtu_bytes == 1400 && i->mtu_silent && !i->down);
    scn_scenario_free(s);
}

static void test_hosts(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct topo_host *a1 = &s->model.vdcs[0].hosts[0], *a2 = &s->model.vdcs[0].hosts[1];
    (void)state;
    assert_string_equal(a1->name, "a1");
    expect_address(&a1->address, "10.0.1.11");
    assert_int_equal(a1->route_count, 2);
    expect_prefix(&a1->routes[0].to, "10.0.2.0/24");
    expect_address(&a1->routes[0].via, "10.0.1.5");
    expect_prefix(&a1->routes[1].to, "0.0.0.0/0");
    assert_int_equal(a1->default_gateway.family, NET_ADDR_NONE);
    assert_int_equal(a2->lan, 2);
    expect_address(&a2->default_gateway, "10.0.3.5");
    scn_scenario_free(s);
}

static void test_traffic_steps(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct scn_step *ping = &s->steps[0], *traffic = &s->steps[1], *route = &s->steps[3];
    (void)state;
    assert_int_equal(s->step_count, 32);
    assert_int_equal(ping->verb, SCN_VERB_PING);
    assert_string_equal(ping->name, "first");
    assert_true(ping->has_at && ping->at_ns == 10 * BASE_S && ping->background);
    expect_address(&ping->u.ping.to_address, "10.0.1.5");
    assert_true(ping->u.ping.count == 5 && ping->u.ping.interval_ns == 200 * BASE_MS);
    assert_true(ping->u.ping.timeout_ns == BASE_S && ping->u.ping.size_bytes == 1400);
    assert_true(ping->u.ping.ttl == 3 && ping->u.ping.dont_fragment);
    assert_int_equal(ping->u.ping.set, SCN_PING_DF);
    assert_int_equal(ping->check_count, 5);
    assert_int_equal(ping->checks[1].measure, SCN_MEASURE_RECEIVED);
    assert_true(ping->checks[1].value.low == 4 && ping->checks[1].value.high == INT64_MAX);
    assert_string_equal(ping->checks[4].text, "1ms..3ms");
    assert_true(ping->checks[4].value.low == BASE_MS && ping->checks[4].value.high == 3 * BASE_MS);
    assert_string_equal(traffic->u.traffic.to_node, "b1");
    assert_true(traffic->u.traffic.rate_bps == 2000000 && traffic->u.traffic.size_bytes == 500);
    assert_true(traffic->u.traffic.for_ns == 3 * BASE_S);
    assert_true(s->steps[2].u.wait_ns == 300 * BASE_S);
    assert_int_equal(route->u.route.on_count, 1);
    expect_prefix(&route->u.route.add[0].to, "10.8.0.0/16");
    assert_int_equal(route->u.route.remove_count, 2);
    expect_prefix(&route->u.route.remove[1].to, "0.0.0.0/0");
    scn_scenario_free(s);
}

static void test_fault_steps(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct scn_fault *down = &s->steps[4].u.fault, *drop = &s->steps[5].u.fault;
    const struct scn_fault *hold = &s->steps[6].u.fault, *corrupt = &s->steps[7].u.fault;
    (void)state;
    assert_int_equal(down->impairment.set, TOPO_LOSS | TOPO_DOWN);
    assert_true(down->for_ns == 30 * BASE_S && !down->has_exact && down->impairment.loss == 1);
    assert_string_equal(down->from, "a-gw");
    assert_true(drop->has_exact && drop->exact.action == SCN_FAULT_DROP);
    assert_string_equal(drop->on, "a/2");
    assert_string_equal(drop->exact.filter.text, "udp port 4500");
    assert_true(drop->exact.first == 1 && drop->exact.last == UINT64_MAX && drop->for_ns == 0);
    assert_int_equal(hold->exact.action, SCN_FAULT_HOLD);
    assert_string_equal(hold->exact.hold, "x");
    assert_true(hold->exact.first == 2 && hold->exact.last == 4 && hold->exact.has_ike);
    assert_int_equal(hold->exact.ike.exchange, 36);
    assert_int_equal(hold->exact.ike.kind, SCN_MESSAGE_RESPONSE);
    assert_true(hold->exact.ike.has_message_id && hold->exact.ike.message_id == 2);
    assert_true(corrupt->exact.action == SCN_FAULT_CORRUPT && corrupt->exact.number == 2);
    assert_true(corrupt->exact.first == 3 && corrupt->exact.last == 3);
    assert_true(s->steps[8].u.fault.exact.delay_ns == 3 * BASE_S);
    assert_int_equal(s->steps[9].u.fault.exact.action, SCN_FAULT_DUPLICATE);
    assert_true(s->steps[9].u.fault.exact.first == 2);
    assert_true(s->steps[9].u.fault.exact.last == UINT64_MAX);
    assert_string_equal(s->steps[10].u.release, "x");
    assert_string_equal(s->steps[11].u.heal.from, "b-gw");
    assert_true(s->steps[12].u.heal.all);
    scn_scenario_free(s);
}

static void test_gateway_faults(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct scn_fault *crash = &s->steps[20].u.fault, *jump = &s->steps[21].u.fault;
    const struct scn_fault *reject = &s->steps[22].u.fault;
    (void)state;
    assert_true(crash->has_gateway && crash->gateway.crash && crash->for_ns == 3 * BASE_S);
    assert_string_equal(crash->on, "a-gw");
    assert_true(jump->has_gateway && jump->gateway.clock_jump_ns == 3600 * BASE_S);
    assert_false(jump->gateway.crash || jump->gateway.reject_spi);
    assert_true(reject->gateway.reject_spi && reject->gateway.spi == 0xc974e0dd);
    assert_string_equal(s->steps[23].u.heal.on, "b-gw");
    const struct topo_gateway *behind = &s->model.vdcs[1].gateway;
    char wan[NET_ADDR_TEXT_MAX];
    assert_true(s->model.internet.nat_count == 1 && behind->nat == &s->model.internet.nats[0]);
    assert_string_equal(behind->nat->node, "b-gw-nat");
    assert_true(behind->nat->type == TOPO_NAT_FULL_CONE);
    assert_true(behind->nat->mapping_timeout_ns == 30 * BASE_S);
    assert_string_equal(net_addr_format(topo_gateway_wan(behind), wan), "10.7.113.2");
    assert_string_equal(net_addr_format(topo_gateway_outside(behind), wan), "203.0.113.2");
    assert_string_equal(s->model.internet.firewall[0].drop, "udp port 4500");
    assert_string_equal(s->model.internet.firewall[0].from, "a-gw");
    assert_true(s->model.internet.firewall_count == 2 && !s->model.internet.firewall[1].from);
    scn_scenario_free(s);
}

static void expect_field(const struct scn_field *field, enum scn_pick pick, uint64_t number)
{
    assert_true(field->set);
    assert_int_equal(field->pick, pick);
    assert_int_equal(field->number, number);
}

static void test_change_and_replay_steps(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct topo_model *after = s->steps[24].u.change;
    const struct scn_inject *inject = s->steps[25].u.inject, *plain = s->steps[26].u.inject;
    const struct scn_replay *replay = &inject->replay;
    (void)state;
    assert_true(after->internet.link.set & TOPO_LOSS && !(after->internet.link.set & TOPO_JITTER));
    assert_int_equal(after->vdcs[1].hosts[0].route_count, 3);
    assert_int_equal(s->steps[25].verb, SCN_VERB_INJECT);
    assert_true(inject->is_replay && inject->count == 500 && inject->interval_ns == BASE_MS);
    assert_string_equal(inject->at, "internet");
    assert_string_equal(replay->seen_at, "a-gw:wan");
    assert_string_equal(replay->filter, "esp");
    assert_int_equal(replay->nth, 3);
    assert_int_equal(replay->flip_count, 2);
    assert_true(replay->flip[0] == 0 && replay->flip[1] == SCN_FLIP_LAST);
    expect_field(&replay->set.source, SCN_PICK_RANDOM, 0);
    expect_field(&replay->set.destination, SCN_PICK_NUMBER, NET_IP4(10, 0, 2, 11));
    expect_field(&replay->set.ttl, SCN_PICK_NUMBER, 9);
    expect_field(&replay->set.identification, SCN_PICK_NUMBER, 0x1234);
    expect_field(&replay->set.source_port, SCN_PICK_RANDOM, 0);
    expect_field(&replay->set.destination_port, SCN_PICK_NUMBER, 500);
    expect_field(&replay->set.spi, SCN_PICK_NUMBER, 0xc974e0dd);
    expect_field(&replay->set.sequence, SCN_PICK_NEXT, 0);
    expect_field(&replay->set.spi_initiator, SCN_PICK_NUMBER, 0x1122334455667788);
    expect_field(&replay->set.spi_responder, SCN_PICK_RANDOM, 0);
    expect_field(&replay->set.message_id, SCN_PICK_NUMBER, UINT32_MAX);
    assert_true(!plain->replay.nth && !plain->replay.filter && !plain->replay.flip_count);
    assert_true(plain->count == 1 && plain->interval_ns == 10 * BASE_MS);
    assert_false(plain->replay.set.source.set);
    scn_scenario_free(s);
}

static void test_forge_steps(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct scn_forge *ike = &s->steps[27].u.inject->forge;
    const struct scn_forge *esp = &s->steps[28].u.inject->forge;
    const struct scn_forge *icmp = &s->steps[29].u.inject->forge;
    const struct scn_forge *udp = &s->steps[30].u.inject->forge;
    const struct scn_forge *raw = &s->steps[31].u.inject->forge;
    static const uint8_t notify[] = {0, 0, 0, 17, 0, 14}, unknown[] = {1, 2, 3};
    (void)state;
    assert_int_equal(ike->kind, SCN_FORGE_IKE);
    expect_field(&ike->set.source, SCN_PICK_NUMBER, NET_IP4(203, 0, 113, 2));
    expect_field(&ike->set.destination, SCN_PICK_NUMBER, NET_IP4(203, 0, 113, 1));
    assert_true(ike->exchange == 34 && ike->response && ike->encapsulated);
    assert_true(ike->has_from_initiator && ike->from_initiator);
    expect_field(&ike->set.spi_initiator, SCN_PICK_CURRENT, 0);
    expect_field(&ike->set.spi_responder, SCN_PICK_NUMBER, 1);
    expect_field(&ike->set.message_id, SCN_PICK_NUMBER, 2);
    expect_field(&ike->set.source_port, SCN_PICK_NUMBER, 4501);
    expect_field(&ike->set.destination_port, SCN_PICK_NUMBER, 4500);
    assert_int_equal(ike->payload_count, 3);
    assert_true(ike->payloads[0].type == 40 && ike->payloads[0].data.size == 32);
    assert_true(ike->payloads[1].type == 200 && ike->payloads[1].critical);
    assert_int_equal(ike->payloads[1].data.size, 3);
    assert_memory_equal(ike->payloads[1].data.given, unknown, 3);
    assert_int_equal(ike->payloads[2].type, 41);
    assert_int_equal(ike->payloads[2].data.size, sizeof(notify));
    assert_memory_equal(ike->payloads[2].data.given, notify, sizeof(notify));
    assert_true(esp->kind == SCN_FORGE_ESP && esp->dont_fragment && esp->encapsulated);
    assert_true(esp->data.size == 64 && esp->data.given_size == 2);
    expect_field(&esp->set.sequence, SCN_PICK_NEXT, 0);
    expect_field(&esp->set.destination_port, SCN_PICK_NUMBER, 4503);
    expect_field(&esp->set.ttl, SCN_PICK_NUMBER, 64);
    assert_true(icmp->kind == SCN_FORGE_ICMP && icmp->icmp_type == 0 && icmp->icmp_code == 1);
    assert_true(icmp->icmp_identifier == 2 && icmp->icmp_sequence == 3 && icmp->data.size == 4);
    assert_int_equal(udp->kind, SCN_FORGE_UDP);
    expect_field(&udp->set.source_port, SCN_PICK_NUMBER, 1);
    assert_true(raw->kind == SCN_FORGE_RAW && raw->protocol == 17 && raw->more_fragments);
    assert_true(raw->offset == 1480 && raw->data.size == 1000);
    expect_field(&raw->set.source, SCN_PICK_RANDOM, 0);
    scn_scenario_free(s);
}

static void test_sa_steps(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    (void)state;
    assert_string_equal(s->steps[13].u.sa.tunnel, "to-b"); /* the only one */
    assert_int_equal(s->steps[13].u.sa.what, SCN_WHAT_CHILD);
    assert_int_equal(s->steps[13].checks[0].measure, SCN_MEASURE_STATE);
    assert_int_equal(s->steps[13].checks[0].state, SCN_TUNNEL_ESTABLISHED);
    assert_int_equal(s->steps[14].u.sa.what, SCN_WHAT_IKE);
    assert_int_equal(s->steps[15].u.sa.what, SCN_WHAT_IKE);
    assert_int_equal(s->steps[16].verb, SCN_VERB_RESTART);
    assert_string_equal(s->steps[16].u.node, "a-gw");
    assert_string_equal(s->steps[17].u.node, "b1");
    assert_int_equal(s->steps[19].u.expect.count, 1);
    assert_string_equal(s->steps[19].u.expect.items[0].u.tunnel.name, "to-a");
    assert_string_equal(s->steps[19].u.expect.items[0].text,
                        "tunnel {on: b-gw, state: connecting}");
    scn_scenario_free(s);
}

static void test_expectations(void **state)
{
    struct scn_scenario *s = read_or_fail(EVERYTHING, 2);
    const struct scn_expect *e = s->expectations;
    const struct scn_expect_tunnel *tunnel = &e[2].u.tunnel;
    (void)state;
    assert_int_equal(s->expectation_count, 7); /* cleartext and pairing are none of their own */
    assert_int_equal(e[0].u.capture.point_count, 5);
    assert_int_equal(e[0].u.capture.sequence_count, 2);
    assert_string_equal(e[0].u.capture.only.text, "ip");
    assert_true(e[0].during.set && e[0].during.end_ns == 20 * BASE_S && !e[0].during.step);
    assert_string_equal(e[1].during.step, "first");
    assert_true(e[1].u.capture.has_count && !e[1].u.capture.filter.text);
    assert_true(tunnel->has_state && tunnel->state == SCN_TUNNEL_DOWN);
    assert_ptr_equal(tunnel->ike.group, crypto_group_named("ecp256"));
    assert_true(tunnel->esp.group_none && tunnel->esp.integrity_none && !tunnel->esp.encryption);
    expect_prefix(&tunnel->local[0], "10.0.1.0/24");
    assert_int_equal(tunnel->remote_count, 2);
    assert_true(tunnel->has_ike_rekeys && tunnel->ike_rekeys.low == 1);
    assert_true(tunnel->has_child_sas && tunnel->child_sas.high == 2);
    assert_int_equal(e[3].u.ike.notify, 24);
    assert_true(e[3].u.ike.has_notify && e[3].u.ike.direction == SCN_DIRECTION_RECEIVED);
    assert_true(e[4].u.ike.count.low == 1 && e[4].u.ike.direction == SCN_DIRECTION_SENT);
    assert_string_equal(e[5].u.drops.reason, "no-inbound-sa");
    assert_string_equal(e[5].u.drops.on, "a/1");
    assert_true(!e[6].u.drops.on && !e[6].u.drops.reason && e[6].u.drops.count.low == 1);
    scn_scenario_free(s);
}

static void test_defaults(void **state)
{
    struct scn_scenario *s = read_or_fail(SMALL, 0);
    (void)state;
    assert_true(s->seed == 1 && s->duration_ns == 0);
    assert_true(s->start_unix_ns == 1767225600000000000);
    assert_false(s->cleartext_allowed || s->pairing_broken);
    assert_int_equal(s->model.internet.kind, TOPO_INTERNET_ROUTED);
    assert_int_equal(s->model.internet.hops, 6);
    assert_int_equal(s->model.internet.link.mtu_bytes, 1500);
    assert_true(s->steps[0].u.ping.count == 3 && s->steps[0].u.ping.size_bytes == 56);
    assert_true(s->steps[0].u.ping.interval_ns == BASE_S && s->steps[0].u.ping.ttl == 64);
    assert_int_equal(s->steps[0].u.ping.set, 0);
    scn_scenario_free(s);
}

static void test_overrides(void **state)
{
    static const char *const overrides[] = {"internet.loss=5%", "steps.0.ping.count=7",
                                            "vdcs.a.gateway.tunnels.to-b.ike.lifetime=4000"};
    const struct scn_read_options options = {overrides, 3};
    struct base_diagnostics problems;
    (void)state;
    base_diagnostics_init(&problems);
    struct scn_scenario *s = scn_read_file(SMALL, &options, &problems);
    assert_non_null(s);
    assert_true(s->model.internet.link.loss == 0.05 && s->steps[0].u.ping.count == 7);
    assert_int_equal(s->model.vdcs[0].gateway.tunnels[0].ike.lifetime_s, 4000);
    scn_scenario_free(s);
    const char *const bad[] = {"internet.loss=500%"};
    const struct scn_read_options refused = {bad, 1};
    assert_null(scn_read_file(SMALL, &refused, &problems));
    char *text = base_diagnostic_format(&problems.items[0]);
    assert_string_equal(text, "--set internet.loss=500%: error: loss: '500%' is not a percentage; "
                              "write 0% to 100%, such as 0.5% [bad-value]");
    free(text);
    base_diagnostics_fini(&problems);
}

/* --- What ships -------------------------------------------------------------------------------- */

static void test_catalog(void **state)
{
    (void)state;
    scn_scenario_free(read_or_fail(TUTORIAL, 0));
    scn_scenario_free(read_or_fail("scenarios/catalog/lifetimes/a-day.yaml", 0));
}

static void test_built_in(void **state)
{
    char file[20000];
    size_t size;
    struct base_diagnostics problems;
    const char *text = scn_tutorial_text(&size);
    FILE *stream = fopen(TUTORIAL, "rb");
    (void)state;
    assert_non_null(stream);
    assert_int_equal(fread(file, 1, sizeof(file), stream), size);
    fclose(stream);
    assert_memory_equal(file, text, size);
    base_diagnostics_init(&problems);
    struct scn_scenario *s = scn_read_text(scn_tutorial_name(), text, size, NULL, &problems);
    assert_non_null(s);
    assert_string_equal(s->name, "vdc-to-vdc");
    scn_scenario_free(s);
    base_diagnostics_fini(&problems);
}

/* --- Any bytes --------------------------------------------------------------------------------- */

static void read_bytes(const char *text, size_t size)
{
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    struct scn_scenario *s = scn_read_text("x.yaml", text, size, NULL, &problems);
    assert_int_equal(s == NULL, problems.error_count > 0);
    scn_scenario_free(s);
    base_diagnostics_fini(&problems);
}

static char *slurp(const char *path, size_t *size)
{
    char *text = base_alloc(20000);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    *size = fread(text, 1, 20000, stream);
    fclose(stream);
    return text;
}

/* What does not fit into an IPv4 packet is no data of one: the longest there are, and one byte more. */
static void expect_data(const char *keys, size_t data_size, size_t errors)
{
    size_t size;
    char *small = slurp(SMALL, &size);
    char *data = base_alloc(data_size * 2 + 1);
    memset(data, '0', data_size * 2);
    char *at = strstr(small, "- ping");
    assert_non_null(at);
    char *text =
        base_printf("%.*s- inject: {at: internet, forge: {from: a1, to: b1, %s: \"%s\"}}}\n",
                    (int)(at - small), small, keys, data);
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    struct scn_scenario *s = scn_read_text("x.yaml", text, strlen(text), NULL, &problems);
    assert_int_equal(problems.error_count, errors);
    assert_int_equal(s != NULL, errors == 0);
    scn_scenario_free(s);
    base_diagnostics_fini(&problems);
    free(text);
    free(data);
    free(small);
}

static void test_data_sizes(void **state)
{
    const char *notify = "ike: {exchange: IKE_SA_INIT, spiInitiator: 1, notify: COOKIE, notifyData";
    (void)state;
    expect_data("icmp: {data", 65000, 0);
    expect_data("icmp: {data", 65001, 1);
    expect_data(notify, 65000, 0);
    expect_data(notify, 65001, 1);
}

static void test_truncations(void **state)
{
    size_t size;
    char *text = slurp(EVERYTHING, &size);
    (void)state;
    for (size_t cut = 0; cut < size; cut += cut % 7 ? 1 : 3) {
        /* A copy of its own, so that a read past the end is seen. */
        char *part = base_alloc(cut + 1);
        char *exact = realloc(part, cut ? cut : 1);
        memcpy(exact, text, cut);
        read_bytes(exact, cut);
        free(exact);
    }
    free(text);
}

static void test_flips(void **state)
{
    struct base_rng rng;
    size_t size;
    char *text = slurp(EVERYTHING, &size);
    (void)state;
    base_rng_init(&rng, 1, "test_read flips");
    for (int i = 0; i < 3000; i++) {
        size_t at = base_rng_below(&rng, size);
        char bit = (char)(1 << base_rng_below(&rng, 8));
        text[at] = (char)(text[at] ^ bit);
        read_bytes(text, size);
        text[at] = (char)(text[at] ^ bit);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header),         cmocka_unit_test(test_gateway),
        cmocka_unit_test(test_tunnel),         cmocka_unit_test(test_behaviour),
        cmocka_unit_test(test_links),          cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_traffic_steps),  cmocka_unit_test(test_fault_steps),
        cmocka_unit_test(test_gateway_faults), cmocka_unit_test(test_change_and_replay_steps),
        cmocka_unit_test(test_forge_steps),    cmocka_unit_test(test_sa_steps),
        cmocka_unit_test(test_expectations),   cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_overrides),      cmocka_unit_test(test_catalog),
        cmocka_unit_test(test_built_in),       cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_flips),          cmocka_unit_test(test_data_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
