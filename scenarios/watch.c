/* One tap on the internet, before the path does anything to a frame. */
#include "scenarios/watch.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/map.h"
#include "base/mem.h"
#include "sim/queue.h"
#include "sim/tap.h"

enum {
    ETHERTYPE_IPV4 = 0x0800,
    PROTOCOL_UDP = 17,
    PROTOCOL_ESP = 50,
    PORT_NATT = 4500,
};

/* A sender's numbers under one SPI: they only ever rise, whatever the path does afterwards. */
struct sender {
    uint32_t last;
};

struct subnet {
    net_ip4 first, mask;
    size_t vdc;
};

struct scn_watch {
    struct sim_tap tap;
    struct scn_watch_findings findings;
    struct subnet *subnets;
    size_t subnet_count;
    struct base_map senders; /* by source << 32 | SPI */
};

static bool contains(const struct subnet *subnet, net_ip4 address)
{
    return (address & subnet->mask) == subnet->first;
}

/* LANs may overlap, so a pair of subnets is looked for, not the subnet of an address. */
static bool is_between_vdcs(const struct scn_watch *watch, net_ip4 source, net_ip4 destination)
{
    for (size_t i = 0; i < watch->subnet_count; i++) {
        if (!contains(&watch->subnets[i], source))
            continue;
        for (size_t j = 0; j < watch->subnet_count; j++) {
            if (watch->subnets[j].vdc != watch->subnets[i].vdc &&
                contains(&watch->subnets[j], destination))
                return true;
        }
    }
    return false;
}

static void watch_clear(struct scn_watch *watch, base_ns at, net_ip4 source, net_ip4 destination)
{
    if (!is_between_vdcs(watch, source, destination) || watch->findings.cleartext++ > 0)
        return;
    watch->findings.cleartext_first_ns = at;
    watch->findings.cleartext_source = source;
    watch->findings.cleartext_destination = destination;
}

static void watch_esp(struct scn_watch *watch, net_ip4 source, struct base_reader *esp)
{
    uint32_t spi = base_read_u32(esp);
    uint32_t sequence = base_read_u32(esp);
    uint64_t key = (uint64_t)source << 32 | spi;
    if (esp->failed)
        return;
    struct sender *sender = base_map_get(&watch->senders, key);
    if (!sender) {
        sender = base_alloc(sizeof(*sender));
        base_map_put(&watch->senders, key, sender);
    } else if (sequence <= sender->last && sequence != 0) {
        if (watch->findings.reused++ == 0) {
            watch->findings.reused_spi = spi;
            watch->findings.reused_sequence = sequence;
        }
    }
    sender->last = sequence;
}

static void on_frame(struct sim_tap *tap, const struct sim_tap_frame *frame)
{
    struct scn_watch *watch = SIM_OWNER(tap, struct scn_watch, tap);
    struct base_reader r = base_reader_of(frame->bytes, frame->size);
    watch->findings.frames++;
    if (frame->injected)
        return; /* what an attacker sends is judged by what others make of it */
    base_read_bytes(&r, 12);
    if (base_read_u16(&r) != ETHERTYPE_IPV4)
        return;
    size_t header = (size_t)(base_read_u8(&r) & 15) * 4;
    base_read_bytes(&r, 5);
    bool later_fragment = (base_read_u16(&r) & 0x1fff) != 0;
    base_read_u8(&r);
    uint8_t protocol = base_read_u8(&r);
    base_read_u16(&r);
    net_ip4 source = base_read_u32(&r);
    net_ip4 destination = base_read_u32(&r);
    base_read_bytes(&r, header > 20 ? header - 20 : 0);
    if (protocol == PROTOCOL_ESP && !later_fragment) {
        watch_esp(watch, source, &r);
        return;
    }
    if (protocol == PROTOCOL_UDP && !later_fragment) {
        uint16_t from = base_read_u16(&r);
        uint16_t to = base_read_u16(&r);
        base_read_u32(&r);
        struct base_reader spi = r;
        if ((from == PORT_NATT || to == PORT_NATT) && base_read_u32(&spi) != 0 && !spi.failed) {
            watch_esp(watch, source, &r);
            return;
        }
    }
    watch_clear(watch, frame->at, source, destination);
}

struct scn_watch *scn_watch_new(struct topo_world *world, const struct topo_model *model)
{
    struct scn_watch *watch = base_alloc(sizeof(*watch));
    size_t capacity = 0;
    for (size_t i = 0; i < model->vdc_count; i++) {
        for (size_t j = 0; j < model->vdcs[i].lan_count; j++) {
            const struct net_prefix *prefix = &model->vdcs[i].lans[j].subnet;
            if (prefix->addr.family != 4)
                continue;
            watch->subnets =
                base_grow(watch->subnets, watch->subnet_count, &capacity, sizeof(*watch->subnets));
            watch->subnets[watch->subnet_count++] =
                (struct subnet){net_addr_ip4(&prefix->addr), net_ip4_mask(prefix->length), i};
        }
    }
    watch->tap.frame = on_frame;
    topo_world_tap(world, "internet", &watch->tap);
    return watch;
}

void scn_watch_free(struct scn_watch *watch)
{
    struct sender *sender;
    for (size_t at = 0; (sender = base_map_next(&watch->senders, &at));)
        free(sender);
    base_map_fini(&watch->senders);
    free(watch->subnets);
    free(watch);
}

const struct scn_watch_findings *scn_watch_findings(const struct scn_watch *watch)
{
    return &watch->findings;
}
