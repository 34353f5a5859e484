/* The laboratory's probes: echoes sealed by one end's SAs and opened by the other's; see lab.h. */
#include "base/bytes.h"
#include "ipsec/esp/packet.h"
#include "tests/ike/lab_inside.h"
#include "tests/test.h"

enum {
    INNER_SIZE = 84,
};

void lab_ping(struct lab_end *end)
{
    struct lab *lab = end->lab;
    uint8_t memory[ESP_HEADROOM + INNER_SIZE + ESP_TAILROOM] = {0};
    struct base_buffer packet = {memory, sizeof(memory), ESP_HEADROOM, INNER_SIZE};
    uint8_t *ip = base_buffer_data(&packet);
    ip[0] = 0x45;
    ip[3] = INNER_SIZE;
    ip[8] = 64;
    ip[9] = 1;
    memcpy(ip + 12,
           (uint8_t[]){192, 168, (uint8_t)(1 + end->index), 11, 192, 168, (uint8_t)(2 - end->index),
                       11},
           8);
    struct esp_sa *sa = esp_sad_outbound(end->sad, 1);
    end->pings_sent++;
    end->pings_lost++; /* until it arrives */
    if (!sa || esp_seal(sa, lab->now, &packet) != ESP_OK) {
        end->no_sa++;
        return;
    }
    struct lab_message *m =
        lab_message_new(lab, end->index, base_buffer_data(&packet), packet.size);
    m->esp = true;
    lab_message_post(lab, m);
}

/* Rewrites the outer source of what leaves through a NAT; what comes back, its destination. */
static void translate(struct lab *lab, struct lab_message *m)
{
    struct lab_end *from = &lab->ends[m->from];
    if (from->nat.on && m->bytes[9] == 17) {
        memcpy(m->bytes + 12, from->nat.outside.bytes, 4);
        uint16_t port = (uint16_t)((m->bytes[20] << 8 | m->bytes[21]) + from->nat.shift);
        base_put_be(m->bytes + 20, port, 2);
    }
}

static bool untranslate(struct lab_end *to, struct lab_message *m)
{
    if (!to->nat.on)
        return true;
    uint16_t port = (uint16_t)((m->bytes[22] << 8 | m->bytes[23]) - to->nat.shift);
    memcpy(m->bytes + 16, to->address.bytes, 4);
    base_put_be(m->bytes + 22, port, 2);
    return m->bytes[9] == 17 && port == LAB_PORT_NATT;
}

void lab_deliver_esp(struct lab *lab, struct lab_message *m)
{
    translate(lab, m);
    struct net_addr destination = net_addr_from_ip4(net_ip4_read(m->bytes + 16));
    struct lab_end *to = lab_end_at(lab, &destination);
    struct esp_seen seen;
    if (!to || to->dead || !untranslate(to, m) || esp_seen_read(m->bytes, m->size, &seen) != ESP_OK)
        return;
    struct esp_sa *sa = esp_sad_inbound(to->sad, seen.spi);
    struct base_buffer packet = {m->bytes, (uint32_t)(m->size + ESP_TAILROOM), 0,
                                 (uint32_t)m->size};
    if (!sa || esp_open(sa, lab->now, &seen, &packet) != ESP_OK) {
        if (lab->log)
            printf("%10.3f %c lost ping: spi %08x %s\n", (double)lab->now / 1e9, 'A' + to->index,
                   seen.spi, sa ? "not opened" : "unknown");
        return;
    }
    lab->ends[m->from].pings_lost--;
    if (sa->counters.packets == 1)
        ike_endpoint_esp_used(to->endpoint, seen.spi);
    if (seen.source_port &&
        (seen.source_port != sa->path.source_port || seen.source != sa->path.source)) {
        struct ike_path path = {net_addr_from_ip4(seen.destination), net_addr_from_ip4(seen.source),
                                seen.destination_port, seen.source_port};
        ike_endpoint_esp_moved(to->endpoint, lab->now, seen.spi, &path);
        lab_drain(lab, to->index);
    }
}
