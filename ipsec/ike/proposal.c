/*
 * Offers, choices and their check: RFC 7296 2.7, 3.3.3 (mandatory transform types), 3.3.6 (what is
 * passed over), RFC 5282 8 (no integrity beside an AEAD).
 */
#include "ipsec/ike/proposal.h"

#include <assert.h>
#include <stdio.h>

#define TRANSFORM_NONE 0 /* of INTEG and DH */

struct ike_suite ike_suite_of(uint8_t protocol, const struct crypto_encr *encr,
                              const struct crypto_integ *integ, const struct crypto_group *group,
                              bool esn)
{
    bool ike = protocol == IKE_PROTOCOL_IKE;
    return (struct ike_suite){.encr = encr,
                              .integ = encr->aead ? NULL : integ,
                              .prf = ike ? crypto_prf_of_integ(integ) : NULL,
                              .group = group,
                              .esn = !ike && esn};
}

bool ike_suite_equal(const struct ike_suite *a, const struct ike_suite *b)
{
    return a->encr == b->encr && a->integ == b->integ && a->prf == b->prf && a->group == b->group &&
           a->esn == b->esn;
}

const char *ike_suite_format(uint8_t protocol, const struct ike_suite *suite,
                             char out[IKE_SUITE_TEXT_MAX])
{
    const char *names[] = {suite->encr->proposal_name,
                           suite->integ ? suite->integ->proposal_name : NULL,
                           suite->prf ? suite->prf->proposal_name : NULL,
                           suite->group ? suite->group->proposal_name : NULL,
                           protocol == IKE_PROTOCOL_IKE ? NULL
                           : suite->esn                 ? "EXT_SEQ"
                                                        : "NO_EXT_SEQ"};
    size_t at = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!names[i])
            continue;
        at += (size_t)snprintf(out + at, IKE_SUITE_TEXT_MAX - at, "%s%s", at ? "/" : "", names[i]);
        assert(at < IKE_SUITE_TEXT_MAX);
    }
    return out;
}

static void add_suite(struct ike_proposals *out, const struct ike_proposal_policy *policy)
{
    const struct ike_suite *s = &policy->configured;
    ike_proposals_add_transform(out, IKE_TRANSFORM_ENCR, s->encr->id, s->encr->key_bits);
    if (s->integ)
        ike_proposals_add_transform(out, IKE_TRANSFORM_INTEG, s->integ->id, 0);
    if (policy->protocol == IKE_PROTOCOL_IKE)
        ike_proposals_add_transform(out, IKE_TRANSFORM_PRF, s->prf->id, 0);
    if (policy->with_group)
        ike_proposals_add_transform(out, IKE_TRANSFORM_DH, s->group->id, 0);
    if (policy->protocol == IKE_PROTOCOL_ESP)
        ike_proposals_add_transform(out, IKE_TRANSFORM_ESN, s->esn, 0);
}

/*
 * Everything that the product has with AEAD ciphers, or with the others, in the order of strength.
 */
static void add_family(struct ike_proposals *out, const struct ike_proposal_policy *policy,
                       bool aead)
{
    const struct crypto_encr *encr;
    for (size_t i = 0; (encr = crypto_encr_at(i)); i++)
        if (encr->aead == aead)
            ike_proposals_add_transform(out, IKE_TRANSFORM_ENCR, encr->id, encr->key_bits);
    for (size_t i = 0; !aead && crypto_integ_at(i); i++)
        ike_proposals_add_transform(out, IKE_TRANSFORM_INTEG, crypto_integ_at(i)->id, 0);
    bool ike = policy->protocol == IKE_PROTOCOL_IKE;
    for (size_t i = 0; ike && crypto_prf_at(i); i++)
        ike_proposals_add_transform(out, IKE_TRANSFORM_PRF, crypto_prf_at(i)->id, 0);
    for (size_t i = 0; policy->with_group && crypto_group_at(i); i++)
        ike_proposals_add_transform(out, IKE_TRANSFORM_DH, crypto_group_at(i)->id, 0);
    if (!ike && policy->configured.esn)
        ike_proposals_add_transform(out, IKE_TRANSFORM_ESN, IKE_ESN_ESN, 0);
    if (!ike)
        ike_proposals_add_transform(out, IKE_TRANSFORM_ESN, IKE_ESN_NONE, 0);
}

