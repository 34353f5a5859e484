/*
 * A program's stay in the kernel: whatever of ours lives outside this process (namespaces with names,
 * folders under /run) is made under a session and carries its mark, so that it goes whatever happens:
 *   - session_close, on each regular way out; SIGINT, SIGTERM and SIGHUP are such ways, since a session
 *     holds them back (netns_session_signals) until it is closed;
 *   - a keeper, a small process that waits for the end of this one and then cleans, for a crash or SIGKILL;
 *   - the next session's start, should the keeper have been killed too.
 *
 * The mark is process id and start time. Names of namespaces begin with tb-<pid>-, the session's
 * folder is /run/tunnelbed/<pid>.<start>. Two programs at one time never meet.
 */
#ifndef NETNS_SESSION_H
#define NETNS_SESSION_H

#include <stdbool.h>
#include <stddef.h>

struct netns_session;

/*
 * What stands in the way of network namespaces on this machine, by trying: root, mounts of one's own (not in a plain
 * chroot or container), /dev/net/tun. NULL: nothing. To be freed. Call it before any thread is started.
 */
char *netns_missing(void);

#define NETNS_FOLDER "/run/tunnelbed" /* of all sessions */
#define NETNS_NAMES "/run/netns"      /* where `ip netns` looks for names */

/*
 * Cleans up behind dead sessions and begins one. One a process; call it before any thread is started:
 * threads started later hold the signals back as well. NULL where it cannot be, with the reason in
 * *error (to be freed): no root, no /dev/net/tun, ...
 */
struct netns_session *netns_session_open(char **error);

/*
 * Ends it: its folder goes, its keeper goes, and the names of namespaces that were not freed. A signal that was held
 * back takes effect inside this call, so output is flushed and files are closed before.
 */
void netns_session_close(struct netns_session *session);

/* A descriptor that is readable, and stays so, once a signal to end has come. Never read from it. */
int netns_session_signals(const struct netns_session *session);
bool netns_session_interrupted(const struct netns_session *session);

/* "/run/tunnelbed/<pid>.<start>": root's alone, removed with all that is in it. */
const char *netns_session_folder(const struct netns_session *session);

/* The next number of this session, from 1: for names. Any thread. */
unsigned netns_session_number(struct netns_session *session);

/* Removes what dead sessions left; returns how many there were. session_open does it as well. */
size_t netns_sweep(void);

#endif
