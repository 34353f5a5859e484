/* Keeping records, counting drops, and the names of kinds and reasons. */
#include "sim/journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/names.h"
#include "sim/node.h"

#define CHUNK_RECORDS 2048 /* 96 KiB */
#define CHUNK_SIZE (CHUNK_RECORDS * sizeof(struct sim_record))
#define CHUNKS_SINGLE 10 /* of a small journal; then as many at a time as are well in huge pages */
#define CHUNKS_BULK (BASE_BULK_SIZE / CHUNK_SIZE)

struct text {
    uint32_t number;
    char *text;
};

struct sim_journal_texts {
    struct base_names by_text;
    struct text **by_number; /* number - 1 */
    size_t count, capacity;
};

struct sim_journal *sim_journal_new(void)
{
    struct sim_journal *journal = base_alloc(sizeof(*journal));
    journal->texts = base_alloc(sizeof(*journal->texts));
    return journal;
}

void sim_journal_free(struct sim_journal *journal)
{
    if (!journal)
        return;
    for (size_t i = 0; i < journal->chunks_count; i++) {
        if (i < CHUNKS_SINGLE || (i - CHUNKS_SINGLE) % CHUNKS_BULK == 0)
            free(journal->chunks[i]);
    }
    free(journal->chunks);
    struct sim_journal_texts *texts = journal->texts;
    base_names_fini(&texts->by_text);
    for (size_t i = 0; i < texts->count; i++) {
        free(texts->by_number[i]->text);
        free(texts->by_number[i]);
    }
    free(texts->by_number);
    free(texts);
    free(journal);
}

void sim_journal_grow(struct sim_journal *journal)
{
    size_t past = journal->chunks_count - CHUNKS_SINGLE; /* chunks in bulk so far */
    bool bulk = journal->chunks_count >= CHUNKS_SINGLE;
    struct sim_record *chunk;
    if (bulk && past % CHUNKS_BULK)
        chunk = journal->chunks[journal->chunks_count - 1] + CHUNK_RECORDS;
    else
        chunk = base_alloc_bulk(bulk ? BASE_BULK_SIZE : CHUNK_SIZE);
    journal->chunks = base_grow(journal->chunks, journal->chunks_count, &journal->chunks_capacity,
                                sizeof(*journal->chunks));
    journal->chunks[journal->chunks_count++] = chunk;
    journal->next = chunk;
    journal->end = chunk + CHUNK_RECORDS;
}

size_t sim_journal_count(const struct sim_journal *journal)
{
    if (!journal->chunks_count)
        return 0;
    return journal->chunks_count * CHUNK_RECORDS - (size_t)(journal->end - journal->next);
}

const struct sim_record *sim_journal_at(const struct sim_journal *journal, size_t index)
{
    assert(index < sim_journal_count(journal));
    return &journal->chunks[index / CHUNK_RECORDS][index % CHUNK_RECORDS];
}

uint32_t sim_journal_text(struct sim_journal *journal, const char *text)
{
    if (!text)
        return 0;
    struct sim_journal_texts *texts = journal->texts;
    struct text *entry = base_names_get(&texts->by_text, text);
    if (entry)
        return entry->number;
    entry = base_alloc(sizeof(*entry));
    entry->text = base_strdup(text);
    texts->by_number =
        base_grow(texts->by_number, texts->count, &texts->capacity, sizeof(*texts->by_number));
    texts->by_number[texts->count++] = entry;
    entry->number = (uint32_t)texts->count;
    base_names_put(&texts->by_text, entry->text, entry);
    return entry->number;
}

const char *sim_journal_text_of(const struct sim_journal *journal, uint32_t number)
{
    assert(number <= journal->texts->count);
    return number ? journal->texts->by_number[number - 1]->text : "";
}

static void count_drop(struct sim_world *world, uint16_t node_id, enum sim_reason reason)
{
    struct sim_node *node = node_id < world->nodes_count ? world->nodes[node_id] : NULL;
    if (!node)
        return;
    if (!node->drops)
        node->drops = base_alloc_array(SIM_REASON_COUNT, sizeof(*node->drops));
    node->drops[reason]++;
}

void sim_drop(struct sim_world *world, struct sim_packet *packet, uint16_t node, uint16_t port,
              enum sim_reason reason, uint64_t a, uint64_t b)
{
    sim_note(world, packet, node, port, SIM_KIND_DROPPED, reason, a, b);
    count_drop(world, node, reason);
    sim_packet_free(world, packet);
}

void sim_lose(struct sim_world *world, struct sim_packet *packet, uint16_t node, uint16_t port,
              enum sim_reason reason, uint64_t millionths)
{
    sim_note(world, packet, node, port, SIM_KIND_LOST, reason, millionths, 0);
    count_drop(world, node, reason);
    sim_packet_free(world, packet);
}

uint64_t sim_world_drops(const struct sim_world *world, uint16_t node, enum sim_reason reason)
{
    uint64_t count = 0;
    for (size_t i = node ? node : 1; i < world->nodes_count && (!node || i == node); i++) {
        if (world->nodes[i] && world->nodes[i]->drops)
            count += world->nodes[i]->drops[reason];
    }
    return count;
}

const char *sim_kind_text(enum sim_kind kind)
{
    static const char *const TEXTS[] = {
#define X(name, text) [SIM_KIND_##name] = (text),
        SIM_KIND_LIST(X)
#undef X
    };
    return kind < SIM_KIND_COUNT ? TEXTS[kind] : "?";
}

struct reason_names {
    const char *word, *text, *linux_name;
};

static const struct reason_names REASONS[] = {
#define X(name, word, text, linux_name) [SIM_REASON_##name] = {word, text, linux_name},
    SIM_REASON_LIST(X)
#undef X
};

const char *sim_reason_word(enum sim_reason reason)
{
    return reason < SIM_REASON_COUNT ? REASONS[reason].word : "?";
}

const char *sim_reason_text(enum sim_reason reason)
{
    return reason < SIM_REASON_COUNT ? REASONS[reason].text : "?";
}

const char *sim_reason_linux(enum sim_reason reason)
{
    return reason < SIM_REASON_COUNT ? REASONS[reason].linux_name : "";
}

bool sim_reason_find(const char *text, enum sim_reason *out)
{
    if (!*text)
        return false;
    for (unsigned i = SIM_REASON_NONE + 1; i < SIM_REASON_COUNT; i++) {
        if (!strcasecmp(text, REASONS[i].word) || !strcasecmp(text, REASONS[i].linux_name)) {
            *out = (enum sim_reason)i;
            return true;
        }
    }
    return false;
}

const char *sim_origin_text(enum sim_origin origin)
{
    static const char *const TEXTS[] = {
#define X(name, text) [SIM_ORIGIN_##name] = (text),
        SIM_ORIGIN_LIST(X)
#undef X
    };
    return origin < SIM_ORIGIN_COUNT ? TEXTS[origin] : "?";
}
