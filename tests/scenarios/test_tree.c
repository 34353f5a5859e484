/* Trees: hostile and odd files, bases, merging, overrides. */
#include "tests/test.h"

#include "base/mem.h"
#include "scenarios/load.h"
#include "scenarios/parse.h"
#include "scenarios/read.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct lab {
    struct base_arena arena;
    struct base_diagnostics problems;
    struct scn_loader loader;
    char folder[64];
};

static void lab_init(struct lab *lab)
{
    base_arena_init(&lab->arena);
    base_diagnostics_init(&lab->problems);
    lab->loader = (struct scn_loader){&lab->arena, &lab->arena, &lab->problems};
    strcpy(lab->folder, "/tmp/tunnelbed-test-XXXXXX");
    assert_non_null(mkdtemp(lab->folder));
}

static void lab_fini(struct lab *lab)
{
    char *command = base_printf("rm -r %s", lab->folder);
    assert_int_equal(system(command), 0);
    free(command);
    base_diagnostics_fini(&lab->problems);
    base_arena_fini(&lab->arena);
}

static const char *put_file(struct lab *lab, const char *name, const char *text)
{
    const char *path = base_arena_printf(&lab->arena, "%s/%s", lab->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static const char *flow(struct lab *lab, const struct scn_node *node)
{
    return scn_node_flow(node, &lab->arena);
}

static const char *first_code(const struct lab *lab)
{
    return lab->problems.count ? lab->problems.items[0].code : "none";
}

static struct scn_node *parse(struct lab *lab, const void *bytes, size_t size)
{
    return scn_parse(&lab->arena, "x.yaml", false, bytes, size, &lab->problems);
}

/* --- Parsing ----------------------------------------------------------------------------------- */

static void test_values(void **state)
{
    static const char text[] =
        "a: [1, two, \"th,ree\", ~, '']\nb: {c: d, \"e f\": null}\nh: |\n  x\n  y\n";
    struct lab lab;
    (void)state;
    lab_init(&lab);
    struct scn_node *root = parse(&lab, text, strlen(text));
    assert_non_null(root);
    assert_string_equal(
        flow(&lab, root),
        "{a: [1, two, \"th,ree\", null, \"\"], b: {c: d, e f: null}, h: \"x\\ny\\n\"}");
    const struct scn_node *c = scn_node_get(scn_node_get(root, "b"), "c");
    assert_int_equal(c->where.line, 2);
    assert_int_equal(c->where.column, 8);
    assert_null(scn_node_get(scn_node_get(root, "b"), "e f")); /* null is as good as absent */
    lab_fini(&lab);
}

static void test_aliases(void **state)
{
    static const char text[] = "a: &x {k: [1, 2]}\nb: *x\nc: &x 3\nd: *x\n";
    struct lab lab;
    (void)state;
    lab_init(&lab);
    struct scn_node *root = parse(&lab, text, strlen(text));
    assert_string_equal(flow(&lab, root), "{a: {k: [1, 2]}, b: {k: [1, 2]}, c: 3, d: 3}");
    scn_override(&lab.loader, root, "b.k.0=9");
    assert_string_equal(flow(&lab, root), "{a: {k: [1, 2]}, b: {k: [9, 2]}, c: 3, d: 3}");
    lab_fini(&lab);
}

struct hostile {
    const char *what, *piece;
    size_t count;
    const char *code;
};

static const struct hostile hostiles[] = {
    {"nothing", "", 1, "none"},
    {"a comment", "# nothing\n", 1, "none"},
    {"lists in lists", "[", 1000000, "too-deep"},
    {"maps in maps", "{a: ", 200000, "too-deep"},
    {"dashes", "- ", 400000, "too-deep"},
    {"questions", "? ", 400000, "bad-key"},
    {"exactly as deep as allowed", "- ", SCN_DEPTH_MAX, "none"},
    {"one deeper", "- ", SCN_DEPTH_MAX + 1, "too-deep"},
    {"many values", "- a\n", SCN_NODES_MAX, "too-many-values"},
    {"as many as allowed", "- a\n", SCN_NODES_MAX - 1, "none"},
    {"too large", "a", SCN_FILE_SIZE_MAX + 1, "too-large"},
    {"as large as allowed", "a", SCN_FILE_SIZE_MAX, "none"},
    {"an alias of itself", "&a [*a]", 1, "unknown-alias"},
    {"UTF-16", "\xff\xfe\x61", 1, "not-utf8"},
    {"not UTF-8", "a: \xe9\n", 1, "not-yaml"},
    {"an escape of a NUL", "a: \"\\0\"", 1, "bad-text"},
    {"a control character", "a: \x01\n", 1, "not-yaml"},
    {"a tab", "a:\n\tb: c\n", 1, "not-yaml"},
    {"documents", "--- a\n", 2, "several-documents"},
    {"an open quote", "a: \"", 1, "not-yaml"},
    {"a list as a key", "[a]: b", 1, "bad-key"},
    {"an alias as a key", "- &a b\n- {*a : c}", 1, "bad-key"},
    {"a key twice", "a: b\n", 2, "duplicate-key"},
};

static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
        const struct hostile *h = &hostiles[i];
        size_t size = strlen(h->piece);
        char *text = base_alloc(size * h->count + 1);
        struct lab lab;
        for (size_t n = 0; n < h->count; n++)
            memcpy(text + n * size, h->piece, size);
        lab_init(&lab);
        const struct scn_node *root = parse(&lab, text, size * h->count);
        if (strcmp(first_code(&lab), h->code) != 0)
            fail_msg("%s: %s, not %s", h->what, first_code(&lab), h->code);
        assert_int_equal(root == NULL, lab.problems.error_count > 0);
        lab_fini(&lab);
        free(text);
    }
}

