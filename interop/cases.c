/* See cases.h. Algorithms are taken from the tables, so a new one there is a new row here. */
#include "interop/cases.h"

#include <string.h>

#include "base/mem.h"
#include "interop/special.h"
#include "ipsec/crypto/algorithm.h"

struct list {
    struct base_arena *arena;
    struct interop_case *cases;
    size_t count, capacity;
};

static struct interop_case *add(struct list *list)
{
    if (list->count == list->capacity) { /* few growths: the old ones stay in the arena */
        size_t capacity = list->capacity ? 2 * list->capacity : 128;
        struct interop_case *cases = base_arena_array(list->arena, capacity, sizeof(*cases));
        if (list->count)
            memcpy(cases, list->cases, list->count * sizeof(*cases));
        list->cases = cases;
        list->capacity = capacity;
    }
    struct interop_case *added = &list->cases[list->count++];
    added->sides[INTEROP_OURS] = added->sides[INTEROP_CHARON] = true;
    return added;
}

static const struct interop_step plain[] = {
    {.op = INTEROP_OP_UP}, {.op = INTEROP_OP_PING, .value = 3}, {.op = INTEROP_OP_END}};

static const struct interop_step with_rekeys[] = {{.op = INTEROP_OP_UP},
                                                  {.op = INTEROP_OP_PING, .value = 3},
                                                  {.op = INTEROP_OP_REKEY_CHILD},
                                                  {.op = INTEROP_OP_PING, .value = 3},
                                                  {.op = INTEROP_OP_REKEY_IKE, .other = true},
                                                  {.op = INTEROP_OP_REKEY_CHILD, .other = true},
                                                  {.op = INTEROP_OP_PING, .value = 3},
                                                  {.op = INTEROP_OP_END}};

static void add_ike_algorithms(struct list *list)
{
    const struct crypto_encr *encr;
    const struct crypto_integ *integ;
    for (size_t i = 0; (encr = crypto_encr_at(i)); i++) {
        for (size_t k = 0; (integ = crypto_integ_at(k)); k++) {
            struct interop_case *added = add(list);
            added->group = "IKE encryption with integrity or PRF";
            added->name = base_arena_printf(list->arena, "%s, %s%s", encr->product_name,
                                            encr->aead ? "PRF " : "", integ->product_name);
            added->rfc = encr->aead ? "RFC 5282 section 8" : "RFC 7296 section 3.14";
            added->rule =
                encr->aead
                    ? "When an authenticated encryption algorithm is selected as the encryption "
                      "algorithm for any SA (IKE or ESP), an integrity algorithm MUST NOT be "
                      "selected for that SA."
                    : "The encrypted payload, denoted SK{...}, contains other payloads in "
                      "encrypted form; its integrity checksum is the cryptographic checksum of "
                      "the entire message.";
            added->steps = plain;
            added->ike_encr = encr;
            added->ike_integ = integ;
        }
    }
}

static void add_esp_algorithms(struct list *list)
{
    const struct crypto_encr *encr;
    const struct crypto_integ *integ;
    for (size_t i = 0; (encr = crypto_encr_at(i)); i++) {
        for (size_t k = 0; (integ = crypto_integ_at(k)) && (!encr->aead || k == 0); k++) {
            struct interop_case *added = add(list);
            added->group = "ESP encryption with integrity";
            added->name = encr->aead ? encr->product_name
                                     : base_arena_printf(list->arena, "%s, %s", encr->product_name,
                                                         integ->product_name);
            added->rfc = "RFC 7296 section 2.17";
            added->rule = "All keys for SAs carrying data from the initiator to the responder are "
                          "taken before SAs going from the responder to the initiator.";
            added->steps = with_rekeys;
            added->esp_encr = encr;
            added->esp_integ = integ;
        }
    }
}

static void add_groups(struct list *list)
{
    const struct crypto_group *group;
    for (size_t i = 0; (group = crypto_group_at(i)); i++) {
        struct interop_case *added = add(list);
        added->group = "Diffie-Hellman group, of IKE and with PFS";
        added->name = group->product_name;
        added->rfc = group->elliptic ? "RFC 5903 section 7" : "RFC 7296 section 2.14";
        added->rule = group->elliptic
                          ? "The Diffie-Hellman shared secret value consists of the x value of the "
                            "Diffie-Hellman common value."
                          : "g^ir is represented as a string of octets in big endian order padded "
                            "with zeros if necessary to make it the length of the modulus.";
        added->steps = with_rekeys;
        added->ike_group = group;
        added->esp_group = group;
    }
}

size_t interop_cases(struct base_arena *arena, struct interop_case **out)
{
    struct list list = {.arena = arena};
    const struct interop_case *special;
    add_ike_algorithms(&list);
    add_esp_algorithms(&list);
    add_groups(&list);
    for (size_t i = 0; (special = interop_special_at(i)); i++) {
        struct interop_case *added = add(&list);
        *added = *special;
        if (!added->sides[INTEROP_OURS] && !added->sides[INTEROP_CHARON])
            added->sides[INTEROP_OURS] = added->sides[INTEROP_CHARON] = true;
    }
    *out = list.cases;
    return list.count;
}

const char *interop_op_name(enum interop_op op)
{
    static const char *const names[] = {
#define X(name, text) text,
        INTEROP_OPS(X)
#undef X
            "end"};
    return names[op];
}