void ike_proposal_offer(const struct ike_proposal_policy *policy, const uint8_t *spi,
                        size_t spi_size, struct ike_proposals *out)
{
    ike_proposals_init(out);
    ike_proposals_add(out, policy->protocol, spi, spi_size);
    add_suite(out, policy);
    if (policy->negotiation == IKE_NEGOTIATION_STRICT)
        return;
    ike_proposals_add(out, policy->protocol, spi, spi_size);
    add_family(out, policy, true);
    ike_proposals_add(out, policy->protocol, spi, spi_size);
    add_family(out, policy, false);
}

/*
 * One proposal of a peer's offer: what of it we know. Sets are bit masks over crypto's tables, bit
 * 0 the strongest.
 */
struct sight {
    uint32_t encr, integ, prf, group;
    bool has_integ, has_group; /* any transform of that type */
    bool integ_none, group_none;
    bool esn, no_esn;
    bool unknown_type;
};

/* The set of one table entry; the empty set for NULL. */
#define BIT_OF(kind)                                                                               \
    static uint32_t kind##_bit(const struct crypto_##kind *entry)                                  \
    {                                                                                              \
        for (unsigned i = 0; crypto_##kind##_at(i); i++)                                           \
            if (crypto_##kind##_at(i) == entry)                                                    \
                return UINT32_C(1) << i;                                                           \
        return 0;                                                                                  \
    }
BIT_OF(encr)
BIT_OF(integ)
BIT_OF(prf)
BIT_OF(group)

static void sight_add(struct sight *s, uint8_t protocol, const struct ike_transform *t)
{
    /*
     * Only encryption takes a key length: with any other transform it is one that we do not
     * understand.
     */
    bool understood = !t->unknown_attribute && (t->type == IKE_TRANSFORM_ENCR || t->key_bits == 0);
    bool ike = protocol == IKE_PROTOCOL_IKE;
    if (t->type == IKE_TRANSFORM_ENCR) {
        if (understood)
            s->encr |= encr_bit(crypto_encr_find(t->id, t->key_bits));
    } else if (t->type == IKE_TRANSFORM_INTEG) {
        s->has_integ = true;
        s->integ_none |= understood && t->id == TRANSFORM_NONE;
        if (understood)
            s->integ |= integ_bit(crypto_integ_find(t->id));
    } else if (t->type == IKE_TRANSFORM_PRF && ike) {
        if (understood)
            s->prf |= prf_bit(crypto_prf_find(t->id));
    } else if (t->type == IKE_TRANSFORM_DH) {
        s->has_group = true;
        s->group_none |= understood && t->id == TRANSFORM_NONE;
        if (understood)
            s->group |= group_bit(crypto_group_find(t->id));
    } else if (t->type == IKE_TRANSFORM_ESN && !ike) {
        s->esn |= understood && t->id == IKE_ESN_ESN;
        s->no_esn |= understood && t->id == IKE_ESN_NONE;
    } else {
        s->unknown_type = true;
    }
}

/* What our own side takes, in the same form. */
static struct sight acceptable(const struct ike_proposal_policy *policy)
{
    const struct ike_suite *c = &policy->configured;
    bool strict = policy->negotiation == IKE_NEGOTIATION_STRICT;
    struct sight s = {
        .encr = UINT32_MAX, .integ = UINT32_MAX, .prf = UINT32_MAX, .group = UINT32_MAX};
    s.esn = c->esn;
    s.no_esn = !strict || !c->esn;
    if (!strict)
        return s;
    s.encr = encr_bit(c->encr);
    s.integ = integ_bit(c->integ);
    s.prf = prf_bit(c->prf);
    s.group = group_bit(c->group);
    return s;
}

/* The place of the strongest in a set that is not empty. */
static unsigned strongest(uint32_t set)
{
    return (unsigned)__builtin_ctz(set);
}

/* Places in the tables of strength; the lower, the better, the first number counting most. */
struct rank {
    unsigned of[5];
};

static bool rank_better(const struct rank *a, const struct rank *b)
{
    for (size_t i = 0; i < sizeof(a->of) / sizeof(a->of[0]); i++)
        if (a->of[i] != b->of[i])
            return a->of[i] < b->of[i];
    return false;
}

/*
 * Whether this encryption can stand in the proposal: an AEAD without integrity or with NONE,
 * another with one (RFC 7296 3.3.3, RFC 5282 8).
 */
static bool encr_fits(const struct crypto_encr *encr, const struct sight *theirs, uint32_t integ)
{
    return encr->aead ? !theirs->has_integ || theirs->integ_none : integ != 0;
}

static bool choose_encr(const struct sight *theirs, uint32_t encr, uint32_t integ, unsigned *out)
{
    for (; encr; encr &= encr - 1) {
        *out = strongest(encr);
        if (encr_fits(crypto_encr_at(*out), theirs, integ))
            return true;
    }
    return false;
}

static bool choose_group(const struct ike_proposal_policy *policy, const struct sight *theirs,
                         uint32_t group, struct ike_choice *out, unsigned *rank)
{
    if (!policy->with_group) {
        out->group_none = theirs->has_group;
        return !theirs->has_group || theirs->group_none;
    }
    if (group == 0)
        return false;
    *rank = strongest(group);
    out->suite.group = crypto_group_at(*rank);
    return true;
}

/* The best suite that one proposal allows, or false. */
static bool choose_suite(const struct ike_proposal_policy *policy, const struct sight *theirs,
                         struct ike_choice *out, struct rank *rank)
{
    struct sight ours = acceptable(policy);
    uint32_t integ = ours.integ & theirs->integ;
    *rank = (struct rank){{0}};
    if (!choose_encr(theirs, ours.encr & theirs->encr, integ, &rank->of[0]))
        return false;
    out->suite.encr = crypto_encr_at(rank->of[0]);
    if (out->suite.encr->aead) {
        out->integ_none = theirs->has_integ;
    } else {
        rank->of[1] = strongest(integ);
        out->suite.integ = crypto_integ_at(rank->of[1]);
    }
    if (policy->protocol == IKE_PROTOCOL_IKE) {
        if (!(ours.prf & theirs->prf))
            return false;
        rank->of[2] = strongest(ours.prf & theirs->prf);
        out->suite.prf = crypto_prf_at(rank->of[2]);
    } else {
        out->suite.esn = ours.esn && theirs->esn;
        rank->of[4] = !out->suite.esn;
        if (!out->suite.esn && !(ours.no_esn && theirs->no_esn))
            return false;
    }
    return choose_group(policy, theirs, ours.group & theirs->group, out, &rank->of[3]);
}

static bool spi_is_usable(const struct ike_proposal *p, size_t spi_size)
{
    uint64_t spi = 0;
    return ike_proposal_spi(p, spi_size, &spi) && (spi_size == 0 || spi != 0);
}

/* What a proposal holds; with `preferred` only the first transform of each type. */
static struct sight sight_of(const struct ike_proposals *offer, const struct ike_proposal *p,
                             bool preferred)
{
    struct sight s = {0};
    uint32_t seen = 0; /* bit mask of types */
    for (size_t i = 0; i < p->count; i++) {
        const struct ike_transform *t = &ike_proposal_transforms(offer, p)[i];
        uint32_t bit = t->type < 32 ? UINT32_C(1) << t->type : 0;
        if (!preferred || !(seen & bit))
            sight_add(&s, p->protocol, t);
        seen |= bit;
    }
    return s;
}

static bool try_proposal(const struct ike_proposal_policy *policy,
                         const struct ike_proposals *offer, const struct ike_proposal *p,
                         bool preferred, struct ike_choice *out, struct rank *rank)
{
    *out =
        (struct ike_choice){.number = p->number, .protocol = p->protocol, .spi_size = p->spi_size};
    memcpy(out->spi, p->spi, sizeof(out->spi));
    struct sight theirs = sight_of(offer, p, preferred);
    return !theirs.unknown_type && choose_suite(policy, &theirs, out, rank);
}

/* Both sides want the same: what the peer names first is what is configured here. */
static bool choose_agreed(const struct ike_proposal_policy *policy,
                          const struct ike_proposals *offer, const struct ike_proposal *p,
                          struct ike_choice *out)
{
    struct ike_proposal_policy strict = *policy;
    struct rank rank;
    strict.negotiation = IKE_NEGOTIATION_STRICT;
    return try_proposal(&strict, offer, p, true, out, &rank);
}

enum ike_wire_status ike_proposal_choose(const struct ike_proposal_policy *policy,
                                         const struct ike_proposals *offer, size_t spi_size,
                                         struct ike_choice *out)
{
    struct rank best = {{0}};
    bool found = false;
    for (size_t i = 0; i < offer->count; i++) {
        const struct ike_proposal *p = &offer->proposals[i];
        struct ike_choice choice;
        struct rank rank;
        if (p->protocol != policy->protocol || !spi_is_usable(p, spi_size))
            continue;
        if (i == 0 && choose_agreed(policy, offer, p, &choice)) {
            *out = choice;
            return IKE_WIRE_OK;
        }
        if (!try_proposal(policy, offer, p, false, &choice, &rank) ||
            (found && !rank_better(&rank, &best)))
            continue;
        *out = choice;
        best = rank;
        found = true;
    }
    return found ? IKE_WIRE_OK : IKE_WIRE_NO_PROPOSAL;
}

void ike_proposal_answer(const struct ike_choice *choice, const uint8_t *spi, size_t spi_size,
                         struct ike_proposals *out)
{
    const struct ike_suite *s = &choice->suite;
    ike_proposals_init(out);
    ike_proposals_add(out, choice->protocol, spi, spi_size)->number = choice->number;
    ike_proposals_add_transform(out, IKE_TRANSFORM_ENCR, s->encr->id, s->encr->key_bits);
    if (s->integ || choice->integ_none)
        ike_proposals_add_transform(out, IKE_TRANSFORM_INTEG,
                                    s->integ ? s->integ->id : TRANSFORM_NONE, 0);
    if (s->prf)
        ike_proposals_add_transform(out, IKE_TRANSFORM_PRF, s->prf->id, 0);
    if (s->group || choice->group_none)
        ike_proposals_add_transform(out, IKE_TRANSFORM_DH, s->group ? s->group->id : TRANSFORM_NONE,
                                    0);
    if (choice->protocol == IKE_PROTOCOL_ESP)
        ike_proposals_add_transform(out, IKE_TRANSFORM_ESN, s->esn, 0);
}

static size_t count_type(const struct ike_proposals *list, const struct ike_proposal *p,
                         uint8_t type)
{
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++)
        count += ike_proposal_transforms(list, p)[i].type == type;
    return count;
}

static bool offered(const struct ike_proposals *list, const struct ike_proposal *p,
                    const struct ike_transform *t)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct ike_transform *o = &ike_proposal_transforms(list, p)[i];
        if (o->type == t->type && o->id == t->id && o->key_bits == t->key_bits)
            return !t->unknown_attribute;
    }
    return false;
}