static void test_binary(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    assert_null(parse(&lab, "a: b\0c", 6));
    assert_string_equal(first_code(&lab), "not-yaml");
    lab_fini(&lab);
}

/* Eight times eight times ... : a few hundred bytes that would be a billion values. */
static void test_laughs(void **state)
{
    char text[2000] = "a0: &a0 [x, x, x, x, x, x, x, x]\n";
    struct lab lab;
    (void)state;
    for (int i = 1; i < 10; i++)
        sprintf(text + strlen(text), "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n",
                i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    lab_init(&lab);
    assert_null(parse(&lab, text, strlen(text)));
    assert_string_equal(first_code(&lab), "too-many-values");
    lab_fini(&lab);
}

/* --- Bases ------------------------------------------------------------------------------------- */

static void test_merge(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    put_file(&lab, "below.yaml", "a: 1\nm: {x: 1, y: {p: 1, q: 2}, l: [1, 2]}\ngone: 5\n");
    const char *path = put_file(
        &lab, "over.yaml", "base: below.yaml\nm: {y: {q: 3, r: 4}, l: [7], z: 8}\ngone: ~\nb: 2\n");
    const struct scn_node *root = scn_load_file(&lab.loader, path);
    assert_non_null(root);
    assert_string_equal(flow(&lab, root),
                        "{a: 1, m: {x: 1, y: {p: 1, q: 3, r: 4}, l: [7], z: 8}, b: 2}");
    /* Every value knows the file that it came from. */
    const struct scn_node *y = scn_node_get(scn_node_get(root, "m"), "y");
    assert_non_null(strstr(scn_node_get(y, "p")->where.file, "below.yaml"));
    assert_int_equal(scn_node_get(y, "p")->where.line, 2);
    assert_non_null(strstr(scn_node_get(y, "q")->where.file, "over.yaml"));
    lab_fini(&lab);
}

static void test_three_levels(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    put_file(&lab, "one.yaml", "a: 1\nb: 1\nc: 1\n");
    put_file(&lab, "two.yaml", "base: ./one.yaml\nb: 2\nc: 2\n");
    const char *path = put_file(&lab, "three.yaml", "base: two.yaml\nc: 3\n");
    assert_string_equal(flow(&lab, scn_load_file(&lab.loader, path)), "{a: 1, b: 2, c: 3}");
    lab_fini(&lab);
}

/* A base in a folder above is called by the shorter name, but not where that would be another file. */
static void test_base_above(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    for (const char *const *folder = (const char *const[]){"one", "two", "two/deep", NULL}; *folder;
         folder++)
        assert_int_equal(mkdir(base_arena_printf(&lab.arena, "%s/%s", lab.folder, *folder), 0700),
                         0);
    assert_int_equal(
        symlink("../two/deep", base_arena_printf(&lab.arena, "%s/one/link", lab.folder)), 0);
    const char *base = put_file(&lab, "base.yaml", "a: 1\n");
    const char *near = put_file(&lab, "two/deep/x.yaml", "base: ../../base.yaml\n");
    const struct scn_node *a = scn_node_get(scn_load_file(&lab.loader, near), "a");
    assert_string_equal(a->where.file, base);
    put_file(&lab, "two/side.yaml", "a: 2\n");
    put_file(&lab, "one/side.yaml", "a: 3\n");
    const char *linked = put_file(&lab, "one/link/y.yaml", "base: ../side.yaml\n");
    a = scn_node_get(scn_load_file(&lab.loader, linked), "a");
    assert_string_equal(a->text, "2");
    assert_non_null(strstr(a->where.file, "/one/link/../side.yaml"));
    lab_fini(&lab);
}

static void test_cycle(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    put_file(&lab, "a.yaml", "base: b.yaml\n");
    put_file(&lab, "b.yaml", "\nbase: c.yaml\n");
    const char *path = put_file(&lab, "c.yaml", "base: a.yaml\n");
    assert_null(scn_load_file(&lab.loader, path));
    assert_int_equal(lab.problems.count, 1);
    char *expected =
        base_printf("base goes round: %s/c.yaml -> %s/a.yaml -> %s/b.yaml -> %s/c.yaml", lab.folder,
                    lab.folder, lab.folder, lab.folder);
    assert_string_equal(lab.problems.items[0].text, expected);
    assert_int_equal(lab.problems.items[0].where.line, 2);
    free(expected);
    lab_fini(&lab);
}

static void test_long_chain(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    put_file(&lab, "0.yaml", "a: 0\n");
    for (int i = 1; i <= SCN_BASES_MAX + 1; i++) {
        char name[20], text[40];
        sprintf(name, "%d.yaml", i);
        sprintf(text, "base: %d.yaml\n", i - 1);
        put_file(&lab, name, text);
    }
    char *path = base_printf("%s/%d.yaml", lab.folder, SCN_BASES_MAX);
    assert_non_null(scn_load_file(&lab.loader, path));
    free(path);
    path = base_printf("%s/%d.yaml", lab.folder, SCN_BASES_MAX + 1);
    assert_null(scn_load_file(&lab.loader, path));
    assert_string_equal(first_code(&lab), "bad-base");
    free(path);
    lab_fini(&lab);
}

static void test_bad_bases(void **state)
{
    static const char *const bases[] = {"base: nothere.yaml\n", "base: /\n", "base: /dev/zero\n",
                                        "base: [a]\n", "base: ''\n"};
    (void)state;
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        struct lab lab;
        lab_init(&lab);
        assert_null(scn_load_text(&lab.loader, "x.yaml", bases[i], strlen(bases[i])));
        assert_string_equal(first_code(&lab), "bad-base");
        assert_int_equal(lab.problems.items[0].where.line, 1);
        lab_fini(&lab);
    }
}

