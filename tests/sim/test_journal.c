#include "tests/test.h"

#include "sim/journal.h"
#include "sim/node.h"

static void test_records_in_order(void **state)
{
    enum {
        COUNT = 100000
    }; /* chunks of their own, and two blocks of many */
    (void)state;
    struct sim_world *world = sim_world_new(1, true);
    assert_int_equal(sim_journal_count(world->journal), 0);
    for (uint64_t i = 0; i < COUNT; i++) {
        world->now = (base_ns)i;
        sim_note(world, NULL, 1, 2, SIM_KIND_MARK, SIM_REASON_NONE, i, i * 2);
    }
    assert_int_equal(sim_journal_count(world->journal), COUNT);
    for (uint64_t i = 0; i < COUNT; i++) {
        const struct sim_record *record = sim_journal_at(world->journal, i);
        assert_int_equal(record->at, i);
        assert_int_equal(record->a, i);
        assert_int_equal(record->b, i * 2);
        assert_int_equal(record->packet, 0);
    }
    assert_int_equal(sizeof(struct sim_record), 48);
    sim_world_free(world);
}

static void test_without_a_journal_drops_still_count(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, false);
    struct sim_node nodes[2];
    for (unsigned i = 0; i < 2; i++)
        sim_node_init(&nodes[i], world, i ? "b" : "a");
    sim_drop(world, sim_packet_new(world, 0, 0), nodes[0].id, 0, SIM_REASON_NO_TEMPLATE, 0, 0);
    sim_drop(world, sim_packet_new(world, 0, 0), nodes[1].id, 0, SIM_REASON_NO_TEMPLATE, 0, 0);
    sim_lose(world, sim_packet_new(world, 0, 0), nodes[1].id, 0, SIM_REASON_LOSS, 10000);
    sim_drop(world, sim_packet_new(world, 0, 0), 0, 0, SIM_REASON_TTL, 0, 0); /* of no node */
    assert_int_equal(sim_world_drops(world, nodes[0].id, SIM_REASON_NO_TEMPLATE), 1);
    assert_int_equal(sim_world_drops(world, 0, SIM_REASON_NO_TEMPLATE), 2);
    assert_int_equal(sim_world_drops(world, nodes[1].id, SIM_REASON_LOSS), 1);
    assert_int_equal(sim_world_drops(world, nodes[0].id, SIM_REASON_LOSS), 0);
    assert_int_equal(sim_world_drops(world, 0, SIM_REASON_TTL), 0);
    for (unsigned i = 0; i < 2; i++)
        sim_node_fini(&nodes[i]);
    sim_world_free(world);
}

static void test_index_by_packet_and_by_parent(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, true);
    struct sim_packet *first = sim_packet_new(world, 0, 0);
    struct sim_packet *second = sim_packet_new(world, 0, 0);
    sim_note(world, first, 1, 0, SIM_KIND_BORN, SIM_REASON_NONE, 0, 0);
    sim_note(world, second, 1, 0, SIM_KIND_BORN, SIM_REASON_NONE, 0, 0);
    sim_note(world, NULL, 0, 0, SIM_KIND_MARK, SIM_REASON_NONE, 0, 0);
    sim_note(world, first, 1, 0, SIM_KIND_SENT, SIM_REASON_NONE, 0, 0);
    struct sim_packet *copy = sim_packet_clone(world, first);
    sim_note(world, copy, 1, 0, SIM_KIND_BORN, SIM_REASON_NONE, 0, 0);
    sim_drop(world, first, 2, 0, SIM_REASON_TTL, 0, 0);
    struct sim_packet *again = sim_packet_new(world, 0, 1);
    sim_note(world, again, 1, 0, SIM_KIND_BORN, SIM_REASON_NONE, 0, 0);

    struct sim_journal_index *index = sim_journal_index_new(world->journal);
    assert_int_equal(sim_journal_index_count(index, 1), 3);
    assert_int_equal(sim_journal_index_at(index, 1, 0)->kind, SIM_KIND_BORN);
    assert_int_equal(sim_journal_index_at(index, 1, 1)->kind, SIM_KIND_SENT);
    assert_int_equal(sim_journal_index_at(index, 1, 2)->kind, SIM_KIND_DROPPED);
    assert_int_equal(sim_journal_index_count(index, 2), 1);
    assert_int_equal(sim_journal_index_children(index, 1), 2);
    assert_int_equal(sim_journal_index_child(index, 1, 0), copy->id);
    assert_int_equal(sim_journal_index_child(index, 1, 1), again->id);
    assert_int_equal(sim_journal_index_children(index, 2), 0);
    assert_int_equal(sim_journal_index_count(index, 0), 0);
    assert_int_equal(sim_journal_index_count(index, 99), 0);
    sim_journal_index_free(index);
    sim_packet_free(world, second);
    sim_packet_free(world, copy);
    sim_packet_free(world, again);
    sim_world_free(world);
}

