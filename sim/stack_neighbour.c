/*
 * Neighbours: the states of Linux's core/neighbour.c with its default times. Not resolved: three
 * broadcast requests a second apart, packets wait meanwhile, then host unreachable for each of them.
 * Known for longer than the reachable time (15 to 45 s, drawn once a stack): used for 5 s more, then
 * asked by three unicast requests, then forgotten. One thing is lazier than there: a neighbour that
 * nobody sends to is not probed when its time passes, but at the next use.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "sim/stack_core.h"

enum {
    PROBES = 3,                   /* mcast_solicit, ucast_solicit */
    QUEUE_BYTES_MAX = 212992,     /* unres_qlen_bytes */
    RETRANSMIT_S = 1,             /* retrans_time */
    DELAY_S = 5,                  /* delay_first_probe_time */
    LOCK_S = 1,                   /* locktime: the first of two answers stands so long */
    TRUESIZE_OVERHEAD = 512 + 256 /* what a queued packet costs in Linux besides its bytes, about */
};

#define NOT_FRESH ((base_ns)-1)

static uint64_t key_of(uint16_t interface, net_ip4 ip)
{
    return (uint64_t)interface << 32 | ip;
}

static struct stack_neighbour **cache_of(struct sim_stack *stack, uint64_t key)
{
    return &stack->neighbour_cache[(key ^ key >> 32) & (STACK_NEIGHBOUR_CACHE - 1)];
}

struct stack_neighbour *stack_neighbour_find(const struct sim_stack *stack, uint16_t interface,
                                             net_ip4 ip)
{
    return base_map_get(&stack->neighbours, key_of(interface, ip));
}

static sim_event_fn on_timer;

static struct stack_neighbour *create(struct sim_stack *stack, uint16_t interface, net_ip4 ip)
{
    struct stack_neighbour *made = base_alloc_lines(sizeof(*made));
    made->key = key_of(interface, ip);
    made->ip = ip;
    made->interface = interface;
    made->stack = stack;
    made->fresh_until = NOT_FRESH;
    sim_event_init(&made->timer, on_timer);
    base_map_put(&stack->neighbours, made->key, made);
    return made;
}

static struct stack_neighbour *find_or_create(struct sim_stack *stack, uint16_t interface,
                                              net_ip4 ip)
{
    uint64_t key = key_of(interface, ip);
    struct stack_neighbour **cached = cache_of(stack, key);
    if (!*cached || (*cached)->key != key) {
        struct stack_neighbour *found = stack_neighbour_find(stack, interface, ip);
        *cached = found ? found : create(stack, interface, ip);
    }
    return *cached;
}

static bool is_valid(const struct stack_neighbour *n)
{
    return n->state != NEIGHBOUR_FAILED && n->state != NEIGHBOUR_INCOMPLETE;
}

static void set_state(struct stack_neighbour *n, enum stack_neighbour_state state)
{
    bool probing = state == NEIGHBOUR_DELAY || state == NEIGHBOUR_PROBE;
    n->state = (uint8_t)state;
    n->fresh_until = probing                        ? BASE_NEVER
                     : state == NEIGHBOUR_REACHABLE ? n->confirmed + n->stack->reachable_ns
                                                    : NOT_FRESH;
}

static void emit(struct stack_neighbour *n, struct sim_packet *packet)
{
    struct stack_interface *out = stack_interface(n->stack, n->interface);
    n->used = n->stack->world->now;
    memcpy(base_buffer_push(&packet->bytes, NET_ETHER_SIZE), n->header, NET_ETHER_SIZE);
    sim_port_send(&out->port, packet);
}

/* ---- Not resolved yet ---- */

/* arp_solicit() */
static void solicit(struct stack_neighbour *n)
{
    struct sim_stack *stack = n->stack;
    n->probes++;
    sim_world_after(stack->world, &n->timer, RETRANSMIT_S * BASE_S);
    stack_arp_request(stack, n, n->state == NEIGHBOUR_PROBE ? n->header : NET_MAC_BROADCAST);
}

