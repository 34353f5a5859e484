/* Keys out of charon's log, in its own lines (of a lab without secrets). */
#include "tests/test.h"

#include <stdlib.h>

#include "ipsec/crypto/algorithm.h"
#include "strongswan/keys.h"

static const char *const ike_lines[] = {
    "15[ENC] <t|1> parsed IKE_SA_INIT response 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) ]",
    "15[IKE] <t|1> Sk_d secret => 32 bytes @ 0x7fc59800dd20",
    "15[IKE] <t|1>    0: 2D 68 09 64 1F 68 96 9F CD DC BC 33 A1 22 EC 40  -h.d.h.....3.\".@",
    "15[IKE] <t|1>   16: E9 ED 2B 3A C5 B8 90 1C 4D 28 3B 53 BD F7 AE 83  ..+:....M(;S....",
    "15[IKE] <t|1> Sk_ai secret => 32 bytes @ 0x7fc5b4001b00",
    "15[IKE] <t|1>    0: 13 6A 8E 7A D0 DA DB 64 18 AB 57 B5 7F AB C3 D3  .j.z...d..W.....",
    "15[IKE] <t|1>   16: 0C 65 DE EF 15 68 DD 97 FC D7 8A D8 0A F9 C3 63  .e...h.........c",
    "15[IKE] <t|1> Sk_ar secret => 32 bytes @ 0x7fc5b4001b20",
    "15[IKE] <t|1>    0: 0E 23 29 2F DC A5 8C 9B F1 CA 14 E3 12 9B B1 BB  .#)/............",
    "15[IKE] <t|1>   16: 06 F5 A3 01 7B 74 18 74 C3 D1 CA 5E EB 02 97 9D  ....{t.t...^....",
    "15[IKE] <t|1> Sk_ei secret => 20 bytes @ 0x7fc5b4001b40",
    "15[IKE] <t|1>    0: 2E 1A 5A CE 38 2E ED 5B D2 A0 F3 39 20 CA 4A 2B  ..Z.8..[...9 .J+",
    "15[IKE] <t|1>   16: 08 F8 2C 06                                      ..,.",
    "15[IKE] <t|1> Sk_er secret => 20 bytes @ 0x7fc5b4001b54",
    "15[IKE] <t|1>    0: D9 63 2B D0 AF 73 0F 27 47 9B 97 9B BE D3 00 F6  .c+..s.'G.......",
    "15[IKE] <t|1>   16: F7 88 59 6F                                      ..Yo",
    "04[ENC] <t|1> parsed IKE_AUTH response 1 [ IDr AUTH SA TSi TSr N(MOBIKE_SUP) ]",
    "04[IKE] <t|1> IKE_SA t[1] state change: CONNECTING => ESTABLISHED",
};

static const char *const child_lines[] = {
    "04[CHD] <t|1> encryption initiator key => 20 bytes @ 0x7fc59c003ef0",
    "04[CHD] <t|1>    0: F9 90 DD A3 3A 3C 10 A1 F9 E6 5F F3 20 64 D6 CB  ....:<...._. d..",
    "04[CHD] <t|1>   16: 24 E0 65 83                                      $.e.",
    "04[CHD] <t|1> encryption responder key => 20 bytes @ 0x7fc59c005380",
    "04[CHD] <t|1>    0: DB 62 5A EA 43 41 38 BC 65 18 51 2B AC 51 8D E7  .bZ.CA8.e.Q+.Q..",
    "04[CHD] <t|1>   16: 3E C4 12 9B                                      >...",
    "04[CHD] <t|1> integrity initiator key => 32 bytes @ 0x7fc59c002ff0",
    "04[CHD] <t|1>    0: 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F  ................",
    "04[CHD] <t|1>   16: 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F  ................",
    "04[CHD] <t|1> integrity responder key => 32 bytes @ 0x7fc59c003030",
    "04[CHD] <t|1>    0: 20 21 22 23 24 25 26 27 28 29 2A 2B 2C 2D 2E 2F   !\"#$%&'()*+,-./",
    "04[CHD] <t|1>   16: 30 31 32 33 34 35 36 37 38 39 3A 3B 3C 3D 3E 3F  0123456789:;<=>?",
    "04[IKE] <t|1> CHILD_SA t{1} established with SPIs 6975b834_i 50b23b8b_o and TS 10.0.0.0/8",
};

