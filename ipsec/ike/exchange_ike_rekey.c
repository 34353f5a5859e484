/*
 * Rekeying the IKE SA: RFC 7296 sections 1.3.2, 2.8.2, 2.18 and 2.25.2. The children go over to the new one.
 *
 * Where both ends rekey at once, what the peer's exchange made is HELD until our answer is there. Then the
 * SA with the lowest of the four nonces is deleted by the end that began it, the other inherits the children, and
 * the end that began that one deletes the old SA.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/ike/child_offer.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/lifetime.h"

enum {
    GROUPS_MAX = 4, /* how often INVALID_KE_PAYLOAD is followed */
};

struct ike_rekey_offer {
    uint64_t spi;
    struct ike_proposals proposals;
    uint8_t nonce[IKE_NONCE_SIZE];
    struct crypto_dh *dh;
};

/* The exchange as both ends see it once it has succeeded. */
struct rekey_terms {
    bool initiator;
    uint64_t own_spi, peer_spi;
    struct ike_suite suite;
    struct crypto_slice shared, nonce_i, nonce_r;
};

void ike_rekey_offer_free(struct ike_sa *sa, struct ike_rekey_offer *offer)
{
    (void)sa;
    if (!offer)
        return;
    crypto_dh_free(offer->dh);
    free(offer);
}

static struct crypto_dh *new_dh(struct ike_sa *sa, const struct crypto_group *group)
{
    uint8_t seed[CRYPTO_SEED_SIZE];
    base_rng_fill(&sa->endpoint->rng, seed, sizeof(seed));
    struct crypto_dh *dh = crypto_dh_new(sa->endpoint->crypto, group, seed);
    crypto_wipe(seed, sizeof(seed));
    return dh;
}

bool ike_rekey_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b)
{
    struct ike_proposal_policy policy = ike_peer_ike_policy(sa->peer);
    struct ike_rekey_offer *offer = base_alloc(sizeof(*offer));
    uint8_t spi[IKE_SPI_SIZE];
    task->rekey = offer;
    offer->spi = ike_sa_draw_spi(sa->endpoint);
    base_put_be(spi, offer->spi, sizeof(spi));
    ike_proposal_offer(&policy, spi, sizeof(spi), &offer->proposals);
    const struct crypto_group *group =
        ike_proposal_group(&offer->proposals, task->group ? task->group : sa->keys.suite.group->id);
    if (!group)
        group = policy.configured.group;
    ike_engine_nonce(sa->endpoint, true, offer->nonce, sizeof(offer->nonce));
    offer->dh = new_dh(sa, group);
    sa->held_low.size = 0;
    ike_write_sa(b, &offer->proposals);
    ike_write_nonce(b, offer->nonce, sizeof(offer->nonce));
    ike_write_ke(b, group->id, crypto_dh_public(offer->dh), group->public_size);
    return true;
}

static struct ike_sa *make_next(struct ike_sa *old, const struct rekey_terms *t)
{
    struct ike_sa *next =
        ike_sa_new(old->endpoint, old->peer, t->initiator, &old->path, t->own_spi);
    ike_sa_set_peer_spi(next, t->peer_spi);
    next->state = IKE_SA_HELD;
    next->rekeyed = true;
    next->begun_here = old->begun_here;
    next->nat = old->nat;
    next->nat.seen_under_keys = false; /* the hashes have SPIs in them */
    next->mobike = old->mobike;
    next->fragmentation = old->fragmentation;
    next->low = ike_nonce_lower(t->nonce_i.data, t->nonce_i.size, t->nonce_r.data, t->nonce_r.size);
    struct ike_keys_input input = {.shared = t->shared,
                                   .nonce_i = t->nonce_i,
                                   .nonce_r = t->nonce_r,
                                   .spi_i = next->spi_i,
                                   .spi_r = next->spi_r,
                                   .old = &old->keys};
    ike_keys_derive(old->endpoint->crypto, &t->suite, &input, &next->keys);
    ike_sa_use_keys(next);
    return next;
}

/* When a delete that the peer should send does not come. */
static base_ns give_up_at(const struct ike_sa *sa)
{
    return base_ns_add(sa->endpoint->now, ike_retransmit_total(&sa->peer->config.retransmit));
}

static void hand_over(struct ike_sa *old, struct ike_sa *next)
{
    old->held = NULL;
    ike_sa_establish(next);
    ike_sa_inherit(next, old);
    old->state = IKE_SA_REPLACED;
    old->give_up_at = give_up_at(old);
}

void ike_rekey_peer_deleted(struct ike_sa *sa)
{
    if (sa->held)
        hand_over(sa, sa->held);
}

