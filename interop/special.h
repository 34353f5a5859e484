/* The cases that are no algorithms: rekeys, deletes, liveness, cookies, fragments, NAT, refusals, restarts. */
#ifndef INTEROP_SPECIAL_H
#define INTEROP_SPECIAL_H

#include "interop/cases.h"

/* The i-th, NULL past the last. Neither side set means both may start it. */
const struct interop_case *interop_special_at(size_t i);

#endif
