/* Waiting on the real clock: one epoll with a timerfd and the session's signals in it. */
#include "netns/loop.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "netns/session.h"

enum {
    READY_MAX = 64, /* at a time: the rest is found by the next wait */
};

struct netns_loop {
    struct netns_session *session;
    int epoll, timer;
    bool hurries;
    base_ns start; /* of the monotonic clock */
    base_ns armed; /* what the timer is set to; BASE_NEVER: to nothing; -1: unknown */
    struct netns_watch *ready[READY_MAX];
    int ready_count;
};

static base_ns clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (base_ns)now.tv_sec * BASE_S + now.tv_nsec;
}

/* What an event's data is NULL for wakes and is not called: the timer, the signals. */
static void add(struct netns_loop *loop, int fd, struct netns_watch *watch)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};
    int status = epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event);
    assert(status == 0);
    (void)status;
}

struct netns_loop *netns_loop_new(struct netns_session *session)
{
    struct netns_loop *loop = base_alloc(sizeof(*loop));
    loop->session = session;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    assert(loop->epoll >= 0 && loop->timer >= 0);
    add(loop, loop->timer, NULL);
    if (session)
        add(loop, netns_session_signals(session), NULL);
    netns_loop_start(loop);
    return loop;
}

void netns_loop_free(struct netns_loop *loop)
{
    const struct sched_param ordinary = {0};
    if (!loop)
        return;
    if (loop->hurries)
        (void)sched_setscheduler(0, SCHED_OTHER, &ordinary);
    close(loop->timer);
    close(loop->epoll);
    free(loop);
}

void netns_loop_hurry(struct netns_loop *loop)
{
    const struct sched_param first = {.sched_priority = 1};
    loop->hurries = sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first) == 0;
}

base_ns netns_loop_now(const struct netns_loop *loop)
{
    return clock_now() - loop->start;
}

void netns_loop_start(struct netns_loop *loop)
{
    loop->start = clock_now();
    loop->armed = -1; /* what the timer was set to was of another start */
}

void netns_loop_add(struct netns_loop *loop, struct netns_watch *watch)
{
    add(loop, watch->fd, watch);
}

void netns_loop_remove(struct netns_loop *loop, struct netns_watch *watch)
{
    (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    for (int i = 0; i < loop->ready_count; i++)
        if (loop->ready[i] == watch)
            loop->ready[i] = NULL;
}

static void arm(struct netns_loop *loop, base_ns until)
{
    struct itimerspec when = {0};
    if (until == loop->armed)
        return;
    loop->armed = until;
    if (until != BASE_NEVER) {
        base_ns at = base_ns_add(loop->start, until);
        when.it_value.tv_sec = at / BASE_S;
        when.it_value.tv_nsec = at % BASE_S;
    }
    (void)timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

enum netns_wake netns_loop_wait(struct netns_loop *loop, base_ns until)
{
    struct epoll_event events[READY_MAX];
    bool due = until <= netns_loop_now(loop);
    if (!due)
        arm(loop, until);
    int count = epoll_wait(loop->epoll, events, READY_MAX, due ? 0 : -1);
    loop->ready_count = 0;
    for (int i = 0; i < count; i++)
        if (events[i].data.ptr)
            loop->ready[loop->ready_count++] = events[i].data.ptr;
    if (count > loop->ready_count) { /* the timer fired, or a signal came */
        loop->armed = loop->armed <= netns_loop_now(loop) ? -1 : loop->armed;
        if (loop->session && netns_session_interrupted(loop->session))
            return NETNS_WAKE_INTERRUPTED;
    }
    return loop->ready_count > 0 ? NETNS_WAKE_READY : NETNS_WAKE_TIME;
}

void netns_loop_dispatch(struct netns_loop *loop)
{
    for (int i = 0; i < loop->ready_count; i++) {
        struct netns_watch *watch = loop->ready[i];
        if (watch)
            watch->ready(watch);
    }
    loop->ready_count = 0;
}