static bool read_answer(struct ike_rekey_offer *offer, const struct ike_message *m,
                        struct rekey_terms *t, uint8_t *shared)
{
    static const struct ike_payload_rule rules[] = {
        {IKE_PAYLOAD_SA, 1, 1}, {IKE_PAYLOAD_KE, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}};
    uint8_t type;
    struct ike_proposals answer;
    struct ike_choice choice;
    struct ike_ke_payload ke;
    struct ike_nonce_payload nonce;
    if (ike_message_check(m, rules, 3, &type) != IKE_WIRE_OK ||
        ike_proposals_read(&answer, ike_message_find(m, IKE_PAYLOAD_SA)) != IKE_WIRE_OK ||
        ike_ke_read(&ke, ike_message_find(m, IKE_PAYLOAD_KE)) != IKE_WIRE_OK ||
        ike_nonce_read(&nonce, ike_message_find(m, IKE_PAYLOAD_NONCE)) != IKE_WIRE_OK ||
        ike_proposal_accept(&offer->proposals, &answer, &choice) != IKE_WIRE_OK ||
        !ike_proposal_spi(&answer.proposals[0], IKE_SPI_SIZE, &t->peer_spi) || !t->peer_spi ||
        choice.suite.group != crypto_dh_group(offer->dh) || ke.group != choice.suite.group->id ||
        crypto_dh_shared(offer->dh, ke.data, ke.size, shared) != CRYPTO_OK)
        return false;
    t->initiator = true;
    t->own_spi = offer->spi;
    t->suite = choice.suite;
    t->shared = (struct crypto_slice){shared, choice.suite.group->shared_size};
    t->nonce_i = (struct crypto_slice){offer->nonce, sizeof(offer->nonce)};
    t->nonce_r = (struct crypto_slice){nonce.data, nonce.size};
    return true;
}

static void made(struct ike_sa *sa, struct ike_sa *next)
{
    struct ike_sa *held = sa->held;
    if (held && ike_nonce_loses(&next->low, &sa->held_low)) {
        next->state = IKE_SA_ESTABLISHED;
        ike_sa_delete(next, IKE_REASON_COLLISION, 0);
        hand_over(sa, held); /* the peer deletes the old one */
        return;
    }
    hand_over(sa, next);
    ike_sa_delete(sa, IKE_REASON_REPLACED, 0);
    if (held) { /* the peer deletes it */
        held->state = IKE_SA_REPLACED;
        held->give_up_at = give_up_at(held);
    }
}

static enum ike_task_end failed(struct ike_sa *sa, struct ike_task *task,
                                const struct ike_message *response)
{
    struct ike_notify_payload error = {0};
    uint16_t group = 0;
    bool has_error = ike_message_error(response, &error);
    task->reason = has_error ? IKE_REASON_REFUSED : IKE_REASON_INVALID;
    task->refusal = error.type;
    if (error.type == IKE_NOTIFY_NO_PROPOSAL_CHOSEN)
        task->reason = IKE_REASON_PROPOSAL;
    if (sa->held) { /* the peer's own rekey went well */
        hand_over(sa, sa->held);
        task->reason = IKE_REASON_OK;
        return IKE_TASK_ENDED;
    }
    if (error.type == IKE_NOTIFY_INVALID_KE_PAYLOAD && ike_notify_u16(&error, &group) && group &&
        task->retries < GROUPS_MAX) {
        task->group = group;
        task->retries++;
        return IKE_TASK_AGAIN;
    }
    if (error.type == IKE_NOTIFY_TEMPORARY_FAILURE) {
        task->not_before = ike_lifetime_retry_at(sa->endpoint);
        return IKE_TASK_LATER;
    }
    if (!has_error || error.type == IKE_NOTIFY_INVALID_SYNTAX)
        ike_sa_end(sa, IKE_REASON_INVALID);
    sa->rekey_at = ike_lifetime_retry_at(sa->endpoint); /* until it expires */
    return IKE_TASK_ENDED;
}

enum ike_task_end ike_rekey_done(struct ike_sa *sa, struct ike_task *task,
                                 const struct ike_message *response)
{
    uint8_t shared[CRYPTO_SHARED_SIZE_MAX];
    struct rekey_terms terms;
    if (!read_answer(task->rekey, response, &terms, shared))
        return failed(sa, task, response);
    struct ike_sa *next = make_next(sa, &terms);
    crypto_wipe(shared, sizeof(shared));
    made(sa, next);
    return IKE_TASK_ENDED;
}

struct rekey_request {
    struct ike_proposals offer;
    struct ike_ke_payload ke;
    struct ike_nonce_payload nonce;
    struct ike_choice choice;
};

