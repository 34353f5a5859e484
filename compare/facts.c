/* See facts.h. */
#include "compare/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *cmp_kind_name(enum cmp_kind kind)
{
    static const char *const NAMES[] = {
#define X(name, text) [CMP_KIND_##name] = (text),
        CMP_KINDS(X)
#undef X
    };
    return NAMES[kind];
}

void cmp_facts_init(struct cmp_facts *facts)
{
    *facts = (struct cmp_facts){0};
    base_arena_init(&facts->arena);
}

void cmp_facts_fini(struct cmp_facts *facts)
{
    free(facts->notifies);
    base_arena_fini(&facts->arena);
    *facts = (struct cmp_facts){0};
}

void cmp_facts_notify(struct cmp_facts *facts, const char *gateway, bool sent, uint16_t type)
{
    for (size_t i = 0; i < facts->notify_count; i++) {
        struct cmp_notify *known = &facts->notifies[i];
        if (known->sent == sent && known->type == type && !strcmp(known->gateway, gateway)) {
            known->count++;
            return;
        }
    }
    facts->notifies = base_grow(facts->notifies, facts->notify_count, &facts->notify_capacity,
                                sizeof(*facts->notifies));
    facts->notifies[facts->notify_count++] = (struct cmp_notify){gateway, sent, type, 1};
}
