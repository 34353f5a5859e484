/*
 * See keys.h. Each value is a line that names it and says its size, and a dump right behind (charon
 * writes a message in one piece):
 *     15[IKE] <t|1> Sk_ei secret => 20 bytes @ 0x7fc5b4001b40
 *     15[IKE] <t|1>    0: 2E 1A 5A CE 38 2E ED 5B D2 A0 F3 39 20 CA 4A 2B  ..Z.8..[...9 .J+
 * The SA in angle brackets is the one under which the exchange went; whose keys they are says the
 * line that follows them: "IKE_SA t[2] state change: CONNECTING => ESTABLISHED", "CHILD_SA t{1}
 * established with SPIs 6975b834_i 50b23b8b_o ...".
 */
#include "strongswan/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "strongswan/log.h"

enum {
    SECRET_MAX = 64,
    GENERATION = 1000000, /* more numbers than a daemon gives out in its life */
};

struct secret {
    uint8_t bytes[SECRET_MAX];
    size_t size; /* as far as it was read */
};

/* In the order of their names below. */
enum {
    SK_AI,
    SK_AR,
    SK_EI,
    SK_ER,
    CHILD_EI,
    CHILD_ER,
    CHILD_AI,
    CHILD_AR,
    SECRETS,
};

static const char *const names[SECRETS] = {
    "Sk_ai secret =>",
    "Sk_ar secret =>",
    "Sk_ei secret =>",
    "Sk_er secret =>",
    "encryption initiator key =>",
    "encryption responder key =>",
    "integrity initiator key =>",
    "integrity responder key =>",
};

/* What was logged under an IKE SA and is not known yet whose it is. */
struct bench {
    uint32_t number;
    bool answered; /* the last message read under it was a response: this end began the exchange */
    struct secret secrets[SECRETS];
};

struct ike_entry {
    uint32_t number;
    bool known;   /* the SA, by vici */
    bool secrets; /* its keys, by the log */
    struct ike_keys_info info;
    struct secret sk[4];
};

struct child_entry {
    uint32_t spi_in, spi_out;
    bool known, secrets;
    struct ike_child_info info;  /* without selectors */
    struct secret in[2], out[2]; /* encryption, integrity */
};

struct swan_keys {
    uint32_t generation;
    struct bench *benches;
    size_t bench_count, bench_capacity;
    struct ike_entry *ikes;
    size_t ike_count, ike_capacity;
    struct child_entry *children;
    size_t child_count, child_capacity;
    struct secret *reading; /* the dump that is being read; NULL: none */
    size_t left;
};

struct swan_keys *swan_keys_new(void)
{
    return base_alloc(sizeof(struct swan_keys));
}

static void wipe(void *array, size_t size)
{
    if (array)
        explicit_bzero(array, size);
    free(array);
}

void swan_keys_free(struct swan_keys *keys)
{
    wipe(keys->benches, keys->bench_count * sizeof(*keys->benches));
    wipe(keys->ikes, keys->ike_count * sizeof(*keys->ikes));
    wipe(keys->children, keys->child_count * sizeof(*keys->children));
    free(keys);
}

void swan_keys_restart(struct swan_keys *keys)
{
    keys->generation++;
    keys->reading = NULL;
}

/* ---- Entries, found or made ---- */

static uint32_t number_of(const struct swan_keys *keys, uint32_t number)
{
    return number + keys->generation * GENERATION;
}

static struct bench *bench_of(struct swan_keys *keys, uint32_t number)
{
    for (size_t i = 0; i < keys->bench_count; i++) {
        if (keys->benches[i].number == number)
            return &keys->benches[i];
    }
    keys->benches =
        base_grow(keys->benches, keys->bench_count, &keys->bench_capacity, sizeof(*keys->benches));
    keys->benches[keys->bench_count] = (struct bench){.number = number};
    return &keys->benches[keys->bench_count++];
}

static struct ike_entry *ike_of(struct swan_keys *keys, uint32_t number)
{
    for (size_t i = 0; i < keys->ike_count; i++) {
        if (keys->ikes[i].number == number)
            return &keys->ikes[i];
    }
    keys->ikes = base_grow(keys->ikes, keys->ike_count, &keys->ike_capacity, sizeof(*keys->ikes));
    keys->ikes[keys->ike_count] = (struct ike_entry){.number = number};
    return &keys->ikes[keys->ike_count++];
}

