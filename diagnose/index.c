/* One pass over the journal: records that rules look for by node and value are kept sorted by these and by time. */
#include "diagnose/index.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sim/gateway/gateway.h"

/* A record by what it is looked up for. */
struct entry {
    uint64_t a, b; /* 0 where the list has no use for one */
    const struct sim_record *record;
};

struct list {
    struct entry *entries;
    size_t count, capacity;
    bool sorted;
};

struct diag_index {
    const struct diag_case *c;
    bool gathered;
    struct diag_message *messages;
    size_t message_count, message_capacity;
    struct list esp;        /* ESP packets that got somewhere, by destination */
    struct list rules;      /* drops of firewalls, by rule */
    struct list translated; /* by address and port, before or after */
    struct list opened;     /* by SPI and sequence number */
    struct list tunnelled;  /* by addresses */
    struct list asked;      /* questions by ARP, by the address that they are for */
    struct list told;       /* ICMP errors that a path MTU was learned from, by its destination */
    const struct sim_record *error; /* the last ICMP error that anybody received */
};

static void add(struct list *list, const struct sim_record *record, uint64_t a, uint64_t b)
{
    list->entries = base_grow(list->entries, list->count, &list->capacity, sizeof(*list->entries));
    list->entries[list->count++] = (struct entry){a, b, record};
}

static int compare(const void *left, const void *right)
{
    const struct entry *x = left, *y = right;
    if (x->record->node != y->record->node)
        return x->record->node < y->record->node ? -1 : 1;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return x->record->at < y->record->at ? -1 : x->record->at > y->record->at;
}

