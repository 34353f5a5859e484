/* Child SAs; see child.h. */
#include "ipsec/ike/child.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/mem.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/esp/sad.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/lifetime.h"

static struct esp_path esp_path_of(const struct ike_sa *sa, bool inbound)
{
    net_ip4 local = net_addr_ip4(&sa->path.local), remote = net_addr_ip4(&sa->path.remote);
    uint16_t local_port = sa->nat.encapsulate ? sa->path.local_port : 0;
    uint16_t remote_port = sa->nat.encapsulate ? sa->path.remote_port : 0;
    if (inbound)
        return (struct esp_path){remote, local, remote_port, local_port};
    return (struct esp_path){local, remote, local_port, remote_port};
}

struct esp_spec {
    const struct ike_child_terms *terms;
    uint32_t reqid;
    bool inbound;
    const uint8_t *key, *integ_key;
    base_ns expires;
};

static struct esp_sa *esp_sa_of(struct ike_sa *sa, const struct esp_spec *spec)
{
    struct ike_endpoint *ep = sa->endpoint;
    const struct ike_suite *suite = &spec->terms->suite;
    struct esp_sa_config config = {
        .direction = spec->inbound ? ESP_SA_INBOUND : ESP_SA_OUTBOUND,
        .spi = spec->inbound ? spec->terms->spi_in : spec->terms->spi_out,
        .reqid = spec->reqid,
        .path = esp_path_of(sa, spec->inbound),
        .encr = suite->encr,
        .integ = suite->integ,
        .key = spec->key,
        .integ_key = spec->integ_key,
        .esn = suite->esn,
        .replay_window = spec->inbound ? sa->peer->config.replay_window : 0,
        .seed = base_rng_u64(&ep->rng),
        .now = ep->now,
        .expires = spec->expires};
    return esp_sa_new(ep->crypto, &config);
}

/* Both ESP SAs into the sad, or neither. */
static bool install_esp(struct ike_child *child, const struct ike_child_terms *terms)
{
    struct ike_sa *sa = child->sa;
    struct esp_sad *sad = sa->endpoint->sad;
    struct ike_child_keys keys;
    ike_keys_child(sa->endpoint->crypto, &sa->keys, &terms->suite, terms->shared, terms->nonce_i,
                   terms->nonce_r, &keys);
    bool first = terms->initiator;
    struct esp_spec in = {terms,
                          child->reqid,
                          true,
                          first ? keys.encr_r : keys.encr_i,
                          first ? keys.integ_r : keys.integ_i,
                          child->expires_at};
    struct esp_spec out = {terms,
                           child->reqid,
                           false,
                           first ? keys.encr_i : keys.encr_r,
                           first ? keys.integ_i : keys.integ_r,
                           child->expires_at};
    child->in = esp_sa_of(sa, &in);
    child->out = esp_sa_of(sa, &out);
    crypto_wipe(&keys, sizeof(keys));
    bool out_added = child->out && esp_sad_add(sad, child->out);
    if (out_added && child->in && esp_sad_add(sad, child->in))
        return true;
    if (out_added)
        esp_sad_remove(sad, child->out);
    else
        esp_sa_free(child->out);
    esp_sa_free(child->in);
    return false;
}

/* In charon's order, in which they are installed: where two make a route for one network, the last one's stands. */
static void copy_ts(struct ike_child *child, const struct ike_child_terms *terms)
{
    size_t local = terms->local_ts.count, remote = terms->remote_ts.count;
    child->ts = base_alloc_array(local + remote, sizeof(*child->ts));
    child->local_count = (uint8_t)local;
    child->remote_count = (uint8_t)remote;
    memcpy(child->ts, terms->local_ts.items, local * sizeof(*child->ts));
    memcpy(child->ts + local, terms->remote_ts.items, remote * sizeof(*child->ts));
    qsort(child->ts, local, sizeof(*child->ts), ike_ts_compare);
    qsort(child->ts + local, remote, sizeof(*child->ts), ike_ts_compare);
}

static bool is_among(const struct ike_ts_list *list, const struct ike_ts *ts)
{
    for (size_t i = 0; i < list->count; i++)
        if (ike_ts_equal(&list->items[i], ts))
            return true;
    return false;
}

