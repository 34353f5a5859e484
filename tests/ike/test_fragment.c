/* IKE fragmentation: RFC 7383 2.5, 2.6. */
#include "tests/test.h"

#include "ipsec/ike/fragment.h"
#include "tests/ike/crypt.h"
#include "tests/ike/mutate.h"
#include "tests/ike/samples.h"
#include "tests/crypto/with_context.h"

#define SPI_I UINT64_C(0x1111111111111111)
#define SPI_R UINT64_C(0x2222222222222222)
#define PIECES_MAX 64

struct pieces {
    uint8_t bytes[PIECES_MAX][2048];
    size_t sizes[PIECES_MAX];
    size_t count;
    uint8_t chain[SAMPLE_SIZE_MAX]; /* what was split */
    size_t chain_size;
};

static struct ike_sk sealer;
static struct ike_sk opener;
static struct pieces pieces;

static void use_pair(size_t pair)
{
    crypt_sk_init(&sealer, context, crypt_pair_at(pair), true, CRYPTO_SEAL);
    crypt_sk_init(&opener, context, crypt_pair_at(pair), true, CRYPTO_OPEN);
}

static void end_pair(void)
{
    ike_sk_fini(&sealer);
    ike_sk_fini(&opener);
}

/* Splits the IKE_AUTH request into `pieces`; their number. */
static size_t split(size_t size_max, uint32_t message_id)
{
    uint8_t bytes[SAMPLE_SIZE_MAX];
    struct ike_builder b;
    struct ike_fragment_split s;
    struct ike_header header = sample_header(sample_named("auth-request"), SPI_I, SPI_R);
    header.message_id = message_id;
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_builder_protect(&b, &sealer);
    sample_named("auth-request")->write(&b);
    size_t total = ike_fragment_split_init(&s, &sealer, &b, size_max);
    assert_true(total <= PIECES_MAX);
    pieces.count = 0;
    pieces.chain_size = b.writer.size - b.inner_at;
    memcpy(pieces.chain, bytes + b.inner_at, pieces.chain_size);
    for (; pieces.count < total; pieces.count++) {
        uint8_t *out = pieces.bytes[pieces.count];
        memset(out, 0xa5, sizeof(pieces.bytes[0]));
        size_t size = ike_fragment_split_next(&s, crypt_next_iv(), out, sizeof(pieces.bytes[0]));
        assert_true(size > 0 && size <= size_max);
        assert_int_equal(out[size], 0xa5);
        pieces.sizes[pieces.count] = size;
    }
    if (total)
        assert_int_equal(ike_fragment_split_next(&s, crypt_next_iv(), bytes, sizeof(bytes)), 0);
    return total;
}

/* Gives one piece to the collector, as an endpoint does. */
static enum ike_wire_status take(struct ike_fragments *f, size_t i, struct ike_inner *out)
{
    uint8_t bytes[2048];
    struct ike_message m;
    struct ike_inner piece;
    memcpy(bytes, pieces.bytes[i], pieces.sizes[i]);
    assert_int_equal(ike_message_parse(&m, bytes, pieces.sizes[i]), IKE_WIRE_OK);
    enum ike_wire_status status = ike_fragments_check(f, &m);
    *out = (struct ike_inner){.size = 0};
    if (status != IKE_WIRE_OK)
        return status;
    assert_int_equal(ike_sk_open(&opener, &m, bytes, &piece), IKE_WIRE_OK);
    return ike_fragments_add(f, &m, &piece, out);
}

static void assert_whole(const struct ike_inner *inner)
{
    struct ike_message m = {.count = 0};
    assert_int_equal(inner->first, IKE_PAYLOAD_IDI);
    assert_int_equal(inner->size, pieces.chain_size);
    assert_memory_equal(inner->chain, pieces.chain, pieces.chain_size);
    assert_int_equal(ike_message_parse_inner(&m, inner->first, inner->chain, inner->size),
                     IKE_WIRE_OK);
}

