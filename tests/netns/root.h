/* What tests do that need root: they say loudly that they are skipped, and ctest counts them so. */
#ifndef TESTS_NETNS_ROOT_H
#define TESTS_NETNS_ROOT_H

#include <stdio.h>
#include <unistd.h>

#define SKIPPED 77

static inline int lacks_root(const char *program)
{
    if (geteuid() == 0 && access("/dev/net/tun", R_OK | W_OK) == 0)
        return 0;
    fprintf(stderr, "%s: SKIPPED: it needs root and /dev/net/tun\n", program);
    return 1;
}

#endif