/* 0, or the notify that refuses it. */
static uint16_t read_request(struct ike_sa *sa, const struct ike_message *m,
                             struct rekey_request *r)
{
    static const struct ike_payload_rule rules[] = {
        {IKE_PAYLOAD_SA, 1, 1}, {IKE_PAYLOAD_KE, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}};
    uint8_t type;
    struct ike_proposal_policy policy = ike_peer_ike_policy(sa->peer);
    if (ike_message_check(m, rules, 3, &type) != IKE_WIRE_OK ||
        ike_proposals_read(&r->offer, ike_message_find(m, IKE_PAYLOAD_SA)) != IKE_WIRE_OK ||
        ike_ke_read(&r->ke, ike_message_find(m, IKE_PAYLOAD_KE)) != IKE_WIRE_OK ||
        ike_nonce_read(&r->nonce, ike_message_find(m, IKE_PAYLOAD_NONCE)) != IKE_WIRE_OK)
        return IKE_NOTIFY_INVALID_SYNTAX;
    if (ike_proposal_choose(&policy, &r->offer, IKE_SPI_SIZE, &r->choice) != IKE_WIRE_OK)
        return IKE_NOTIFY_NO_PROPOSAL_CHOSEN;
    return r->ke.group == r->choice.suite.group->id ? 0 : IKE_NOTIFY_INVALID_KE_PAYLOAD;
}

static void write_answer(const struct rekey_request *r, const struct rekey_terms *t,
                         struct crypto_dh *dh, struct ike_builder *b)
{
    struct ike_proposals answer;
    uint8_t spi[IKE_SPI_SIZE];
    base_put_be(spi, t->own_spi, sizeof(spi));
    ike_proposal_answer(&r->choice, spi, sizeof(spi), &answer);
    ike_write_sa(b, &answer);
    ike_write_nonce(b, t->nonce_r.data, t->nonce_r.size);
    ike_write_ke(b, t->suite.group->id, crypto_dh_public(dh), t->suite.group->public_size);
}

/* NULL: the peer's public value is not acceptable. */
static struct ike_sa *answer(struct ike_sa *sa, const struct rekey_request *r,
                             struct ike_builder *b)
{
    uint8_t nonce[IKE_NONCE_SIZE], shared[CRYPTO_SHARED_SIZE_MAX];
    struct rekey_terms t = {.suite = r->choice.suite,
                            .nonce_i = {r->nonce.data, r->nonce.size},
                            .nonce_r = {nonce, sizeof(nonce)},
                            .shared = {shared, r->choice.suite.group->shared_size}};
    struct crypto_dh *dh = new_dh(sa, t.suite.group);
    struct ike_sa *next = NULL;
    if (crypto_dh_shared(dh, r->ke.data, r->ke.size, shared) == CRYPTO_OK) {
        ike_engine_nonce(sa->endpoint, false, nonce, sizeof(nonce));
        t.own_spi = ike_sa_draw_spi(sa->endpoint);
        for (size_t i = 0; i < IKE_SPI_SIZE; i++)
            t.peer_spi = t.peer_spi << 8 | r->choice.spi[i];
        next = make_next(sa, &t);
        write_answer(r, &t, dh, b);
    }
    crypto_dh_free(dh);
    crypto_wipe(shared, sizeof(shared));
    return next;
}

/* Section 2.25.2: what of ours is under way and cannot stand a rekey. */
static bool busy(const struct ike_sa *sa)
{
    if (sa->held)
        return true;
    if (!sa->active)
        return false;
    return sa->active->kind == IKE_TASK_CHILD_CREATE || sa->active->kind == IKE_TASK_CHILD_REKEY ||
           sa->active->kind == IKE_TASK_CHILD_DELETE;
}

void ike_rekey_respond(struct ike_sa *sa, const struct ike_message *request, struct ike_builder *b)
{
    struct rekey_request r;
    if (busy(sa)) {
        ike_write_notify(b, IKE_NOTIFY_TEMPORARY_FAILURE, NULL, 0);
        return;
    }
    uint16_t notify = read_request(sa, request, &r);
    struct ike_sa *next = notify ? NULL : answer(sa, &r, b);
    if (!notify && !next)
        notify = IKE_NOTIFY_INVALID_SYNTAX;
    if (notify == IKE_NOTIFY_INVALID_KE_PAYLOAD)
        ike_write_notify_u16(b, notify, r.choice.suite.group->id);
    else if (notify)
        ike_write_notify(b, notify, NULL, 0);
    if (notify == IKE_NOTIFY_INVALID_SYNTAX)
        ike_sa_end(sa, IKE_REASON_INVALID);
    if (notify)
        return;
    if (sa->active && sa->active->kind == IKE_TASK_IKE_REKEY) {
        sa->held = next;
        sa->held_low = next->low;
        next->give_up_at = give_up_at(next);
    } else
        hand_over(sa, next);
}
