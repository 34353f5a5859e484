/*
 * Models of any size for tests and benches: n VDCs of one LAN with one or more hosts, and tunnels either
 * between each two of them (a mesh) or between neighbours 2k and 2k + 1 (pairs). VDC i has the LAN
 * 10.x.y.0/24 by its number, gateway .5, hosts from .11 up, and a public address from 203.0.0.1 up.
 */
#ifndef TESTS_TOPOLOGY_MESH_H
#define TESTS_TOPOLOGY_MESH_H

#include "topology/model.h"

struct mesh_options {
    size_t vdcs;
    size_t hosts; /* a VDC */
    bool pairs;   /* else each with each: 21 VDCs at most */
    const char *encryption, *integrity, *group;
    struct topo_behaviour behaviour;
};

/* Freed whole by mesh_free(). */
struct topo_model *mesh_new(const struct mesh_options *options);
void mesh_free(struct topo_model *model);

#endif
