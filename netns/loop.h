/*
 * The real clock, and waiting: descriptors by epoll, deadlines by timerfd. A world in real time runs its queue
 * up to now and then waits here for the next deadline or a readable descriptor.
 *
 * Waiting and calling are two steps, so that what has become due meanwhile can run before what came in:
 *     while (netns_loop_wait(loop, next) != NETNS_WAKE_INTERRUPTED) { run up to now; netns_loop_dispatch(loop); }
 */
#ifndef NETNS_LOOP_H
#define NETNS_LOOP_H

#include <stdbool.h>

#include "base/vtime.h"

struct netns_loop;
struct netns_session;

/* Somebody who waits for a descriptor to be readable (or at its end). Part of its owner. */
struct netns_watch {
    int fd;
    void (*ready)(
        struct netns_watch *watch); /* called in each dispatch as long as it is readable */
};

enum netns_wake {
    NETNS_WAKE_TIME,        /* `until` has come, nothing is readable */
    NETNS_WAKE_READY,       /* something is readable: dispatch */
    NETNS_WAKE_INTERRUPTED, /* a signal to end has come to the session */
};

/* The session's signals wake it; NULL: none do. */
struct netns_loop *netns_loop_new(struct netns_session *session);
void netns_loop_free(struct netns_loop *loop);

/*
 * Puts this thread, which waits in the loop from now on, before all others of the machine
 * (SCHED_FIFO), until the loop is freed in it: what a link delays by 12 ms comes after 12 ms,
 * whatever else runs. What it starts is not put there. Where that is not allowed nothing happens.
 */
void netns_loop_hurry(struct netns_loop *loop);

/* Nanoseconds since netns_loop_start, or since it was made. CLOCK_MONOTONIC. */
base_ns netns_loop_now(const struct netns_loop *loop);
void netns_loop_start(struct netns_loop *loop); /* time 0 is now */

/* The watch is its owner's, which takes it off before it goes. Both may be called in `ready`. */
void netns_loop_add(struct netns_loop *loop, struct netns_watch *watch);
void netns_loop_remove(struct netns_loop *loop, struct netns_watch *watch);

/* Waits until `until` (a time of netns_loop_now; BASE_NEVER) or something is readable. */
enum netns_wake netns_loop_wait(struct netns_loop *loop, base_ns until);
/* Calls the watches that the last wait found ready. */
void netns_loop_dispatch(struct netns_loop *loop);

#endif
