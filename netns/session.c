/* A session: its folder, the signals held back, and the keeper that outlives us by a moment. */
#include "netns/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "netns/mark.h"

struct netns_session {
    char *folder;
    int signals;
    int leash; /* the keeper reads its other end: closed when we end, however that is */
    pid_t keeper;
    sigset_t mask; /* as it was */
    atomic_uint number;
};

/* ---- The keeper ---- */

/* Nothing but the leash stays open: whoever reads our output does not wait for the keeper. */
static void close_all_but(int kept)
{
    if (kept > 0)
        (void)close_range(0, (unsigned)kept - 1, 0);
    (void)close_range((unsigned)kept + 1, ~0U, 0);
}

static _Noreturn void keep(pid_t owner, int leash)
{
    char byte;
    (void)setsid(); /* a signal to the terminal's group is not for it */
    (void)prctl(PR_SET_NAME, "tunnelbed-keep", 0, 0, 0);
    (void)chdir("/");
    close_all_but(leash);
    while (read(leash, &byte, 1) < 0 && errno == EINTR) {
    }
    int lock = netns_mark_lock();
    if (lock >= 0) {
        (void)netns_mark_sweep(owner);
        netns_mark_unlock(lock);
    }
    _exit(0);
}

static char *why_not(const char *what)
{
    return base_printf("%s: %s", what, strerror(errno));
}

/* This and the other steps of a beginning: NULL, or why it cannot be. */
static char *start_keeper(struct netns_session *session)
{
    int ends[2];
    pid_t owner = getpid();
    if (pipe2(ends, O_CLOEXEC) < 0)
        return why_not("pipe");
    session->keeper = fork();
    if (session->keeper == 0) {
        close(ends[1]);
        keep(owner, ends[0]);
    }
    char *problem = session->keeper < 0 ? why_not("fork") : NULL;
    close(ends[0]);
    session->leash = ends[1];
    return problem;
}

/* ---- Beginning and end ---- */

/* As nodes and their processes need it, in a child that takes it all along when it ends. */
static _Noreturn void try_namespaces(void)
{
    bool works = unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
                 mount("", "/", "none", MS_SLAVE | MS_REC, NULL) == 0;
    _exit(works ? 0 : errno);
}

static int trial(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        try_namespaces();
    if (child < 0 || waitpid(child, &status, 0) != child)
        return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

char *netns_missing(void)
{
    if (geteuid() != 0)
        return base_strdup("network namespaces and TAP devices need root: run it with sudo");
    if (access("/dev/net/tun", R_OK | W_OK) < 0)
        return why_not("/dev/net/tun");
    if (access("/proc/self/ns/net", R_OK) < 0)
        return why_not("/proc/self/ns/net");
    errno = trial();
    return errno ? why_not("network and mount namespaces") : NULL;
}

/* Each node takes a few descriptors. */
static void allow_many_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* As `ip netns` makes it: what is mounted there is seen everywhere. */
static char *make_names_folder(void)
{
    if (mkdir(NETNS_NAMES, 0755) < 0 && errno != EEXIST)
        return why_not(NETNS_NAMES);
    if (mount("", NETNS_NAMES, "none", MS_SHARED | MS_REC, NULL) == 0)
        return NULL;
    bool made = errno == EINVAL &&
                mount(NETNS_NAMES, NETNS_NAMES, "none", MS_BIND | MS_REC, NULL) == 0 &&
                mount("", NETNS_NAMES, "none", MS_SHARED | MS_REC, NULL) == 0;
    return made ? NULL : why_not(NETNS_NAMES);
}

static char *make_folder(struct netns_session *session)
{
    int lock = netns_mark_lock();
    if (lock < 0)
        return why_not(NETNS_FOLDER);
    (void)netns_mark_sweep(0);
    session->folder = netns_mark_folder(getpid(), netns_mark_birth(getpid()));
    char *problem = make_names_folder();
    if (!problem && mkdir(session->folder, 0700) < 0)
        problem = why_not(session->folder);
    netns_mark_unlock(lock);
    return problem;
}

/* They wait in the descriptor until the session is closed. The keeper and all threads inherit the mask; processes in
 * namespaces begin with none (spawn.c). */
static char *hold_signals(struct netns_session *session)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    /* What it returns is of no use: it fails for a wrong argument alone. */
    (void)pthread_sigmask(SIG_BLOCK, &set, &session->mask);
    session->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return session->signals < 0 ? why_not("signalfd") : NULL;
}

struct netns_session *netns_session_open(char **error)
{
    char *missing = netns_missing();
    if (missing) {
        *error = missing;
        return NULL;
    }
    struct netns_session *session = base_alloc(sizeof(*session));
    session->signals = session->leash = -1;
    allow_many_descriptors();
    char *problem = hold_signals(session);
    if (!problem)
        problem = make_folder(session);
    if (!problem)
        problem = start_keeper(session);
    if (!problem)
        return session;
    *error = problem;
    netns_session_close(session);
    return NULL;
}

void netns_session_close(struct netns_session *session)
{
    if (!session)
        return;
    sigset_t mask = session->mask;
    int lock = session->folder ? netns_mark_lock() : -1;
    if (lock >= 0) {
        (void)netns_mark_sweep(getpid()); /* what its owner forgot, too */
        netns_mark_unlock(lock);
    }
    if (session->signals >= 0)
        close(session->signals);
    if (session->leash >= 0)
        close(session->leash);
    if (session->keeper > 0)
        while (waitpid(session->keeper, NULL, 0) < 0 && errno == EINTR) {
        }
    free(session->folder);
    free(session);
    pthread_sigmask(SIG_SETMASK, &mask, NULL); /* a signal that was held back comes now */
}

int netns_session_signals(const struct netns_session *session)
{
    return session->signals;
}

bool netns_session_interrupted(const struct netns_session *session)
{
    struct pollfd asked = {.fd = session->signals, .events = POLLIN};
    return poll(&asked, 1, 0) > 0;
}

const char *netns_session_folder(const struct netns_session *session)
{
    return session->folder;
}

unsigned netns_session_number(struct netns_session *session)
{
    return atomic_fetch_add(&session->number, 1) + 1;
}
