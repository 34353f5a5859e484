/* One block: for each datagram its size in a uint32_t, then its bytes. */
#include "ipsec/ike/datagrams.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct ike_datagrams {
    size_t used; /* of block */
    size_t bytes;
    uint8_t block[];
};

struct ike_datagrams *ike_datagrams_add(struct ike_datagrams *set, const uint8_t *bytes,
                                        size_t size)
{
    uint32_t mark = (uint32_t)size;
    size_t used = set ? set->used : 0;
    struct ike_datagrams *grown = base_alloc(sizeof(*grown) + used + sizeof(mark) + size);
    if (set)
        memcpy(grown, set, sizeof(*set) + used);
    memcpy(grown->block + used, &mark, sizeof(mark));
    memcpy(grown->block + used + sizeof(mark), bytes, size);
    grown->used = used + sizeof(mark) + size;
    grown->bytes += size;
    free(set);
    return grown;
}

void ike_datagrams_free(struct ike_datagrams *set)
{
    free(set);
}

const uint8_t *ike_datagrams_next(const struct ike_datagrams *set, size_t *at, size_t *size)
{
    if (!set || *at >= set->used)
        return NULL;
    uint32_t mark;
    memcpy(&mark, set->block + *at, sizeof(mark));
    const uint8_t *bytes = set->block + *at + sizeof(mark);
    *at += sizeof(mark) + mark;
    *size = mark;
    return bytes;
}

size_t ike_datagrams_bytes(const struct ike_datagrams *set)
{
    return set ? set->bytes : 0;
}
