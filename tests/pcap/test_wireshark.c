/*
 * The key tables, with tshark as the judge: every encryption and integrity of the product, ESP straight in IP and
 * in UDP, with and without ESN, and IKE's SK payloads; opened by a profile and by a configuration folder.
 */
#include "tests/pcap/tool.h"

#include "base/bytes.h"
#include "base/rng.h"
#include "ipsec/crypto/cipher.h"
#include "ipsec/esp/packet.h"
#include "net/checksum.h"
#include "pcap/keys.h"

enum {
    PACKETS_MAX = 256,
    INNER_SIZE = 60,
    ETHERNET_SIZE = 14,
    FRAME_MAX = 300
};

struct suite {
    const struct crypto_encr *encr;
    const struct crypto_integ *integ; /* NULL with AEAD */
};

/* All pairs; returns how many. */
static size_t suites(struct suite out[static 32])
{
    size_t count = 0;
    for (size_t e = 0; crypto_encr_at(e); e++) {
        const struct crypto_encr *encr = crypto_encr_at(e);
        if (encr->aead)
            out[count++] = (struct suite){encr, NULL};
        for (size_t i = 0; !encr->aead && crypto_integ_at(i); i++)
            out[count++] = (struct suite){encr, crypto_integ_at(i)};
    }
    return count;
}

struct material {
    uint8_t key[CRYPTO_KEY_SIZE_MAX];
    uint8_t integ_key[CRYPTO_INTEG_KEY_SIZE_MAX];
};

static struct material material_of(uint64_t seed)
{
    struct material out;
    struct base_rng rng;
    base_rng_init(&rng, seed, "test wireshark");
    base_rng_fill(&rng, &out, sizeof(out));
    return out;
}

/* An echo request whose ICMP sequence number tells the frames apart. */
static void inner_write(uint8_t *out, uint16_t sequence)
{
    memset(out, 0, INNER_SIZE);
    static const uint8_t head[] = {0x45, 0,   0,   INNER_SIZE, 0,  1,   0,   0, 64, 1, 0,
                                   0,    192, 168, 1,          11, 192, 168, 2, 11, 8};
    memcpy(out, head, sizeof(head));
    base_put_be(out + 26, sequence, 2);
    base_put_be(out + 10, net_checksum(out, 20), 2);
    base_put_be(out + 22, net_checksum(out + 20, INNER_SIZE - 20), 2);
}

/* Ethernet before an IPv4 packet; returns the frame's size. */
static size_t frame_write(uint8_t *out, const uint8_t *packet, size_t size)
{
    static const uint8_t ethernet[ETHERNET_SIZE] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
    memcpy(out, ethernet, sizeof(ethernet));
    memcpy(out + sizeof(ethernet), packet, size);
    return sizeof(ethernet) + size;
}

static void add_esp(struct crypto_context *crypto, struct cap_point *point, struct cap_keys *keys,
                    const struct suite *suite, uint16_t n, bool in_udp, bool esn)
{
    struct material material = material_of(n);
    uint16_t port = in_udp ? ESP_NATT_PORT : 0;
    struct esp_sa *sa =
        esp_sa_new(crypto, &(struct esp_sa_config){.direction = ESP_SA_OUTBOUND,
                                                   .spi = 0xc0000000 + n,
                                                   .path = {NET_IP4(203, 0, 113, 10),
                                                            NET_IP4(203, 0, 113, 20), port, port},
                                                   .encr = suite->encr,
                                                   .integ = suite->integ,
                                                   .key = material.key,
                                                   .integ_key = material.integ_key,
                                                   .esn = esn,
                                                   .seed = n,
                                                   .expires = BASE_NEVER});
    uint8_t memory[FRAME_MAX];
    memset(memory, 0xa5, sizeof(memory));
    struct base_buffer packet = {memory, sizeof(memory), 64, INNER_SIZE};
    inner_write(base_buffer_data(&packet), n);
    assert_int_equal(esp_seal(sa, 0, &packet), ESP_OK);
    uint8_t frame[FRAME_MAX];
    size_t size = frame_write(frame, base_buffer_data(&packet), packet.size);
    tool_add(point, n, n, SIM_DIRECTION_OUT, frame, size, NULL);
    uint8_t key[CRYPTO_KEY_SIZE_MAX];
    bool checks = suite->integ && suite->integ->wireshark_checks;
    cap_keys_add_esp(keys,
                     &(struct cap_esp_key){
                         .source = "203.0.113.10",
                         .destination = n % 2 ? "*" : "203.0.113.20",
                         .spi = sa->spi,
                         .encryption = suite->encr->wireshark_esp,
                         .key = key,
                         .key_size = crypto_encr_wireshark_esp_key(suite->encr, material.key, key),
                         .authentication = suite->integ ? suite->integ->wireshark_esp
                                                        : suite->encr->wireshark_esp_auth,
                         .integ_key = material.integ_key,
                         .integ_key_size = checks ? suite->integ->key_size : 0,
                         .esn = esn});
    esp_sa_free(sa);
}

