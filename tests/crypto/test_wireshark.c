/*
 * A third party's word: one ESP packet and one IKE message for each pair of algorithms, which
 * tshark decrypts by the names and keys that the tables give for it, and whose ICV it finds right
 * wherever it can check one.
 */
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "ipsec/crypto/cipher.h"

enum {
    PACKET_SIZE_MAX = 256,
    COMMAND_SIZE_MAX = 1 << 16,
    FIRST_SPI = 0x4321,
    LINKTYPE_RAW = 101
};

/* An echo request without data in IPv4, then ESP's trailer; as long as a multiple of 16. */
static const uint8_t INNER[] = {0x45, 0,    0,   28, 0,  0,   0,   0, 64, 1, 0xf7,
                                0x83, 192,  168, 1,  11, 192, 168, 2, 11, 8, 0,
                                0xf7, 0xff, 0,   0,  0,  0,   1,   2, 2,  4};
/* A Delete payload for the IKE SA, then IKE's padding. */
static const uint8_t DELETE_PAYLOAD[] = {0, 0, 0, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};

struct run {
    struct crypto_context *context;
    FILE *capture;
    struct base_writer esp_options, ike_options; /* tshark's arguments */
    uint8_t keys[2][64];                         /* encryption, integrity */
    unsigned count, esp_checked, ike_checked;
};

static void write_text(struct base_writer *w, const char *text)
{
    base_write_bytes(w, text, strlen(text));
}

static void write_hex(struct base_writer *w, const uint8_t *bytes, size_t size)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        base_write_u8(w, (uint8_t)DIGITS[bytes[i] >> 4]);
        base_write_u8(w, (uint8_t)DIGITS[bytes[i] & 15]);
    }
}

/* Classic pcap in this machine's byte order. */
static void capture_header(FILE *file)
{
    const uint32_t header[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, LINKTYPE_RAW};
    fwrite(header, sizeof(header), 1, file);
}

static void capture_packet(FILE *file, const uint8_t *packet, size_t size)
{
    const uint32_t header[] = {0, 0, (uint32_t)size, (uint32_t)size};
    fwrite(header, sizeof(header), 1, file);
    fwrite(packet, size, 1, file);
}

static void write_ip(struct base_writer *w, uint8_t protocol, size_t payload_size)
{
    static const uint8_t addresses[] = {203, 0, 113, 10, 203, 0, 113, 20};
    base_write_u16(w, 0x4500);
    base_write_u16(w, (uint16_t)(20 + payload_size));
    base_write_u32(w, 0x00004000);
    base_write_u8(w, 64);
    base_write_u8(w, protocol);
    base_write_u16(w, 0);
    base_write_bytes(w, addresses, sizeof(addresses));
}

/* IV, plaintext and ICV behind the clear part that begins at `clear`; all sealed. */
static void write_sealed(struct base_writer *w, struct crypto_cipher *cipher,
                         const struct crypto_encr *encr, size_t clear, const uint8_t *plain,
                         size_t size)
{
    struct crypto_parts parts = {
        .aad = w->data + clear, .aad_size = w->size - clear, .data_size = size};
    uint8_t iv[CRYPTO_IV_SIZE_MAX] = {5, 6, 7};
    parts.iv = w->data + w->size;
    base_write_bytes(w, iv, encr->iv_size);
    parts.data = w->data + w->size;
    base_write_bytes(w, plain, size);
    parts.icv = base_write_room(w, crypto_cipher_icv_size(cipher));
    assert_false(w->failed);
    crypto_seal(cipher, &parts);
}

static void add_esp(struct run *run, struct crypto_cipher *cipher, const struct crypto_encr *encr,
                    const struct crypto_integ *integ)
{
    uint8_t packet[PACKET_SIZE_MAX], key[CRYPTO_KEY_SIZE_MAX];
    struct base_writer w = base_writer_of(packet, sizeof(packet));
    write_ip(&w, 50, 8 + encr->iv_size + sizeof(INNER) + crypto_cipher_icv_size(cipher));
    uint32_t spi = FIRST_SPI + run->count;
    base_write_u32(&w, spi);
    base_write_u32(&w, 1);
    write_sealed(&w, cipher, encr, 20, INNER, sizeof(INNER));
    capture_packet(run->capture, packet, w.size);

    struct base_writer *o = &run->esp_options;
    char start[64];
    snprintf(start, sizeof(start), " -o 'uat:esp_sa:\"IPv4\",\"*\",\"*\",\"0x%08x\",\"", spi);
    write_text(o, start);
    write_text(o, encr->wireshark_esp);
    write_text(o, "\",\"0x");
    write_hex(o, key, crypto_encr_wireshark_esp_key(encr, run->keys[0], key));
    write_text(o, "\",\"");
    write_text(o, integ ? integ->wireshark_esp : encr->wireshark_esp_auth);
    write_text(o, "\",\"");
    if (integ) {
        write_text(o, "0x");
        write_hex(o, run->keys[1], integ->key_size);
    }
    write_text(o, "\"'");
}

