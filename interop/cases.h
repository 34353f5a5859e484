/* The cases: what is set up and what is done, step by step. */
#ifndef INTEROP_CASES_H
#define INTEROP_CASES_H

#include "base/arena.h"
#include "interop/matrix.h"
#include "topology/model.h"

struct crypto_encr;
struct crypto_group;
struct crypto_integ;

/* One side of a cell while it is set up. */
struct interop_end {
    struct topo_tunnel *tunnel;
    struct topo_behaviour *behaviour; /* NULL: charon's, where many cells share it */
};

struct interop_setting {
    struct base_arena *arena;
    struct interop_end ends[INTEROP_SIDES];
    enum interop_side starter;
    struct topo_nat nats[INTEROP_SIDES]; /* public_ip of family 0: none */
};

/* What is done. "the starter" begins the cell, "the other" is its peer. */
#define INTEROP_OPS(X)                                                                             \
    X(UP, "negotiation")          /* the starter initiates; all that was agreed on is compared */  \
    X(REFUSED, "refusal")         /* the starter initiates, and fails with notify `value` */       \
    X(IKE_ALONE, "no child SA")   /* both have an IKE SA and no child */                           \
    X(PING, "ping")               /* `value` echo requests through the tunnel, all answered */     \
    X(REKEY_CHILD, "child rekey") /* by the starter; by the other where `other` */                 \
    X(REKEY_IKE, "IKE rekey")     /* likewise */                                                   \
    X(REKEY_CHILD_BOTH, "both sides' child rekey") /* in one moment */                             \
    X(REKEY_IKE_BOTH, "both sides' IKE rekey")                                                     \
    X(DELETE_CHILD, "child delete") /* by the starter or the other */                              \
    X(DELETE_IKE, "IKE delete")                                                                    \
    X(LIVENESS, "liveness checks")       /* `value` empty INFORMATIONAL requests of the starter */ \
    X(SEEN, "notify")                    /* a message with notify `value` has passed */            \
    X(LOGGED, "charon's log")            /* has `text` */                                          \
    X(ENCAPSULATED, "UDP encapsulation") /* ours is there */                                       \
    X(KILL, "killing charon")                                                                      \
    X(QUIT, "ending charon")                                                                       \
    X(START, "starting charon")                                                                    \
    X(RESTART_OURS, "our restart")                                                                 \
    X(COME_UP, "coming up again") /* by itself, within `value` s */                                \
    X(GO_DOWN, "going down")      /* ours, by itself, within `value` s */                          \
    X(MOVE, "change of address")  /* charon's wan gets another address */                          \
    X(SETTLE, "settling")         /* after a move; `value`: one that makes charon rekey */         \
    X(REBIND, "NAT rebinding")    /* the NAT routers forget their mappings */                      \
    X(HALF_OPEN, "half-open SA")  /* a third gateway sends charon an IKE_SA_INIT and nothing more */

enum interop_op {
#define X(name, text) INTEROP_OP_##name,
    INTEROP_OPS(X)
#undef X
    INTEROP_OP_END,
};

struct interop_step {
    enum interop_op op;
    bool other;
    unsigned value;
    const char *text;
};

/* Which charon: nearly all cases share one. Its gateway's name tells how it is to be, see interop_charon_options(). */
enum interop_daemon {
    INTEROP_SHARED,
    INTEROP_OWN,
    INTEROP_COOKIES,   /* its own, with a cookie threshold of one */
    INTEROP_FRAGMENTS, /* its own, with small fragments */
};

struct interop_case {
    const char *group, *name, *rfc, *rule;
    const struct interop_step *steps; /* to INTEROP_OP_END */
    enum interop_daemon daemon;
    bool sides[INTEROP_SIDES];                     /* who may start it */
    const char *no_side;                           /* why the other may not */
    bool needs_xfrm;                               /* kernel-libipsec cannot */
    const struct crypto_encr *ike_encr, *esp_encr; /* NULL: as all others have it */
    const struct crypto_integ *ike_integ, *esp_integ;
    const struct crypto_group *ike_group, *esp_group;
    void (*set)(struct interop_setting *setting); /* what else is special; may be NULL */
};

/* All of them, in the order of the matrix. Lives in `arena`. */
size_t interop_cases(struct base_arena *arena, struct interop_case **out);

const char *interop_op_name(enum interop_op op);

#endif
