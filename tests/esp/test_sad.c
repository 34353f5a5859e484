/* The SA database, and the sizes that an SA computes. */
#include "tests/esp/fixture.h"

#include "ipsec/esp/sad.h"

static struct esp_sa *make(struct fixture *f, enum esp_sa_direction direction, uint32_t spi,
                           uint32_t reqid)
{
    struct fixture_options options = {.encr = "AES128-GCM-16", .window = 64};
    struct esp_sa_config config = fixture_config(f, &options, direction);
    config.spi = spi;
    config.reqid = reqid;
    return esp_sa_new(f->crypto, &config);
}

static void setup(struct fixture *f)
{
    fixture_init(f, &(struct fixture_options){.encr = "AES128-GCM-16"});
}

static void inbound_by_spi(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct esp_sad *sad = esp_sad_new();
    assert_null(esp_sad_inbound(sad, 1));
    struct esp_sa *all[200];
    for (uint32_t i = 0; i < 200; i++) {
        all[i] = make(&f, ESP_SA_INBOUND, i * 7919 + 256, i);
        assert_true(esp_sad_add(sad, all[i]));
    }
    struct esp_sa *twin = make(&f, ESP_SA_INBOUND, 7919 + 256, 1);
    assert_false(esp_sad_add(sad, twin));
    esp_sa_free(twin);
    for (uint32_t i = 0; i < 200; i += 3) {
        esp_sad_remove(sad, all[i]);
        all[i] = NULL;
    }
    for (uint32_t i = 0; i < 200; i++)
        assert_ptr_equal(esp_sad_inbound(sad, i * 7919 + 256), all[i]);
    assert_int_equal(esp_sad_count(sad), 133);
    esp_sad_flush(sad);
    assert_int_equal(esp_sad_count(sad), 0);
    assert_null(esp_sad_inbound(sad, 7919 + 256));
    esp_sad_free(sad);
    fixture_fini(&f);
}

/* A rekey: the new SA is added, then selected, then the old one goes. */
static void outbound_by_reqid(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct esp_sad *sad = esp_sad_new();
    struct esp_sa *old = make(&f, ESP_SA_OUTBOUND, 1000, 1);
    struct esp_sa *other = make(&f, ESP_SA_OUTBOUND, 1000, 2); /* SPIs are the peers' */
    struct esp_sa *new = make(&f, ESP_SA_OUTBOUND, 1001, 1);
    struct esp_sa *newest = make(&f, ESP_SA_OUTBOUND, 1002, 1);
    assert_true(esp_sad_add(sad, old) && esp_sad_add(sad, other));
    assert_ptr_equal(esp_sad_outbound(sad, 1), old);
    assert_true(esp_sad_add(sad, new));
    assert_ptr_equal(esp_sad_outbound(sad, 1), old);
    esp_sad_select(sad, new);
    assert_ptr_equal(esp_sad_outbound(sad, 1), new);
    esp_sad_remove(sad, old);
    assert_ptr_equal(esp_sad_outbound(sad, 1), new);
    assert_true(esp_sad_add(sad, newest));
    assert_ptr_equal(esp_sad_outbound_spi(sad, NET_IP4(203, 0, 113, 20), 1002), newest);
    assert_null(esp_sad_outbound_spi(sad, NET_IP4(203, 0, 113, 21), 1002));
    esp_sad_remove(sad, new);
    assert_ptr_equal(esp_sad_outbound(sad, 1), newest);
    esp_sad_remove(sad, newest);
    assert_null(esp_sad_outbound(sad, 1));
    assert_ptr_equal(esp_sad_outbound(sad, 2), other);
    assert_null(esp_sad_outbound(sad, 3));
    esp_sad_free(sad);
    fixture_fini(&f);
}

static void walks_in_the_order_of_adding(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct esp_sad *sad = esp_sad_new();
    struct esp_sa *removed = NULL;
    for (uint32_t i = 0; i < 10; i++) {
        struct esp_sa *sa = make(&f, i % 2 ? ESP_SA_INBOUND : ESP_SA_OUTBOUND, 5000 - i, i);
        assert_true(esp_sad_add(sad, sa));
        removed = i == 4 ? sa : removed;
    }
    esp_sad_remove(sad, removed);
    uint32_t i = 0;
    for (struct esp_sa *sa = esp_sad_first(sad); sa; sa = sa->next, i++) {
        i += i == 4;
        assert_int_equal(sa->spi, 5000 - i);
    }
    assert_int_equal(i, 10);
    esp_sad_free(sad);
    fixture_fini(&f);
}

