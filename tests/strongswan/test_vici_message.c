/* Messages of vici: to bytes and back, and bytes that are none. */
#include "tests/test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "strongswan/vici_message.h"

/* The example of vici's README ("Message encoding"), in its words and bytes. */
static const uint8_t example[] = {
    3,   4,   'k', 'e', 'y', '1', 0,   6,   'v', 'a', 'l', 'u', 'e', '1',    /* */
    1,   8,   's', 'e', 'c', 't', 'i', 'o', 'n', '1',                        /* */
    1,   11,  's', 'u', 'b', '-', 's', 'e', 'c', 't', 'i', 'o', 'n',         /* */
    3,   4,   'k', 'e', 'y', '2', 0,   6,   'v', 'a', 'l', 'u', 'e', '2', 2, /* */
    4,   5,   'l', 'i', 's', 't', '1', 5,   0,   5,   'i', 't', 'e', 'm', '1',
    5,   0,   5,   'i', 't', 'e', /* */
    'm', '2', 6,   2,
};

static void build(struct swan_tree *tree)
{
    swan_tree_init(tree);
    swan_tree_value(tree, &tree->root, "key1", "value%d", 1);
    struct swan_element *section = swan_tree_section(tree, &tree->root, "section1");
    struct swan_element *inner = swan_tree_section(tree, section, "sub-section");
    swan_tree_value(tree, inner, "key2", "value2");
    struct swan_element *list = swan_tree_list(tree, section, "list1");
    swan_tree_item(tree, list, "item1");
    swan_tree_item(tree, list, "item%d", 2);
}

static void as_documented(void **state)
{
    struct swan_tree tree;
    size_t size = 0;
    (void)state;
    build(&tree);
    uint8_t *packet = swan_packet_write(SWAN_CMD_RESPONSE, NULL, &tree, &size);
    assert_int_equal(size, 5 + sizeof(example));
    assert_int_equal(packet[3], 1 + sizeof(example));
    assert_int_equal(packet[4], SWAN_CMD_RESPONSE);
    assert_memory_equal(packet + 5, example, sizeof(example));
    swan_tree_fini(&tree);

    enum swan_packet type;
    const char *name;
    swan_tree_init(&tree);
    assert_true(swan_packet_read(packet + 4, size - 4, &type, &name, &tree));
    assert_int_equal(type, SWAN_CMD_RESPONSE);
    assert_string_equal(name, "");
    const struct swan_element *section = swan_tree_find(&tree.root, "section1");
    assert_string_equal(swan_tree_text(swan_tree_find(section, "sub-section"), "key2"), "value2");
    assert_string_equal(swan_tree_find(section, "list1")->last->text, "item2");
    assert_string_equal(swan_tree_text(section, "list1"), "");
    assert_string_equal(swan_tree_text(NULL, "key1"), "");
    free(packet);
    swan_tree_fini(&tree);
}

static void requests_have_names(void **state)
{
    size_t size = 0;
    static const uint8_t wanted[] = {0, 0, 0, 9, 0, 7, 'v', 'e', 'r', 's', 'i', 'o', 'n'};
    (void)state;
    uint8_t *packet = swan_packet_write(SWAN_CMD_REQUEST, "version", NULL, &size);
    assert_int_equal(size, sizeof(wanted));
    assert_memory_equal(packet, wanted, sizeof(wanted));
    free(packet);
}

static void too_long_is_refused(void **state)
{
    struct swan_tree tree;
    size_t size = 0;
    char *text = base_alloc(70000);
    (void)state;
    memset(text, 'x', 69999);
    swan_tree_init(&tree);
    swan_tree_value(&tree, &tree.root, "key", "%s", text);
    assert_null(swan_packet_write(SWAN_CMD_RESPONSE, NULL, &tree, &size));
    text[300] = 0;
    assert_null(swan_packet_write(SWAN_CMD_REQUEST, text, NULL, &size));
    swan_tree_fini(&tree);
    free(text);
}

/* Whatever comes is read without a step past its end; a shorter message is whole only between two
 * elements of the root. */
static void truncated_and_flipped(void **state)
{
    uint8_t packet[1 + sizeof(example)] = {SWAN_CMD_RESPONSE};
    enum swan_packet type;
    const char *name;
    (void)state;
    memcpy(packet + 1, example, sizeof(example));
    for (size_t cut = 0; cut < sizeof(packet); cut++) {
        struct swan_tree tree;
        uint8_t *copy = base_alloc(cut + 1);
        memcpy(copy, packet, cut);
        swan_tree_init(&tree);
        bool whole = swan_packet_read(copy, cut, &type, &name, &tree);
        assert_int_equal(whole, cut == 1 || cut == 1 + 14);
        swan_tree_fini(&tree);
        free(copy);
    }
    for (size_t bit = 0; bit < 8 * sizeof(packet); bit++) {
        struct swan_tree tree;
        uint8_t copy[sizeof(packet)];
        memcpy(copy, packet, sizeof(packet));
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        swan_tree_init(&tree);
        (void)!swan_packet_read(copy, sizeof(copy), &type, &name, &tree);
        swan_tree_fini(&tree);
    }
}

static void too_deep_is_refused(void **state)
{
    uint8_t packet[1 + 3 * 40 + 40] = {SWAN_CMD_RESPONSE};
    enum swan_packet type;
    const char *name;
    (void)state;
    for (int depth = 30; depth <= 40; depth++) {
        struct swan_tree tree;
        size_t size = 1;
        for (int i = 0; i < depth; i++) {
            packet[size++] = 1;
            packet[size++] = 1;
            packet[size++] = 'a';
        }
        for (int i = 0; i < depth; i++)
            packet[size++] = 2;
        swan_tree_init(&tree);
        assert_int_equal(swan_packet_read(packet, size, &type, &name, &tree),
                         depth < SWAN_VICI_DEPTH_MAX);
        swan_tree_fini(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_documented),       cmocka_unit_test(requests_have_names),
        cmocka_unit_test(too_long_is_refused), cmocka_unit_test(truncated_and_flipped),
        cmocka_unit_test(too_deep_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
