/* The handshake; see handshake.h. */
#include "ipsec/ike/handshake.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/ike/auth.h"
#include "ipsec/ike/engine.h"

struct ike_handshake *ike_handshake_new(struct ike_sa *sa)
{
    struct ike_handshake *h = base_alloc(sizeof(*h));
    sa->handshake = h;
    if (!sa->initiator)
        sa->endpoint->half_open++;
    ike_engine_nonce(sa->endpoint, sa->initiator, h->nonce, sizeof(h->nonce));
    return h;
}

void ike_handshake_free(struct ike_sa *sa)
{
    struct ike_handshake *h = sa->handshake;
    if (!h)
        return;
    if (!sa->initiator)
        sa->endpoint->half_open--;
    crypto_dh_free(h->dh);
    for (size_t i = 0; i < IKE_HANDSHAKE_EARLIER; i++) {
        crypto_dh_free(h->earlier[i].dh);
        free(h->earlier[i].message);
    }
    for (size_t i = 0; i < IKE_HANDSHAKE_OTHERS; i++)
        free(h->others[i].message);
    free(h->peer_nonce);
    free(h->own_message);
    free(h->peer_message);
    free(h->offer);
    free(h);
    sa->handshake = NULL;
}

void ike_handshake_dh(struct ike_sa *sa, const struct crypto_group *group)
{
    uint8_t seed[CRYPTO_SEED_SIZE];
    base_rng_fill(&sa->endpoint->rng, seed, sizeof(seed));
    crypto_dh_free(sa->handshake->dh);
    sa->handshake->dh = crypto_dh_new(sa->endpoint->crypto, group, seed);
    crypto_wipe(seed, sizeof(seed));
}

static void swap_first(struct ike_handshake *h, struct ike_first *with)
{
    struct ike_first current = {h->dh, h->own_message, h->own_message_size, h->versions};
    h->dh = with->dh;
    h->own_message = with->message;
    h->own_message_size = with->size;
    h->versions = with->versions;
    *with = current;
}

bool ike_handshake_recall(struct ike_sa *sa, const struct crypto_group *group)
{
    struct ike_handshake *h = sa->handshake;
    if (crypto_dh_group(h->dh) == group)
        return true;
    for (size_t i = 0; i < IKE_HANDSHAKE_EARLIER; i++)
        if (h->earlier[i].dh && crypto_dh_group(h->earlier[i].dh) == group) {
            swap_first(h, &h->earlier[i]);
            return true;
        }
    return false;
}

/* Newest first; the last one's place becomes free. */
static void set_aside(struct ike_handshake *h)
{
    struct ike_first *last = &h->earlier[IKE_HANDSHAKE_EARLIER - 1];
    crypto_dh_free(last->dh);
    free(last->message);
    memmove(h->earlier + 1, h->earlier, (IKE_HANDSHAKE_EARLIER - 1) * sizeof(*last));
    h->earlier[0] = (struct ike_first){0};
    swap_first(h, &h->earlier[0]);
}

void ike_handshake_change_group(struct ike_sa *sa, const struct crypto_group *group)
{
    if (ike_handshake_recall(sa, group))
        return;
    set_aside(sa->handshake);
    ike_handshake_dh(sa, group);
}

void ike_handshake_copy(uint8_t **to, size_t *to_size, const uint8_t *bytes, size_t size)
{
    free(*to);
    *to = base_alloc(size + 1);
    memcpy(*to, bytes, size);
    *to_size = size;
}

struct ike_answer ike_handshake_pop(struct ike_handshake *h)
{
    struct ike_answer first = h->others[0];
    memmove(h->others, h->others + 1, (IKE_HANDSHAKE_OTHERS - 1) * sizeof(first));
    h->others[IKE_HANDSHAKE_OTHERS - 1] = (struct ike_answer){0};
    return first;
}