static void split_and_join(void **state)
{
    (void)state;
    for (size_t p = 0; p < CRYPT_PAIR_COUNT; p++) {
        use_pair(p);
        for (size_t size_max = 120; size_max < 700; size_max += 7) {
            struct ike_fragments f;
            struct ike_inner inner;
            size_t total = split(size_max, 1);
            if (total == 0 || total > PIECES_MAX)
                continue;
            ike_fragments_init(&f);
            for (size_t i = 0; i < total; i++) {
                /* forwards or backwards */
                size_t at = size_max % 2 ? i : total - 1 - i;
                assert_int_equal(take(&f, at, &inner),
                                 i + 1 < total ? IKE_WIRE_FRAGMENT_MORE : IKE_WIRE_OK);
            }
            assert_whole(&inner);
            ike_fragments_fini(&f);
        }
        end_pair();
    }
}

static void every_order_of_four(void **state)
{
    (void)state;
    size_t orders = 0;
    use_pair(0);
    assert_int_equal(split(190, 1), 4);
    for (unsigned code = 0; code < 256; code++) {
        size_t order[4] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3};
        struct ike_fragments f;
        struct ike_inner inner;
        unsigned seen = 0;
        for (size_t i = 0; i < 4; i++)
            seen |= 1u << order[i];
        if (seen != 15)
            continue;
        ike_fragments_init(&f);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(take(&f, order[i], &inner), IKE_WIRE_FRAGMENT_MORE);
        assert_int_equal(take(&f, order[3], &inner), IKE_WIRE_OK);
        assert_whole(&inner);
        ike_fragments_fini(&f);
        orders++;
    }
    assert_int_equal(orders, 24);
    end_pair();
}

static void first_fragment_names_the_first_payload(void **state)
{
    (void)state;
    use_pair(0);
    size_t total = split(240, 1);
    for (size_t i = 0; i < total; i++) {
        const uint8_t *b = pieces.bytes[i];
        assert_int_equal(b[16], IKE_PAYLOAD_SKF);
        assert_int_equal(b[28], i == 0 ? IKE_PAYLOAD_IDI : 0);
        assert_int_equal(b[32] << 8 | b[33], i + 1);
        assert_int_equal(b[34] << 8 | b[35], total);
    }
    end_pair();
}

static void fragment_needed(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_SIZE_MAX];
    struct ike_builder b;
    struct ike_header header = sample_header(sample_named("auth-request"), SPI_I, SPI_R);
    use_pair(0);
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_builder_protect(&b, &sealer);
    sample_named("auth-request")->write(&b);
    struct ike_builder copy = b;
    size_t size = ike_sk_seal(&sealer, &copy, crypt_next_iv());
    assert_true(ike_fragment_needed(&sealer, &b, size - 1));
    assert_false(ike_fragment_needed(&sealer, &b, size));
    end_pair();
}

static void limits_of_splitting(void **state)
{
    (void)state;
    use_pair(0);
    size_t fixed = 28 + 4 + 4 + (size_t)sealer.iv_size + sealer.icv_size;
    for (size_t size_max = 0; size_max <= fixed + 1; size_max++)
        assert_int_equal(split(size_max, 1), 0);
    /* one octet each: more than a peer would take */
    assert_int_equal(split(fixed + 2, 1), 0);
    end_pair();
}

static void message_sizes(void **state)
{
    (void)state;
    assert_int_equal(ike_fragment_message_max(1280, 4, false), 1252);
    assert_int_equal(ike_fragment_message_max(1280, 4, true), 1248);
    assert_int_equal(ike_fragment_message_max(1280, 6, true), 1228);
    assert_int_equal(ike_fragment_message_max(576, 4, false), 548);
    assert_int_equal(ike_fragment_message_max(28, 4, false), 0);
    assert_int_equal(ike_fragment_message_max(0, 6, true), 0);
}

