/*
 * Whole ESP packets that others published: the test cases of draft-mcgrew-gcm-test-01 section 4 (AES-GCM in ESP,
 * with and without ESN), and RFC 3602 section 4 cases 7 and 8 (AES-CBC, tunnel mode). RFC 3602's packets
 * have no ICV; the tests put one behind that libcrypto computes on its own.
 */
#include "tests/esp/fixture.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "base/bytes.h"

static size_t unhex(const char *text, uint8_t *out)
{
    size_t size = strlen(text) / 2;
    for (size_t i = 0; i < size; i++) {
        const char octet[] = {text[2 * i], text[2 * i + 1], '\0'};
        char *end = NULL;
        out[i] = (uint8_t)strtoul(octet, &end, 16);
        assert_true(*end == '\0');
    }
    return size;
}

struct gcm_case {
    const char *encr; /* the product's name */
    const char *key;  /* and the salt */
    bool esn;
    uint64_t number;
    const char *packet;
    const char *plain; /* with padding and trailer */
};

static const struct gcm_case gcm_cases[] = {
    {"AES128-GCM-16", "4c80cdefbb5d10da906ac73c3613a6342e443b68", true, 0x8765432100000000,
     "00004321000000004956ed7e3b244cfe"
     "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13"
     "c5d"
     "15b21e1884f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe722fd04796562dfdb4",
     "45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f7564700"
     "373"
     "69700963796265726369747902646b000021000101020201"},
    {"AES128-GCM-16", "feffe9928665731c6d6a8f9467308308cafebabe", false, 10,
     "0000a5f80000000afacedbaddecaf888"
     "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416"
     "642"
     "cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a",
     "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d0010000010000000000000373697009637"
     "962"
     "65726369747902646b00000100010001"},
    {"AES256-GCM-16", "abbccddef00112233445566778899aababbccddef00112233445566778899aab11223344",
     false, 2,
     "4a2cbfe3000000020102030405060708"
     "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e"
     "99d"
     "ef842d8eb335f4eecfdbf831824b4c4915956c96",
     "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b401010"
     "402"
     "01020201"},
    {"AES128-GCM-16", "3de09874b388e6491988d0c3607eae1f57690e43", true, 0x1010101010101010,
     "42f67e3f101010104e280000a2fca1a3"
     "fba2caa4853cf9f0f22cb10d86dd83b0fec75691cf1a04b00d1138ec9c35791765acbd8701ad79845bf9fe3fba487"
     "bc9"
     "1755e6662b4c8d0d1f5e22739530320ae0d731cc978ecafaeae88f00e80d6e48",
     "4500003c99c300008001cb7c40679318010101010800085c020043006162636465666768696a6b6c6d6e6f7071727"
     "374"
     "75767761626364656667686901020201"},
    {"AES128-GCM-16", "abbccddef00112233445566778899aabdecaf888", true, 1,
     "0000010000000001cafedebaceface74"
     "18a6fd42f72cbf4ab2a2ea901f73d814e3e7f243d95412e1c349c1d2fbec168f9190feebaf2cb01984e65863965d7"
     "472"
     "b79da345e0e780191f0d2f0e0f496c226f2127b27db35724e7845d68651f57e65f354f75ff17015769623436",
     "4500004933ba00007f119106c3fb1d10c2b1d326c02831ce0035dd7b800302d500004e20001e8c18d75b81dc91baa"
     "047"
     "6b91b924b280389d92c963bac046ec959b6266c04722b14923010101"},
    {"AES128-GCM-16", "7d773d00c144c525ac619d18c84a3f47d9664267", false, 0xffffffff,
     "335467aeffffffff43457e9182443bc6437f866bcb3f699fe9b0822bac961c4504bef270", "01020201"},
    {"AES256-GCM-16", "6c6567616c697a656d6172696a75616e61616e64646f69746265666f726569617475726e",
     true, UINT64_MAX,
     "796b6963ffffffff333021696765746d"
     "f97ab2aa356d8edce17644ac8c78e25dd24dedbb29ebf1b64a274b39b49c3a864cd3d78ca4ae68a32b42458fb57db"
     "e82"
     "1dcc63b9d0937ba2945f669368661a329fb4c053",
     "45000030da3a00008001df3bc0a80005c0a800010800c6cd020007006162636465666768696a6b6c6d6e6f7071727"
     "374"
     "01020201"},
};

/* Puts an outer IPv4 header before an ESP packet. */
static size_t wrap(const uint8_t *esp, size_t size, uint8_t *out)
{
    memset(out, 0, 20);
    out[0] = 0x45;
    base_put_be(out + 2, 20 + size, 2);
    out[9] = 50;
    memcpy(out + 20, esp, size);
    return 20 + size;
}

/*
 * They open to the published plaintext. Their next header is 1 (ICMP or whatever the authors meant by it), which
 * tunnel mode refuses, but only after the ICV was right: the decrypted octets are in place then.
 */
