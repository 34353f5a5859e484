/* Addresses and prefixes as text: what parses is printed, parsed again and the same. */
#include "fuzz/fuzz.h"

#include "net/prefix.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[128];
    char printed[NET_PREFIX_TEXT_MAX];
    struct net_addr addr;
    struct net_addr addr_again;
    struct net_prefix prefix;
    struct net_prefix prefix_again;
    if (size >= sizeof(text))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (net_addr_parse(text, &addr)) {
        bool good = net_addr_parse(net_addr_format(&addr, printed), &addr_again);
        assert(good && net_addr_equal(&addr, &addr_again));
    }
    if (net_prefix_parse(text, NET_PREFIX_KEEP, &prefix)) {
        bool good =
            net_prefix_parse(net_prefix_format(&prefix, printed), NET_PREFIX_KEEP, &prefix_again);
        assert(good && net_prefix_equal(&prefix, &prefix_again));
    }
    return 0;
}
