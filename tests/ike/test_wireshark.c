/*
 * Wireshark as the judge from outside: messages of every kind, sealed with every pair of
 * algorithms, whole and in fragments, are decrypted and named by tshark with keys that stand in
 * its ikev2_decryption_table. What it must say of each kind is data/tshark-samples.txt, checked by
 * hand against samples.c. tshark decrypts all 22 pairs and verifies every ICV but AES-XCBC's.
 */
#include "tests/test.h"

#include "ipsec/ike/fragment.h"
#include "tests/ike/crypt.h"
#include "tests/ike/samples.h"
#include "tests/crypto/with_context.h"

#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_SIZE 8192
#define EXPECTED_FILE "tests/ike/data/tshark-samples.txt"
#define FRAGMENT_SIZE 400
#define PCAP_LINKTYPE_IPV4 228

/* What is asked of tshark, in this order. Expert information is last: none is expected. */
static const char *const FIELDS[] = {
    "isakmp.exchangetype",
    "isakmp.flags",
    "isakmp.messageid",
    "isakmp.typepayload",
    "isakmp.prop.protoid",
    "isakmp.spi",
    "isakmp.tf.id.encr",
    "isakmp.ike2.attr.key_length",
    "isakmp.tf.id.prf",
    "isakmp.tf.id.integ",
    "isakmp.tf.id.dh",
    "isakmp.tf.id.esn",
    "isakmp.key_exchange.dh_group",
    "isakmp.nonce",
    "isakmp.notify.msgtype",
    "isakmp.notify.data",
    "isakmp.id.data.ipv4_addr",
    "isakmp.id.data.fqdn",
    "isakmp.id.data.user_fqdn",
    "isakmp.auth.method",
    "isakmp.auth.data",
    "isakmp.ts.start_ipv4",
    "isakmp.ts.end_ipv4",
    "isakmp.ts.start_ipv6",
    "isakmp.ts.end_ipv6",
    "isakmp.ts.start_port",
    "isakmp.ts.end_port",
    "isakmp.delete.protoid",
    "isakmp.delete.spi",
    "_ws.expert.message",
};
#define FIELD_COUNT (sizeof(FIELDS) / sizeof(FIELDS[0]))

struct judge {
    char folder[64];
    FILE *capture;
    FILE *table;
    unsigned frames;
};

static FILE *open_in(const struct judge *j, const char *name, const char *mode)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", j->folder, name);
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    return file;
}

static void judge_init(struct judge *j)
{
    /* classic pcap in network order: version 2.4, raw IPv4 */
    static const uint8_t HEADER[24] = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4,
                                       0,    0,    0,    0,    0, 0, 0, 0,
                                       0,    1,    0,    0,    0, 0, 0, PCAP_LINKTYPE_IPV4};
    snprintf(j->folder, sizeof(j->folder), "/tmp/tunnelbed-ike-XXXXXX");
    assert_non_null(mkdtemp(j->folder));
    j->capture = open_in(j, "capture.pcap", "wb");
    j->table = open_in(j, "ikev2_decryption_table", "w");
    j->frames = 0;
    assert_int_equal(fwrite(HEADER, sizeof(HEADER), 1, j->capture), 1);
}

static void judge_fini(struct judge *j)
{
    static const char *const NAMES[] = {"capture.pcap", "ikev2_decryption_table", "stderr", ""};
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", j->folder, NAMES[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(j->folder), 0);
}

/* One IKE message in UDP and IPv4, port 500 to 500; no checksums. */
static void judge_add(struct judge *j, const uint8_t *message, size_t size)
{
    uint8_t headers[16 + 20 + 8];
    struct base_writer w = base_writer_of(headers, sizeof(headers));
    base_write_u32(&w, j->frames++);
    base_write_u32(&w, 0);
    base_write_u32(&w, (uint32_t)(size + 28));
    base_write_u32(&w, (uint32_t)(size + 28));
    base_write_u16(&w, 0x4500);
    base_write_u16(&w, (uint16_t)(size + 28));
    base_write_u32(&w, j->frames << 16);
    base_write_u32(&w, 0x40110000);
    base_write_u32(&w, 0xcb00710a);
    base_write_u32(&w, 0xc6336414);
    base_write_u16(&w, 500);
    base_write_u16(&w, 500);
    base_write_u16(&w, (uint16_t)(size + 8));
    base_write_u16(&w, 0);
    assert_int_equal(w.size, sizeof(headers));
    assert_int_equal(fwrite(headers, sizeof(headers), 1, j->capture), 1);
    assert_int_equal(fwrite(message, size, 1, j->capture), 1);
}

static void write_hex(FILE *file, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        fprintf(file, "%02x", bytes[i]);
    fputc(',', file);
}