static void write_run(const char *folder, const struct cap_set *set, const struct cap_keys *keys)
{
    struct cap_error error;
    char *profile = base_printf("%s/wireshark", folder);
    assert_true(cap_keys_write(keys, profile, &error));
    free(profile);
    struct cap_write_options options = {
        .folder = folder, .start_ns = TOOL_START_NS, .application = "test", .keys = keys};
    assert_true(cap_write(set, &options, &error));
}

/* What tshark says on standard error beside its warning for root: nothing is expected. */
static void expect_no_complaints(const char *folder)
{
    char *command = base_printf("grep -v 'Running as user' %s/errors", folder);
    int status;
    char *text = tool_run(command, &status);
    if (*text)
        fail_msg("tshark complained: %s", text);
    free(text);
    free(command);
}

/* Runs tshark over the capture; `how` says where the keys are. */
static char *dissect(const char *folder, const char *how, const char *fields)
{
    char *command = base_printf(
        "%s -r %s/capture.pcapng -T fields -E separator='|' -E occurrence=l %s 2>%s/errors", how,
        folder, fields, folder);
    int status;
    char *text = tool_run(command, &status);
    assert_int_equal(status, 0);
    expect_no_complaints(folder);
    free(command);
    return text;
}

/* The ICV's fate in Wireshark 4.0: checked and right, not checked, or (ESN, its fault) judged bad. */
static const char *icv_expected(const struct suite *suite, bool esn)
{
    bool checked =
        suite->integ ? suite->integ->wireshark_checks : suite->encr->mode == CRYPTO_MODE_GCM;
    if (!checked)
        return "0|0";
    return esn ? "0|1" : "1|0";
}

static void esp_of_every_suite(void **state)
{
    (void)state;
    struct suite all[32];
    size_t count = suites(all);
    assert_int_equal(count, 22);
    struct cap_set *set = cap_set_new(CAP_BYTES_MAX_DEFAULT);
    struct cap_point *point = cap_point_new(set, "internet", NULL, CAP_LINK_ETHERNET);
    struct cap_keys *keys = cap_keys_new();
    struct crypto_context *crypto = crypto_context_new();
    for (size_t n = 0; n < count * 4; n++)
        add_esp(crypto, point, keys, &all[n / 4], (uint16_t)n, n & 1, n & 2);
    crypto_context_free(crypto);
    char *folder = tool_folder_new();
    write_run(folder, set, keys);
    char *how = base_printf("WIRESHARK_CONFIG_DIR=%s/wireshark tshark", folder);
    char *text = dissect(folder, how,
                         "-e ip.dst -e icmp.seq -e icmp.checksum.status -e esp.icv_good -e "
                         "esp.icv_bad");
    char *at = text;
    for (size_t n = 0; n < count * 4; n++) {
        char expected[100];
        snprintf(expected, sizeof(expected), "192.168.2.11|%zu|1|%s\n", n,
                 icv_expected(&all[n / 4], n & 2));
        size_t size = strlen(expected);
        if (strncmp(at, expected, size) != 0)
            fail_msg("%s %s%s%s: expected %sfound %.*s", all[n / 4].encr->name,
                     all[n / 4].integ ? all[n / 4].integ->name : "", n & 1 ? " in UDP" : "",
                     n & 2 ? " ESN" : "", expected, (int)strcspn(at, "\n"), at);
        at += size;
    }
    assert_string_equal(at, "");
    free(text);
    free(how);
    cap_keys_free(keys);
    cap_set_free(set);
    tool_folder_remove(folder);
}

