/*
 * A packet made of nothing but what the step says: IKE messages by the engine's own writer
 * (ipsec/ike/builder.h), without keys; ESP with random bytes where a sealed packet would be;
 * echoes, UDP and anything else over IPv4.
 */
#include "scenarios/inject.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ipsec/ike/builder.h"
#include "ipsec/ike/wire.h"
#include "net/ipv4.h"
#include "net/udp.h"
#include "pcap/craft.h"

enum {
    SPI_RANDOM_MIN = 256, /* RFC 4303, 2.1: those below are reserved */
};

static void fill(const struct scn_maker *maker, const struct scn_forge_data *data, uint8_t *out)
{
    if (data->given_size)
        memcpy(out, data->given, data->given_size);
    base_rng_fill(maker->rng, out + data->given_size, data->size - data->given_size);
}

static struct cap_craft_ip header_of(const struct scn_maker *maker, const struct scn_forge *forge)
{
    const struct scn_fields *set = &forge->set;
    unsigned fragment = forge->offset / 8;
    fragment |= forge->dont_fragment ? NET_IPV4_DF : 0;
    fragment |= forge->more_fragments ? NET_IPV4_MF : 0;
    struct cap_craft_ip ip = {.fragment = (uint16_t)fragment, .protocol = forge->protocol};
    ip.source = scn_field_address(maker, &set->source);
    ip.destination = scn_field_address(maker, &set->destination);
    ip.identification = (uint16_t)scn_field_value(maker, &set->identification, UINT16_MAX);
    ip.ttl = (uint8_t)scn_field_value(maker, &set->ttl, UINT8_MAX);
    return ip;
}

static struct cap_craft_udp ports_of(const struct scn_maker *maker, const struct scn_forge *forge)
{
    struct cap_craft_udp udp = {.no_checksum = forge->kind == SCN_FORGE_ESP};
    udp.source_port = scn_field_port(maker, &forge->set.source_port);
    udp.destination_port = scn_field_port(maker, &forge->set.destination_port);
    return udp;
}

/* --- ESP ------------------------------------------------------------------------------------------- */

static size_t make_esp(struct scn_maker *maker, const struct scn_forge *forge,
                       const struct cap_craft_ip *ip, const uint8_t *rest)
{
    const struct scn_fields *set = &forge->set;
    struct cap_craft_esp esp;
    struct cap_craft_udp udp = ports_of(maker, forge);
    if ((set->spi.pick == SCN_PICK_CURRENT || set->sequence.pick == SCN_PICK_NEXT) &&
        !maker->sight->has_esp) {
        maker->problem = "no ESP packet to its destination was seen";
        return 0;
    }
    esp.spi =
        set->spi.pick == SCN_PICK_CURRENT ? maker->sight->spi
        : set->spi.pick == SCN_PICK_RANDOM
            ? (uint32_t)(SPI_RANDOM_MIN +
                         base_rng_below(maker->rng, UINT32_MAX - SPI_RANDOM_MIN + UINT64_C(1)))
            : (uint32_t)set->spi.number;
    esp.sequence = (uint32_t)scn_field_value(maker, &set->sequence, UINT32_MAX);
    return cap_craft_esp(maker->craft, ip, &esp, forge->encapsulated ? &udp : NULL, rest,
                         forge->data.size, maker->out);
}

/* --- IKE ------------------------------------------------------------------------------------------- */

static uint64_t ike_spi(const struct scn_maker *maker, const struct scn_field *field,
                        uint64_t current)
{
    return field->pick == SCN_PICK_CURRENT ? current : scn_field_value(maker, field, UINT64_MAX);
}

static void write_payloads(const struct scn_maker *maker, const struct scn_forge *forge,
                           struct ike_builder *b)
{
    uint8_t *body = base_alloc(UINT16_MAX);
    for (size_t i = 0; i < forge->payload_count; i++) {
        const struct scn_forge_payload *payload = &forge->payloads[i];
        struct base_writer *w = payload->critical ? ike_builder_payload_critical(b, payload->type)
                                                  : ike_builder_payload(b, payload->type);
        fill(maker, &payload->data, body);
        base_write_bytes(w, body, payload->data.size);
    }
    free(body);
}

static size_t make_ike(struct scn_maker *maker, const struct scn_forge *forge,
                       const struct cap_craft_ip *ip)
{
    const struct scn_fields *set = &forge->set;
    bool current =
        set->spi_initiator.pick == SCN_PICK_CURRENT || set->spi_responder.pick == SCN_PICK_CURRENT;
    if (current && !maker->sight->has_ike) {
        maker->problem = "no IKE message of its destination was seen";
        return 0;
    }
    bool from_initiator = forge->has_from_initiator ? forge->from_initiator : !forge->response;
    struct ike_header header = {
        .exchange = forge->exchange,
        .flags = (uint8_t)((from_initiator ? IKE_FLAG_INITIATOR : 0) |
                           (forge->response ? IKE_FLAG_RESPONSE : 0)),
    };
    header.spi_i = ike_spi(maker, &set->spi_initiator, maker->sight->spi_initiator);
    header.spi_r = ike_spi(maker, &set->spi_responder, maker->sight->spi_responder);
    header.message_id = (uint32_t)scn_field_value(maker, &set->message_id, UINT32_MAX);
    struct cap_craft_udp udp = ports_of(maker, forge);
    size_t marker = forge->encapsulated ? IKE_NON_ESP_MARKER_SIZE : 0;
    uint8_t *datagram = base_alloc(CAP_CRAFT_SIZE_MAX);
    struct ike_builder b;
    memset(datagram, 0, marker);
    ike_builder_init(&b, datagram + marker, CAP_CRAFT_SIZE_MAX - marker, &header);
    write_payloads(maker, forge, &b);
    size_t size = ike_builder_finish(&b);
    size = size ? cap_craft_udp(maker->craft, ip, &udp, datagram, marker + size, maker->out) : 0;
    free(datagram);
    return size;
}

/* --- All ------------------------------------------------------------------------------------------- */

static size_t make_plain(struct scn_maker *maker, const struct scn_forge *forge,
                         const struct cap_craft_ip *ip, const uint8_t *data)
{
    struct cap_craft_udp udp = ports_of(maker, forge);
    struct cap_craft_echo echo = {.type = forge->icmp_type,
                                  .code = forge->icmp_code,
                                  .identifier = (uint16_t)forge->icmp_identifier,
                                  .sequence = (uint16_t)forge->icmp_sequence};
    size_t size = forge->data.size;
    if (forge->kind == SCN_FORGE_UDP)
        return cap_craft_udp(maker->craft, ip, &udp, data, size, maker->out);
    if (forge->kind == SCN_FORGE_ICMP)
        return cap_craft_echo(maker->craft, ip, &echo, data, size, maker->out);
    return cap_craft_raw(maker->craft, ip, data, size, maker->out);
}

size_t scn_forge_make(struct scn_maker *maker, const struct scn_forge *forge)
{
    struct cap_craft_ip ip = header_of(maker, forge);
    maker->problem = "it would be too large for IPv4";
    if (forge->kind == SCN_FORGE_IKE)
        return make_ike(maker, forge, &ip);
    uint8_t *data = base_alloc((size_t)forge->data.size + 1);
    fill(maker, &forge->data, data);
    size_t size = forge->kind == SCN_FORGE_ESP ? make_esp(maker, forge, &ip, data)
                                               : make_plain(maker, forge, &ip, data);
    free(data);
    return size;
}
