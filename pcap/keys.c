/*
 * Lines of Wireshark's tables as text. Each table is a CSV file of quoted or bare columns; a key is hex, in
 * esp_sa with 0x before it.
 */
#include "pcap/keys.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Lines in the order of adding, and a tree over them that finds an equal one. */
struct table {
    char **lines;
    size_t count;
    size_t capacity;
    void *tree; /* of tsearch */
};

struct cap_keys {
    struct table esp; /* esp_sa as every release reads it: 8 columns */
    struct table ike;
    char *secrets; /* esp_sa with 10 columns in every line */
    size_t secrets_size;
    size_t secrets_capacity;
};

struct cap_keys *cap_keys_new(void)
{
    return base_alloc(sizeof(struct cap_keys));
}

static void wipe(char *text, size_t size)
{
    explicit_bzero(text, size);
    free(text);
}

static void keep(void *line)
{
    (void)line; /* the lines are the array's */
}

static void table_fini(struct table *table)
{
    tdestroy(table->tree, keep);
    for (size_t i = 0; i < table->count; i++)
        wipe(table->lines[i], strlen(table->lines[i]));
    free(table->lines);
}

void cap_keys_free(struct cap_keys *keys)
{
    if (!keys)
        return;
    table_fini(&keys->esp);
    table_fini(&keys->ike);
    if (keys->secrets)
        wipe(keys->secrets, keys->secrets_capacity);
    free(keys);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Takes the text; false and freed when it is there already. */
static bool table_add(struct table *table, char *text)
{
    char *const *found = tsearch(text, &table->tree, compare);
    if (!found)
        abort(); /* out of memory, as base/mem.h has it */
    if (*found != text) {
        wipe(text, strlen(text));
        return false;
    }
    table->lines = base_grow(table->lines, table->count, &table->capacity, sizeof(*table->lines));
    table->lines[table->count++] = text;
    return true;
}

/* The caller frees. */
static char *hex(const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *text = base_alloc(2 * size + 1);
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return text;
}

/* `text` is a line with its end. */
static void secrets_add(struct cap_keys *keys, const char *text)
{
    size_t size = strlen(text);
    if (keys->secrets_size + size > keys->secrets_capacity) {
        size_t capacity = (keys->secrets_size + size) * 2;
        char *grown = base_alloc(capacity);
        if (keys->secrets) {
            memcpy(grown, keys->secrets, keys->secrets_size);
            wipe(keys->secrets, keys->secrets_capacity);
        }
        keys->secrets = grown;
        keys->secrets_capacity = capacity;
    }
    memcpy(keys->secrets + keys->secrets_size, text, size);
    keys->secrets_size += size;
}

void cap_keys_add_esp(struct cap_keys *keys, const struct cap_esp_key *key)
{
    const char *numbers = key->esn ? ",\"64-bit\",\"0x0\"" : ",\"32-bit\",\"0x0\"";
    char *encr = hex(key->key, key->key_size);
    char *integ = hex(key->integ_key, key->integ_key_size);
    char *eight =
        base_printf("\"IPv4\",\"%s\",\"%s\",\"0x%08x\",\"%s\",\"%s%s\",\"%s\",\"%s%s\"",
                    key->source, key->destination, key->spi, key->encryption, *encr ? "0x" : "",
                    encr, key->authentication, *integ ? "0x" : "", integ);
    char *ten = base_printf("%s%s\n", eight, numbers);
    wipe(encr, strlen(encr));
    wipe(integ, strlen(integ));
    if (table_add(&keys->esp, eight))
        secrets_add(keys, ten);
    wipe(ten, strlen(ten));
}

void cap_keys_add_ike(struct cap_keys *keys, const struct cap_ike_key *key)
{
    char *ei = hex(key->sk_ei, key->sk_e_size);
    char *er = hex(key->sk_er, key->sk_e_size);
    char *ai = hex(key->sk_ai, key->sk_a_size);
    char *ar = hex(key->sk_ar, key->sk_a_size);
    char *line = base_printf("%016llx,%016llx,%s,%s,\"%s\",%s,%s,\"%s\"",
                             (unsigned long long)key->spi_i, (unsigned long long)key->spi_r, ei, er,
                             key->encryption, ai, ar, key->integrity);
    char *secrets[] = {ei, er, ai, ar};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        wipe(secrets[i], strlen(secrets[i]));
    (void)table_add(&keys->ike, line);
}

const char *cap_keys_esp_text(const struct cap_keys *keys, size_t *size)
{
    *size = keys->secrets_size;
    return keys->secrets ? keys->secrets : "";
}

static bool write_table(struct cap_output *output, const char *name, const struct table *table,
                        struct cap_error *error)
{
    FILE *out = cap_output_open(output, name, error);
    if (!out)
        return false;
    fputs("# Written by tunnelbed: the keys of one run.\n", out);
    for (size_t i = 0; i < table->count; i++)
        fprintf(out, "%s\n", table->lines[i]);
    return cap_output_close(output, error);
}

static bool write_preferences(struct cap_output *output, struct cap_error *error)
{
    FILE *out = cap_output_open(output, "preferences", error);
    if (!out)
        return false;
    fputs("# Written by tunnelbed: decrypts ESP by the table esp_sa beside this file.\n"
          "esp.enable_null_encryption_decode_heuristic: FALSE\n"
          "esp.enable_encryption_decode: TRUE\n"
          "esp.enable_authentication_check: TRUE\n"
          "# capture.pcapng shows a packet at each point that it passes: not a repeated sequence "
          "number.\n"
          "esp.do_esp_sequence_analysis: FALSE\n",
          out);
    return cap_output_close(output, error);
}

bool cap_keys_write(const struct cap_keys *keys, const char *folder, struct cap_error *error)
{
    if (!cap_folder_make(folder, error))
        return false;
    struct cap_output *output = cap_output_new(folder);
    bool done = write_table(output, "esp_sa", &keys->esp, error) &&
                write_table(output, "ikev2_decryption_table", &keys->ike, error) &&
                write_preferences(output, error) && cap_output_commit(output, error);
    cap_output_free(output);
    return done;
}
