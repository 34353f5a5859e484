/*
 * Binding: from a tree of values to structs, told by tables. A table says for each key of a map what type it has,
 * where it goes and what it is about; so unknown keys, wrong types and missing values are found in one
 * place, and the JSON Schema is written from the same tables that read a file.
 */
#ifndef SCENARIOS_BIND_H
#define SCENARIOS_BIND_H

#include "base/arena.h"
#include "base/diagnostic.h"
#include "scenarios/node.h"
#include "scenarios/scenario.h"

struct scn_bind {
    struct base_arena *arena; /* the scenario's */
    struct base_arena *tree;  /* for what need not outlive reading */
    struct base_diagnostics *problems;
    struct scn_scenario *scenario;
    bool model_finished;       /* scn_finish_model */
    size_t model_errors;       /* when the model was finished */
    struct scn_node *root;     /* the whole tree */
    struct scn_node *standing; /* vdcs and internet after the last change; NULL: none yet */
    struct topo_model
        first; /* with `standing`: the model of the file; the scenario's is the last change's */
};

struct scn_key;
struct scn_type;

/* Reads `node` into *slot, or adds an error and returns false. `key` is what it is the value of; NULL in a list. */
typedef bool scn_value_fn(struct scn_bind *, const struct scn_type *, const struct scn_key *key,
                          const struct scn_node *node, void *slot);

enum scn_type_kind {
    SCN_TYPE_VALUE,   /* read by `read` */
    SCN_TYPE_WORD,    /* one of `word`; the slot is an enum */
    SCN_TYPE_MAP,     /* a struct, by its keys */
    SCN_TYPE_LIST,    /* a pointer to an array, the count beside it */
    SCN_TYPE_NAMED,   /* a map of names: likewise an array */
    SCN_TYPE_IGNORED, /* accepted, of no effect */
};

struct scn_type {
    enum scn_type_kind kind;
    const char *name;  /* what messages call it: "a duration", "tunnel" */
    const char *about; /* for the schema, and of a value what would be right */

    scn_value_fn *read; /* VALUE */
    /* VALUE: its JSON Schema, an object's members without braces. MAP: its name among the schema's definitions,
       where that is not `name`. */
    const char *schema;
    const char *(*word)(unsigned n); /* WORD, or a VALUE's list for its schema: NULL past the end */

    const struct scn_key *keys; /* MAP */
    size_t key_count;
    size_t size;         /* MAP: of the struct; LIST, NAMED: of one element */
    size_t where_offset; /* MAP: struct base_where in the struct; 0: none */
    size_t set_offset;   /* MAP: uint32_t that collects set_bit; 0: none */
    void (*begin)(struct scn_bind *, const struct scn_node *, void *object); /* defaults */
    void (*finish)(struct scn_bind *, const struct scn_node *,
                   void *object); /* also after errors */

    const struct scn_type *of;            /* LIST, NAMED; VALUE: a map that its schema names */
    const struct scn_type *const *any_of; /* VALUE: for its schema, NULL-ended */
    size_t count_min, count_max;
    bool or_one; /* LIST: one element may stand without the list */
    bool secret; /* MAP: what stands in its place by mistake may be a key, and is not told */
    /* NAMED: takes the name into the element */
    void (*named)(struct scn_bind *, const struct scn_entry *, void *object);
};

struct scn_key {
    const char *name;
    const struct scn_type *type;
    size_t offset;
    size_t where_offset; /* struct base_where of the value; 0: none */
    size_t count_offset; /* LIST, NAMED: size_t */
    size_t has_offset;   /* bool that tells that the key was there; 0: none */
    uint32_t set_bit;
    uint64_t min,
        max; /* of numbers and lengths of texts, min of durations (ns) too; 0, 0: the type's own */
    bool required;
    const char *about;
    const char *standard; /* the default, as JSON */
};

#define SCN_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The tree's whole: a MAP bound into `object`, which is zeroed. */
bool scn_bind_map(struct scn_bind *, const struct scn_type *, const struct scn_node *,
                  void *object);

/* One value of any type. `count` takes a list's length. */
bool scn_bind_value(struct scn_bind *, const struct scn_type *, const struct scn_key *,
                    const struct scn_node *, void *slot, size_t *count);

/* Adds errors for keys of `node` that neither table nor `also` (NULL-ended, may be NULL) has. */
void scn_bind_unknown_keys(struct scn_bind *, const struct scn_type *, const struct scn_node *,
                           const char *const *also);

/* Whether a map of this type has such a key. */
bool scn_bind_known_key(const struct scn_type *, const char *key);

/* Whether a name (of a node, a tunnel, a capture point) is unknown only because of an error told elsewhere. */
bool scn_bind_name_follows(const struct scn_bind *, const char *name);

/* Adds "<key>: <what>". `hint` may be NULL. Returns false. An unknown name that follows from another error is not
   told. */
bool scn_bind_error(struct scn_bind *, const char *code, const struct scn_node *,
                    const struct scn_key *, const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Adds "<key>: 'x' is not <type>; write <about>". Returns false. */
bool scn_bind_bad_value(struct scn_bind *, const struct scn_type *, const struct scn_key *,
                        const struct scn_node *);

/* "did you mean 'x'?" where one of the words is near, else "one of a, b, c". In the tree's arena. */
const char *scn_bind_suggest(struct scn_bind *, const char *word, const char *const *words,
                             size_t count);

/* Whether this is a scalar; else adds an error that names the type. */
bool scn_bind_is_scalar(struct scn_bind *, const struct scn_type *, const struct scn_key *,
                        const struct scn_node *);

/* A type's `read`: the first of its words stands for 1, and so on; 0 is what was not said. The slot is an enum. */
bool scn_bind_choice(struct scn_bind *, const struct scn_type *, const struct scn_key *,
                     const struct scn_node *, void *slot);

/* A copy in the scenario's arena. */
const char *scn_bind_text(struct scn_bind *, const char *text);

#endif
