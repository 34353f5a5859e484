/* A ping of either kind. */
#include "topology/ping.h"

#include "topology/world_internal.h"

struct topo_ping *topo_ping_start(struct topo_world_node *from,
                                  const struct sim_ping_config *config,
                                  const struct topo_ping_listener *listener)
{
    return from->ops->ping(from, config, listener);
}

void topo_ping_stop(struct topo_ping *ping)
{
    ping->ops->stop(ping);
}

void topo_ping_free(struct topo_ping *ping)
{
    ping->ops->free(ping);
}

const struct sim_ping_statistics *topo_ping_statistics(const struct topo_ping *ping)
{
    return ping->ops->statistics(ping);
}
