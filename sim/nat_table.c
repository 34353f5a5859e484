/* Mapping and filtering of RFC 4787. Few mappings: one inside host makes them, so they are a list. */
#include "sim/nat_table.h"

#include <stdlib.h>

#include "base/mem.h"
#include "net/ipv4.h"

#define MAPPINGS_MAX 4096
#define PORT_FIRST 40000              /* of the ports that are not kept */
#define PORT_MIN 1024                 /* where they begin again */
#define ECHO_TIMEOUT_NS (60 * BASE_S) /* RFC 5508, REQ-2 */

void nat_table_init(struct nat_table *table, enum sim_nat_type type, base_ns udp_timeout_ns)
{
    *table = (struct nat_table){
        .type = type,
        .preserve = type != SIM_NAT_SYMMETRIC,
        .next_port = PORT_FIRST,
        .udp_timeout_ns = udp_timeout_ns,
    };
}

static void forget_all(struct nat_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->mappings[i].remotes);
    table->count = 0;
}

void nat_table_fini(struct nat_table *table)
{
    forget_all(table);
    free(table->mappings);
    *table = (struct nat_table){0};
}

void nat_table_rebind(struct nat_table *table)
{
    forget_all(table);
    table->preserve = false;
}

static bool same(struct nat_endpoint a, struct nat_endpoint b)
{
    return a.address == b.address && a.port == b.port;
}

static base_ns timeout_of(const struct nat_table *table, uint8_t protocol)
{
    return protocol == NET_IPV4_ICMP ? ECHO_TIMEOUT_NS : table->udp_timeout_ns;
}

static bool port_is_free(const struct nat_table *table, base_ns now, uint8_t protocol,
                         uint16_t port)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct nat_mapping *mapping = &table->mappings[i];
        if (mapping->protocol == protocol && mapping->outside_port == port && mapping->until > now)
            return false;
    }
    return true;
}

static uint16_t choose_port(struct nat_table *table, base_ns now, uint8_t protocol, uint16_t wanted)
{
    if (table->preserve && port_is_free(table, now, protocol, wanted))
        return wanted;
    for (;;) { /* ends: there are fewer mappings than ports */
        uint16_t port = table->next_port++;
        if (table->next_port < PORT_MIN)
            table->next_port = PORT_MIN;
        if (port_is_free(table, now, protocol, port))
            return port;
    }
}

static struct nat_mapping *find_inside(const struct nat_table *table, uint8_t protocol,
                                       struct nat_endpoint inside, struct nat_endpoint remote)
{
    for (size_t i = 0; i < table->count; i++) {
        struct nat_mapping *mapping = &table->mappings[i];
        if (mapping->protocol == protocol && same(mapping->inside, inside) &&
            (table->type != SIM_NAT_SYMMETRIC || same(mapping->remote, remote)))
            return mapping;
    }
    return NULL;
}

/* Room for one more: of a full table the mapping goes that was used the longest ago. */
static struct nat_mapping *add(struct nat_table *table)
{
    if (table->count == MAPPINGS_MAX) {
        struct nat_mapping *oldest = &table->mappings[0];
        for (size_t i = 1; i < table->count; i++)
            if (table->mappings[i].until < oldest->until)
                oldest = &table->mappings[i];
        free(oldest->remotes);
        *oldest = (struct nat_mapping){0};
        return oldest;
    }
    table->mappings =
        base_grow(table->mappings, table->count, &table->capacity, sizeof(*table->mappings));
    struct nat_mapping *mapping = &table->mappings[table->count++];
    *mapping = (struct nat_mapping){0};
    return mapping;
}

