/*
 * Cleaning up behind sessions whose process has gone. The mark of a session is its folder,
 * /run/tunnelbed/<pid>.<start>: process ids are used again, so the time of birth belongs to it.
 */
#include "netns/mark.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "netns/session.h"

enum {
    STAT_SIZE = 1024,  /* of /proc/<pid>/stat: some 350 bytes */
    BIRTH_FIELD = 22,  /* proc(5): starttime */
    FOLDERS_OPEN = 16, /* of nftw */
    KILL_ROUNDS = 100, /* of 10 ms: how long the end of killed processes is waited for */
    KILL_ROUND_NS = 10000000,
    LOCK_TRIES = 1000, /* how often in a row others can have taken the lock's file away */
};

uint64_t netns_mark_birth(pid_t pid)
{
    char path[64];
    char text[STAT_SIZE];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t size = read(file, text, sizeof(text) - 1);
    close(file);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    char *at = strrchr(text, ')'); /* the name before it may hold anything */
    if (!at || at[1] != ' ' || strchr("ZX", at[2]))
        return 0;
    at += 1;
    for (int field = 2; field < BIRTH_FIELD - 1 && at; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

#define LOCK_FILE NETNS_FOLDER "/lock"

/* Whether the lock that was taken is the file that stands there: the last to leave takes it away. */
static bool is_current(int lock)
{
    struct stat taken;
    struct stat there;
    return fstat(lock, &taken) == 0 && stat(LOCK_FILE, &there) == 0 &&
           taken.st_ino == there.st_ino && taken.st_dev == there.st_dev;
}

/* Waits for the lock; false with errno. */
static bool take(int lock)
{
    while (flock(lock, LOCK_EX) < 0)
        if (errno != EINTR)
            return false;
    return true;
}

int netns_mark_lock(void)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (mkdir(NETNS_FOLDER, 0755) < 0 && errno != EEXIST)
            return -1;
        int lock = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (lock < 0 && errno == ENOENT) /* the folder has just gone */
            continue;
        if (lock < 0)
            return -1;
        bool taken = take(lock);
        int problem = errno;
        if (taken && is_current(lock))
            return lock;
        close(lock);
        errno = problem;
        if (!taken)
            return -1;
    }
    errno = ENOENT;
    return -1;
}

/* Whether it is sure that no session has a folder. */
static bool nobody_is_left(void)
{
    DIR *sessions = opendir(NETNS_FOLDER);
    if (!sessions)
        return false;
    struct dirent *entry;
    bool nobody = true;
    while (errno = 0, (entry = readdir(sessions)))
        nobody = nobody && (entry->d_name[0] == '.' || strcmp(entry->d_name, "lock") == 0);
    nobody = nobody && errno == 0;
    closedir(sessions);
    return nobody;
}

void netns_mark_unlock(int lock)
{
    if (nobody_is_left()) {
        (void)unlink(LOCK_FILE);
        (void)rmdir(NETNS_FOLDER);
    }
    close(lock);
}

void netns_mark_unname(const char *path)
{
    (void)umount2(path, MNT_DETACH);
    (void)unlink(path);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    (void)remove(path);
    return 0;
}

void netns_mark_remove_folder(const char *path)
{
    (void)nftw(path, remove_entry, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* ---- Processes ---- */

static bool lives_in(const char *process, dev_t device, ino_t inode)
{
    char path[300];
    struct stat status;
    snprintf(path, sizeof(path), "/proc/%s/ns/net", process);
    return stat(path, &status) == 0 && status.st_ino == inode && status.st_dev == device;
}

/* Sends the signal to all processes in the namespace; returns how many there are. */
static size_t signal_all(dev_t device, ino_t inode, int number)
{
    size_t count = 0;
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all && (entry = readdir(all));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid <= 1 || pid == getpid() || !lives_in(entry->d_name, device, inode))
            continue;
        if (netns_mark_birth(pid) == 0) /* a zombie: it is its parent's */
            continue;
        count++;
        (void)kill(pid, number);
    }
    if (all)
        closedir(all);
    return count;
}

void netns_mark_kill(dev_t device, ino_t inode)
{
    const struct timespec pause = {.tv_nsec = KILL_ROUND_NS};
    for (int round = 0; round < KILL_ROUNDS && signal_all(device, inode, SIGKILL) > 0; round++)
        (void)nanosleep(&pause, NULL);
}

/* ---- Sessions ---- */

static void clean_name(const char *name)
{
    char path[sizeof(NETNS_NAMES) + 300];
    struct stat ours;
    struct stat status;
    snprintf(path, sizeof(path), NETNS_NAMES "/%s", name);
    bool is_namespace = stat(path, &status) == 0 && stat("/proc/self/ns/net", &ours) == 0 &&
                        status.st_dev == ours.st_dev && status.st_ino != ours.st_ino;
    if (is_namespace) /* not the empty file that it is before the namespace is laid over it */
        netns_mark_kill(status.st_dev, status.st_ino);
    netns_mark_unname(path);
}

char *netns_mark_folder(pid_t pid, uint64_t birth)
{
    return base_printf(NETNS_FOLDER "/%d.%" PRIu64, (int)pid, birth);
}

/* A session is alive as long as its process is, and it has its folder. */
static bool is_alive(pid_t pid, pid_t dead)
{
    struct stat status;
    uint64_t birth = pid == dead ? 0 : netns_mark_birth(pid);
    if (!birth)
        return false;
    char *folder = netns_mark_folder(pid, birth);
    bool alive = stat(folder, &status) == 0;
    free(folder);
    return alive;
}

/* The process in "tb-<pid>-...", 0: it is no name of ours. */
static pid_t owner_of(const char *name)
{
    char *end = NULL;
    if (strncmp(name, "tb-", 3) != 0)
        return 0;
    long pid = strtol(name + 3, &end, 10);
    return *end == '-' && pid > 0 ? (pid_t)pid : 0;
}

static void clean_names(pid_t dead)
{
    DIR *names = opendir(NETNS_NAMES);
    for (struct dirent *entry; names && (entry = readdir(names));) {
        pid_t pid = owner_of(entry->d_name);
        if (pid && !is_alive(pid, dead))
            clean_name(entry->d_name);
    }
    if (names)
        closedir(names);
}

/* Reads "<pid>.<start>". */
static bool read_folder_name(const char *name, pid_t *pid, uint64_t *birth)
{
    char *end = NULL;
    *pid = (pid_t)strtol(name, &end, 10);
    if (end == name || *end != '.' || *pid <= 0)
        return false;
    char *start = end + 1;
    *birth = strtoull(start, &end, 10);
    return end != start && *end == '\0';
}

static size_t clean_folders(pid_t dead)
{
    size_t count = 0;
    DIR *sessions = opendir(NETNS_FOLDER);
    for (struct dirent *entry; sessions && (entry = readdir(sessions));) {
        pid_t pid;
        uint64_t birth;
        if (!read_folder_name(entry->d_name, &pid, &birth) ||
            (pid != dead && netns_mark_birth(pid) == birth))
            continue;
        char *path = base_printf(NETNS_FOLDER "/%s", entry->d_name);
        netns_mark_remove_folder(path);
        free(path);
        count++;
    }
    if (sessions)
        closedir(sessions);
    return count;
}

/* Names first: with them go the processes that may yet write into a folder. */
size_t netns_mark_sweep(pid_t dead)
{
    clean_names(dead);
    return clean_folders(dead);
}

size_t netns_sweep(void)
{
    int lock = netns_mark_lock();
    if (lock < 0)
        return 0;
    size_t count = netns_mark_sweep(0);
    netns_mark_unlock(lock);
    return count;
}
