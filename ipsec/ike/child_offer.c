/* The initiator's half of a child's negotiation; see child_offer.h. */
#include "ipsec/ike/child_offer.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/esp/sad.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/payload.h"

static void fill_ts(struct ike_sa *sa, const struct ike_child_wish *wish,
                    struct ike_child_offer *offer)
{
    const struct ike_child *old = wish->old;
    if (old) { /* section 2.9.2: no narrower than what is in use */
        for (size_t i = 0; i < old->local_count; i++)
            ike_ts_list_add(&offer->local_ts, &old->ts[i]);
        for (size_t i = 0; i < old->remote_count; i++)
            ike_ts_list_add(&offer->remote_ts, &old->ts[old->local_count + i]);
        return;
    }
    ike_peer_local_ts(sa->peer, &offer->local_ts);
    ike_peer_remote_ts(sa->peer, &offer->remote_ts);
}

/* Section 2.9: the packet's own addresses as first selector, so that narrowing keeps them in. */
static void put_first(struct ike_ts_list *list, const struct ike_ts *ts)
{
    if (list->count >= IKE_TS_MAX)
        return;
    memmove(list->items + 1, list->items, list->count * sizeof(*list->items));
    list->items[0] = *ts;
    list->count++;
}

static void put_flow(struct ike_child_offer *offer, const struct ike_flow *flow)
{
    struct ike_ts local = ike_ts_from_flow(&flow->source, flow->protocol, flow->source_port);
    struct ike_ts remote =
        ike_ts_from_flow(&flow->destination, flow->protocol, flow->destination_port);
    put_first(&offer->local_ts, &local);
    put_first(&offer->remote_ts, &remote);
}

static void make_dh(struct ike_sa *sa, const struct ike_child_wish *wish,
                    const struct ike_proposal_policy *policy, struct ike_child_offer *offer)
{
    const struct crypto_group *group = policy->configured.group;
    if (wish->old && wish->old->suite.group)
        group = ike_proposal_group(&offer->proposals, wish->old->suite.group->id);
    if (wish->group)
        group = ike_proposal_group(&offer->proposals, wish->group);
    if (!group)
        group = policy->configured.group;
    uint8_t seed[CRYPTO_SEED_SIZE];
    base_rng_fill(&sa->endpoint->rng, seed, sizeof(seed));
    offer->dh = crypto_dh_new(sa->endpoint->crypto, group, seed);
    crypto_wipe(seed, sizeof(seed));
}

struct ike_child_offer *ike_child_offer_new(struct ike_sa *sa, const struct ike_child_wish *wish)
{
    struct ike_endpoint *ep = sa->endpoint;
    struct ike_child_offer *offer = base_alloc(sizeof(*offer));
    struct ike_proposal_policy policy = ike_peer_esp_policy(sa->peer, wish->own_exchange);
    uint8_t spi[4];
    offer->reqid = wish->old ? wish->old->reqid : 0;
    offer->own_exchange = wish->own_exchange;
    offer->spi = esp_sad_reserve_spi(ep->sad, &ep->rng);
    base_put_be(spi, offer->spi, sizeof(spi));
    ike_proposal_offer(&policy, spi, sizeof(spi), &offer->proposals);
    fill_ts(sa, wish, offer);
    if (wish->flow)
        put_flow(offer, wish->flow);
    if (wish->own_exchange)
        ike_engine_nonce(ep, true, offer->nonce, sizeof(offer->nonce));
    if (policy.with_group)
        make_dh(sa, wish, &policy, offer);
    return offer;
}

void ike_child_offer_free(struct ike_sa *sa, struct ike_child_offer *offer)
{
    if (!offer)
        return;
    if (offer->spi)
        esp_sad_release_spi(sa->endpoint->sad, offer->spi);
    crypto_dh_free(offer->dh);
    free(offer);
}

void ike_child_offer_write(const struct ike_child_offer *offer, struct ike_builder *b)
{
    ike_write_sa(b, &offer->proposals);
    if (offer->own_exchange)
        ike_write_nonce(b, offer->nonce, sizeof(offer->nonce));
    if (offer->dh) {
        const struct crypto_group *group = crypto_dh_group(offer->dh);
        ike_write_ke(b, group->id, crypto_dh_public(offer->dh), group->public_size);
    }
    ike_write_ts(b, IKE_PAYLOAD_TSI, &offer->local_ts);
    ike_write_ts(b, IKE_PAYLOAD_TSR, &offer->remote_ts);
}

static enum ike_reason reason_of(uint16_t notify)
{
    return notify == IKE_NOTIFY_NO_PROPOSAL_CHOSEN ? IKE_REASON_PROPOSAL
           : notify == IKE_NOTIFY_TS_UNACCEPTABLE  ? IKE_REASON_SELECTORS
                                                   : IKE_REASON_REFUSED;
}