static void feed(struct swan_keys *keys, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        swan_keys_line(keys, lines[i]);
}

#define FEED(keys, lines) feed((keys), (lines), sizeof(lines) / sizeof((lines)[0]))

static struct swan_ike ike_numbered(uint32_t number)
{
    return (struct swan_ike){.number = number,
                             .keys = {.spi_i = 0x7322881c9f2e1bd7,
                                      .spi_r = 0xd250cd66d3b758de,
                                      .encr = crypto_encr_named("aes128ctr"),
                                      .integ = crypto_integ_named("sha256")}};
}

static struct swan_child child_with(uint32_t spi_in, uint32_t spi_out)
{
    return (struct swan_child){.info = {.spi_in = spi_in,
                                        .spi_out = spi_out,
                                        .encr = crypto_encr_named("aes128ctr"),
                                        .integ = crypto_integ_named("sha256")}};
}

static void both_meet(void **state)
{
    struct topo_engine_keys key;
    struct swan_keys *keys = swan_keys_new();
    struct swan_ike ike = ike_numbered(1);
    struct swan_child child = child_with(0x6975b834, 0x50b23b8b);
    (void)state;
    swan_keys_restart(keys);
    swan_keys_ike(keys, &ike); /* before its lines; the child after */
    assert_false(swan_keys_at(keys, 0, &key));
    FEED(keys, ike_lines);
    FEED(keys, child_lines);
    swan_keys_child(keys, &child);
    assert_true(swan_keys_at(keys, 0, &key));
    assert_true(key.is_ike && key.ike.spi_i == 0x7322881c9f2e1bd7);
    assert_int_equal(key.ike.sk_e_size, 20);
    assert_int_equal(key.ike.sk_ei[19], 0x06);
    assert_int_equal(key.ike.sk_er[0], 0xd9);
    assert_int_equal(key.ike.sk_ar[31], 0x9d);
    assert_true(swan_keys_at(keys, 1, &key)); /* inbound: the responder's, as this end began */
    assert_true(!key.is_ike && key.spi == 0x6975b834);
    assert_int_equal(key.key[0], 0xdb);
    assert_int_equal(key.integ_key[0], 0x20);
    assert_true(swan_keys_at(keys, 2, &key));
    assert_true(key.spi == 0x50b23b8b);
    assert_int_equal(key.key[0], 0xf9);
    assert_false(swan_keys_at(keys, 3, &key));
    swan_keys_free(keys);
}

/* As responder, initiator's keys are the inbound ones; numbers of another life of the daemon are others. */
static void roles_and_lives(void **state)
{
    struct topo_engine_keys key;
    struct swan_keys *keys = swan_keys_new();
    struct swan_ike ike = ike_numbered(1);
    struct swan_child child = child_with(0x6975b834, 0x50b23b8b);
    (void)state;
    swan_keys_line(keys, "15[ENC] <1> parsed IKE_AUTH request 1 [ IDi AUTH SA TSi TSr ]");
    FEED(keys, child_lines);
    swan_keys_child(keys, &child);
    assert_true(swan_keys_at(keys, 0, &key));
    assert_int_equal(key.key[0], 0xf9);
    FEED(keys, ike_lines);
    swan_keys_restart(keys);
    swan_keys_ike(keys, &ike);
    assert_true(swan_keys_at(keys, 0, &key));
    assert_false(key.is_ike);
    swan_keys_free(keys);
}

/* ---- Damage ---- */

enum {
    LINE_MAX_SIZE = 160,
    KEYS_MAX = 2,             /* a log tells */
    KEY_SIZE = 2 * (20 + 32), /* as much of each, at most: aes128ctr with its nonce, sha256 */
};