/* One transform of an answer as an algorithm; false when crypto lacks it. */
static bool take_transform(const struct ike_transform *t, struct ike_choice *out)
{
    struct ike_suite *s = &out->suite;
    switch ((enum ike_transform_type)t->type) {
    case IKE_TRANSFORM_ENCR:
        return (s->encr = crypto_encr_find(t->id, t->key_bits)) != NULL;
    case IKE_TRANSFORM_PRF:
        return (s->prf = crypto_prf_find(t->id)) != NULL;
    case IKE_TRANSFORM_INTEG:
        out->integ_none = t->id == TRANSFORM_NONE;
        return out->integ_none || (s->integ = crypto_integ_find(t->id)) != NULL;
    case IKE_TRANSFORM_DH:
        out->group_none = t->id == TRANSFORM_NONE;
        return out->group_none || (s->group = crypto_group_find(t->id)) != NULL;
    case IKE_TRANSFORM_ESN:
        s->esn = t->id == IKE_ESN_ESN;
        return true;
    default:
        return false;
    }
}

static const struct ike_proposal *find_number(const struct ike_proposals *list, uint8_t number)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->proposals[i].number == number)
            return &list->proposals[i];
    return NULL;
}

enum ike_wire_status ike_proposal_accept(const struct ike_proposals *offer,
                                         const struct ike_proposals *answer, struct ike_choice *out)
{
    if (answer->count != 1)
        return IKE_WIRE_ANSWER;
    const struct ike_proposal *a = &answer->proposals[0];
    const struct ike_proposal *o = find_number(offer, a->number);
    if (!o || a->protocol != o->protocol || !spi_is_usable(a, o->spi_size))
        return IKE_WIRE_ANSWER;
    struct ike_choice choice = {
        .number = a->number, .protocol = a->protocol, .spi_size = a->spi_size};
    memcpy(choice.spi, a->spi, sizeof(choice.spi));
    for (size_t i = 0; i < a->count; i++) {
        const struct ike_transform *t = &ike_proposal_transforms(answer, a)[i];
        if (count_type(answer, a, t->type) != 1 || !offered(offer, o, t) ||
            !take_transform(t, &choice))
            return IKE_WIRE_ANSWER;
    }
    for (size_t i = 0; i < o->count; i++)
        if (!count_type(answer, a, ike_proposal_transforms(offer, o)[i].type))
            return IKE_WIRE_ANSWER;
    if (!choice.suite.encr || choice.suite.encr->aead == (choice.suite.integ != NULL))
        return IKE_WIRE_ANSWER;
    *out = choice;
    return IKE_WIRE_OK;
}

const struct crypto_group *ike_proposal_group(const struct ike_proposals *offer, uint16_t group)
{
    for (size_t i = 0; i < offer->transform_count; i++)
        if (offer->transforms[i].type == IKE_TRANSFORM_DH && offer->transforms[i].id == group)
            return crypto_group_find(group);
    return NULL;
}
