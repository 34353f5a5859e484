/* A tunnel that is up between two hosts, and echo round trips through it: what the ESP figures are of. */
#ifndef BENCH_TUNNEL_H
#define BENCH_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/model.h"
#include "ipsec/crypto/context.h"
#include "net/addr.h"
#include "topology/world.h"

enum {
    BENCH_ECHO_BYTES = 1400,
    BENCH_INNER_BYTES = BENCH_ECHO_BYTES + 28,
};

struct bench_tunnel {
    struct bench_model *model;
    struct topo_world *world;
    net_ip4 target;
};

/* The tunnel of one pair of gateways, up. */
struct bench_tunnel bench_tunnel_new(struct crypto_context *crypto, const char *encryption,
                                     bool journal);
void bench_tunnel_free(struct bench_tunnel *tunnel);

/* Work for bench_run: `count` round trips; `user` is a bench_tunnel. */
void bench_round_trips(void *user, size_t count);

#endif
