/* Models for the bench programs: N pairs of VDCs, each pair joined by a tunnel. */
#ifndef BENCH_MODEL_H
#define BENCH_MODEL_H

#include "topology/model.h"

struct bench_model;

/*
 * Pair i is "a<i>" and "b<i>", each with one host ("a<i>-host") and a gateway ("a<i>-gw"), with the routes
 * that a ping across needs. `encryption` as the product names it; SHA256, MODP-3072 and the tutorial's lifetimes.
 */
struct bench_model *bench_model_new(size_t pairs, const char *encryption);
void bench_model_free(struct bench_model *bench);

const struct topo_model *bench_model_of(const struct bench_model *bench);

#endif