static void duplicates(void **state)
{
    (void)state;
    struct ike_fragments f;
    struct ike_inner inner;
    use_pair(3);
    size_t total = split(240, 1);
    ike_fragments_init(&f);
    for (size_t i = 0; i + 1 < total; i++) {
        assert_int_equal(take(&f, i, &inner), IKE_WIRE_FRAGMENT_MORE);
        assert_int_equal(take(&f, i, &inner), IKE_WIRE_FRAGMENT_DUPLICATE);
        assert_int_equal(take(&f, 0, &inner), IKE_WIRE_FRAGMENT_DUPLICATE);
    }
    assert_int_equal(take(&f, total - 1, &inner), IKE_WIRE_OK);
    assert_whole(&inner);
    ike_fragments_fini(&f);
    end_pair();
}

/*
 * A sender that lowers its size splits anew: the larger total replaces, the smaller is refused
 * (2.6).
 */
static void changing_totals(void **state)
{
    (void)state;
    static struct pieces few;
    struct ike_fragments f;
    struct ike_inner inner;
    use_pair(0);
    assert_int_equal(split(400, 1), 2);
    few = pieces;
    size_t many = split(200, 1);
    assert_true(many > 3);
    ike_fragments_init(&f);
    struct pieces saved = pieces;
    pieces = few;
    assert_int_equal(take(&f, 0, &inner), IKE_WIRE_FRAGMENT_MORE);
    pieces = saved;
    assert_int_equal(take(&f, 1, &inner), IKE_WIRE_FRAGMENT_MORE);
    assert_int_equal(f.have, 1); /* what was there is gone */
    pieces = few;
    assert_int_equal(take(&f, 1, &inner), IKE_WIRE_FRAGMENT_INVALID);
    pieces = saved;
    for (size_t i = 0; i < many; i++)
        if (i != 1)
            assert_int_equal(take(&f, i, &inner),
                             i + 1 < many || many == 2 ? IKE_WIRE_FRAGMENT_MORE : IKE_WIRE_OK);
    assert_whole(&inner);
    ike_fragments_fini(&f);
    end_pair();
}

static void another_message_begins_anew(void **state)
{
    (void)state;
    struct ike_fragments f;
    struct ike_inner inner;
    use_pair(0);
    split(300, 1);
    ike_fragments_init(&f);
    assert_int_equal(take(&f, 0, &inner), IKE_WIRE_FRAGMENT_MORE);
    size_t total = split(300, 2);
    for (size_t i = 0; i < total; i++)
        assert_int_equal(take(&f, i, &inner), i + 1 < total ? IKE_WIRE_FRAGMENT_MORE : IKE_WIRE_OK);
    assert_whole(&inner);
    ike_fragments_fini(&f);
    end_pair();
}

/* Without its first, a message never comes whole. */
static void no_first_fragment(void **state)
{
    (void)state;
    struct ike_fragments f;
    struct ike_inner inner;
    use_pair(0);
    size_t total = split(200, 1);
    ike_fragments_init(&f);
    for (size_t i = 1; i < total; i++)
        assert_int_equal(take(&f, i, &inner), IKE_WIRE_FRAGMENT_MORE);
    assert_int_equal(f.have, total - 1);
    ike_fragments_fini(&f);
    end_pair();
}

