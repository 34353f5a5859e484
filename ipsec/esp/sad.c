/* SAs in a list in the order of adding, with maps from SPI and reqid for the packet path. */
#include "ipsec/esp/sad.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/warm.h"
#include "ipsec/crypto/cipher.h"
#include "ipsec/esp/map.h"

/* charon's range: charon.spi_min and spi_max. */
static const uint32_t spi_first = 0xc0000000u;
static const uint32_t spi_count = 0x10000000u;

enum {
    OPENING_SIZE = offsetof(struct esp_sa, sequence),
    SEALING_SIZE = offsetof(struct esp_sa, rng) - offsetof(struct esp_sa, sequence),
    WARM_SAS_MAX = 4
};

struct esp_sad {
    /* what packets touch: one cache line */
    struct esp_map inbound;  /* SPI: the SA, or `reserved` */
    struct esp_map outbound; /* reqid: the current SA */

    struct esp_sa *list;
    size_t count;
    char reserved; /* its address marks an SPI that no SA has yet */
};

struct esp_sad *esp_sad_new(void)
{
    return base_alloc_lines(sizeof(struct esp_sad));
}

void esp_sad_free(struct esp_sad *sad)
{
    if (!sad)
        return;
    esp_sad_flush(sad);
    free(sad);
}

uint32_t esp_sad_reserve_spi(struct esp_sad *sad, struct base_rng *rng)
{
    uint32_t spi;
    do {
        spi = spi_first + (uint32_t)base_rng_below(rng, spi_count);
    } while (esp_map_get(&sad->inbound, spi));
    esp_map_put(&sad->inbound, spi, &sad->reserved);
    return spi;
}

void esp_sad_release_spi(struct esp_sad *sad, uint32_t spi)
{
    if (esp_map_get(&sad->inbound, spi) == &sad->reserved)
        esp_map_remove(&sad->inbound, spi);
}

bool esp_sad_add(struct esp_sad *sad, struct esp_sa *sa)
{
    if (sa->direction == ESP_SA_INBOUND) {
        if (esp_sad_inbound(sad, sa->spi))
            return false;
        esp_map_put(&sad->inbound, sa->spi, sa);
    } else if (!esp_map_get(&sad->outbound, sa->reqid)) {
        esp_map_put(&sad->outbound, sa->reqid, sa);
    }
    DL_APPEND(sad->list, sa);
    sad->count++;
    return true;
}

void esp_sad_select(struct esp_sad *sad, struct esp_sa *sa)
{
    assert(sa->direction == ESP_SA_OUTBOUND);
    esp_map_put(&sad->outbound, sa->reqid, sa);
}

/* The outbound SA of `reqid` that was added last; NULL: none. */
static struct esp_sa *newest_of(const struct esp_sad *sad, uint32_t reqid)
{
    struct esp_sa *newest = NULL;
    for (struct esp_sa *sa = sad->list; sa; sa = sa->next) {
        if (sa->direction == ESP_SA_OUTBOUND && sa->reqid == reqid)
            newest = sa;
    }
    return newest;
}

static void outbound_remove(struct esp_sad *sad, struct esp_sa *sa)
{
    if (esp_map_get(&sad->outbound, sa->reqid) != sa)
        return;
    struct esp_sa *successor = newest_of(sad, sa->reqid);
    if (successor)
        esp_map_put(&sad->outbound, sa->reqid, successor);
    else
        esp_map_remove(&sad->outbound, sa->reqid);
}

void esp_sad_remove(struct esp_sad *sad, struct esp_sa *sa)
{
    DL_DELETE(sad->list, sa);
    sad->count--;
    if (sa->direction == ESP_SA_INBOUND)
        esp_map_remove(&sad->inbound, sa->spi);
    else
        outbound_remove(sad, sa);
    esp_sa_free(sa);
}

void esp_sad_flush(struct esp_sad *sad)
{
    esp_map_fini(&sad->inbound);
    esp_map_fini(&sad->outbound);
    struct esp_sa *next = NULL;
    for (struct esp_sa *sa = sad->list; sa; sa = next) {
        next = sa->next;
        esp_sa_free(sa);
    }
    sad->list = NULL;
    sad->count = 0;
}

struct esp_sa *esp_sad_inbound(const struct esp_sad *sad, uint32_t spi)
{
    void *value = esp_map_get(&sad->inbound, spi);
    return value == &sad->reserved ? NULL : value;
}

struct esp_sa *esp_sad_outbound(const struct esp_sad *sad, uint32_t reqid)
{
    return esp_map_get(&sad->outbound, reqid);
}

struct esp_sa *esp_sad_outbound_spi(const struct esp_sad *sad, net_ip4 destination, uint32_t spi)
{
    for (struct esp_sa *sa = sad->list; sa; sa = sa->next) {
        if (sa->direction == ESP_SA_OUTBOUND && sa->spi == spi &&
            sa->path.destination == destination)
            return sa;
    }
    return NULL;
}

struct esp_sa *esp_sad_first(const struct esp_sad *sad)
{
    return sad->list;
}

size_t esp_sad_count(const struct esp_sad *sad)
{
    return sad->count;
}

static void list_map(const struct esp_map *map, struct base_warm *set)
{
    bool asked = map->count > 1 || !map->last;
    if (map->slots && asked && map->count <= WARM_SAS_MAX)
        base_warm_add(set, map->slots, sizeof(*map->slots) * ((UINT32_MAX >> map->shift) + 1));
}

static void list_sa(const struct esp_sa *sa, struct base_warm *set)
{
    bool inbound = sa->direction == ESP_SA_INBOUND;
    base_warm_add(set, sa, inbound ? OPENING_SIZE : BASE_LINE_SIZE);
    if (!inbound || sa->encapsulated)
        base_warm_add(set, &sa->sequence, SEALING_SIZE);
    crypto_cipher_list_memory(sa->cipher, set);
}

void esp_sad_list_memory(const struct esp_sad *sad, enum esp_sa_direction direction,
                         struct base_warm *set)
{
    base_warm_add(set, sad, offsetof(struct esp_sad, list));
    list_map(direction == ESP_SA_INBOUND ? &sad->inbound : &sad->outbound, set);
    if (!sad->list)
        return;
    const struct esp_sa *sa = sad->list->prev; /* utlist: the last one */
    for (unsigned i = 0; i < WARM_SAS_MAX && i < sad->count; i++, sa = sa->prev) {
        if (sa->direction != direction)
            continue;
        list_sa(sa, set);
    }
}