static bool has_selectors(const struct ike_child *child, const struct ike_child_terms *terms)
{
    size_t local = terms->local_ts.count, remote = terms->remote_ts.count;
    bool same = child->local_count == local && child->remote_count == remote;
    for (size_t i = 0; same && i < local; i++)
        same = is_among(&terms->local_ts, &child->ts[i]);
    for (size_t i = 0; same && i < remote; i++)
        same = is_among(&terms->remote_ts, &child->ts[local + i]);
    return same;
}

/* A child of the tunnel, of whatever IKE SA: with these selectors, or (terms NULL) this reqid. */
static const struct ike_child *find_in_tunnel(const struct ike_sa *sa,
                                              const struct ike_child_terms *terms, uint32_t reqid)
{
    const struct ike_sa *each;
    const struct ike_child *child;
    DL_FOREACH(sa->endpoint->sas, each)
    {
        if (each->peer != sa->peer)
            continue;
        DL_FOREACH(each->children, child)
        if (terms ? has_selectors(child, terms) : child->reqid == reqid)
            return child;
    }
    return NULL;
}

/*
 * Children of other selectors are no substitutes for each other: each has its own policies and its own SA for
 * what they cover (RFC 4301 section 4.4.1), so that a packet never leaves by an SA whose selectors lack it.
 */
static uint32_t choose_reqid(const struct ike_sa *sa, const struct ike_child_terms *terms)
{
    if (terms->reqid)
        return terms->reqid;
    const struct ike_child *same = find_in_tunnel(sa, terms, 0);
    if (same)
        return same->reqid;
    uint32_t reqid = sa->peer->config.reqid;
    while (find_in_tunnel(sa, NULL, reqid))
        reqid += IKE_REQID_TUNNEL_MAX + 1;
    return reqid;
}

struct ike_child *ike_child_install(struct ike_sa *sa, const struct ike_child_terms *terms)
{
    struct ike_child *child = base_alloc(sizeof(*child));
    child->sa = sa;
    child->spi_in = terms->spi_in;
    child->spi_out = terms->spi_out;
    child->reqid = choose_reqid(sa, terms);
    child->suite = terms->suite;
    child->state = IKE_CHILD_INSTALLED;
    child->installed_at = sa->endpoint->now;
    ike_lifetime_begin(sa->endpoint, sa->peer->config.esp_lifetime, sa->peer->config.margin,
                       &child->rekey_at, &child->expires_at);
    if (!install_esp(child, terms)) {
        esp_sad_release_spi(sa->endpoint->sad, terms->spi_in);
        free(child);
        return NULL;
    }
    copy_ts(child, terms);
    DL_APPEND(sa->children, child);
    sa->child_count++;
    return child;
}

void ike_child_select(struct ike_child *child)
{
    esp_sad_select(child->sa->endpoint->sad, child->out);
}

void ike_child_used(struct ike_child *child)
{
    struct esp_sad *sad = child->sa->endpoint->sad;
    const struct ike_child *old;
    if (child->state != IKE_CHILD_INSTALLED)
        return;
    DL_FOREACH(child->sa->children, old)
    if (old->successor == child->spi_in && esp_sad_outbound(sad, old->out->reqid) == old->out) {
        ike_child_select(child);
        return;
    }
}

static void tell(const struct ike_child *child, enum ike_event_kind kind, enum ike_reason reason,
                 uint32_t old_spi)
{
    struct ike_child_info info;
    ike_child_info(child, &info);
    struct ike_event event = ike_sa_event(child->sa, kind);
    event.child = &info;
    event.reason = reason;
    event.old_child_spi = old_spi;
    ike_sa_tell(child->sa, &event);
}

void ike_child_tell_up(struct ike_child *child, const struct ike_child *old)
{
    child->told = true;
    if (old)
        child->sa->peer->child_rekeys++;
    tell(child, old ? IKE_EVENT_CHILD_REKEYED : IKE_EVENT_CHILD_UP, IKE_REASON_OK,
         old ? old->spi_in : 0);
}

void ike_child_replaced(struct ike_child *child, const struct ike_child *successor)
{
    child->state = IKE_CHILD_REKEYED;
    child->successor = successor->spi_in;
    child->rekey_at = BASE_NEVER;
}

