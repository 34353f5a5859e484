/* The queue of outputs; see output.h. Keys in an event are wiped when it is freed. */
#include "ipsec/ike/output.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/ike/endpoint.h"
#include "ipsec/ike/ts.h"

enum {
    MATERIAL_MAX = 2 * (CRYPTO_KEY_SIZE_MAX + CRYPTO_INTEG_KEY_SIZE_MAX)
};

struct key_copy {
    struct ike_keys_info info;
    uint8_t material[MATERIAL_MAX];
};

struct child_copy {
    struct ike_child_info info;
    struct ike_ts ts[];
};

struct ike_output_item {
    struct ike_output_item *next;
    struct ike_output output;
    struct key_copy *keys;
    struct child_copy *child;
    uint8_t bytes[];
};

static void item_free(struct ike_output_item *item)
{
    if (!item)
        return;
    if (item->keys)
        crypto_wipe(item->keys, sizeof(*item->keys));
    free(item->keys);
    free(item->child);
    free(item);
}

void ike_outputs_init(struct ike_outputs *outputs)
{
    *outputs = (struct ike_outputs){0};
}

void ike_outputs_fini(struct ike_outputs *outputs)
{
    item_free(outputs->polled);
    while (outputs->head) {
        struct ike_output_item *next = outputs->head->next;
        item_free(outputs->head);
        outputs->head = next;
    }
    *outputs = (struct ike_outputs){0};
}

static void append(struct ike_outputs *outputs, struct ike_output_item *item)
{
    if (outputs->tail)
        outputs->tail->next = item;
    else
        outputs->head = item;
    outputs->tail = item;
}

void ike_outputs_datagram(struct ike_outputs *outputs, const struct ike_path *path, bool marker,
                          const uint8_t *bytes, size_t size)
{
    struct ike_output_item *item = base_alloc(sizeof(*item) + size);
    memcpy(item->bytes, bytes, size);
    item->output = (struct ike_output){.kind = IKE_OUTPUT_DATAGRAM,
                                       .path = *path,
                                       .marker = marker,
                                       .bytes = item->bytes,
                                       .size = size};
    outputs->datagrams++;
    append(outputs, item);
}

static uint8_t *copy_key(uint8_t **at, const uint8_t *key, size_t size)
{
    if (!key)
        return NULL;
    uint8_t *copy = *at;
    memcpy(copy, key, size);
    *at += size;
    return copy;
}

static struct key_copy *keys_copy(const struct ike_keys_info *keys)
{
    struct key_copy *copy = base_alloc(sizeof(*copy));
    uint8_t *at = copy->material;
    copy->info = *keys;
    copy->info.sk_ei = copy_key(&at, keys->sk_ei, keys->sk_e_size);
    copy->info.sk_er = copy_key(&at, keys->sk_er, keys->sk_e_size);
    copy->info.sk_ai = copy_key(&at, keys->sk_ai, keys->sk_a_size);
    copy->info.sk_ar = copy_key(&at, keys->sk_ar, keys->sk_a_size);
    return copy;
}

static struct child_copy *child_copy(const struct ike_child_info *child)
{
    size_t local = child->local_ts_count, remote = child->remote_ts_count;
    struct child_copy *copy = base_alloc(sizeof(*copy) + (local + remote) * sizeof(struct ike_ts));
    copy->info = *child;
    for (size_t i = 0; i < local; i++)
        copy->ts[i] = child->local_ts[i];
    for (size_t i = 0; i < remote; i++)
        copy->ts[local + i] = child->remote_ts[i];
    copy->info.local_ts = copy->ts;
    copy->info.remote_ts = copy->ts + local;
    return copy;
}

void ike_outputs_event(struct ike_outputs *outputs, const struct ike_event *event)
{
    struct ike_output_item *item = base_alloc(sizeof(*item));
    item->output.kind = IKE_OUTPUT_EVENT;
    item->output.event = *event;
    if (event->keys) {
        item->keys = keys_copy(event->keys);
        item->output.event.keys = &item->keys->info;
    }
    if (event->child) {
        item->child = child_copy(event->child);
        item->output.event.child = &item->child->info;
    }
    append(outputs, item);
}

const struct ike_output *ike_outputs_poll(struct ike_outputs *outputs)
{
    item_free(outputs->polled);
    outputs->polled = outputs->head;
    if (!outputs->head)
        return NULL;
    outputs->head = outputs->head->next;
    if (!outputs->head)
        outputs->tail = NULL;
    return &outputs->polled->output;
}