static struct child_entry *child_of(struct swan_keys *keys, uint32_t spi_in, uint32_t spi_out)
{
    for (size_t i = 0; i < keys->child_count; i++) {
        if (keys->children[i].spi_in == spi_in && keys->children[i].spi_out == spi_out)
            return &keys->children[i];
    }
    keys->children = base_grow(keys->children, keys->child_count, &keys->child_capacity,
                               sizeof(*keys->children));
    keys->children[keys->child_count] = (struct child_entry){.spi_in = spi_in, .spi_out = spi_out};
    return &keys->children[keys->child_count++];
}

/* ---- The SAs ---- */

void swan_keys_ike(struct swan_keys *keys, const struct swan_ike *ike)
{
    struct ike_entry *entry = ike_of(keys, number_of(keys, ike->number));
    if (!ike->keys.encr || (!ike->keys.encr->aead && !ike->keys.integ))
        return;
    entry->info = ike->keys;
    entry->known = true;
}

void swan_keys_child(struct swan_keys *keys, const struct swan_child *child)
{
    struct child_entry *entry = child_of(keys, child->info.spi_in, child->info.spi_out);
    if (!child->info.encr || (!child->info.encr->aead && !child->info.integ))
        return;
    entry->info = child->info;
    entry->info.local_ts = entry->info.remote_ts = NULL;
    entry->known = true;
}

/* ---- The log ---- */