/* An SKF payload with these numbers, of which the checks come before any decryption. */
static enum ike_wire_status check_numbers(struct ike_fragments *f, uint16_t number, uint16_t total)
{
    uint8_t bytes[64];
    struct ike_builder b;
    struct ike_message m;
    struct ike_header header = sample_header(sample_named("auth-request"), SPI_I, SPI_R);
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    struct base_writer *w = ike_builder_payload(&b, IKE_PAYLOAD_SKF);
    base_write_u16(w, number);
    base_write_u16(w, total);
    assert_int_equal(ike_message_parse(&m, bytes, ike_builder_finish(&b)), IKE_WIRE_OK);
    return ike_fragments_check(f, &m);
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        uint16_t number;
        uint16_t total;
        enum ike_wire_status expected;
    } CASES[] = {
        {1, 1, IKE_WIRE_OK},
        {1, 2, IKE_WIRE_OK},
        {2, 2, IKE_WIRE_OK},
        {0, 2, IKE_WIRE_FRAGMENT_INVALID},
        {3, 2, IKE_WIRE_FRAGMENT_INVALID},
        {0, 0, IKE_WIRE_FRAGMENT_INVALID},
        {1, 0, IKE_WIRE_FRAGMENT_INVALID},
        {1, IKE_FRAGMENTS_TOTAL_MAX, IKE_WIRE_OK},
        {1, IKE_FRAGMENTS_TOTAL_MAX + 1, IKE_WIRE_FRAGMENT_INVALID},
        {65535, 65535, IKE_WIRE_FRAGMENT_INVALID},
    };
    struct ike_fragments f;
    ike_fragments_init(&f);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        assert_int_equal(check_numbers(&f, CASES[i].number, CASES[i].total), CASES[i].expected);
    ike_fragments_fini(&f);
}

static void memory_limit(void **state)
{
    (void)state;
    static uint8_t chain[40000];
    struct ike_fragments f;
    struct ike_inner out;
    struct ike_message m = {.header = {.message_id = 9}};
    struct ike_inner piece = {.chain = chain, .size = sizeof(chain), .fragment_total = 3};
    ike_fragments_init(&f);
    piece.fragment_number = 1;
    assert_int_equal(ike_fragments_add(&f, &m, &piece, &out), IKE_WIRE_FRAGMENT_MORE);
    piece.fragment_number = 2;
    assert_int_equal(ike_fragments_add(&f, &m, &piece, &out), IKE_WIRE_FRAGMENT_LIMIT);
    piece.size = IKE_FRAGMENTS_BYTES_MAX - sizeof(chain);
    assert_int_equal(ike_fragments_add(&f, &m, &piece, &out), IKE_WIRE_FRAGMENT_MORE);
    piece.fragment_number = 3;
    piece.size = 0;
    assert_int_equal(ike_fragments_add(&f, &m, &piece, &out), IKE_WIRE_OK);
    assert_int_equal(out.size, IKE_FRAGMENTS_BYTES_MAX);
    ike_fragments_reset(&f);
    assert_null(f.joined);
    ike_fragments_fini(&f);
}

static void take_mutant(uint8_t *bytes, size_t size, void *arg)
{
    size_t *opened = arg;
    struct ike_message m;
    struct ike_inner inner;
    if (ike_message_parse(&m, bytes, size) == IKE_WIRE_OK)
        *opened += ike_sk_open(&opener, &m, bytes, &inner) == IKE_WIRE_OK;
}

static void mutants(void **state)
{
    (void)state;
    for (size_t p = 0; p < CRYPT_PAIR_COUNT; p++) {
        size_t opened = 0;
        use_pair(p);
        split(200, 1);
        mutate_all(pieces.bytes[0], pieces.sizes[0], take_mutant, &opened);
        assert_int_equal(opened, 1); /* number and total are authenticated too */
        end_pair();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_and_join),
        cmocka_unit_test(every_order_of_four),
        cmocka_unit_test(first_fragment_names_the_first_payload),
        cmocka_unit_test(fragment_needed),
        cmocka_unit_test(limits_of_splitting),
        cmocka_unit_test(message_sizes),
        cmocka_unit_test(duplicates),
        cmocka_unit_test(changing_totals),
        cmocka_unit_test(another_message_begins_anew),
        cmocka_unit_test(no_first_fragment),
        cmocka_unit_test(numbers),
        cmocka_unit_test(memory_limit),
        cmocka_unit_test(mutants),
    };
    return cmocka_run_group_tests(tests, with_context_set_up, with_context_tear_down);
}
