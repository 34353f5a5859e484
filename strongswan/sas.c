/* See sas.h. */
#include "strongswan/sas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipsec/crypto/algorithm.h"

/* ---- Algorithms: charon's names are those of its proposals, with the key's size apart ---- */

static const struct crypto_encr *find_encr(const struct swan_element *section)
{
    char name[64];
    snprintf(name, sizeof(name), "%s_%s", swan_tree_text(section, "encr-alg"),
             swan_tree_text(section, "encr-keysize"));
    const struct crypto_encr *encr = NULL;
    for (size_t i = 0; (encr = crypto_encr_at(i)) && strcmp(encr->proposal_name, name) != 0; i++) {
    }
    return encr;
}

static const struct crypto_integ *find_integ(const struct swan_element *section)
{
    const char *name = swan_tree_text(section, "integ-alg");
    const struct crypto_integ *integ = NULL;
    for (size_t i = 0; (integ = crypto_integ_at(i)) && strcmp(integ->proposal_name, name) != 0;
         i++) {
    }
    return integ;
}

static const struct crypto_prf *find_prf(const struct swan_element *section)
{
    const char *name = swan_tree_text(section, "prf-alg");
    const struct crypto_prf *prf = NULL;
    for (size_t i = 0; (prf = crypto_prf_at(i)) && strcmp(prf->proposal_name, name) != 0; i++) {
    }
    return prf;
}

static const struct crypto_group *find_group(const struct swan_element *section)
{
    const char *name = swan_tree_text(section, "dh-group");
    const struct crypto_group *group = NULL;
    for (size_t i = 0; (group = crypto_group_at(i)) && strcmp(group->proposal_name, name) != 0;
         i++) {
    }
    return group;
}

static uint64_t hexadecimal(const struct swan_element *section, const char *name)
{
    return strtoull(swan_tree_text(section, name), NULL, 16);
}

/* ---- SAs ---- */

void swan_ike_read(const struct swan_element *section, struct swan_ike *out)
{
    const char *state = swan_tree_text(section, "state");
    *out = (struct swan_ike){
        .name = section->name,
        .number = (uint32_t)swan_tree_number(section, "uniqueid"),
        .established = !strcmp(state, "ESTABLISHED") || !strcmp(state, "REKEYING"),
        .rekeyed = !strcmp(state, "REKEYED") || !strcmp(state, "DELETING"),
        .initiator = swan_tree_yes(section, "initiator"),
        .nat_local = swan_tree_yes(section, "nat-local"),
        .nat_remote = swan_tree_yes(section, "nat-remote"),
        .path = {.local_port = (uint16_t)swan_tree_number(section, "local-port"),
                 .remote_port = (uint16_t)swan_tree_number(section, "remote-port")},
        .keys = {.spi_i = hexadecimal(section, "initiator-spi"),
                 .spi_r = hexadecimal(section, "responder-spi"),
                 .encr = find_encr(section),
                 .integ = find_integ(section),
                 .prf = find_prf(section),
                 .group = find_group(section)},
    };
    if (!net_addr_parse(swan_tree_text(section, "local-host"), &out->path.local) ||
        !net_addr_parse(swan_tree_text(section, "remote-host"), &out->path.remote))
        out->established = false; /* no IKE SA of ours is without addresses */
}

/* Selectors with protocol or ports are read for their addresses: the product has no others. */
static size_t read_selectors(const struct swan_element *list, struct ike_ts *out)
{
    size_t count = 0;
    for (const struct swan_element *item = list ? list->first : NULL;
         item && count < SWAN_SELECTORS_MAX; item = item->next) {
        char text[NET_PREFIX_TEXT_MAX];
        struct net_prefix prefix;
        snprintf(text, sizeof(text), "%.*s", (int)strcspn(item->text, "["), item->text);
        if (net_prefix_parse(text, NET_PREFIX_MASK, &prefix))
            out[count++] = ike_ts_from_prefix(&prefix);
    }
    return count;
}

void swan_child_read(const struct swan_element *section, const struct swan_ike *ike,
                     struct swan_child *out)
{
    const char *state = swan_tree_text(section, "state");
    *out = (struct swan_child){
        .name = swan_tree_text(section, "name"),
        .number = (uint32_t)swan_tree_number(section, "uniqueid"),
        .installed = !strcmp(state, "INSTALLED") || !strcmp(state, "REKEYING"),
        .bytes_in = swan_tree_number(section, "bytes-in"),
        .packets_in = swan_tree_number(section, "packets-in"),
        .bytes_out = swan_tree_number(section, "bytes-out"),
        .packets_out = swan_tree_number(section, "packets-out"),
        .info = {.spi_in = (uint32_t)hexadecimal(section, "spi-in"),
                 .spi_out = (uint32_t)hexadecimal(section, "spi-out"),
                 .reqid = (uint32_t)swan_tree_number(section, "reqid"),
                 .encr = find_encr(section),
                 .integ = find_integ(section),
                 .group = find_group(section),
                 .esn =
                     !strcmp(swan_tree_text(section, "esn"), "1") || swan_tree_yes(section, "esn"),
                 .udp_encapsulation = swan_tree_yes(section, "encap"),
                 .path = ike->path},
    };
    out->info.state = out->installed ? IKE_CHILD_INSTALLED : IKE_CHILD_LINGERING;
    out->info.local_ts_count = read_selectors(swan_tree_find(section, "local-ts"), out->local);
    out->info.remote_ts_count = read_selectors(swan_tree_find(section, "remote-ts"), out->remote);
    out->info.local_ts = out->local;
    out->info.remote_ts = out->remote;
}