static uint32_t true_size(const struct sim_packet *packet)
{
    return sim_packet_size(packet) + TRUESIZE_OVERHEAD;
}

static void wait(struct stack_neighbour *n, struct sim_packet *packet)
{
    struct sim_stack *stack = n->stack;
    stack_note(stack, packet, n->interface, SIM_KIND_RESOLVING, n->ip, 0);
    while (n->queue.count && n->queue_bytes + true_size(packet) > QUEUE_BYTES_MAX) {
        struct sim_packet *oldest = sim_packet_list_pop(&n->queue);
        n->queue_bytes -= true_size(oldest);
        stack_drop(stack, oldest, n->interface, SIM_REASON_NEIGHBOUR_QUEUE, n->ip);
    }
    n->queue_bytes += true_size(packet);
    sim_packet_list_push(&n->queue, packet);
}

/* Takes all that waits, so that nothing that happens next can meet it there. */
static struct sim_packet_list take_queue(struct stack_neighbour *n)
{
    struct sim_packet_list queue = n->queue;
    n->queue = (struct sim_packet_list){0};
    n->queue_bytes = 0;
    return queue;
}

/* neigh_invalidate(): host unreachable to the sender of each packet, which may be this stack. */
static void fail(struct stack_neighbour *n)
{
    struct sim_stack *stack = n->stack;
    struct sim_packet_list queue = take_queue(n);
    set_state(n, NEIGHBOUR_FAILED);
    stack->counters.neighbour_failures++;
    for (struct sim_packet *packet; (packet = sim_packet_list_pop(&queue));) {
        sim_stack_send_icmp_error(stack, packet, NET_ICMP_UNREACHABLE, NET_ICMP_HOST_UNREACHABLE,
                                  0);
        stack_drop(stack, packet, n->interface, SIM_REASON_HOST_UNREACHABLE, n->ip);
    }
}

/* ---- Time ---- */

/* neigh_timer_handler() */
static void on_timer(struct sim_world *world, struct sim_event *event)
{
    struct stack_neighbour *n = SIM_OWNER(event, struct stack_neighbour, timer);
    if (n->state == NEIGHBOUR_DELAY) {
        if (world->now <= n->confirmed + DELAY_S * BASE_S) {
            set_state(n, NEIGHBOUR_REACHABLE);
            return;
        }
        n->probes = 0;
        set_state(n, NEIGHBOUR_PROBE);
    }
    if (n->probes >= PROBES)
        fail(n);
    else
        solicit(n);
}

/* Where its time has passed unseen: what the timer would have made of it. */
static void age(struct stack_neighbour *n)
{
    struct sim_world *world = n->stack->world;
    if (n->state != NEIGHBOUR_REACHABLE || world->now <= n->fresh_until)
        return;
    base_ns passed = n->fresh_until, delayed = passed + DELAY_S * BASE_S;
    if (passed > n->used + DELAY_S * BASE_S) {
        set_state(n, NEIGHBOUR_STALE);
        return;
    }
    set_state(n, NEIGHBOUR_DELAY);
    sim_world_at(world, &n->timer, delayed > world->now ? delayed : world->now);
}

/* Nobody has asked for it, or in vain. */
static void start_asking(struct stack_neighbour *n)
{
    set_state(n, NEIGHBOUR_INCOMPLETE);
    n->updated = n->stack->world->now;
    n->probes = 0;
    solicit(n);
}

/* __neigh_event_send() */
static void send_unsure(struct stack_neighbour *n, struct sim_packet *packet)
{
    struct sim_world *world = n->stack->world;
    age(n);
    if (n->state == NEIGHBOUR_STALE) {
        set_state(n, NEIGHBOUR_DELAY);
        n->updated = world->now;
        sim_world_after(world, &n->timer, DELAY_S * BASE_S);
    }
    if (is_valid(n)) {
        emit(n, packet);
        return;
    }
    wait(n, packet);
    if (n->state == NEIGHBOUR_FAILED)
        start_asking(n);
}