static void test_an_empty_journal_has_an_index(void **state)
{
    (void)state;
    struct sim_journal *journal = sim_journal_new();
    struct sim_journal_index *index = sim_journal_index_new(journal);
    assert_int_equal(sim_journal_index_count(index, 1), 0);
    sim_journal_index_free(index);
    sim_journal_free(journal);
}

static void test_names_are_found_by_word_and_by_linux_name(void **state)
{
    (void)state;
    enum sim_reason reason = SIM_REASON_NONE;
    assert_true(sim_reason_find("in-clear", &reason));
    assert_int_equal(reason, SIM_REASON_NO_TEMPLATE);
    assert_true(sim_reason_find("xfrminnostates", &reason));
    assert_int_equal(reason, SIM_REASON_NO_INBOUND_SA);
    assert_false(sim_reason_find("", &reason));
    assert_false(sim_reason_find("none", &reason));
    assert_false(sim_reason_find("nonsense", &reason));
    assert_int_equal(reason, SIM_REASON_NO_INBOUND_SA);
    for (unsigned i = 1; i < SIM_REASON_COUNT; i++) {
        assert_true(sim_reason_find(sim_reason_word((enum sim_reason)i), &reason));
        assert_int_equal(reason, i); /* words are all different */
    }
}

static void test_records_in_words(void **state)
{
    (void)state;
    static const struct {
        struct sim_record record;
        const char *text;
    } CASES[] = {
        {{.kind = SIM_KIND_LOST, .reason = SIM_REASON_LOSS, .a = 50000}, "lost (5% loss)"},
        {{.kind = SIM_KIND_LOST, .reason = SIM_REASON_BURST_LOSS, .a = 1000000},
         "lost (100% loss in a burst)"},
        {{.kind = SIM_KIND_HELD, .a = 1}, "held as x"},
        {{.kind = SIM_KIND_DELAYED, .a = 3000000000u}, "delayed 3s"},
        {{.kind = SIM_KIND_DUPLICATED, .a = 1}, "duplicated"},
        {{.kind = SIM_KIND_DUPLICATED, .a = 3}, "duplicated (3 copies)"},
        {{.kind = SIM_KIND_REORDERED, .a = 0}, "reordered (sent ahead)"},
        {{.kind = SIM_KIND_DROPPED, .reason = SIM_REASON_FAULT}, "dropped by a fault"},
        {{.kind = SIM_KIND_DROPPED, .reason = SIM_REASON_FIREWALL},
         "dropped by a firewall on the path (NETFILTER_DROP)"},
        {{.kind = SIM_KIND_DROPPED, .reason = SIM_REASON_NO_TEMPLATE},
         "dropped: a policy demands ESP and it came in clear (XfrmInTmplMismatch)"},
        {{.kind = SIM_KIND_DROPPED, .reason = SIM_REASON_LINK_MTU, .a = 1400},
         "dropped: larger than the link's MTU of 1400"},
        {{.kind = SIM_KIND_ICMP_SENT, .a = 11 << 8, .b = 0xc6336402},
         "ICMP error sent: type 11, code 0 from 198.51.100.2"},
        {{.kind = SIM_KIND_MARK, .a = 1}, "x"},
    };
    struct sim_journal *journal = sim_journal_new();
    assert_int_equal(sim_journal_text(journal, "x"), 1);
    assert_int_equal(sim_journal_text(journal, "y"), 2);
    assert_int_equal(sim_journal_text(journal, "x"), 1);
    assert_int_equal(sim_journal_text(journal, NULL), 0);
    assert_string_equal(sim_journal_text_of(journal, 2), "y");
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char text[SIM_RECORD_TEXT_MAX];
        sim_record_text(journal, &CASES[i].record, text);
        assert_string_equal(text, CASES[i].text);
    }
    sim_journal_free(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_in_order),
        cmocka_unit_test(test_without_a_journal_drops_still_count),
        cmocka_unit_test(test_index_by_packet_and_by_parent),
        cmocka_unit_test(test_an_empty_journal_has_an_index),
        cmocka_unit_test(test_names_are_found_by_word_and_by_linux_name),
        cmocka_unit_test(test_records_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
