/* The life of an IKE SA; see sa.h. */
#include "ipsec/ike/sa.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/mem.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/handshake.h"
#include "ipsec/ike/lifetime.h"
#include "ipsec/ike/redundant.h"

enum {
    CLOSED_FOR_S = 30, /* how long the last response of an ended SA can be asked for */
};

struct ike_sa *ike_engine_find(const struct ike_endpoint *endpoint, uint64_t own_spi)
{
    struct ike_sa *sa;
    DL_FOREACH(endpoint->sas, sa)
    if (sa->own_spi == own_spi)
        return sa;
    return NULL;
}

uint64_t ike_sa_draw_spi(struct ike_endpoint *endpoint)
{
    uint64_t spi;
    do
        spi = base_rng_u64(&endpoint->rng);
    while (!spi || ike_engine_find(endpoint, spi));
    return spi;
}

struct ike_sa *ike_sa_new(struct ike_endpoint *endpoint, struct ike_peer *peer, bool initiator,
                          const struct ike_path *path, uint64_t own_spi)
{
    struct ike_sa *sa = base_alloc(sizeof(*sa));
    *sa = (struct ike_sa){.endpoint = endpoint,
                          .peer = peer,
                          .own_spi = own_spi,
                          .initiator = initiator,
                          .begun_here = initiator,
                          .state = initiator ? IKE_SA_INIT_SENT : IKE_SA_INIT_ANSWERED,
                          .born = ++endpoint->sequence,
                          .path = *path,
                          .rekey_at = BASE_NEVER,
                          .expires_at = BASE_NEVER,
                          .give_up_at = BASE_NEVER,
                          .redundant_at = BASE_NEVER,
                          .last_in = endpoint->now,
                          .last_out = endpoint->now};
    if (initiator)
        sa->spi_i = sa->own_spi;
    else
        sa->spi_r = sa->own_spi;
    ike_fragments_init(&sa->requests);
    ike_fragments_init(&sa->responses);
    DL_APPEND(endpoint->sas, sa);
    return sa;
}

void ike_sa_set_peer_spi(struct ike_sa *sa, uint64_t spi)
{
    if (sa->initiator)
        sa->spi_r = spi;
    else
        sa->spi_i = spi;
}

void ike_sa_keys_info(const struct ike_sa *sa, struct ike_keys_info *out)
{
    const struct ike_keys *k = &sa->keys;
    const struct ike_suite *s = &k->suite;
    *out = (struct ike_keys_info){.spi_i = sa->spi_i,
                                  .spi_r = sa->spi_r,
                                  .encr = s->encr,
                                  .integ = s->integ,
                                  .prf = s->prf,
                                  .group = s->group,
                                  .sk_ei = k->sk_ei,
                                  .sk_er = k->sk_er,
                                  .sk_e_size = crypto_encr_material_size(s->encr)};
    if (s->integ) {
        out->sk_ai = k->sk_ai;
        out->sk_ar = k->sk_ar;
        out->sk_a_size = s->integ->key_size;
    }
}

struct ike_event ike_sa_event(const struct ike_sa *sa, enum ike_event_kind kind)
{
    return (struct ike_event){.kind = kind,
                              .at = sa->endpoint->now,
                              .peer = sa->peer->number,
                              .tunnel = sa->peer->name,
                              .spi_i = sa->spi_i,
                              .spi_r = sa->spi_r,
                              .initiator = sa->initiator,
                              .path = sa->path};
}

void ike_sa_tell(struct ike_sa *sa, const struct ike_event *event)
{
    ike_outputs_event(&sa->endpoint->outputs, event);
}

static void tell_keys(struct ike_sa *sa, enum ike_event_kind kind)
{
    struct ike_keys_info info;
    ike_sa_keys_info(sa, &info);
    struct ike_event event = ike_sa_event(sa, kind);
    event.keys = &info;
    ike_sa_tell(sa, &event);
}

void ike_sa_use_keys(struct ike_sa *sa)
{
    struct crypto_context *crypto = sa->endpoint->crypto;
    const struct ike_keys *k = &sa->keys;
    const struct ike_suite *s = &k->suite;
    if (sa->has_keys) { /* of another answer to IKE_SA_INIT */
        ike_sk_fini(&sa->seal);
        ike_sk_fini(&sa->open);
    }
    const uint8_t *own_e = sa->initiator ? k->sk_ei : k->sk_er;
    const uint8_t *own_a = sa->initiator ? k->sk_ai : k->sk_ar;
    const uint8_t *peer_e = sa->initiator ? k->sk_er : k->sk_ei;
    const uint8_t *peer_a = sa->initiator ? k->sk_ar : k->sk_ai;
    ike_sk_init(&sa->seal, crypto, s->encr, own_e, s->integ, own_a, CRYPTO_SEAL);
    ike_sk_init(&sa->open, crypto, s->encr, peer_e, s->integ, peer_a, CRYPTO_OPEN);
    sa->has_keys = true;
    tell_keys(sa, IKE_EVENT_IKE_KEYS);
}