bool ike_handshake_push(struct ike_handshake *h, const struct ike_path *path, const uint8_t *bytes,
                        size_t size)
{
    for (size_t i = 0; i < IKE_HANDSHAKE_OTHERS; i++) {
        struct ike_answer *place = &h->others[i];
        if (place->message)
            continue;
        ike_handshake_copy(&place->message, &place->size, bytes, size);
        place->path = *path;
        return true;
    }
    return false;
}

void ike_handshake_nonces(const struct ike_sa *sa, struct crypto_slice *nonce_i,
                          struct crypto_slice *nonce_r)
{
    const struct ike_handshake *h = sa->handshake;
    struct crypto_slice own = {h->nonce, sizeof(h->nonce)};
    struct crypto_slice peer = {h->peer_nonce, h->peer_nonce_size};
    *nonce_i = sa->initiator ? own : peer;
    *nonce_r = sa->initiator ? peer : own;
}

bool ike_handshake_keys(struct ike_sa *sa, const struct ike_suite *suite, const uint8_t *ke,
                        size_t ke_size)
{
    uint8_t shared[CRYPTO_SHARED_SIZE_MAX];
    if (crypto_dh_shared(sa->handshake->dh, ke, ke_size, shared) != CRYPTO_OK)
        return false;
    struct ike_keys_input input = {
        .shared = {shared, suite->group->shared_size}, .spi_i = sa->spi_i, .spi_r = sa->spi_r};
    ike_handshake_nonces(sa, &input.nonce_i, &input.nonce_r);
    ike_keys_derive(sa->endpoint->crypto, suite, &input, &sa->keys);
    crypto_wipe(shared, sizeof(shared));
    sa->low = ike_nonce_lower(input.nonce_i.data, input.nonce_i.size, input.nonce_r.data,
                              input.nonce_r.size);
    if (!sa->initiator) {
        crypto_dh_free(sa->handshake->dh);
        sa->handshake->dh = NULL;
    }
    ike_sa_use_keys(sa);
    return true;
}

void ike_handshake_write_auth(const struct ike_sa *sa, struct ike_builder *b)
{
    const struct ike_handshake *h = sa->handshake;
    const struct crypto_prf *prf = sa->keys.suite.prf;
    uint8_t id[4 + IKE_ID_SIZE_MAX], auth[CRYPTO_PRF_SIZE_MAX];
    struct ike_auth_input input = {.prf = prf,
                                   .psk = {sa->peer->psk, sa->peer->psk_size},
                                   .message = {h->own_message, h->own_message_size},
                                   .nonce = {h->peer_nonce, h->peer_nonce_size},
                                   .sk_p = sa->initiator ? sa->keys.sk_pi : sa->keys.sk_pr,
                                   .id = {id, ike_id_body(&sa->peer->local_id, id)}};
    ike_auth_compute(sa->endpoint->crypto, &input, auth);
    ike_write_auth(b, IKE_AUTH_PSK, auth, prf->output_size);
}

bool ike_handshake_auth_fits(const struct ike_sa *sa, const struct ike_peer *peer,
                             const struct ike_payload *id, const struct ike_auth_payload *auth)
{
    const struct ike_handshake *h = sa->handshake;
    const struct crypto_prf *prf = sa->keys.suite.prf;
    if (auth->method != IKE_AUTH_PSK || auth->size != prf->output_size)
        return false;
    uint8_t expected[CRYPTO_PRF_SIZE_MAX];
    struct ike_auth_input input = {.prf = prf,
                                   .psk = {peer->psk, peer->psk_size},
                                   .message = {h->peer_message, h->peer_message_size},
                                   .nonce = {h->nonce, sizeof(h->nonce)},
                                   .sk_p = sa->initiator ? sa->keys.sk_pr : sa->keys.sk_pi,
                                   .id = {id->body, id->size}};
    ike_auth_compute(sa->endpoint->crypto, &input, expected);
    bool same = crypto_equal(expected, auth->data, auth->size);
    crypto_wipe(expected, sizeof(expected));
    return same;
}
