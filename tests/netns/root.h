/* What tests do that need root: they say loudly that they are skipped, and ctest counts them so. */
#ifndef TESTS_NETNS_ROOT_H
#define TESTS_NETNS_ROOT_H

#include <stdio.h>
#include <stdlib.h>

#include "netns/session.h"

#define SKIPPED 77

static inline int lacks_root(const char *program)
{
    char *missing = netns_missing();
    if (!missing)
        return 0;
    fprintf(stderr, "%s: SKIPPED: %s\n", program, missing);
    free(missing);
    return 1;
}

#endif
