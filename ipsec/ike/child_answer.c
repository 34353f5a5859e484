/* The responder's half of a child's negotiation; see child_offer.h. */
#include "ipsec/crypto/hash.h"
#include "ipsec/esp/sad.h"
#include "ipsec/ike/child_offer.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/payload.h"

/* What the request holds, and what comes of it. */
struct child_request {
    bool own_exchange;
    struct ike_proposals offer;
    struct ike_ts_list tsi, tsr;
    struct ike_nonce_payload nonce;
    bool has_ke;
    struct ike_ke_payload ke;
    struct ike_choice choice;
    struct ike_child_terms terms;
    uint8_t own_nonce[IKE_NONCE_SIZE];
    struct crypto_dh *dh;
    uint8_t shared[CRYPTO_SHARED_SIZE_MAX];
};

static bool read_request(const struct ike_message *m, struct child_request *r)
{
    static const struct ike_payload_rule rules[] = {{IKE_PAYLOAD_SA, 1, 1},
                                                    {IKE_PAYLOAD_TSI, 1, 1},
                                                    {IKE_PAYLOAD_TSR, 1, 1},
                                                    {IKE_PAYLOAD_NONCE, 1, 1},
                                                    {IKE_PAYLOAD_KE, 0, 1}};
    uint8_t type;
    if (ike_message_check(m, rules, r->own_exchange ? 5 : 3, &type) != IKE_WIRE_OK ||
        ike_proposals_read(&r->offer, ike_message_find(m, IKE_PAYLOAD_SA)) != IKE_WIRE_OK ||
        ike_ts_read(&r->tsi, ike_message_find(m, IKE_PAYLOAD_TSI)) != IKE_WIRE_OK ||
        ike_ts_read(&r->tsr, ike_message_find(m, IKE_PAYLOAD_TSR)) != IKE_WIRE_OK)
        return false;
    if (!r->own_exchange)
        return true;
    const struct ike_payload *ke = ike_message_find(m, IKE_PAYLOAD_KE);
    r->has_ke = ke != NULL;
    return ike_nonce_read(&r->nonce, ike_message_find(m, IKE_PAYLOAD_NONCE)) == IKE_WIRE_OK &&
           (!ke || ike_ke_read(&r->ke, ke) == IKE_WIRE_OK);
}

static struct ike_child_result fail(enum ike_reason reason, uint16_t notify)
{
    return (struct ike_child_result){.reason = reason, .notify = notify};
}

static bool narrow(struct ike_sa *sa, struct child_request *r)
{
    struct ike_ts_list configured;
    ike_peer_remote_ts(sa->peer, &configured);
    if (ike_ts_narrow(&configured, &r->tsi, &r->terms.remote_ts) != IKE_WIRE_OK)
        return false;
    ike_peer_local_ts(sa->peer, &configured);
    return ike_ts_narrow(&configured, &r->tsr, &r->terms.local_ts) == IKE_WIRE_OK;
}

/* The KE payload against the chosen group; OK, or the refusal. */
static struct ike_child_result exchange_keys(struct ike_sa *sa, struct child_request *r)
{
    const struct crypto_group *group = r->choice.suite.group;
    if (!group)
        return fail(IKE_REASON_OK, 0);
    if (!r->has_ke || r->ke.group != group->id) {
        struct ike_child_result wrong = fail(IKE_REASON_REFUSED, IKE_NOTIFY_INVALID_KE_PAYLOAD);
        wrong.group = group->id;
        return wrong;
    }
    uint8_t seed[CRYPTO_SEED_SIZE];
    base_rng_fill(&sa->endpoint->rng, seed, sizeof(seed));
    r->dh = crypto_dh_new(sa->endpoint->crypto, group, seed);
    crypto_wipe(seed, sizeof(seed));
    if (crypto_dh_shared(r->dh, r->ke.data, r->ke.size, r->shared) != CRYPTO_OK)
        return fail(IKE_REASON_INVALID, IKE_NOTIFY_INVALID_SYNTAX);
    r->terms.shared = (struct crypto_slice){r->shared, group->shared_size};
    return fail(IKE_REASON_OK, 0);
}

