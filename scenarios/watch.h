/*
 * What is watched on the internet in every run, captures or not: packets between private subnets that
 * nobody encrypted, and ESP sequence numbers used twice under one SPI. Costs a few comparisons a packet.
 */
#ifndef SCENARIOS_WATCH_H
#define SCENARIOS_WATCH_H

#include "topology/model.h"
#include "topology/world.h"

struct scn_watch;

struct scn_watch *scn_watch_new(struct topo_world *world, const struct topo_model *model);
/* After the world is gone: its tap hangs there until then. */
void scn_watch_free(struct scn_watch *watch);

struct scn_watch_findings {
    uint64_t cleartext; /* packets between two VDCs' private subnets in clear */
    base_ns cleartext_first_ns;
    net_ip4 cleartext_source, cleartext_destination; /* of the first */
    uint64_t reused;                      /* ESP packets with a number that was used before */
    uint32_t reused_spi, reused_sequence; /* of the first */
    uint64_t frames;                      /* all that entered the path */
};

const struct scn_watch_findings *scn_watch_findings(const struct scn_watch *watch);

#endif