void ike_sa_establish(struct ike_sa *sa)
{
    struct ike_endpoint *ep = sa->endpoint;
    sa->state = IKE_SA_ESTABLISHED;
    sa->authenticated = ++ep->sequence;
    sa->established_at = ep->now;
    sa->give_up_at = BASE_NEVER;
    ike_handshake_free(sa);
    ike_lifetime_begin(ep, sa->peer->config.ike_lifetime, sa->peer->config.margin, &sa->rekey_at,
                       &sa->expires_at);
    ike_lifetime_watch(sa);
    if (sa->rekeyed)
        return;
    sa->told = true;
    tell_keys(sa, IKE_EVENT_IKE_UP);
}

static void end_children(struct ike_sa *sa, enum ike_reason reason)
{
    /* Where another IKE SA carries the tunnel on, packets under way are still let in. */
    bool lingers = ike_redundant_other(sa) != NULL;
    while (sa->children)
        ike_child_remove(sa->children, reason, lingers);
}

/* Whoever holds it as what the peer's rekey made holds nothing now. */
static void forget_held(const struct ike_sa *sa)
{
    struct ike_sa *other;
    DL_FOREACH(sa->endpoint->sas, other)
    if (other->held == sa)
        other->held = NULL;
}

void ike_sa_end(struct ike_sa *sa, enum ike_reason reason)
{
    if (ike_sa_is_over(sa))
        return;
    sa->end = reason;
    end_children(sa, reason);
    ike_tasks_abandon(sa, reason);
    ike_retransmit_stop(&sa->retransmit);
    ike_handshake_free(sa);
    if (sa->held)
        ike_sa_end(sa->held, reason);
    forget_held(sa);
    if (sa->told) {
        struct ike_event event = ike_sa_event(sa, IKE_EVENT_IKE_DOWN);
        event.reason = reason;
        ike_sa_tell(sa, &event);
    }
    sa->state = sa->has_keys ? IKE_SA_CLOSED : IKE_SA_GONE;
    sa->give_up_at = base_ns_add(sa->endpoint->now, CLOSED_FOR_S * BASE_S);
}

void ike_sa_delete(struct ike_sa *sa, enum ike_reason reason, uint16_t notify)
{
    if (ike_sa_is_over(sa) || sa->state == IKE_SA_DELETING)
        return;
    sa->state = IKE_SA_DELETING;
    sa->end = reason;
    sa->give_up_at = BASE_NEVER;
    struct ike_task *task = ike_task_add(sa, IKE_TASK_IKE_DELETE);
    task->why = reason;
    task->notify = notify;
}

void ike_sa_free(struct ike_sa *sa)
{
    DL_DELETE(sa->endpoint->sas, sa);
    ike_tasks_abandon(sa, IKE_REASON_IKE_GONE);
    ike_retransmit_stop(&sa->retransmit);
    ike_window_fini(&sa->window);
    ike_fragments_fini(&sa->requests);
    ike_fragments_fini(&sa->responses);
    ike_handshake_free(sa);
    ike_sk_fini(&sa->seal);
    ike_sk_fini(&sa->open);
    crypto_wipe(&sa->keys, sizeof(sa->keys));
    free(sa);
}

void ike_sa_move(struct ike_sa *sa, const struct ike_path *path)
{
    sa->path = *path;
    struct ike_child *child;
    DL_FOREACH(sa->children, child)
    ike_child_set_path(child);
    struct ike_event event = ike_sa_event(sa, IKE_EVENT_ADDRESS_CHANGED);
    ike_sa_tell(sa, &event);
}

void ike_sa_inherit(struct ike_sa *to, struct ike_sa *from)
{
    struct ike_keys_info info;
    ike_sa_keys_info(to, &info);
    struct ike_event event = ike_sa_event(to, IKE_EVENT_IKE_REKEYED);
    event.keys = &info;
    event.old_spi = from->own_spi;
    to->told = true;
    from->told = false;
    to->peer->ike_rekeys++;
    while (from->children)
        ike_child_move_to(from->children, to);
    ike_tasks_move(from, to);
    ike_sa_tell(to, &event);
}

void ike_sa_next_iv(struct ike_sa *sa, uint8_t *iv)
{
    if (sa->keys.suite.encr->mode == CRYPTO_MODE_CBC)
        base_rng_fill(&sa->endpoint->rng, iv, sa->seal.iv_size);
    else
        base_put_be(iv, sa->iv++, sa->seal.iv_size);
}