/* The number of the first entry of a node that does not come before these values and that time. */
static size_t place(struct list *list, uint16_t node, uint64_t a, uint64_t b, base_ns from)
{
    const struct sim_record sought = {.node = node, .at = from};
    const struct entry key = {a, b, &sought};
    size_t low = 0, high = list->count;
    if (!list->sorted && list->count)
        qsort(list->entries, list->count, sizeof(*list->entries), compare);
    list->sorted = true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&list->entries[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first record of a node with these values that is not before `from`; NULL: none. */
static const struct sim_record *find(struct list *list, uint16_t node, uint64_t a, uint64_t b,
                                     base_ns from)
{
    size_t at = place(list, node, a, b, from);
    const struct entry *found = at < list->count ? &list->entries[at] : NULL;
    return found && found->record->node == node && found->a == a && found->b == b ? found->record
                                                                                  : NULL;
}

/* ---- What is kept ---- */

net_ip4 diag_index_destination(const struct diag_case *c, uint64_t packet)
{
    for (size_t i = 0; i < sim_journal_index_count(c->index, packet); i++) {
        const struct sim_record *record = sim_journal_index_at(c->index, packet, i);
        if (record->kind == SIM_KIND_ROUTED ||
            (record->kind == SIM_KIND_DROPPED && record->reason == SIM_REASON_NO_ROUTE))
            return (net_ip4)(record->a & UINT32_MAX);
    }
    return 0;
}

/* Its parent is the packet that waits for the answer, or the first one of them. */
static void take_question(struct diag_index *index, const struct diag_case *c,
                          const struct sim_record *born)
{
    for (size_t i = sim_journal_index_count(c->index, born->parent); i-- > 0;) {
        const struct sim_record *record = sim_journal_index_at(c->index, born->parent, i);
        if (record->kind != SIM_KIND_RESOLVING || record->node != born->node)
            continue;
        add(&index->asked, born, record->a, 0);
        return;
    }
}

static base_ns arrival(const struct diag_case *c, uint64_t packet)
{
    struct diag_slow slow;
    diag_slow_measure(c, packet, BASE_NEVER, &slow);
    return slow.arrived;
}

static void take_born(struct diag_index *index, const struct diag_case *c,
                      const struct sim_record *record)
{
    if (record->a == SIM_ORIGIN_ESP && sim_journal_index_children(c->index, record->packet))
        add(&index->esp, record, diag_index_destination(c, record->packet), 0);
    if (record->a == SIM_ORIGIN_ARP)
        take_question(index, c, record);
    if (record->a != SIM_ORIGIN_IKE)
        return;
    index->messages = base_grow(index->messages, index->message_count, &index->message_capacity,
                                sizeof(*index->messages));
    index->messages[index->message_count++] =
        (struct diag_message){record, diag_index_destination(c, record->packet),
                              diag_fate(c, record->packet), arrival(c, record->packet)};
}

static void take(struct diag_index *index, const struct diag_case *c,
                 const struct sim_record *record)
{
    switch ((int)record->kind) {
    case SIM_KIND_BORN:
        take_born(index, c, record);
        return;
    case SIM_KIND_DROPPED:
        if (record->reason == SIM_REASON_FIREWALL)
            add(&index->rules, record, record->a, 0);
        return;
    case SIM_KIND_TRANSLATED:
        add(&index->translated, record, record->a, 0);
        add(&index->translated, record, record->b, 0);
        return;
    case SIM_KIND_OPENED:
        add(&index->opened, record, record->a, record->b);
        return;
    case SIM_KIND_ROUTED: /* a next hop of 0: into an interface that is a tunnel */
        if ((record->b >> 8 & 0xff) == SIM_STACK_TABLE_VPN && !(record->b >> 32))
            add(&index->tunnelled, record, record->a, 0);
        return;
    case SIM_KIND_ICMP_RECEIVED:
        index->error = record;
        return;
    case SIM_KIND_PATH_MTU: /* by the error that has just come */
        if (index->error && index->error->node == record->node && index->error->at == record->at)
            add(&index->told, index->error, record->b, 0);
        return;
    default:
        return;
    }
}

static struct diag_index *gathered(struct diag_index *index)
{
    size_t count = index->gathered ? 0 : sim_journal_count(index->c->journal);
    index->gathered = true;
    for (size_t i = 0; i < count; i++)
        take(index, index->c, sim_journal_at(index->c->journal, i));
    return index;
}

struct diag_index *diag_index_new(const struct diag_case *c)
{
    struct diag_index *index = base_alloc(sizeof(*index));
    index->c = c;
    return index;
}

void diag_index_free(struct diag_index *index)
{
    if (!index)
        return;
    free(index->messages);
    free(index->esp.entries);
    free(index->rules.entries);
    free(index->translated.entries);
    free(index->opened.entries);
    free(index->tunnelled.entries);
    free(index->asked.entries);
    free(index->told.entries);
    free(index);
}

/* ---- What is asked ---- */

const struct diag_message *diag_index_messages(struct diag_index *index, size_t *count)
{
    *count = gathered(index)->message_count;
    return index->messages;
}

size_t diag_index_messages_until(struct diag_index *index, base_ns at)
{
    size_t low = 0, high = gathered(index)->message_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->messages[middle].born->at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool diag_index_esp_passed(struct diag_index *index, uint16_t node, net_ip4 to, base_ns from,
                           base_ns until)
{
    const struct sim_record *found = find(&gathered(index)->esp, node, to, 0, from);
    return found && found->at <= until;
}

bool diag_index_rule_times(struct diag_index *index, uint16_t link, uint64_t rule, base_ns *first,
                           base_ns *last)
{
    const struct sim_record *found = find(&gathered(index)->rules, link, rule, 0, 0);
    if (!found)
        return false;
    *first = found->at;
    *last = index->rules.entries[place(&index->rules, link, rule + 1, 0, 0) - 1].record->at;
    return true;
}

bool diag_index_was_translated(struct diag_index *index, uint16_t router, uint64_t from, base_ns at)
{
    const struct sim_record *found = find(&gathered(index)->translated, router, from, 0, 0);
    return found && found->at <= at;
}

bool diag_index_was_opened(struct diag_index *index, uint16_t gateway, uint64_t spi,
                           uint64_t sequence, base_ns at)
{
    const struct sim_record *found = find(&gathered(index)->opened, gateway, spi, sequence, 0);
    return found && found->at <= at;
}

const struct sim_record *diag_index_into_tunnel(struct diag_index *index, uint16_t gateway,
                                                uint64_t addresses)
{
    return find(&gathered(index)->tunnelled, gateway, addresses, 0, 0);
}

net_ip4 diag_index_told_mtu(struct diag_index *index, uint16_t node, net_ip4 to, base_ns at)
{
    const struct sim_record *found = find(&gathered(index)->told, node, to, 0, 0);
    return found && found->at <= at ? (net_ip4)found->b : 0;
}

uint64_t diag_index_asked(struct diag_index *index, uint16_t node, net_ip4 address, base_ns at)
{
    struct list *asked = &gathered(index)->asked;
    size_t next = place(asked, node, address, 0, at < BASE_NEVER ? at + 1 : at);
    const struct entry *last = next ? &asked->entries[next - 1] : NULL;
    return last && last->record->node == node && last->a == address ? last->record->packet : 0;
}