/* --- Overrides --------------------------------------------------------------------------------- */

struct override_case {
    const char *assignment, *expected; /* NULL: refused */
};

static const struct override_case overrides[] = {
    {"a=2", "{a: 2, m: {x: 1, l: [p, {q: 1}]}, n: null}"},
    {"m.x=[1, 2]", "{a: 1, m: {x: [1, 2], l: [p, {q: 1}]}, n: null}"},
    {"m.l.1.q=5%", "{a: 1, m: {x: 1, l: [p, {q: 5%}]}, n: null}"},
    {"m.l.0=~", "{a: 1, m: {x: 1, l: [null, {q: 1}]}, n: null}"},
    {"m.new.deep=7", "{a: 1, m: {x: 1, l: [p, {q: 1}], new: {deep: 7}}, n: null}"},
    {"n.k=7", "{a: 1, m: {x: 1, l: [p, {q: 1}]}, n: {k: 7}}"},
    {"m.\"10.0.0.0/8\"=via", "{a: 1, m: {x: 1, l: [p, {q: 1}], 10.0.0.0/8: via}, n: null}"},
    {"a=", "{m: {x: 1, l: [p, {q: 1}]}, n: null}"},
    {"m.l=null", "{a: 1, m: {x: 1}, n: null}"},
    {"m.x='null'", "{a: 1, m: {x: null, l: [p, {q: 1}]}, n: null}"},
    {"m.new=null", "{a: 1, m: {x: 1, l: [p, {q: 1}], new: null}, n: null}"},
    {"b=c=d", "{a: 1, m: {x: 1, l: [p, {q: 1}]}, n: null, b: c=d}"},
    {"based=1", "{a: 1, m: {x: 1, l: [p, {q: 1}]}, n: null, based: 1}"},
    {"base=other.yaml", NULL},
    {"base.x=1", NULL},
    {"\"base\"=other.yaml", NULL},
    {"\"based\"=1", "{a: 1, m: {x: 1, l: [p, {q: 1}]}, n: null, based: 1}"},
    {"a", NULL},
    {"=1", NULL},
    {"m..x=1", NULL},
    {"m.=1", NULL},
    {"new..x=1", NULL},
    {"m.new.deep.=1", NULL},
    {"m.new.\"x\"y=1", NULL},
    {"a.b=1", NULL},
    {"m.l.2=1", NULL},
    {"m.l.x=1", NULL},
    {"m.\"x\"y=1", NULL},
    {"a={", NULL},
    {"a=@m.x", "{a: 1, m: {x: 1, l: [p, {q: 1}]}, n: null}"},
    {"a=@m.l.0", "{a: p, m: {x: 1, l: [p, {q: 1}]}, n: null}"},
    {"m.new=@m.l.1.q", "{a: 1, m: {x: 1, l: [p, {q: 1}], new: 1}, n: null}"},
    {"a=@n", "{m: {x: 1, l: [p, {q: 1}]}, n: null}"},
    {"a='@m'", "{a: \"@m\", m: {x: 1, l: [p, {q: 1}]}, n: null}"},
    {"a=@", NULL},
    {"a=@o", NULL},
    {"a=@m", NULL},
    {"a=@m.l", NULL},
    {"a=@m.l.2", NULL},
    {"a=@m.l.0.x", NULL},
    {"a=@m.", NULL},
    {"a=@\"m\"x", NULL},
};

