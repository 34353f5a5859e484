/* Namespaces, TAP devices and processes as they are made, and that nothing of them stays. Needs root. */
#include "tests/test.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns/loop.h"
#include "netns/mark.h"
#include "netns/netns.h"
#include "netns/process.h"
#include "netns/session.h"
#include "tests/netns/root.h"

static const uint8_t MAC[6] = {2, 0x74, 0x62, 0, 1, 0};

static struct netns_session *open_session(void)
{
    char *error = NULL;
    struct netns_session *session = netns_session_open(&error);
    if (!session)
        fail_msg("%s", error);
    return session;
}

static struct netns *new_netns(struct netns_session *session, const char *label)
{
    char *error = NULL;
    struct netns *ns = netns_new(session, label, &error);
    if (!ns)
        fail_msg("%s", error);
    return ns;
}

static struct net_prefix prefix_of(const char *text)
{
    struct net_prefix prefix;
    assert_true(net_prefix_parse(text, NET_PREFIX_KEEP, &prefix));
    return prefix;
}

static bool exists(const char *folder, const char *name)
{
    char path[512];
    struct stat status;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return lstat(path, &status) == 0;
}

static void has_a_name_while_it_lives(void **state)
{
    (void)state;
    struct netns_session *session = open_session();
    struct netns *ns = new_netns(session, "a host/with signs");
    char name[256];
    char folder[256];
    snprintf(name, sizeof(name), "%s", netns_name(ns));
    snprintf(folder, sizeof(folder), "%s", netns_session_folder(session));
    assert_true(exists("/run/netns", name));
    assert_null(strchr(name, '/'));
    assert_true(exists(netns_folder(ns), "."));
    netns_free(ns);
    assert_false(exists("/run/netns", name));
    assert_true(exists(folder, "."));
    netns_session_close(session);
    assert_false(exists(folder, "."));
}

/* A datagram that the kernel sends out of the namespace comes out of our end of the device, after its ARP request. */
static void tap_gives_what_the_kernel_sends(void **state)
{
    (void)state;
    struct netns_session *session = open_session();
    struct netns *ns = new_netns(session, "tap");
    struct net_prefix address = prefix_of("10.1.2.3/24");
    int tap = netns_tap(ns, "eth0", MAC, 1400);
    assert_true(tap >= 0);
    assert_int_equal(netns_address_add(ns, "eth0", &address), 0);
    assert_int_equal(netns_link_up(ns, "eth0", true), 0);
    const char *const argv[] = {"ping", "-c1", "-W1", "10.1.2.4", NULL};
    struct netns_process_config config = {.place = ns, .argv = argv};
    int status = netns_run(&config, NULL);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    uint8_t frame[2000];
    memset(frame, 0xa5, sizeof(frame));
    ssize_t size = read(tap, frame, sizeof(frame));
    assert_true(size >= 42);
    assert_memory_equal(frame + 6, MAC, 6);
    assert_memory_equal(frame + 12, "\x08\x06", 2); /* ARP, and nothing of IPv6 before it */
    close(tap);
    netns_free(ns);
    netns_session_close(session);
}

static void routes_are_the_kernels(void **state)
{
    (void)state;
    struct netns_session *session = open_session();
    struct netns *ns = new_netns(session, "routes");
    struct net_prefix address = prefix_of("192.168.1.11/24");
    struct net_prefix far = prefix_of("192.168.2.0/24");
    struct net_prefix all = prefix_of("0.0.0.0/0");
    struct netns_route route;
    int tap = netns_tap(ns, "eth0", MAC, 1500);
    assert_int_equal(netns_link_up(ns, "eth0", true), 0);
    assert_int_equal(netns_address_add(ns, "eth0", &address), 0);
    assert_int_equal(netns_address_add(ns, "eth0", &address), -EEXIST);
    assert_int_equal(netns_address_add(ns, "eth9", &address), -ENODEV);
    assert_int_equal(netns_route_get(ns, NET_IP4(192, 168, 2, 9), &route), -ENETUNREACH);
    assert_false(netns_route_exists(ns, NET_IP4(192, 168, 2, 9)));
    assert_int_equal(netns_route_add(ns, &far, NET_IP4(10, 0, 0, 1), NULL), -ENETUNREACH);
    assert_int_equal(netns_route_add(ns, &far, NET_IP4(192, 168, 1, 5), NULL), 0);
    assert_int_equal(netns_route_add(ns, &far, NET_IP4(192, 168, 1, 5), NULL), -EEXIST);
    assert_int_equal(netns_route_get(ns, NET_IP4(192, 168, 2, 9), &route), 0);
    assert_int_equal(route.via, NET_IP4(192, 168, 1, 5));
    assert_int_equal(route.length, far.length);
    assert_int_equal(route.source, NET_IP4(192, 168, 1, 11));
    assert_string_equal(route.device, "eth0");
    assert_true(netns_route_exists(ns, NET_IP4(192, 168, 2, 9)));
    assert_int_equal(netns_route_remove(ns, &far), 0);
    assert_false(netns_route_exists(ns, NET_IP4(192, 168, 2, 9)));
    assert_int_equal(netns_route_remove(ns, &far), -ESRCH);
    assert_int_equal(netns_route_add(ns, &all, NET_IP4(100, 64, 0, 1), "eth0"), 0);
    assert_int_equal(netns_route_get(ns, NET_IP4(192, 168, 1, 11), &route), 0);
    assert_true(route.local);
    close(tap);
    netns_free(ns);
    netns_session_close(session);
}