/* The line of the key table for an IKE SA with these SPIs. */
static void judge_add_keys(struct judge *j, uint64_t spi_i, uint64_t spi_r, struct crypt_pair pair)
{
    uint8_t encr[2][CRYPTO_KEY_SIZE_MAX];
    uint8_t integ[2][CRYPTO_INTEG_KEY_SIZE_MAX];
    bool checked = pair.integ && pair.integ->wireshark_checks;
    size_t integ_size = checked ? pair.integ->key_size : 0;
    for (int i = 0; i < 2; i++)
        crypt_keys(i == 0, encr[i], integ[i]);
    fprintf(j->table, "%016llx,%016llx,", (unsigned long long)spi_i, (unsigned long long)spi_r);
    write_hex(j->table, encr[0], crypto_encr_material_size(pair.encr));
    write_hex(j->table, encr[1], crypto_encr_material_size(pair.encr));
    fprintf(j->table, "\"%s\",", pair.encr->wireshark_ike);
    write_hex(j->table, integ[0], integ_size);
    write_hex(j->table, integ[1], integ_size);
    fprintf(j->table, "\"%s\"\n", pair.integ ? pair.integ->wireshark_ike : "NONE [RFC4306]");
}

/* Runs tshark over what was added. */
static FILE *judge_ask(struct judge *j)
{
    char command[4096];
    size_t at = (size_t)snprintf(command, sizeof(command),
                                 "WIRESHARK_CONFIG_DIR=%s tshark -n -r %s/capture.pcap -T fields "
                                 "-E separator=\\| -E occurrence=a",
                                 j->folder, j->folder);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        at += (size_t)snprintf(command + at, sizeof(command) - at, " -e %s", FIELDS[i]);
    snprintf(command + at, sizeof(command) - at, " 2>%s/stderr", j->folder);
    assert_int_equal(fclose(j->capture), 0);
    assert_int_equal(fclose(j->table), 0);
    FILE *answer = popen(command, "r");
    assert_non_null(answer);
    return answer;
}

static bool next_line(FILE *file, char line[LINE_MAX_SIZE])
{
    if (!fgets(line, LINE_MAX_SIZE, file))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

/* The expected line of a sample: "name|fields…"; lines that begin with # are comments. */
static void expected_of(const char *name, char out[LINE_MAX_SIZE])
{
    FILE *file = fopen(EXPECTED_FILE, "r");
    char line[LINE_MAX_SIZE];
    size_t length = strlen(name);
    assert_non_null(file);
    out[0] = '\0';
    while (next_line(file, line))
        if (!strncmp(line, name, length) && line[length] == '|')
            snprintf(out, LINE_MAX_SIZE, "%s", line + length + 1);
    fclose(file);
}

static void assert_line(FILE *answer, const char *sample, const char *pair)
{
    char line[LINE_MAX_SIZE];
    char expected[LINE_MAX_SIZE];
    if (!next_line(answer, line))
        fail_msg("tshark ended before %s (%s): is it installed?", sample, pair);
    expected_of(sample, expected);
    if (getenv("TUNNELBED_SHOW_TSHARK"))
        print_message("%s|%s\n", sample, line);
    else if (strcmp(line, expected) != 0)
        fail_msg("%s (%s): tshark says\n%s\nexpected\n%s", sample, pair, line, expected);
}

static void in_clear(void **state)
{
    (void)state;
    struct judge j;
    judge_init(&j);
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        uint8_t bytes[SAMPLE_SIZE_MAX];
        struct ike_builder b;
        struct ike_header header =
            sample_header(&SAMPLES[i], 0x1111111111111111, 0x2222222222222222);
        if (SAMPLES[i].protected)
            continue;
        ike_builder_init(&b, bytes, sizeof(bytes), &header);
        SAMPLES[i].write(&b);
        judge_add(&j, bytes, ike_builder_finish(&b));
    }
    FILE *answer = judge_ask(&j);
    for (size_t i = 0; i < SAMPLE_COUNT; i++)
        if (!SAMPLES[i].protected)
            assert_line(answer, SAMPLES[i].name, "in clear");
    assert_int_equal(pclose(answer), 0);
    judge_fini(&j);
}

/* The SPIs of the i-th pair's IKE SA. */
static uint64_t spi_of(size_t pair, uint8_t end)
{
    return UINT64_C(0x0101010101010101) * end + pair;
}

static void add_sealed(struct judge *j, size_t pair, const struct ike_sk sks[2],
                       const struct sample *sample)
{
    uint8_t bytes[SAMPLE_SIZE_MAX];
    struct ike_builder b;
    struct ike_header header = sample_header(sample, spi_of(pair, 1), spi_of(pair, 2));
    const struct ike_sk *sk = &sks[ike_header_is_response(&header)];
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_builder_protect(&b, sk);
    sample->write(&b);
    judge_add(j, bytes, ike_sk_seal(sk, &b, crypt_next_iv()));
}

