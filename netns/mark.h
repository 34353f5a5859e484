/* How sessions, the living and the dead, are told apart. For session.c and sweep.c alone. */
#ifndef NETNS_MARK_H
#define NETNS_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* When the process began, in the kernel's ticks since it started; 0: there is none, or it is dead. */
uint64_t netns_mark_birth(pid_t pid);

/* The folder of a session, "/run/tunnelbed/<pid>.<start>". To be freed. */
char *netns_mark_folder(pid_t pid, uint64_t birth);

/*
 * Takes the lock over all sessions' folders: what unlock takes, or -1 with errno. Where no session
 * is left, unlock takes the folder of all away, and itself; where it cannot look, the next one
 * does.
 */
int netns_mark_lock(void);
void netns_mark_unlock(int lock);

/* Cleans up behind sessions without a living process, and those of `dead` whatever it looks like
 * (0: none). The lock is held. */
size_t netns_mark_sweep(pid_t dead);

/* Kills and waits for all processes whose network namespace has this inode number on that device. */
void netns_mark_kill(dev_t device, ino_t inode);

/* Takes a namespace's name away; a name that is not there is fine. */
void netns_mark_unname(const char *path);

void netns_mark_remove_folder(const char *path);

#endif
