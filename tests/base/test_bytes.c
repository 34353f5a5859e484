/* Readers and writers: network order, sticky failure, bounded sub-readers, patched lengths. */
#include "tests/test.h"

#include "base/buffer.h"
#include "base/bytes.h"

static const uint8_t SAMPLE[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static void test_reads_in_network_order(void **state)
{
    (void)state;
    struct base_reader r = base_reader_of(SAMPLE, sizeof(SAMPLE));
    assert_int_equal(base_read_u8(&r), 1);
    assert_int_equal(base_read_u16(&r), 0x0203);
    assert_int_equal(base_read_u32(&r), 0x04050607);
    assert_int_equal(base_reader_left(&r), 2);
    assert_false(base_reader_done(&r));
}

static void test_failure_is_sticky(void **state)
{
    (void)state;
    struct base_reader r = base_reader_of(SAMPLE, 3);
    assert_int_equal(base_read_u32(&r), 0);
    assert_true(r.failed);
    assert_int_equal(base_read_u8(&r), 0);
    assert_int_equal(base_reader_left(&r), 0);
    uint8_t out[2] = {0xa5, 0xa5};
    base_read_copy(&r, out, 2);
    assert_int_equal(out[0], 0);
}

static void test_sub_reader_is_bounded(void **state)
{
    (void)state;
    struct base_reader r = base_reader_of(SAMPLE, sizeof(SAMPLE));
    struct base_reader sub = base_read_sub(&r, 2);
    assert_int_equal(base_read_u16(&sub), 0x0102);
    assert_true(base_reader_done(&sub));
    base_read_u8(&sub);
    assert_true(sub.failed);
    assert_false(r.failed);
    assert_int_equal(base_read_u8(&r), 3);
    assert_true(base_read_sub(&r, 7).failed);
    assert_true(r.failed);
}

static void test_writer_stops_at_its_end(void **state)
{
    (void)state;
    uint8_t out[5];
    memset(out, 0xa5, sizeof(out));
    struct base_writer w = base_writer_of(out, 4);
    base_write_u16(&w, 0);
    base_write_u16(&w, 0x0102);
    base_write_patch(&w, 0, w.size, 2);
    assert_false(w.failed);
    base_write_u8(&w, 9);
    assert_true(w.failed);
    const uint8_t expected[] = {0, 4, 1, 2, 0xa5};
    assert_memory_equal(out, expected, sizeof(expected));
    struct base_writer other = base_writer_of(out, 4);
    base_write_patch(&other, 0, 1, 2);
    assert_true(other.failed);
}

static void test_buffer_moves_its_ends(void **state)
{
    (void)state;
    uint8_t memory[16];
    struct base_buffer b = {.memory = memory, .capacity = 16, .start = 4, .size = 8};
    assert_ptr_equal(base_buffer_push(&b, 4), memory);
    assert_int_equal(base_buffer_headroom(&b), 0);
    assert_ptr_equal(base_buffer_put(&b, 4), memory + 12);
    assert_int_equal(base_buffer_tailroom(&b), 0);
    base_buffer_pull(&b, 10);
    base_buffer_trim(&b, 1);
    assert_ptr_equal(base_buffer_data(&b), memory + 10);
    assert_int_equal(b.size, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_in_network_order),
        cmocka_unit_test(test_failure_is_sticky),
        cmocka_unit_test(test_sub_reader_is_bounded),
        cmocka_unit_test(test_writer_stops_at_its_end),
        cmocka_unit_test(test_buffer_moves_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