static int digit_of(char c)
{
    const char *digits = "0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* "   0: 2E 1A ...  ..Z"; the dump ends where it is no such line (false) or all bytes are there. */
static bool read_dump(struct swan_keys *keys, const char *text)
{
    const char *at = text + strspn(text, " 0123456789");
    if (*at != ':') {
        keys->reading = NULL;
        return false;
    }
    for (int i = 0; i < 16 && keys->left > 0; i++) {
        int high = at[1] ? digit_of(at[2]) : -1, low = high >= 0 ? digit_of(at[3]) : -1;
        if (low < 0) {
            keys->reading = NULL;
            return true;
        }
        keys->reading->bytes[keys->reading->size++] = (uint8_t)(high << 4 | low);
        keys->left--;
        at += 3;
    }
    if (keys->left == 0)
        keys->reading = NULL;
    return true;
}

static bool begin_dump(struct swan_keys *keys, struct bench *bench, const char *text)
{
    for (int i = 0; i < SECRETS; i++) {
        size_t size = strlen(names[i]);
        if (strncmp(text, names[i], size) != 0)
            continue;
        keys->left = strtoul(text + size, NULL, 10);
        keys->reading = keys->left <= SECRET_MAX ? &bench->secrets[i] : NULL;
        bench->secrets[i].size = 0;
        return true;
    }
    return false;
}

/* "IKE_SA t[2] state change: CONNECTING => ESTABLISHED": the keys on the bench are this SA's. */
static void assign_ike(struct swan_keys *keys, struct bench *bench, const char *text)
{
    const char *open = strchr(text, '[');
    if (strncmp(text, "IKE_SA ", 7) != 0 || !open || !strstr(open, "=> ESTABLISHED") ||
        !bench->secrets[SK_EI].size)
        return;
    struct ike_entry *entry = ike_of(keys, number_of(keys, (uint32_t)strtoul(open + 1, NULL, 10)));
    memcpy(entry->sk, &bench->secrets[SK_AI], sizeof(entry->sk));
    entry->secrets = true;
    memset(&bench->secrets[SK_AI], 0, 4 * sizeof(bench->secrets[0]));
}

/* "inbound CHILD_SA t{2} established with SPIs 60169f40_i 5b1191ea_o and TS ..." */
static void assign_child(struct swan_keys *keys, struct bench *bench, const char *text)
{
    static const char WITH[] = " established with SPIs ";
    const char *at = strstr(text, WITH);
    char *end;
    if (!at || !strstr(text, "CHILD_SA ") ||
        (!bench->secrets[CHILD_EI].size && !bench->secrets[CHILD_ER].size))
        return;
    uint32_t spi_in = (uint32_t)strtoul(at + strlen(WITH), &end, 16);
    if (strncmp(end, "_i ", 3) != 0)
        return;
    struct child_entry *entry = child_of(keys, spi_in, (uint32_t)strtoul(end + 3, NULL, 16));
    const struct secret *initiator[] = {&bench->secrets[CHILD_EI], &bench->secrets[CHILD_AI]};
    const struct secret *responder[] = {&bench->secrets[CHILD_ER], &bench->secrets[CHILD_AR]};
    for (int i = 0; i < 2; i++) {
        entry->out[i] = bench->answered ? *initiator[i] : *responder[i];
        entry->in[i] = bench->answered ? *responder[i] : *initiator[i];
    }
    entry->secrets = true;
    memset(&bench->secrets[CHILD_EI], 0, 4 * sizeof(bench->secrets[0]));
}

void swan_keys_line(struct swan_keys *keys, const char *text)
{
    struct swan_log_line line;
    struct swan_log_message message;
    if (!swan_log_split(text, &line) || !line.number)
        return;
    if (keys->reading && read_dump(keys, line.text))
        return;
    struct bench *bench = bench_of(keys, number_of(keys, line.number));
    if (begin_dump(keys, bench, line.text))
        return;
    swan_log_read(line.text, &message);
    if (message.kind == SWAN_LOG_RECEIVED)
        bench->answered = message.response;
    assign_ike(keys, bench, line.text);
    assign_child(keys, bench, line.text);
}

/* ---- Both together ---- */

static bool fill_ike(const struct ike_entry *entry, struct topo_engine_keys *out)
{
    size_t e_size = crypto_encr_material_size(entry->info.encr);
    size_t a_size = entry->info.encr->aead ? 0 : entry->info.integ->key_size;
    if (entry->sk[SK_EI].size != e_size || entry->sk[SK_ER].size != e_size ||
        (a_size && (entry->sk[SK_AI].size != a_size || entry->sk[SK_AR].size != a_size)))
        return false;
    *out = (struct topo_engine_keys){.is_ike = true, .ike = entry->info};
    out->ike.sk_ei = entry->sk[SK_EI].bytes;
    out->ike.sk_er = entry->sk[SK_ER].bytes;
    out->ike.sk_ai = entry->sk[SK_AI].bytes;
    out->ike.sk_ar = entry->sk[SK_AR].bytes;
    out->ike.sk_e_size = e_size;
    out->ike.sk_a_size = a_size;
    return true;
}

static bool fill_esp(const struct child_entry *entry, bool inbound, struct topo_engine_keys *out)
{
    const struct ike_child_info *info = &entry->info;
    const struct secret *secrets = inbound ? entry->in : entry->out;
    if (secrets[0].size != crypto_encr_material_size(info->encr) ||
        (!info->encr->aead && secrets[1].size != info->integ->key_size))
        return false;
    *out = (struct topo_engine_keys){
        .spi = inbound ? info->spi_in : info->spi_out,
        .encr = info->encr,
        .integ = info->encr->aead ? NULL : info->integ,
        .key = secrets[0].bytes,
        .integ_key = secrets[1].bytes,
        .source = inbound ? info->path.remote : info->path.local,
        .destination = inbound ? info->path.local : info->path.remote,
        .encapsulated = info->udp_encapsulation,
        .esn = info->esn,
    };
    return true;
}

bool swan_keys_at(const struct swan_keys *keys, size_t index, struct topo_engine_keys *out)
{
    for (size_t i = 0; i < keys->ike_count; i++) {
        const struct ike_entry *entry = &keys->ikes[i];
        if (entry->known && entry->secrets && fill_ike(entry, out) && index-- == 0)
            return true;
    }
    for (size_t i = 0; i < 2 * keys->child_count; i++) {
        const struct child_entry *entry = &keys->children[i / 2];
        if (entry->known && entry->secrets && fill_esp(entry, i % 2 == 0, out) && index-- == 0)
            return true;
    }
    return false;
}