struct heard {
    char text[256];
    bool ended;
    int status;
};

static void on_line(void *context, bool is_error, const char *text)
{
    struct heard *heard = context;
    size_t used = strlen(heard->text);
    snprintf(heard->text + used, sizeof(heard->text) - used, "%s%s|", is_error ? "!" : "", text);
}

static void on_ended(void *context, int status)
{
    struct heard *heard = context;
    heard->ended = true;
    heard->status = status;
}

static void run_loop(struct netns_loop *loop, const struct heard *heard)
{
    base_ns until = netns_loop_now(loop) + 5 * BASE_S;
    while (!heard->ended && netns_loop_now(loop) < until) {
        assert_int_not_equal(netns_loop_wait(loop, until), NETNS_WAKE_INTERRUPTED);
        netns_loop_dispatch(loop);
    }
    assert_true(heard->ended);
}

static struct netns_process *start(struct netns_loop *loop, struct netns *place, const char *script,
                                   struct heard *heard)
{
    char *error = NULL;
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct netns_process_config config = {.place = place, .argv = argv};
    struct netns_process_listener listener = {heard, on_line, on_ended};
    struct netns_process *process = netns_process_start(loop, &config, &listener, &error);
    if (!process)
        fail_msg("%s", error);
    return process;
}

static void process_is_heard_to_its_last_word(void **state)
{
    (void)state;
    struct netns_session *session = open_session();
    struct netns *ns = new_netns(session, "words");
    struct netns_loop *loop = netns_loop_new(session);
    struct heard heard = {0};
    struct netns_process *process = start(
        loop, ns, "echo one; echo two >&2; printf $LC_ALL; ls /sys/class/net >/dev/null; exit 3",
        &heard);
    run_loop(loop, &heard);
    assert_true(WIFEXITED(heard.status) && WEXITSTATUS(heard.status) == 3);
    assert_non_null(strstr(heard.text, "one|"));
    assert_non_null(strstr(heard.text, "!two|"));
    assert_non_null(strstr(heard.text, "C|"));
    netns_process_free(process);
    netns_loop_free(loop);
    netns_free(ns);
    netns_session_close(session);
}

static void what_is_not_there_cannot_be_run(void **state)
{
    (void)state;
    char *error = NULL;
    const char *const argv[] = {"no-such-program-at-all", NULL};
    struct netns_process_config config = {.argv = argv};
    assert_int_equal(netns_run(&config, &error), -1);
    assert_string_equal(error, "cannot run no-such-program-at-all: No such file or directory");
    free(error);
}

static void namespaces_take_their_processes_along(void **state)
{
    (void)state;
    struct netns_session *session = open_session();
    struct netns *ns = new_netns(session, "orphans");
    char *text = NULL;
    const char *const argv[] = {"sh", "-c", "setsid sleep 100 >/dev/null 2>&1 & echo $!", NULL};
    struct netns_process_config config = {.place = ns, .argv = argv};
    assert_int_equal(netns_run(&config, &text), 0);
    pid_t orphan = (pid_t)strtol(text, NULL, 10);
    assert_true(orphan > 1);
    assert_int_equal(kill(orphan, 0), 0);
    netns_free(ns);
    assert_int_equal(netns_mark_birth(orphan),
                     0); /* a zombie at most, and that is its parent's matter */
    free(text);
    netns_session_close(session);
}

/* The program's own mounts are seen by nobody else. */
static void mounts_are_private(void **state)
{
    (void)state;
    struct netns_session *session = open_session();
    struct netns *ns = new_netns(session, "mounts");
    struct netns_mount mount = {.source = netns_folder(ns), .target = "/mnt"};
    const char *const argv[] = {"sh", "-c", "echo here > /mnt/word", NULL};
    struct netns_process_config config = {
        .place = ns, .argv = argv, .mounts = &mount, .mount_count = 1};
    assert_int_equal(netns_run(&config, NULL), 0);
    assert_true(exists(netns_folder(ns), "word"));
    assert_false(exists("/mnt", "word"));
    netns_free(ns);
    netns_session_close(session);
}

