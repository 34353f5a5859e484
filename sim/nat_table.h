/* The mappings of a NAT router: what may pass, and as whom. For nat.c, nat_table.c and their tests. */
#ifndef SIM_NAT_TABLE_H
#define SIM_NAT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/nat.h"

/* An address with a UDP port, or with the identifier of an echo. */
struct nat_endpoint {
    net_ip4 address;
    uint16_t port;
};

struct nat_remote {
    struct nat_endpoint endpoint; /* that was sent to; port 0 for echoes */
    base_ns until;
};

struct nat_mapping {
    uint8_t protocol;
    struct nat_endpoint inside;
    uint16_t outside_port;
    struct nat_endpoint remote; /* symmetric: its only one; else 0 */
    base_ns until;              /* it has expired then; remembered so that a drop can say so */
    struct nat_remote *remotes; /* who is let in */
    size_t remote_count, remote_capacity;
};

struct nat_table {
    enum sim_nat_type type;
    bool preserve; /* ports are kept where they can be */
    uint16_t next_port;
    base_ns udp_timeout_ns;
    struct nat_mapping *mappings;
    size_t count, capacity;
};

enum nat_verdict {
    NAT_PASS,
    NAT_NO_MAPPING,
    NAT_EXPIRED,
    NAT_FILTERED,
};

void nat_table_init(struct nat_table *table, enum sim_nat_type type, base_ns udp_timeout_ns);
void nat_table_fini(struct nat_table *table);
void nat_table_rebind(struct nat_table *table);

/* The mapping for a packet that goes out: found or made, and refreshed. Valid until the table is next changed. */
const struct nat_mapping *nat_table_out(struct nat_table *table, base_ns now, uint8_t protocol,
                                        struct nat_endpoint inside, struct nat_endpoint remote);

/* Whether a packet from `remote` to the public address is let in; *out is set, and refreshed, on NAT_PASS. */
enum nat_verdict nat_table_in(struct nat_table *table, base_ns now, uint8_t protocol,
                              uint16_t outside_port, struct nat_endpoint remote,
                              const struct nat_mapping **out);

/* The live mapping with that outside port, or that inside endpoint, for ICMP errors; NULL where there is none. */
const struct nat_mapping *nat_table_by_port(const struct nat_table *table, base_ns now,
                                            uint8_t protocol, uint16_t outside_port);
const struct nat_mapping *nat_table_by_inside(const struct nat_table *table, base_ns now,
                                              uint8_t protocol, struct nat_endpoint inside,
                                              struct nat_endpoint remote);

#endif