static void gcm_packets_open(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof(gcm_cases) / sizeof(gcm_cases[0]); c++) {
        const struct gcm_case *vector = &gcm_cases[c];
        struct fixture f;
        fixture_init(&f, &(struct fixture_options){.encr = vector->encr});
        esp_sa_free(f.in);
        unhex(vector->key, f.key);
        struct fixture_options options = {.encr = vector->encr, .esn = vector->esn, .window = 64};
        struct esp_sa_config config = fixture_config(&f, &options, ESP_SA_INBOUND);
        uint8_t esp[256];
        uint8_t packet[300];
        uint8_t plain[256];
        size_t size = unhex(vector->packet, esp);
        size_t plain_size = unhex(vector->plain, plain);
        config.spi =
            (uint32_t)esp[0] << 24 | (uint32_t)esp[1] << 16 | (uint32_t)esp[2] << 8 | esp[3];
        f.in = esp_sa_new(f.crypto, &config);
        if (vector->number > 1)
            esp_replay_update(&f.in->replay, vector->number - 1);
        fixture_load(&f, packet, wrap(esp, size, packet));
        uint8_t *inside = base_buffer_data(&f.packet) + 20 + 16;
        assert_int_equal(fixture_open(&f, 0), ESP_IN_NEXT_HEADER);
        assert_true(f.in->replay.top == vector->number);
        assert_memory_equal(inside, plain, plain_size);
        fixture_fini(&f);
    }
}

/*
 * Sealing gives the published octets: an inner packet whose plaintext differs from the vector's in the next header
 * alone differs in that one octet of the ciphertext (a counter mode), and in the ICV.
 */
static void gcm_packets_seal(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof(gcm_cases) / sizeof(gcm_cases[0]); c++) {
        const struct gcm_case *vector = &gcm_cases[c];
        uint8_t esp[256];
        uint8_t plain[256];
        size_t size = unhex(vector->packet, esp);
        size_t plain_size = unhex(vector->plain, plain);
        if (plain_size < 22)
            continue; /* no inner packet */
        struct fixture f;
        fixture_init(&f, &(struct fixture_options){.encr = vector->encr});
        esp_sa_free(f.out);
        unhex(vector->key, f.key);
        struct fixture_options options = {.encr = vector->encr, .esn = vector->esn};
        struct esp_sa_config config = fixture_config(&f, &options, ESP_SA_OUTBOUND);
        config.spi =
            (uint32_t)esp[0] << 24 | (uint32_t)esp[1] << 16 | (uint32_t)esp[2] << 8 | esp[3];
        f.out = esp_sa_new(f.crypto, &config);
        f.out->sequence = vector->number - 1;
        struct base_reader iv = base_reader_of(esp + 8, 8);
        f.out->iv_mask = base_read_u64(&iv) ^ vector->number;
        fixture_load(&f, plain, plain_size - 2 - plain[plain_size - 2]);
        assert_int_equal(esp_seal(f.out, 0, &f.packet), ESP_OK);
        assert_int_equal(f.packet.size, 20 + size);
        const uint8_t *sealed = base_buffer_data(&f.packet) + 20;
        assert_memory_equal(sealed, esp, size - 17);
        assert_int_equal(sealed[size - 17], esp[size - 17] ^ 1 ^ 4);
        fixture_fini(&f);
    }
}

static const struct {
    const char *packet, *inner;
    uint32_t number;
} cbc_cases[] = {
    {"0000876500000002f4e765244f6407adf13dc1380f673f37773b5241a4c449225e4f3ce5ed611b0c237ca96cf74a9"
     "3013c"
     "1b0ea1a0cf70f8e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c177f132ad3fbfb"
     "2201a"
     "c9904c74ee0a109e0ca1e4dfe9d5a100b842f1c22f0d",
     "45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040008090a0b0c0d0e0f10111"
     "21314"
     "15161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637",
     2},
    {"000087650000000585d47224b5f3dd5d2101d4ea8dffab2215b92683819596a8047232cc00f7048fe45318e11f8a0"
     "f62ed"
     "e3c3fc61203bb50f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3d2726d9b5ef6aff"
     "c6d17"
     "a0decbb13892",
     "45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300fffffffffffffffffffff"
     "fffff"
     "ffffffffffffffffffffffffffffffffffffff",
     5},
};

static void cbc_packets_open(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof(cbc_cases) / sizeof(cbc_cases[0]); c++) {
        struct fixture f;
        struct fixture_options options = {.encr = "AES128", .integ = "SHA256", .window = 64};
        fixture_init(&f, &options);
        esp_sa_free(f.in);
        unhex("0123456789abcdef0123456789abcdef", f.key);
        struct esp_sa_config config = fixture_config(&f, &options, ESP_SA_INBOUND);
        config.spi = 0x8765;
        f.in = esp_sa_new(f.crypto, &config);
        uint8_t esp[256];
        uint8_t packet[300];
        uint8_t inner[256];
        uint8_t mac[32];
        size_t size = unhex(cbc_cases[c].packet, esp);
        size_t inner_size = unhex(cbc_cases[c].inner, inner);
        unsigned mac_size = sizeof(mac);
        assert_non_null(HMAC(EVP_sha256(), f.integ_key, 32, esp, size, mac, &mac_size));
        memcpy(esp + size, mac, 16);
        fixture_load(&f, packet, wrap(esp, size + 16, packet));
        assert_int_equal(fixture_open(&f, 0), ESP_OK);
        assert_int_equal(f.packet.size, inner_size);
        assert_memory_equal(base_buffer_data(&f.packet), inner, inner_size);
        assert_true(f.in->replay.top == cbc_cases[c].number);
        fixture_fini(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcm_packets_open),
        cmocka_unit_test(gcm_packets_seal),
        cmocka_unit_test(cbc_packets_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
