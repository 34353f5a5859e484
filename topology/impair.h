/* A link's impairment as a scenario says it, turned into what sim/link.h takes. */
#ifndef TOPOLOGY_IMPAIR_H
#define TOPOLOGY_IMPAIR_H

#include "sim/link.h"
#include "topology/model.h"

struct sim_impairment topo_impairment_of(const struct topo_impairment *words);

#endif