static void init_both(struct ike_sk sks[2], size_t pair)
{
    crypt_sk_init(&sks[0], context, crypt_pair_at(pair), true, CRYPTO_SEAL);
    crypt_sk_init(&sks[1], context, crypt_pair_at(pair), false, CRYPTO_SEAL);
}

static void fini_both(struct ike_sk sks[2])
{
    ike_sk_fini(&sks[0]);
    ike_sk_fini(&sks[1]);
}

static const char *pair_name(size_t i, char out[64])
{
    struct crypt_pair pair = crypt_pair_at(i);
    snprintf(out, 64, "%s, %s", pair.encr->name, pair.integ ? pair.integ->name : "AEAD");
    return out;
}

/*
 * What one way of writing messages is judged by: `add` writes them for one pair of algorithms, `check` reads what
 * tshark says of that pair's.
 */
struct trial {
    void (*add)(struct judge *j, size_t pair, const struct ike_sk sks[2]);
    void (*check)(FILE *answer, size_t pair);
};

static void judge_every_pair(const struct trial *trial)
{
    struct judge j;
    judge_init(&j);
    for (size_t p = 0; p < CRYPT_PAIR_COUNT; p++) {
        struct ike_sk sks[2];
        init_both(sks, p);
        judge_add_keys(&j, spi_of(p, 1), spi_of(p, 2), crypt_pair_at(p));
        trial->add(&j, p, sks);
        fini_both(sks);
    }
    FILE *answer = judge_ask(&j);
    for (size_t p = 0; p < CRYPT_PAIR_COUNT; p++)
        trial->check(answer, p);
    assert_int_equal(pclose(answer), 0);
    judge_fini(&j);
}

static void add_samples(struct judge *j, size_t pair, const struct ike_sk sks[2])
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++)
        if (SAMPLES[i].protected)
            add_sealed(j, pair, sks, &SAMPLES[i]);
}

static void check_samples(FILE *answer, size_t pair)
{
    char name[64];
    for (size_t i = 0; i < SAMPLE_COUNT; i++)
        if (SAMPLES[i].protected)
            assert_line(answer, SAMPLES[i].name, pair_name(pair, name));
}

static void sealed(void **state)
{
    (void)state;
    judge_every_pair(&(struct trial){add_samples, check_samples});
}

static void add_fragments(struct judge *j, size_t pair, const struct ike_sk sks[2])
{
    uint8_t bytes[SAMPLE_SIZE_MAX];
    uint8_t out[FRAGMENT_SIZE];
    struct ike_builder b;
    struct ike_fragment_split split;
    const struct sample *sample = sample_named("auth-request");
    struct ike_header header = sample_header(sample, spi_of(pair, 1), spi_of(pair, 2));
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_builder_protect(&b, &sks[0]);
    sample->write(&b);
    assert_int_equal(ike_fragment_split_init(&split, &sks[0], &b, sizeof(out)), 2);
    for (size_t i = 0; i < 2; i++)
        judge_add(j, out, ike_fragment_split_next(&split, crypt_next_iv(), out, sizeof(out)));
}

/* tshark joins the fragments and names what is inside at the last of them. */
static void check_fragments(FILE *answer, size_t pair)
{
    char name[64];
    assert_line(answer, "fragment-1", pair_name(pair, name));
    assert_line(answer, "fragment-2", pair_name(pair, name));
}

static void fragments(void **state)
{
    (void)state;
    judge_every_pair(&(struct trial){add_fragments, check_fragments});
}

static void add_wrong_icv(struct judge *j, size_t pair, const struct ike_sk sks[2])
{
    uint8_t bytes[256];
    struct ike_builder b;
    struct ike_header header = {.spi_i = spi_of(pair, 1),
                                .spi_r = spi_of(pair, 2),
                                .exchange = IKE_EXCHANGE_INFORMATIONAL,
                                .flags = IKE_FLAG_INITIATOR};
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_builder_protect(&b, &sks[0]);
    size_t size = ike_sk_seal(&sks[0], &b, crypt_next_iv());
    bytes[size - 1] ^= 1;
    judge_add(j, bytes, size);
}

static void check_complaint(FILE *answer, size_t pair)
{
    char line[LINE_MAX_SIZE];
    char name[64];
    const struct crypto_integ *integ = crypt_pair_at(pair).integ;
    assert_true(next_line(answer, line));
    bool complains = strstr(line, "incorrect") != NULL;
    if (complains != (!integ || integ->wireshark_checks))
        fail_msg("%s: %s", pair_name(pair, name), line);
}

/* The judge can say no: one bit of the ICV is wrong. */
static void wrong_icv(void **state)
{
    (void)state;
    judge_every_pair(&(struct trial){add_wrong_icv, check_complaint});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_clear),
        cmocka_unit_test(sealed),
        cmocka_unit_test(fragments),
        cmocka_unit_test(wrong_icv),
    };
    return cmocka_run_group_tests(tests, with_context_set_up, with_context_tear_down);
}
