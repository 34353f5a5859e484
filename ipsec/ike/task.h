/*
 * What an IKE SA is to do as initiator of exchanges, one at a time (window size 1). Tasks wait in the
 * order in which they came; one may be put off until a time.
 */
#ifndef IKE_TASK_H
#define IKE_TASK_H

#include "base/vtime.h"
#include "ipsec/ike/endpoint.h"
#include "ipsec/ike/nonce.h"

struct ike_builder;
struct ike_child_offer;
struct ike_message;
struct ike_rekey_offer;
struct ike_sa;

struct ike_task {
    struct ike_task *prev, *next;
    enum ike_task_kind kind;
    base_ns not_before;
    bool asked;          /* by an administrator: its end is told even if it never began */
    bool announced;      /* TASK_STARTED was told */
    unsigned retries;    /* how often it began again, for INVALID_KE_PAYLOAD */
    uint32_t child_spi;  /* CHILD_REKEY, CHILD_DELETE: the inbound SPI; 0: see `all_children` */
    bool all_children;   /* CHILD_DELETE: of all children at once */
    bool orphan;         /* CHILD_DELETE: the peer alone has it */
    uint16_t notify;     /* IKE_DELETE: an error notify that goes with it; 0: none */
    enum ike_reason why; /* of a delete: what is told when the SA is gone */
    bool has_flow;
    struct ike_flow flow; /* CHILD_CREATE, CONNECT: the packet that asked for it */

    /* while its request is under way */
    struct ike_child_offer *offer; /* CHILD_CREATE, CHILD_REKEY; owned */
    struct ike_rekey_offer *rekey; /* IKE_REKEY; owned */
    uint16_t group;                /* that INVALID_KE_PAYLOAD asked for; 0: ours */
    uint32_t peer_child; /* CHILD_REKEY: inbound SPI of what the peer's own rekey made; 0: none */
    bool peer_rekeyed;   /* the peer's rekey was answered meanwhile, whatever became of it */
    struct ike_nonce_low peer_low; /* of that exchange */
    uint8_t cookie2[8];            /* ADDRESS_UPDATE */

    /* how it ended */
    enum ike_reason reason;
    uint16_t refusal; /* the peer's error notify */
};

/* What becomes of a task when its answer has come. */
enum ike_task_end {
    IKE_TASK_ENDED,   /* task->reason says how */
    IKE_TASK_AGAIN,   /* at once, before all others */
    IKE_TASK_LATER,   /* at task->not_before */
    IKE_TASK_GOES_ON, /* its next request is under way already */
};

struct ike_task_ops {
    uint8_t exchange;
    /* Writes the request's payloads; false: there is nothing to do any more, task->reason says why. */
    bool (*begin)(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b);
    /* The authenticated response; the SA may be closed when it returns. */
    enum ike_task_end (*done)(struct ike_sa *sa, struct ike_task *task,
                              const struct ike_message *response);
    /* No answer will come: time-out, or the SA goes. May be NULL. */
    void (*abandon)(struct ike_sa *sa, struct ike_task *task);
};

const struct ike_task_ops *ike_task_ops(enum ike_task_kind kind);

/* Queues a task of the kind and returns it, to be filled in. */
struct ike_task *ike_task_add(struct ike_sa *sa, enum ike_task_kind kind);
/* One of the kind, waiting or under way; NULL: none. `child_spi` 0: whatever it is for. */
struct ike_task *ike_task_find(const struct ike_sa *sa, enum ike_task_kind kind,
                               uint32_t child_spi);

/* Begins the next task if it is time and nothing is under way. */
void ike_tasks_run(struct ike_sa *sa);
base_ns ike_tasks_deadline(const struct ike_sa *sa);
/* The active task's authenticated response has come. */
void ike_task_answered(struct ike_sa *sa, const struct ike_message *response);
/* An authentic response that cannot be read: the task fails, and the IKE SA is deleted, with INVALID_SYNTAX. */
void ike_task_spoiled(struct ike_sa *sa);
/* The SA is gone: every task fails with `reason`; those asked for, and the active one, are told. */
void ike_tasks_abandon(struct ike_sa *sa, enum ike_reason reason);
/* Moves the waiting tasks to the SA that replaces this one. */
void ike_tasks_move(struct ike_sa *from, struct ike_sa *to);

#endif
