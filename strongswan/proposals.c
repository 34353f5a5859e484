/* See proposals.h. */
#include "strongswan/proposals.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ipsec/crypto/algorithm.h"

/* One proposal while it is put together; all of the product's keywords fit by far. */
struct words {
    char text[1024];
    size_t size;
};

static void add(struct words *words, const char *word)
{
    int n = snprintf(words->text + words->size, sizeof(words->text) - words->size, "%s%s",
                     words->size ? "-" : "", word);
    words->size += (size_t)n;
}

static void put(struct swan_tree *tree, struct swan_element *list, const struct words *words)
{
    swan_tree_item(tree, list, "%s", words->text);
}

static void add_encryptions(struct words *words, bool aead)
{
    const struct crypto_encr *encr;
    for (size_t i = 0; (encr = crypto_encr_at(i)); i++) {
        if (encr->aead == aead)
            add(words, encr->name);
    }
}

static void add_integrities(struct words *words)
{
    for (size_t i = 0; crypto_integ_at(i); i++)
        add(words, crypto_integ_at(i)->name);
}

static void add_prfs(struct words *words)
{
    for (size_t i = 0; crypto_prf_at(i); i++)
        add(words, crypto_prf_at(i)->name);
}

static void add_groups(struct words *words)
{
    for (size_t i = 0; crypto_group_at(i); i++)
        add(words, crypto_group_at(i)->name);
}

/* Without AEAD charon takes the PRF from the integrity algorithm, as the product does. */
void swan_ike_proposals(const struct topo_behaviour *behaviour,
                        const struct topo_proposal *proposal, struct swan_tree *tree,
                        struct swan_element *list)
{
    bool aead = proposal->encryption->aead;
    struct words words = {.size = 0};
    add(&words, proposal->encryption->name);
    add(&words, aead ? crypto_prf_of_integ(proposal->integrity)->name : proposal->integrity->name);
    add(&words, proposal->group->name);
    put(tree, list, &words);
    for (int i = 0; behaviour->negotiation == TOPO_NEGOTIATION_MOST_SECURE && i < 2; i++) {
        words = (struct words){.size = 0};
        add_encryptions(&words, i == 0);
        if (i == 1)
            add_integrities(&words);
        add_prfs(&words);
        add_groups(&words);
        put(tree, list, &words);
    }
}

/* With ESN configured it is offered, by most-secure with plain numbers behind. */
static void add_esn(struct words *words, bool esn, bool strict)
{
    if (esn)
        add(words, strict ? "esn" : "esn-noesn");
}

void swan_esp_proposals(const struct topo_behaviour *behaviour,
                        const struct topo_proposal *proposal, bool with_esn, struct swan_tree *tree,
                        struct swan_element *list)
{
    bool strict = behaviour->negotiation == TOPO_NEGOTIATION_STRICT;
    bool esn = behaviour->esn && with_esn;
    struct words words = {.size = 0};
    add(&words, proposal->encryption->name);
    if (!proposal->encryption->aead)
        add(&words, proposal->integrity->name);
    if (proposal->group)
        add(&words, proposal->group->name);
    add_esn(&words, esn, strict);
    put(tree, list, &words);
    for (int i = 0; !strict && i < 2; i++) {
        words = (struct words){.size = 0};
        add_encryptions(&words, i == 0);
        if (i == 1)
            add_integrities(&words);
        if (proposal->group)
            add_groups(&words);
        add_esn(&words, esn, strict);
        put(tree, list, &words);
    }
}