static pid_t only_child_of(pid_t pid)
{
    char path[64];
    int child = 0;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &child), 1); /* NOLINT(cert-err34-c) */
    fclose(file);
    return child;
}

/* A child opens a session with a namespace in which something runs, and is killed. */
static pid_t make_and_die(char name[static 256], bool keeper_too)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct netns_session *session = open_session();
        struct netns *ns = new_netns(session, "dead");
        const char *const argv[] = {"sh", "-c", "setsid sleep 100 >/dev/null 2>&1 &", NULL};
        struct netns_process_config config = {.place = ns, .argv = argv};
        (void)netns_folder(ns);
        (void)netns_run(&config, NULL);
        (void)!write(ends[1], netns_name(ns), strlen(netns_name(ns)));
        close(ends[1]);
        pause();
        _exit(0);
    }
    close(ends[1]);
    memset(name, 0, 256);
    assert_true(read(ends[0], name, 255) > 0);
    close(ends[0]);
    if (keeper_too)
        kill(only_child_of(child), SIGKILL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return child;
}

static bool folder_of(pid_t pid)
{
    char command[128];
    snprintf(command, sizeof(command), "ls -d /run/tunnelbed/%d.* >/dev/null 2>&1", (int)pid);
    return system(command) == 0; /* NOLINT(cert-env33-c) */
}

static void keeper_cleans_behind_a_killed_session(void **state)
{
    (void)state;
    char name[256];
    pid_t pid = make_and_die(name, false);
    for (int i = 0; i < 300 && (exists("/run/netns", name) || folder_of(pid)); i++)
        usleep(10000);
    assert_false(exists("/run/netns", name));
    assert_false(folder_of(pid));
}

static void next_session_cleans_what_no_keeper_did(void **state)
{
    (void)state;
    char name[256];
    pid_t pid = make_and_die(name, true);
    assert_true(exists("/run/netns", name));
    assert_true(folder_of(pid));
    struct netns_session *session = open_session();
    assert_false(exists("/run/netns", name));
    assert_false(folder_of(pid));
    netns_session_close(session);
}

/* The living are left alone by those who clean. */
static void sessions_do_not_meet(void **state)
{
    (void)state;
    struct netns_session *session = open_session();
    struct netns *ns = new_netns(session, "alive");
    assert_int_equal(netns_sweep(), 0);
    char name[256];
    (void)make_and_die(name, true);
    assert_int_equal(netns_sweep(), 1);
    assert_true(exists("/run/netns", netns_name(ns)));
    netns_free(ns);
    netns_session_close(session);
}

/* A namespace that nobody freed, as after a failed assertion in a test. */
static void forgotten_names_go_with_the_session(void **state)
{
    (void)state;
    char name[256];
    pid_t child = fork();
    if (child == 0) {
        struct netns_session *session = open_session();
        struct netns *ns = new_netns(session, "forgotten");
        snprintf(name, sizeof(name), "tb-%d-1-forgotten", (int)getpid());
        bool made = strcmp(netns_name(ns), name) == 0 && exists("/run/netns", name);
        netns_session_close(session);
        _exit(made ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0); /* it was there */
    snprintf(name, sizeof(name), "tb-%d-1-forgotten", (int)child);
    assert_false(exists("/run/netns", name));
}

static void signal_waits_for_the_end(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct netns_session *session = open_session();
        struct netns_loop *loop = netns_loop_new(session);
        kill(getpid(), SIGTERM);
        enum netns_wake woken = netns_loop_wait(loop, BASE_NEVER);
        netns_loop_free(loop);
        if (woken == NETNS_WAKE_INTERRUPTED && netns_session_interrupted(session))
            netns_session_close(session); /* dies of it in here */
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_false(folder_of(child));
}

/* ---- What the kernel refuses ---- */

/* This process gets `problem` for that call from now on. */
static void refuse_call(int call, int problem)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)problem),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        _exit(3);
}

/* An empty /run that nobody else sees. */
static void own_run(unsigned long flags)
{
    if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "none", MS_PRIVATE | MS_REC, NULL) < 0 ||
        mount("none", "/run", "tmpfs", flags, NULL) < 0)
        _exit(3);
}