/* Copied to a profile's folder, `tshark -C` opens everything; without keys nothing. */
static void a_profile_opens_it(void **state)
{
    (void)state;
    struct suite suite = {crypto_encr_named("AES128-CTR"), crypto_integ_named("SHA256")};
    struct cap_set *set = cap_set_new(CAP_BYTES_MAX_DEFAULT);
    struct cap_point *point = cap_point_new(set, "internet", NULL, CAP_LINK_ETHERNET);
    struct cap_keys *keys = cap_keys_new();
    struct crypto_context *crypto = crypto_context_new();
    add_esp(crypto, point, keys, &suite, 5, false, false);
    add_esp(crypto, point, keys, &suite, 6, true, false);
    crypto_context_free(crypto);
    char *folder = tool_folder_new();
    write_run(folder, set, keys);
    char *command = base_printf("mkdir -p %s/config/profiles && cp -r %s/wireshark "
                                "%s/config/profiles/my-run",
                                folder, folder, folder);
    assert_int_equal(system(command), 0);
    free(command);
    char *how = base_printf("WIRESHARK_CONFIG_DIR=%s/config tshark -C my-run", folder);
    char *text = dissect(folder, how, "-e icmp.seq -e esp.icv_good");
    assert_string_equal(text, "5|1\n6|1\n");
    free(text);
    free(how);
    how = base_printf("WIRESHARK_CONFIG_DIR=%s/config tshark", folder);
    text = dissect(folder, how, "-e icmp.seq -e esp.sequence");
    assert_string_equal(text, "|1\n|1\n");
    free(text);
    free(how);
    cap_keys_free(keys);
    cap_set_free(set);
    tool_folder_remove(folder);
}

/* An INFORMATIONAL request whose SK payload holds one Notify: RFC 7296 sections 3.1, 3.10, 3.14. */
static size_t ike_write(struct crypto_context *crypto, const struct suite *suite,
                        const struct material *material, uint16_t n, uint8_t *out)
{
    static const uint8_t notify[] = {0, 0, 0, 8, 0, 0, 0x40, 0x04}; /* 16388, its number to check */
    const struct crypto_encr *encr = suite->encr;
    size_t icv_size = suite->integ ? suite->integ->icv_size : encr->icv_size;
    size_t padding = encr->block_size - 1u - sizeof(notify) % encr->block_size;
    size_t data_size = sizeof(notify) + padding + 1;
    size_t sk_size = 4u + encr->iv_size + data_size + icv_size;
    struct base_writer w = base_writer_of(out, FRAME_MAX);
    base_write_u64(&w, 0x1111000000000000u + n);
    base_write_u64(&w, 0x2222000000000000u + n);
    base_write_u32(&w, 46u << 24 | 0x202508); /* SK; version 2.0; INFORMATIONAL; initiator */
    base_write_u32(&w, n);
    base_write_u32(&w, (uint32_t)(28 + sk_size));
    base_write_u16(&w, 41 << 8); /* the first inside is a Notify */
    base_write_u16(&w, (uint16_t)sk_size);
    uint8_t *iv = base_write_room(&w, encr->iv_size);
    memset(iv, 0x42, encr->iv_size);
    uint8_t *data = base_write_room(&w, data_size + icv_size);
    assert_non_null(data);
    memset(data, 0, data_size);
    memcpy(data, notify, sizeof(notify));
    data[data_size - 1] = (uint8_t)padding;
    struct crypto_cipher *cipher = crypto_cipher_new(crypto, encr, material->key, suite->integ,
                                                     material->integ_key, CRYPTO_SEAL);
    crypto_seal(cipher, &(struct crypto_parts){.aad = out,
                                               .aad_size = 32,
                                               .iv = iv,
                                               .data = data,
                                               .data_size = data_size,
                                               .icv = data + data_size});
    crypto_cipher_free(cipher);
    return w.size;
}