bool stack_neighbour_prompt(struct sim_stack *stack, uint16_t interface, net_ip4 ip)
{
    struct stack_neighbour *n = find_or_create(stack, interface, ip);
    age(n);
    if (n->state == NEIGHBOUR_FAILED)
        start_asking(n);
    return is_valid(n);
}

void stack_neighbour_send(struct sim_stack *stack, uint16_t interface, net_ip4 next_hop,
                          struct sim_packet *packet)
{
    struct stack_neighbour *n = find_or_create(stack, interface, next_hop);
    if (stack->world->now <= n->fresh_until)
        emit(n, packet);
    else
        send_unsure(n, packet);
}

/* ---- What ARP says ---- */

static void set_mac(struct stack_neighbour *n, const uint8_t *mac)
{
    struct net_ether ether = {.type = NET_ETHER_IPV4};
    memcpy(ether.dst, mac, NET_MAC_SIZE);
    memcpy(ether.src, stack_interface(n->stack, n->interface)->port.mac, NET_MAC_SIZE);
    net_ether_write(&ether, n->header);
}

static uint64_t mac_number(const uint8_t *mac)
{
    uint64_t number = 0;
    for (int i = 0; i < NET_MAC_SIZE; i++)
        number = number << 8 | mac[i];
    return number;
}

/* neigh_update(), from the point where the entry may change. */
static void change(struct stack_neighbour *n, const uint8_t *mac, bool same,
                   enum stack_neighbour_state state, const struct sim_packet *by)
{
    struct sim_stack *stack = n->stack;
    bool was_valid = is_valid(n);
    if (state != n->state || !same)
        n->updated = stack->world->now;
    if (!same) {
        set_mac(n, mac);
        stack_note(stack, by, n->interface, SIM_KIND_NEIGHBOUR, n->ip, mac_number(mac));
    }
    if (state != n->state)
        sim_world_cancel(stack->world, &n->timer);
    set_state(n, state);
    if (was_valid)
        return;
    struct sim_packet_list queue = take_queue(n);
    for (struct sim_packet *packet; (packet = sim_packet_list_pop(&queue));)
        stack_neighbour_send(stack, n->interface, n->ip, packet);
}

void stack_neighbour_learn(struct sim_stack *stack, const struct stack_hearsay *heard)
{
    struct stack_neighbour *n = *cache_of(stack, key_of(heard->interface, heard->ip));
    if (!n || n->key != key_of(heard->interface, heard->ip))
        n = stack_neighbour_find(stack, heard->interface, heard->ip);
    if (!n && !heard->create)
        return;
    if (!n)
        n = create(stack, heard->interface, heard->ip);
    age(n);
    bool same = is_valid(n) && net_mac_equal(heard->mac, n->header);
    bool locked = stack->world->now <= n->updated + LOCK_S * BASE_S && !heard->override;
    if (heard->reachable)
        n->confirmed = stack->world->now;
    if (is_valid(n) && !same && locked)
        return;
    enum stack_neighbour_state state = heard->reachable ? NEIGHBOUR_REACHABLE : NEIGHBOUR_STALE;
    if (same && !heard->reachable)
        state = (enum stack_neighbour_state)n->state;
    change(n, heard->mac, same, state, heard->by);
}

bool sim_stack_neighbour(const struct sim_stack *stack, uint16_t interface, net_ip4 address,
                         uint8_t mac[static 6])
{
    const struct stack_neighbour *n = stack_neighbour_find(stack, interface, address);
    if (!n || !is_valid(n))
        return false;
    memcpy(mac, n->header, NET_MAC_SIZE);
    return true;
}

void stack_neighbours_flush(struct sim_stack *stack)
{
    struct stack_neighbour *n;
    memset(stack->neighbour_cache, 0, sizeof(stack->neighbour_cache));
    for (size_t at = 0; (n = base_map_next(&stack->neighbours, &at));) {
        for (struct sim_packet *packet; (packet = sim_packet_list_pop(&n->queue));)
            stack_drop(stack, packet, n->interface, SIM_REASON_NODE_DOWN, n->ip);
        sim_world_cancel(stack->world, &n->timer);
        free(n);
    }
    base_map_fini(&stack->neighbours);
}