static void write_answer(const struct child_request *r, struct ike_builder *b)
{
    struct ike_proposals answer;
    uint8_t spi[4];
    base_put_be(spi, r->terms.spi_in, sizeof(spi));
    ike_proposal_answer(&r->choice, spi, sizeof(spi), &answer);
    ike_write_sa(b, &answer);
    if (r->own_exchange)
        ike_write_nonce(b, r->own_nonce, sizeof(r->own_nonce));
    if (r->dh) {
        const struct crypto_group *group = crypto_dh_group(r->dh);
        ike_write_ke(b, group->id, crypto_dh_public(r->dh), group->public_size);
    }
    ike_write_ts(b, IKE_PAYLOAD_TSI, &r->terms.remote_ts);
    ike_write_ts(b, IKE_PAYLOAD_TSR, &r->terms.local_ts);
}

static struct ike_child_result install(struct ike_sa *sa, struct child_request *r,
                                       const struct crypto_slice *nonces)
{
    struct ike_endpoint *ep = sa->endpoint;
    struct ike_child_terms *t = &r->terms;
    if (nonces) {
        t->nonce_i = nonces[0];
        t->nonce_r = nonces[1];
    } else {
        ike_engine_nonce(ep, false, r->own_nonce, sizeof(r->own_nonce));
        t->nonce_i = (struct crypto_slice){r->nonce.data, r->nonce.size};
        t->nonce_r = (struct crypto_slice){r->own_nonce, sizeof(r->own_nonce)};
    }
    t->suite = r->choice.suite;
    t->spi_out = (uint32_t)r->choice.spi[0] << 24 | (uint32_t)r->choice.spi[1] << 16 |
                 (uint32_t)r->choice.spi[2] << 8 | r->choice.spi[3];
    t->spi_in = esp_sad_reserve_spi(ep->sad, &ep->rng);
    struct ike_child_result result = fail(IKE_REASON_LIMIT, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    result.child = ike_child_install(sa, t);
    if (!result.child)
        return result;
    result.reason = IKE_REASON_OK;
    result.notify = 0;
    result.low =
        ike_nonce_lower(t->nonce_i.data, t->nonce_i.size, t->nonce_r.data, t->nonce_r.size);
    return result;
}

static struct ike_child_result negotiate(struct ike_sa *sa, struct child_request *r,
                                         const struct crypto_slice *nonces)
{
    struct ike_proposal_policy policy = ike_peer_esp_policy(sa->peer, r->own_exchange);
    if (sa->child_count >= sa->endpoint->options.children_max)
        return fail(IKE_REASON_LIMIT, IKE_NOTIFY_NO_ADDITIONAL_SAS);
    if (ike_proposal_choose(&policy, &r->offer, 4, &r->choice) != IKE_WIRE_OK)
        return fail(IKE_REASON_PROPOSAL, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    if (!narrow(sa, r) || !ike_peer_can_use(sa->peer, &r->terms.local_ts))
        return fail(IKE_REASON_SELECTORS, IKE_NOTIFY_TS_UNACCEPTABLE);
    struct ike_child_result keys = exchange_keys(sa, r);
    return keys.reason == IKE_REASON_OK ? install(sa, r, nonces) : keys;
}

struct ike_child_result ike_child_answer(struct ike_sa *sa, const struct ike_message *request,
                                         const struct crypto_slice *nonces,
                                         const struct ike_child *old, struct ike_builder *b)
{
    struct child_request r = {.own_exchange = !nonces, .terms.reqid = old ? old->reqid : 0};
    if (!read_request(request, &r))
        return fail(IKE_REASON_INVALID, IKE_NOTIFY_INVALID_SYNTAX);
    struct ike_child_result result = negotiate(sa, &r, nonces);
    if (result.reason == IKE_REASON_OK)
        write_answer(&r, b);
    crypto_dh_free(r.dh);
    crypto_wipe(r.shared, sizeof(r.shared));
    return result;
}

void ike_child_result_write(const struct ike_child_result *result, struct ike_builder *b)
{
    if (result->notify == IKE_NOTIFY_INVALID_KE_PAYLOAD)
        ike_write_notify_u16(b, result->notify, result->group);
    else
        ike_write_notify(b, result->notify, NULL, 0);
}

void ike_child_result_tell(struct ike_sa *sa, const struct ike_child_result *result)
{
    struct ike_event event = ike_sa_event(sa, IKE_EVENT_CHILD_FAILED);
    event.reason = result->reason;
    event.notify = result->notify;
    ike_sa_tell(sa, &event);
}