static void add_ike(struct crypto_context *crypto, struct cap_point *point, struct cap_keys *keys,
                    const struct suite *suite, uint16_t n)
{
    struct material material = material_of(n);
    struct material other = material_of(n + 1000u);
    uint8_t packet[FRAME_MAX] = {0x45, 0, 0,   0,  0,   0, 0,   0,  64, 17,   0, 0,
                                 203,  0, 113, 10, 203, 0, 113, 20, 1,  0xf4, 1, 0xf4};
    uint8_t frame[FRAME_MAX + ETHERNET_SIZE];
    size_t size = 28 + ike_write(crypto, suite, &material, n, packet + 28);
    base_put_be(packet + 2, size, 2);
    base_put_be(packet + 24, size - 20, 2);
    base_put_be(packet + 10, net_checksum(packet, 20), 2);
    tool_add(point, n, n, SIM_DIRECTION_OUT, frame, frame_write(frame, packet, size), NULL);
    bool checks = suite->integ && suite->integ->wireshark_checks;
    cap_keys_add_ike(keys,
                     &(struct cap_ike_key){.spi_i = 0x1111000000000000u + n,
                                           .spi_r = 0x2222000000000000u + n,
                                           .encryption = suite->encr->wireshark_ike,
                                           .sk_ei = material.key,
                                           .sk_er = other.key,
                                           .sk_e_size = crypto_encr_material_size(suite->encr),
                                           .integrity = suite->integ ? suite->integ->wireshark_ike
                                                                     : "NONE [RFC4306]",
                                           .sk_ai = material.integ_key,
                                           .sk_ar = other.integ_key,
                                           .sk_a_size = checks ? suite->integ->key_size : 0});
}

static void ike_of_every_suite(void **state)
{
    (void)state;
    struct suite all[32];
    size_t count = suites(all);
    struct cap_set *set = cap_set_new(CAP_BYTES_MAX_DEFAULT);
    struct cap_point *point = cap_point_new(set, "internet", NULL, CAP_LINK_ETHERNET);
    struct cap_keys *keys = cap_keys_new();
    struct crypto_context *crypto = crypto_context_new();
    for (size_t n = 0; n < count; n++)
        add_ike(crypto, point, keys, &all[n], (uint16_t)n);
    crypto_context_free(crypto);
    char *folder = tool_folder_new();
    write_run(folder, set, keys);
    char *how = base_printf("WIRESHARK_CONFIG_DIR=%s/wireshark tshark", folder);
    char *text =
        dissect(folder, how, "-e isakmp.messageid -e isakmp.notify.msgtype -e _ws.expert.message");
    char *at = text;
    for (size_t n = 0; n < count; n++) {
        char expected[100];
        snprintf(expected, sizeof(expected), "0x%08zx|16388|\n", n);
        if (strncmp(at, expected, strlen(expected)) != 0)
            fail_msg("%s %s: expected %sfound %.*s", all[n].encr->name,
                     all[n].integ ? all[n].integ->name : "", expected, (int)strcspn(at, "\n"), at);
        at += strlen(expected);
    }
    free(text);
    free(how);
    cap_keys_free(keys);
    cap_set_free(set);
    tool_folder_remove(folder);
}

