/* Records by packet, and packets by parent: two counting sorts over the whole journal. */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sim/journal.h"

/* Things grouped by packet id: items[start[id]] up to items[start[id + 1]]. */
struct groups {
    size_t *start; /* ids_count + 1 */
    uint64_t *items;
};

struct sim_journal_index {
    const struct sim_journal *journal;
    uint64_t ids_count; /* ids are below this */
    struct groups records, children;
};

static uint64_t count_ids(const struct sim_journal *journal)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < sim_journal_count(journal); i++) {
        const struct sim_record *record = sim_journal_at(journal, i);
        highest = record->packet > highest ? record->packet : highest;
        highest = record->parent > highest ? record->parent : highest;
    }
    return highest + 1;
}

/* Groups the items 0..count-1 by group_of(item); group 0 takes what belongs nowhere. */
static void group(struct groups *groups, uint64_t ids_count, size_t count, const uint64_t *group_of)
{
    groups->start = base_alloc_array(ids_count + 1, sizeof(*groups->start));
    groups->items = base_alloc_array(count, sizeof(*groups->items));
    for (size_t i = 0; i < count; i++)
        groups->start[group_of[i]]++;
    size_t sum = 0;
    for (uint64_t id = 0; id <= ids_count; id++) {
        size_t size = groups->start[id];
        groups->start[id] = sum;
        sum += size;
    }
    for (size_t i = 0; i < count; i++)
        groups->items[groups->start[group_of[i]]++] = i;
    /* Each start now stands at its end, which is the next one's start. */
    for (uint64_t id = ids_count; id > 0; id--)
        groups->start[id] = groups->start[id - 1];
    groups->start[0] = 0;
}

struct sim_journal_index *sim_journal_index_new(const struct sim_journal *journal)
{
    struct sim_journal_index *index = base_alloc(sizeof(*index));
    size_t count = sim_journal_count(journal);
    index->journal = journal;
    index->ids_count = count_ids(journal);
    uint64_t *packet_of = base_alloc_array(count, sizeof(*packet_of));
    uint64_t *parent_of = base_alloc_array(index->ids_count, sizeof(*parent_of));
    for (size_t i = 0; i < count; i++) {
        const struct sim_record *record = sim_journal_at(journal, i);
        packet_of[i] = record->packet;
        parent_of[record->packet] = record->packet ? record->parent : 0;
    }
    group(&index->records, index->ids_count, count, packet_of);
    group(&index->children, index->ids_count, index->ids_count, parent_of);
    free(packet_of);
    free(parent_of);
    return index;
}

void sim_journal_index_free(struct sim_journal_index *index)
{
    if (!index)
        return;
    free(index->records.start);
    free(index->records.items);
    free(index->children.start);
    free(index->children.items);
    free(index);
}

static size_t group_size(const struct sim_journal_index *index, const struct groups *groups,
                         uint64_t packet)
{
    if (packet == 0 || packet >= index->ids_count)
        return 0;
    return groups->start[packet + 1] - groups->start[packet];
}

size_t sim_journal_index_count(const struct sim_journal_index *index, uint64_t packet)
{
    return group_size(index, &index->records, packet);
}

const struct sim_record *sim_journal_index_at(const struct sim_journal_index *index,
                                              uint64_t packet, size_t n)
{
    assert(n < sim_journal_index_count(index, packet));
    return sim_journal_at(index->journal, index->records.items[index->records.start[packet] + n]);
}

size_t sim_journal_index_children(const struct sim_journal_index *index, uint64_t packet)
{
    return group_size(index, &index->children, packet);
}

uint64_t sim_journal_index_child(const struct sim_journal_index *index, uint64_t packet, size_t n)
{
    assert(n < sim_journal_index_children(index, packet));
    return index->children.items[index->children.start[packet] + n];
}
