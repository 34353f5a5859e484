/* A namespace's insides, for netns/ alone. */
#ifndef NETNS_INSIDE_H
#define NETNS_INSIDE_H

struct netns_session;

struct netns {
    struct netns_session *session;
    char *name;
    char *path;   /* of the name */
    char *folder; /* NULL: none was asked for */
    int fd;
    int netlink; /* a route socket that lives in it */
    unsigned sequence;
};

/*
 * Moves this thread into the namespace; what it opens then is the namespace's. Returns what netns_leave takes, or
 * -errno.
 */
int netns_enter(const struct netns *ns);
void netns_leave(int home);

#endif