static void add_ike(struct run *run, struct crypto_cipher *cipher, const struct crypto_encr *encr,
                    const struct crypto_integ *integ)
{
    uint8_t packet[PACKET_SIZE_MAX];
    struct base_writer w = base_writer_of(packet, sizeof(packet));
    size_t sk_size = 4 + encr->iv_size + sizeof(DELETE_PAYLOAD) + crypto_cipher_icv_size(cipher);
    write_ip(&w, 17, 8 + 28 + sk_size);
    base_write_u32(&w, 500 << 16 | 500);
    base_write_u16(&w, (uint16_t)(8 + 28 + sk_size));
    base_write_u16(&w, 0);
    size_t clear = w.size;
    base_write_u64(&w, 0xa000000000000000u + run->count);
    base_write_u64(&w, 0xb000000000000000u + run->count);
    base_write_u32(&w, 0x2e202508); /* SK, version 2.0, INFORMATIONAL, initiator */
    base_write_u32(&w, 2);
    base_write_u32(&w, (uint32_t)(28 + sk_size));
    base_write_u16(&w, 42 << 8); /* Delete */
    base_write_u16(&w, (uint16_t)sk_size);
    write_sealed(&w, cipher, encr, clear, DELETE_PAYLOAD, sizeof(DELETE_PAYLOAD));
    capture_packet(run->capture, packet, w.size);

    struct base_writer *o = &run->ike_options;
    write_text(o, " -o 'uat:ikev2_decryption_table:");
    write_hex(o, packet + clear, 8);
    write_text(o, ",");
    write_hex(o, packet + clear + 8, 8);
    for (unsigned side = 0; side < 2; side++) {
        write_text(o, ",");
        write_hex(o, run->keys[0], crypto_encr_material_size(encr));
    }
    write_text(o, ",\"");
    write_text(o, encr->wireshark_ike);
    write_text(o, "\"");
    for (unsigned side = 0; side < 2; side++) {
        write_text(o, ",");
        if (integ && integ->wireshark_checks)
            write_hex(o, run->keys[1], integ->key_size);
    }
    write_text(o, ",\"");
    write_text(o, integ ? integ->wireshark_ike : "NONE [RFC4306]");
    write_text(o, "\"'");
}

static void add_pair(struct run *run, const struct crypto_encr *encr,
                     const struct crypto_integ *integ)
{
    struct crypto_cipher *cipher =
        crypto_cipher_new(run->context, encr, run->keys[0], integ, run->keys[1], CRYPTO_SEAL);
    add_esp(run, cipher, encr, integ);
    add_ike(run, cipher, encr, integ);
    crypto_cipher_free(cipher);
    run->count++;
    /* Wireshark knows no AES-XCBC, and takes CCM in ESP for what encrypts alike. */
    run->esp_checked += integ ? integ->wireshark_checks : encr->mode == CRYPTO_MODE_GCM;
    run->ike_checked += !integ || integ->wireshark_checks;
}

/* Lines of a command's output that contain the text. */
static unsigned count_lines(const char *command, const char *text)
{
    char line[4096];
    unsigned count = 0;
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof(line), pipe))
        count += strstr(line, text) != NULL;
    assert_int_equal(pclose(pipe), 0);
    return count;
}

static void run_tshark(struct run *run, const char *path)
{
    char *options = base_printf("%.*s%.*s -o esp.enable_encryption_decode:TRUE"
                                " -o esp.enable_authentication_check:TRUE 2>/dev/null",
                                (int)run->esp_options.size, (char *)run->esp_options.data,
                                (int)run->ike_options.size, (char *)run->ike_options.data);
    char *fields = base_printf("tshark -r %s -T fields -E separator=, -e icmp.type -e esp.icv_good"
                               " -e esp.icv_bad -e isakmp.delete.protoid %s",
                               path, options);
    char *details = base_printf("tshark -r %s -V -Y isakmp %s", path, options);
    assert_int_equal(count_lines(fields, "8,1,0,"), run->esp_checked);
    assert_int_equal(count_lines(fields, "8,0,0,"), run->count - run->esp_checked);
    assert_int_equal(count_lines(fields, ",,,1"), run->count);
    assert_int_equal(count_lines(details, "[correct]"), run->ike_checked);
    assert_int_equal(count_lines(details, "[not validated]"), run->count - run->ike_checked);
    free(details);
    free(fields);
    free(options);
}

static void test_tshark_reads_every_pair_of_algorithms(void **state)
{
    (void)state;
    char path[] = "/tmp/test_crypto_wireshark.XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    struct run run = {.context = crypto_context_new(),
                      .capture = fdopen(descriptor, "wb"),
                      .esp_options = base_writer_of(base_alloc(COMMAND_SIZE_MAX), COMMAND_SIZE_MAX),
                      .ike_options =
                          base_writer_of(base_alloc(COMMAND_SIZE_MAX), COMMAND_SIZE_MAX)};
    memset(run.keys[0], 0x3c, sizeof(run.keys[0]));
    memset(run.keys[1], 0x59, sizeof(run.keys[1]));
    capture_header(run.capture);
    for (size_t i = 0; crypto_encr_at(i); i++) {
        const struct crypto_encr *encr = crypto_encr_at(i);
        if (encr->aead)
            add_pair(&run, encr, NULL);
        for (size_t j = 0; !encr->aead && crypto_integ_at(j); j++)
            add_pair(&run, encr, crypto_integ_at(j));
    }
    assert_int_equal(fclose(run.capture), 0);
    assert_false(run.esp_options.failed || run.ike_options.failed);
    assert_int_equal(run.count, 22);
    run_tshark(&run, path);
    unlink(path);
    free(run.esp_options.data);
    free(run.ike_options.data);
    crypto_context_free(run.context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tshark_reads_every_pair_of_algorithms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