/* The judge can say no: with one bit of the ICV turned over Wireshark finds fault where it checks at all. */
static void wireshark_sees_a_wrong_icv(void **state)
{
    (void)state;
    struct suite all[32];
    size_t count = suites(all);
    struct cap_set *good = cap_set_new(CAP_BYTES_MAX_DEFAULT);
    struct cap_set *bad = cap_set_new(CAP_BYTES_MAX_DEFAULT);
    struct cap_point *from = cap_point_new(good, "internet", NULL, CAP_LINK_ETHERNET);
    struct cap_point *to = cap_point_new(bad, "internet", NULL, CAP_LINK_ETHERNET);
    struct cap_keys *keys = cap_keys_new();
    struct crypto_context *crypto = crypto_context_new();
    for (size_t n = 0; n < count; n++) {
        add_esp(crypto, from, keys, &all[n], (uint16_t)n, false, false);
        add_ike(crypto, from, keys, &all[n], (uint16_t)n);
    }
    crypto_context_free(crypto);
    for (const struct cap_frame *f = cap_set_first(good); f; f = f->next) {
        uint8_t frame[FRAME_MAX];
        memcpy(frame, f->bytes, f->size);
        frame[f->size - 1] ^= 1;
        tool_add(to, f->at, f->packet, f->direction, frame, f->size, NULL);
    }
    char *folder = tool_folder_new();
    write_run(folder, bad, keys);
    char *how = base_printf("WIRESHARK_CONFIG_DIR=%s/wireshark tshark", folder);
    char *text = dissect(folder, how, "-e esp.icv_bad -e isakmp.messageid -e _ws.expert.message");
    char *at = text;
    for (size_t n = 0; n < count; n++) {
        bool esp_checked = !strcmp(icv_expected(&all[n], false), "1|0");
        bool ike_checked = !all[n].integ || all[n].integ->wireshark_checks;
        assert_int_equal(*at, esp_checked ? '1' : '0');
        at = strchr(at, '\n') + 1;
        const char *words = strchr(strchr(at, '|') + 1, '|') + 1;
        if ((*words != '\n') != ike_checked)
            fail_msg("IKE %s: %.*s", all[n].encr->name, (int)strcspn(at, "\n"), at);
        at = strchr(at, '\n') + 1;
    }
    free(text);
    free(how);
    cap_keys_free(keys);
    cap_set_free(good);
    cap_set_free(bad);
    tool_folder_remove(folder);
}

static void lines_as_wireshark_writes_them(void **state)
{
    (void)state;
    struct cap_keys *keys = cap_keys_new();
    struct cap_esp_key key = {.source = "203.0.113.10",
                              .destination = "*",
                              .spi = 0xc0a,
                              .encryption = "AES-CTR [RFC3686]",
                              .key = (const uint8_t *)"\x01\xff",
                              .key_size = 2,
                              .authentication = "NULL"};
    cap_keys_add_esp(keys, &key);
    cap_keys_add_esp(keys, &key); /* a second time: kept once */
    key.esn = true;
    key.spi = 0xc0b;
    cap_keys_add_esp(keys, &key);
    size_t size;
    const char *text = cap_keys_esp_text(keys, &size);
    static const char expected[] = "\"IPv4\",\"203.0.113.10\",\"*\",\"0x00000c0a\",\"AES-CTR "
                                   "[RFC3686]\",\"0x01ff\",\"NULL\",\"\",\"32-bit\",\"0x0\"\n"
                                   "\"IPv4\",\"203.0.113.10\",\"*\",\"0x00000c0b\",\"AES-CTR "
                                   "[RFC3686]\",\"0x01ff\",\"NULL\",\"\",\"64-bit\",\"0x0\"\n";
    assert_int_equal(size, sizeof(expected) - 1);
    assert_memory_equal(text, expected, size);
    cap_keys_free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(esp_of_every_suite),
        cmocka_unit_test(a_profile_opens_it),
        cmocka_unit_test(ike_of_every_suite),
        cmocka_unit_test(wireshark_sees_a_wrong_icv),
        cmocka_unit_test(lines_as_wireshark_writes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