/* Whoever was sent to is let in; one whose time is over makes room. */
static void permit(struct nat_mapping *mapping, base_ns now, base_ns until,
                   struct nat_endpoint remote)
{
    struct nat_remote *place = NULL;
    for (size_t i = 0; i < mapping->remote_count; i++) {
        if (same(mapping->remotes[i].endpoint, remote)) {
            place = &mapping->remotes[i];
            break;
        }
        if (!place && mapping->remotes[i].until <= now)
            place = &mapping->remotes[i];
    }
    if (!place) {
        mapping->remotes = base_grow(mapping->remotes, mapping->remote_count,
                                     &mapping->remote_capacity, sizeof(*mapping->remotes));
        place = &mapping->remotes[mapping->remote_count++];
    }
    *place = (struct nat_remote){.endpoint = remote, .until = until};
}

const struct nat_mapping *nat_table_out(struct nat_table *table, base_ns now, uint8_t protocol,
                                        struct nat_endpoint inside, struct nat_endpoint remote)
{
    struct nat_mapping *mapping = find_inside(table, protocol, inside, remote);
    bool lives = mapping && mapping->until > now;
    if (!mapping) {
        mapping = add(table);
        mapping->protocol = protocol;
        mapping->inside = inside;
        if (table->type == SIM_NAT_SYMMETRIC)
            mapping->remote = remote;
    }
    if (!lives) {
        mapping->remote_count = 0;
        mapping->outside_port = choose_port(table, now, protocol, inside.port);
    }
    mapping->until = base_ns_add(now, timeout_of(table, protocol));
    permit(mapping, now, mapping->until, remote);
    return mapping;
}

/* The place in `remotes` by which this one is let in. */
static struct nat_remote *find_permit(const struct nat_table *table,
                                      const struct nat_mapping *mapping, base_ns now,
                                      struct nat_endpoint remote)
{
    for (size_t i = 0; i < mapping->remote_count; i++) {
        struct nat_remote *permitted = &mapping->remotes[i];
        if (permitted->until > now && permitted->endpoint.address == remote.address &&
            (table->type == SIM_NAT_ADDRESS_RESTRICTED || permitted->endpoint.port == remote.port))
            return permitted;
    }
    return NULL;
}

/* The mapping with that outside port: one that lives before one that has expired. */
static struct nat_mapping *find_port(const struct nat_table *table, base_ns now, uint8_t protocol,
                                     uint16_t port)
{
    struct nat_mapping *expired = NULL;
    for (size_t i = 0; i < table->count; i++) {
        struct nat_mapping *mapping = &table->mappings[i];
        if (mapping->protocol != protocol || mapping->outside_port != port)
            continue;
        if (mapping->until > now)
            return mapping;
        expired = mapping;
    }
    return expired;
}

enum nat_verdict nat_table_in(struct nat_table *table, base_ns now, uint8_t protocol,
                              uint16_t outside_port, struct nat_endpoint remote,
                              const struct nat_mapping **out)
{
    struct nat_mapping *mapping = find_port(table, now, protocol, outside_port);
    if (!mapping)
        return NAT_NO_MAPPING;
    if (mapping->until <= now)
        return NAT_EXPIRED;
    struct nat_remote *permitted = find_permit(table, mapping, now, remote);
    if (!permitted && table->type != SIM_NAT_FULL_CONE)
        return NAT_FILTERED;
    mapping->until = base_ns_add(now, timeout_of(table, protocol));
    if (permitted)
        permitted->until = mapping->until;
    *out = mapping;
    return NAT_PASS;
}

const struct nat_mapping *nat_table_by_port(const struct nat_table *table, base_ns now,
                                            uint8_t protocol, uint16_t outside_port)
{
    const struct nat_mapping *mapping = find_port(table, now, protocol, outside_port);
    return mapping && mapping->until > now ? mapping : NULL;
}

const struct nat_mapping *nat_table_by_inside(const struct nat_table *table, base_ns now,
                                              uint8_t protocol, struct nat_endpoint inside,
                                              struct nat_endpoint remote)
{
    const struct nat_mapping *mapping = find_inside(table, protocol, inside, remote);
    return mapping && mapping->until > now ? mapping : NULL;
}