static void test_overrides(void **state)
{
    static const char text[] = "a: 1\nm: {x: 1, l: [p, {q: 1}]}\nn:\n";
    static const char untouched[] = "{a: 1, m: {x: 1, l: [p, {q: 1}]}, n: null}";
    (void)state;
    for (size_t i = 0; i < sizeof(overrides) / sizeof(overrides[0]); i++) {
        const struct override_case *c = &overrides[i];
        struct lab lab;
        lab_init(&lab);
        struct scn_node *root = parse(&lab, text, strlen(text));
        scn_override(&lab.loader, root, c->assignment);
        if ((lab.problems.error_count == 0) != (c->expected != NULL))
            fail_msg("%s: %zu errors", c->assignment, lab.problems.error_count);
        assert_string_equal(flow(&lab, root), c->expected ? c->expected : untouched);
        if (!c->expected)
            assert_memory_equal(lab.problems.items[0].where.file, "--set ", 6);
        lab_fini(&lab);
    }
}

/* A key that holds dots is found as it stands. */
static void test_override_dots(void **state)
{
    static const char text[] = "r: {192.168.2.0/24: 1, 192.168.2.0: 2}\n";
    struct lab lab;
    (void)state;
    lab_init(&lab);
    struct scn_node *root = parse(&lab, text, strlen(text));
    scn_override(&lab.loader, root, "r.192.168.2.0/24=9");
    assert_string_equal(flow(&lab, root), "{r: {192.168.2.0/24: 9, 192.168.2.0: 2}}");
    scn_override(&lab.loader, root, "r.192.168.2.0=@r.192.168.2.0/24");
    scn_override(&lab.loader, root, "r.192.168.2.0/24=@r.\"192.168.2.0\"");
    assert_string_equal(flow(&lab, root), "{r: {192.168.2.0/24: 9, 192.168.2.0: 9}}");
    lab_fini(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_hostile),       cmocka_unit_test(test_binary),
        cmocka_unit_test(test_laughs),        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_three_levels),  cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_base_above),    cmocka_unit_test(test_long_chain),
        cmocka_unit_test(test_bad_bases),     cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_override_dots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