void ike_child_take_back(struct ike_child *successor)
{
    struct ike_child *old;
    DL_FOREACH(successor->sa->children, old)
    if (old->state == IKE_CHILD_REKEYED && old->successor == successor->spi_in && old->told &&
        !old->peer_deleted)
        break;
    if (!old || successor->state != IKE_CHILD_INSTALLED)
        return;
    old->state = IKE_CHILD_INSTALLED;
    old->successor = 0;
    old->rekey_at = ike_lifetime_retry_at(old->sa->endpoint);
    successor->successor = old->spi_in;
    tell(old, IKE_EVENT_CHILD_REKEYED, IKE_REASON_OK, successor->spi_in);
}

static void linger(struct ike_endpoint *ep, uint32_t spi)
{
    struct ike_linger *linger = base_alloc(sizeof(*linger));
    *linger = (struct ike_linger){.spi = spi,
                                  .until = base_ns_add(ep->now, ep->options.child_delete_delay)};
    LL_APPEND(ep->lingering, linger);
}

/* The one in use that followed it, perhaps after several rekeys; NULL: none. */
static struct ike_child *successor_of(const struct ike_child *child)
{
    struct ike_child *next = ike_child_by_in(child->sa, child->successor);
    for (unsigned i = 0; next && next->state != IKE_CHILD_INSTALLED && i < child->sa->child_count;
         i++)
        next = ike_child_by_in(child->sa, next->successor);
    return next && next->state == IKE_CHILD_INSTALLED ? next : NULL;
}

void ike_child_forget(struct ike_child *child)
{
    DL_DELETE(child->sa->children, child);
    child->sa->child_count--;
    free(child->ts);
    free(child);
}

void ike_child_remove(struct ike_child *child, enum ike_reason reason, bool lingers)
{
    struct ike_sa *sa = child->sa;
    struct ike_child *successor = successor_of(child);
    if (successor)
        ike_child_select(successor);
    if (child->told && !child->successor)
        tell(child, IKE_EVENT_CHILD_DOWN, reason, 0);
    esp_sad_remove(sa->endpoint->sad, child->out);
    if (lingers)
        linger(sa->endpoint, child->spi_in);
    else
        esp_sad_remove(sa->endpoint->sad, child->in);
    ike_child_forget(child);
}

void ike_child_move_to(struct ike_child *child, struct ike_sa *sa)
{
    DL_DELETE(child->sa->children, child);
    child->sa->child_count--;
    DL_APPEND(sa->children, child);
    sa->child_count++;
    child->sa = sa;
}

void ike_child_set_path(struct ike_child *child)
{
    struct esp_path in = esp_path_of(child->sa, true), out = esp_path_of(child->sa, false);
    esp_sa_set_path(child->in, &in);
    esp_sa_set_path(child->out, &out);
}

bool ike_child_is_settled(const struct ike_child *child)
{
    const struct ike_child *before;
    DL_FOREACH(child->sa->children, before)
    if (before->successor == child->spi_in && before->state == IKE_CHILD_REKEYED)
        return false;
    return true;
}

struct ike_child *ike_child_by_in(const struct ike_sa *sa, uint32_t spi_in)
{
    struct ike_child *child;
    DL_FOREACH(sa->children, child)
    if (child->spi_in == spi_in)
        return child;
    return NULL;
}

struct ike_child *ike_child_by_out(const struct ike_sa *sa, uint32_t spi_out)
{
    struct ike_child *child;
    DL_FOREACH(sa->children, child)
    if (child->spi_out == spi_out)
        return child;
    return NULL;
}

struct ike_child *ike_child_usable(const struct ike_sa *sa)
{
    struct ike_child *child;
    DL_FOREACH(sa->children, child)
    if (child->state == IKE_CHILD_INSTALLED)
        return child;
    return NULL;
}

void ike_child_info(const struct ike_child *child, struct ike_child_info *out)
{
    *out = (struct ike_child_info){.spi_in = child->spi_in,
                                   .spi_out = child->spi_out,
                                   .reqid = child->reqid,
                                   .state = child->state,
                                   .encr = child->suite.encr,
                                   .integ = child->suite.integ,
                                   .group = child->suite.group,
                                   .esn = child->suite.esn,
                                   .udp_encapsulation = child->sa->nat.encapsulate,
                                   .path = child->sa->path,
                                   .local_ts = child->ts,
                                   .remote_ts = child->ts + child->local_count,
                                   .local_ts_count = child->local_count,
                                   .remote_ts_count = child->remote_count,
                                   .installed_at = child->installed_at,
                                   .rekey_at = child->rekey_at,
                                   .expires_at = child->expires_at};
}