static struct ike_child_result refused(const struct ike_notify_payload *error)
{
    struct ike_child_result result = {.reason = reason_of(error->type), .notify = error->type};
    if (error->type == IKE_NOTIFY_INVALID_KE_PAYLOAD && !ike_notify_u16(error, &result.group))
        result.group = 0;
    return result;
}

/* Nonce and KE of a CREATE_CHILD_SA answer. */
static bool read_exchange(struct ike_child_offer *offer, const struct ike_message *m,
                          struct ike_child_terms *terms, uint8_t *shared)
{
    struct ike_nonce_payload nonce;
    const struct ike_payload *no = ike_message_find(m, IKE_PAYLOAD_NONCE);
    if (!no || ike_nonce_read(&nonce, no) != IKE_WIRE_OK)
        return false;
    terms->nonce_i = (struct crypto_slice){offer->nonce, sizeof(offer->nonce)};
    terms->nonce_r = (struct crypto_slice){nonce.data, nonce.size};
    if (!terms->suite.group)
        return true;
    struct ike_ke_payload ke;
    const struct ike_payload *payload = ike_message_find(m, IKE_PAYLOAD_KE);
    if (!offer->dh || crypto_dh_group(offer->dh) != terms->suite.group || !payload ||
        ike_ke_read(&ke, payload) != IKE_WIRE_OK || ke.group != terms->suite.group->id ||
        crypto_dh_shared(offer->dh, ke.data, ke.size, shared) != CRYPTO_OK)
        return false;
    terms->shared = (struct crypto_slice){shared, terms->suite.group->shared_size};
    return true;
}

static bool read_ts(const struct ike_child_offer *offer, const struct ike_message *m,
                    struct ike_child_terms *terms)
{
    const struct ike_payload *tsi = ike_message_find(m, IKE_PAYLOAD_TSI);
    const struct ike_payload *tsr = ike_message_find(m, IKE_PAYLOAD_TSR);
    return tsi && tsr && ike_ts_read(&terms->local_ts, tsi) == IKE_WIRE_OK &&
           ike_ts_read(&terms->remote_ts, tsr) == IKE_WIRE_OK && terms->local_ts.count &&
           terms->remote_ts.count && ike_ts_list_contains(&offer->local_ts, &terms->local_ts) &&
           ike_ts_list_contains(&offer->remote_ts, &terms->remote_ts);
}

struct ike_child_result ike_child_offer_accept(struct ike_sa *sa, struct ike_child_offer *offer,
                                               const struct ike_message *response,
                                               const struct crypto_slice *nonces)
{
    static const struct ike_payload_rule rules[] = {{IKE_PAYLOAD_SA, 1, 1},
                                                    {IKE_PAYLOAD_TSI, 1, 1},
                                                    {IKE_PAYLOAD_TSR, 1, 1},
                                                    {IKE_PAYLOAD_NONCE, 0, 1},
                                                    {IKE_PAYLOAD_KE, 0, 1}};
    uint8_t type;
    struct ike_notify_payload error;
    /* Whatever is wrong with an answer that is no refusal: the peer has made a child from it. */
    struct ike_child_result result = {.reason = IKE_REASON_INVALID, .orphan = offer->spi};
    const struct ike_payload *payload = ike_message_find(response, IKE_PAYLOAD_SA);
    if (!payload && ike_message_error(response, &error))
        return refused(&error);
    struct ike_proposals answer;
    struct ike_choice choice;
    uint64_t spi;
    if (ike_message_check(response, rules, 5, &type) != IKE_WIRE_OK ||
        ike_proposals_read(&answer, payload) != IKE_WIRE_OK ||
        ike_proposal_accept(&offer->proposals, &answer, &choice) != IKE_WIRE_OK ||
        !ike_proposal_spi(&answer.proposals[0], 4, &spi) || !spi)
        return result;
    struct ike_child_terms terms = {.suite = choice.suite,
                                    .spi_in = offer->spi,
                                    .spi_out = (uint32_t)spi,
                                    .reqid = offer->reqid,
                                    .initiator = true};
    uint8_t shared[CRYPTO_SHARED_SIZE_MAX];
    if (nonces) {
        terms.nonce_i = nonces[0];
        terms.nonce_r = nonces[1];
    } else if (!read_exchange(offer, response, &terms, shared))
        return result;
    result.reason = IKE_REASON_SELECTORS;
    if (!read_ts(offer, response, &terms))
        goto out;
    result.low = ike_nonce_lower(terms.nonce_i.data, terms.nonce_i.size, terms.nonce_r.data,
                                 terms.nonce_r.size);
    offer->spi = 0; /* the child has it now */
    result.child = ike_child_install(sa, &terms);
    result.reason = result.child ? IKE_REASON_OK : IKE_REASON_LIMIT;
    if (result.child)
        result.orphan = 0;
out:
    crypto_wipe(shared, sizeof(shared));
    return result;
}