static void reserved_spis(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct esp_sad *sad = esp_sad_new();
    struct base_rng rng;
    base_rng_init(&rng, 1, "test spi");
    struct base_rng again = rng;
    uint32_t first = esp_sad_reserve_spi(sad, &rng);
    assert_int_equal(first >> 28, 0xc);
    assert_null(esp_sad_inbound(sad, first));
    uint32_t second = esp_sad_reserve_spi(sad, &again); /* the same draw: taken, so another */
    assert_int_not_equal(first, second);
    assert_true(esp_sad_add(sad, make(&f, ESP_SA_INBOUND, first, 1)));
    assert_non_null(esp_sad_inbound(sad, first));
    esp_sad_release_spi(sad, first); /* an SA has it: nothing happens */
    assert_non_null(esp_sad_inbound(sad, first));
    esp_sad_release_spi(sad, second);
    base_rng_init(&rng, 1, "test spi");
    (void)base_rng_u64(&rng);
    assert_int_equal(esp_sad_reserve_spi(sad, &rng), second);
    esp_sad_free(sad);
    fixture_fini(&f);
}

/* Linux's arithmetic (__xfrm_state_mtu), with the values that a real gateway showed among them. */
static void inner_mtu_as_linux_computes_it(void **state)
{
    (void)state;
    static const struct {
        struct fixture_options options;
        uint32_t outer, inner;
    } cases[] = {
        {{.encr = "AES128-CTR", .integ = "SHA256"}, 1500, 1446}, /* gateway-reference 13a */
        {{.encr = "AES128-CTR", .integ = "SHA256"}, 1400, 1346}, /* gateway-reference 13a */
        {{.encr = "AES128-CTR", .integ = "SHA256", .encapsulated = true}, 1500, 1438},
        {{.encr = "AES128", .integ = "SHA256"}, 1500, 1438},
        {{.encr = "AES256", .integ = "SHA512"}, 1500, 1422},
        {{.encr = "AES128", .integ = "SHA256", .encapsulated = true}, 1500, 1422},
        {{.encr = "AES128", .integ = "AES-XCBC"}, 1500, 1438},
        {{.encr = "AES256-GCM-16"}, 1500, 1446},
        {{.encr = "AES256-GCM-12"}, 1500, 1450},
        {{.encr = "AES128-CCM-12", .encapsulated = true}, 1500, 1442},
        {{.encr = "AES128-CTR", .integ = "SHA256"}, 1501, 1446},
        {{.encr = "AES128-CTR", .integ = "SHA256"}, 1503, 1446},
        {{.encr = "AES128-CTR", .integ = "SHA256"}, 1504, 1450},
        {{.encr = "AES128-CTR", .integ = "SHA256"}, 50, 0},
        {{.encr = "AES128-CTR", .integ = "SHA256"}, 0, 0},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct fixture f;
        fixture_init(&f, &cases[c].options);
        if (esp_sa_inner_mtu(f.out, cases[c].outer) != cases[c].inner)
            fail_msg("case %zu: %u", c, esp_sa_inner_mtu(f.out, cases[c].outer));
        fixture_fini(&f);
    }
}

/* What fits by the MTU fits on the wire, and one octet more does not. */
static void mtu_and_size_agree(void **state)
{
    (void)state;
    struct fixture_options options = {0};
    size_t suites = fixture_suite(SIZE_MAX, &options);
    for (size_t s = 0; s < suites; s++) {
        fixture_suite(s, &options);
        options.encapsulated = s % 2;
        struct fixture f;
        fixture_init(&f, &options);
        for (uint32_t outer = 576; outer < 640; outer++) {
            uint32_t inner = esp_sa_inner_mtu(f.out, outer);
            assert_true(esp_sa_outer_size(f.out, inner) <= outer);
            assert_true(esp_sa_outer_size(f.out, inner + 1) > outer);
        }
        fixture_fini(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inbound_by_spi),
        cmocka_unit_test(outbound_by_reqid),
        cmocka_unit_test(walks_in_the_order_of_adding),
        cmocka_unit_test(reserved_spis),
        cmocka_unit_test(inner_mtu_as_linux_computes_it),
        cmocka_unit_test(mtu_and_size_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