/* Runs it in a process of its own, which has five seconds to find that all is as it should. */
static void in_a_child(bool (*check)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        alarm(5);
        _exit(check() ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static bool no_locks(void)
{
    refuse_call(SYS_flock, ENOLCK);
    return netns_mark_lock() == -1 && errno == ENOLCK;
}

static bool a_link_to_nowhere(void)
{
    own_run(0);
    return symlink("/run/nowhere", NETNS_FOLDER) == 0 && netns_mark_lock() == -1;
}

static void a_lock_that_cannot_be_had_is_not_waited_for(void **state)
{
    (void)state;
    in_a_child(no_locks);
    in_a_child(a_link_to_nowhere);
}

/* With no descriptor to look who is left. */
static bool blind_unlock(void)
{
    const struct rlimit none = {0, 0};
    struct stat status;
    own_run(0);
    int lock = netns_mark_lock();
    if (lock < 0 || mkdir(NETNS_FOLDER "/1.1", 0700) < 0 || setrlimit(RLIMIT_NOFILE, &none) < 0)
        return false;
    netns_mark_unlock(lock);
    return stat(NETNS_FOLDER "/lock", &status) == 0;
}

static bool last_unlock(void)
{
    struct stat status;
    own_run(0);
    netns_mark_unlock(netns_mark_lock());
    return stat(NETNS_FOLDER, &status) < 0 && errno == ENOENT;
}

static void only_who_knows_that_nobody_is_left_takes_the_lock_away(void **state)
{
    (void)state;
    in_a_child(blind_unlock);
    in_a_child(last_unlock);
}

static bool is_refused_with(const char *reason)
{
    char *error = NULL;
    if (netns_session_open(&error))
        return false;
    bool right = strcmp(error, reason) == 0;
    if (!right)
        fprintf(stderr, "'%s'\n", error);
    free(error);
    return right;
}

static bool no_signalfd(void)
{
    refuse_call(SYS_signalfd4, EMFILE);
    return is_refused_with("signalfd: Too many open files");
}

static bool read_only_run(void)
{
    own_run(MS_RDONLY);
    return is_refused_with("/run/tunnelbed: Read-only file system");
}

static bool no_names(void)
{
    own_run(0);
    return symlink("/run/nowhere", NETNS_NAMES) == 0 &&
           is_refused_with("/run/netns: No such file or directory");
}

static bool no_pipe(void)
{
    refuse_call(SYS_pipe2, EMFILE);
    return is_refused_with("pipe: Too many open files");
}

static void a_session_that_cannot_begin_says_what_was_refused(void **state)
{
    (void)state;
    in_a_child(no_signalfd);
    in_a_child(read_only_run);
    in_a_child(no_names);
    in_a_child(no_pipe);
}

static bool no_pidfd(void)
{
    struct netns_loop *loop = netns_loop_new(NULL);
    const char *const argv[] = {"sleep", "100", NULL};
    struct netns_process_config config = {.argv = argv};
    char *error = NULL;
    refuse_call(SYS_pidfd_open, EMFILE);
    if (netns_process_start(loop, &config, NULL, &error))
        return false;
    bool right = strcmp(error, "cannot wait for sleep: Too many open files") == 0;
    free(error);
    netns_loop_free(loop);
    return right && wait(NULL) < 0 && errno == ECHILD; /* and it does not run */
}

static void what_cannot_be_waited_for_does_not_run(void **state)
{
    (void)state;
    in_a_child(no_pidfd);
}

static void clock_wakes_in_time(void **state)
{
    (void)state;
    struct netns_loop *loop = netns_loop_new(NULL);
    base_ns until = netns_loop_now(loop) + 20 * BASE_MS;
    assert_int_equal(netns_loop_wait(loop, until), NETNS_WAKE_TIME);
    assert_true(netns_loop_now(loop) >= until);
    assert_int_equal(netns_loop_wait(loop, until), NETNS_WAKE_TIME);
    netns_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_name_while_it_lives),
        cmocka_unit_test(tap_gives_what_the_kernel_sends),
        cmocka_unit_test(routes_are_the_kernels),
        cmocka_unit_test(process_is_heard_to_its_last_word),
        cmocka_unit_test(what_is_not_there_cannot_be_run),
        cmocka_unit_test(namespaces_take_their_processes_along),
        cmocka_unit_test(mounts_are_private),
        cmocka_unit_test(keeper_cleans_behind_a_killed_session),
        cmocka_unit_test(next_session_cleans_what_no_keeper_did),
        cmocka_unit_test(sessions_do_not_meet),
        cmocka_unit_test(forgotten_names_go_with_the_session),
        cmocka_unit_test(signal_waits_for_the_end),
        cmocka_unit_test(a_lock_that_cannot_be_had_is_not_waited_for),
        cmocka_unit_test(only_who_knows_that_nobody_is_left_takes_the_lock_away),
        cmocka_unit_test(a_session_that_cannot_begin_says_what_was_refused),
        cmocka_unit_test(what_cannot_be_waited_for_does_not_run),
        cmocka_unit_test(clock_wakes_in_time),
    };
    if (lacks_root("test_netns"))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