/* All that a log tells: a key that it does not tell is zero. */
struct told {
    uint8_t keys[KEYS_MAX][KEY_SIZE];
    bool is[KEYS_MAX];
};

static void add_key(struct told *told, const struct topo_engine_keys *key)
{
    int place = !key->is_ike && key->spi != 0x6975b834;
    uint8_t *out = told->keys[place];
    assert_false(told->is[place]);
    told->is[place] = true;
    memcpy(out, key->is_ike ? key->ike.sk_ei : key->key, 20);
    memcpy(out + 20, key->is_ike ? key->ike.sk_ai : key->integ_key, 32);
    if (!key->is_ike)
        return;
    memcpy(out + 52, key->ike.sk_er, 20);
    memcpy(out + 72, key->ike.sk_ar, 32);
}

/* What the log tells with `line` in the place of its own line `at`. */
static struct told read_log(const char *const *lines, size_t count, size_t at, const char *line)
{
    struct swan_keys *keys = swan_keys_new();
    struct swan_ike ike = ike_numbered(1);
    struct swan_child child = child_with(0x6975b834, 0x50b23b8b);
    struct topo_engine_keys key;
    struct told told = {0};
    swan_keys_ike(keys, &ike);
    swan_keys_child(keys, &child);
    for (size_t i = 0; i < count; i++)
        swan_keys_line(keys, i == at ? line : lines[i]);
    for (size_t i = 0; swan_keys_at(keys, i, &key); i++)
        add_key(&told, &key);
    swan_keys_free(keys);
    return told;
}

/* How much of a line is needed: up to the size, the last byte or the SPIs; of the others all, or nothing. */
static size_t needed(const char *line)
{
    static const char *const ends[] = {" bytes @", "  ", "_o and TS"};
    const char *text = strchr(line, '>') + 2;
    if (strstr(line, " parsed "))
        return 0;
    text += strspn(text, " ");
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (strstr(text, ends[i]))
            return (size_t)(strstr(text, ends[i]) - line);
    }
    return strlen(line);
}

/* Whether the key depends on the line: SK_d is not among the keys, those of a child are two. */
static bool is_of(const char *const *lines, size_t at, size_t place)
{
    while (at && !strstr(lines[at], " => ") && !strstr(lines[at], " established "))
        at--;
    if (strstr(lines[at], "initiator"))
        return place == 0;
    return strstr(lines[at], "responder") ? place == 1 : !strstr(lines[at], "Sk_d ");
}

static void damage(const char *const *lines, size_t count)
{
    struct told whole = read_log(lines, count, count, NULL);
    for (size_t i = 0; i < count; i++) {
        for (size_t cut = 0; cut < strlen(lines[i]); cut++) {
            char line[LINE_MAX_SIZE];
            snprintf(line, sizeof(line), "%.*s", (int)cut, lines[i]);
            struct told told = read_log(lines, count, i, line);
            snprintf(line, sizeof(line), "%s", lines[i]);
            line[cut] = '~';
            struct told other = read_log(lines, count, i, line);
            for (size_t place = 0; place < KEYS_MAX; place++) {
                bool lost = is_of(lines, i, place) && cut < needed(lines[i]);
                if (told.is[place] != (whole.is[place] && !lost))
                    fail_msg("key %zu of line %zu, '%.*s'", place, i, (int)cut, lines[i]);
                if (told.is[place])
                    assert_memory_equal(told.keys[place], whole.keys[place], KEY_SIZE);
                if (other.is[place])
                    assert_memory_equal(other.keys[place], whole.keys[place], KEY_SIZE);
            }
        }
    }
}

/* Whatever is cut off or damaged, a key is whole or is not told; it is told where what is lost is not its own. */
static void cut_short(void **state)
{
    (void)state;
    damage(ike_lines, sizeof(ike_lines) / sizeof(ike_lines[0]));
    damage(child_lines, sizeof(child_lines) / sizeof(child_lines[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_meet),
        cmocka_unit_test(roles_and_lives),
        cmocka_unit_test(cut_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
