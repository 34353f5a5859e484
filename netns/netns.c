/*
 * Making a namespace and what is in it. A thread enters it for a moment (setns(2) moves a thread, not the
 * process): sockets, TAP devices and sysctls belong to the namespace in which they were opened.
 */
#include "netns/netns.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "netns/inside.h"
#include "netns/mark.h"
#include "netns/session.h"

enum {
    LABEL_MAX = 180, /* of a name's last part: file names end at 255 */
};

/* ---- In and out ---- */

int netns_enter(const struct netns *ns)
{
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home < 0)
        return -errno;
    if (setns(ns->fd, CLONE_NEWNET) == 0)
        return home;
    int problem = errno;
    close(home);
    return -problem;
}

void netns_leave(int home)
{
    int status = setns(home, CLONE_NEWNET);
    assert(status == 0); /* else this thread is lost in there */
    (void)status;
    close(home);
}

/* ---- Making ---- */

static bool write_sysctl(const char *path, const char *value)
{
    char file[256];
    snprintf(file, sizeof(file), "/proc/sys/%s", path);
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool written = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
    int problem = errno;
    close(fd);
    errno = problem;
    return written;
}

/* A new namespace takes its IPv4 settings from the first one, whatever they are there. */
static void set_defaults(void)
{
    (void)write_sysctl("net/ipv6/conf/all/disable_ipv6",
                       "1"); /* fails where the kernel has no IPv6 */
    (void)write_sysctl("net/ipv6/conf/default/disable_ipv6", "1");
    (void)write_sysctl("net/ipv4/ip_forward", "0");
    (void)write_sysctl("net/ipv4/conf/all/rp_filter", "0");
    (void)write_sysctl("net/ipv4/conf/default/rp_filter", "0");
}

/* In the new namespace: gives it its name, and opens what is needed of it. */
static bool take_hold(struct netns *ns)
{
    if (mount("/proc/thread-self/ns/net", ns->path, "none", MS_BIND, NULL) < 0)
        return false;
    ns->fd = open(ns->path, O_RDONLY | O_CLOEXEC);
    ns->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    set_defaults();
    return ns->fd >= 0 && ns->netlink >= 0;
}

static bool make(struct netns *ns)
{
    int name = open(ns->path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    if (name < 0)
        return false;
    close(name);
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home < 0)
        return false;
    if (unshare(CLONE_NEWNET) < 0) {
        int problem = errno;
        close(home);
        errno = problem;
        return false;
    }
    bool made = take_hold(ns);
    int problem = errno;
    netns_leave(home);
    errno = problem;
    return made;
}

static char *name_of(struct netns_session *session, const char *label)
{
    char *name = base_printf("tb-%d-%u-%.*s", (int)getpid(), netns_session_number(session),
                             LABEL_MAX, label);
    for (char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
            *at = '_';
    return name;
}

struct netns *netns_new(struct netns_session *session, const char *label, char **error)
{
    struct netns *ns = base_alloc(sizeof(*ns));
    ns->session = session;
    ns->fd = ns->netlink = -1;
    ns->name = name_of(session, label);
    ns->path = base_printf(NETNS_NAMES "/%s", ns->name);
    if (make(ns) && netns_link_up(ns, "lo", true) == 0)
        return ns;
    *error = base_printf("cannot make the network namespace %s: %s", ns->name, strerror(errno));
    netns_free(ns);
    return NULL;
}

void netns_free(struct netns *ns)
{
    if (!ns)
        return;
    if (ns->fd >= 0)
        netns_kill_all(ns);
    netns_mark_unname(ns->path);
    if (ns->folder)
        netns_mark_remove_folder(ns->folder);
    if (ns->netlink >= 0)
        close(ns->netlink);
    if (ns->fd >= 0)
        close(ns->fd);
    free(ns->folder);
    free(ns->path);
    free(ns->name);
    free(ns);
}

/* ---- What it is asked ---- */

const char *netns_name(const struct netns *ns)
{
    return ns->name;
}

int netns_fd(const struct netns *ns)
{
    return ns->fd;
}

const char *netns_folder(struct netns *ns)
{
    if (!ns->folder) {
        ns->folder = base_printf("%s/%s", netns_session_folder(ns->session), ns->name);
        (void)mkdir(ns->folder, 0700);
    }
    return ns->folder;
}

void netns_kill_all(struct netns *ns)
{
    struct stat status;
    if (fstat(ns->fd, &status) == 0)
        netns_mark_kill(status.st_dev, status.st_ino);
}

int netns_sysctl(struct netns *ns, const char *path, const char *value)
{
    int home = netns_enter(ns);
    if (home < 0)
        return home;
    int status = write_sysctl(path, value) ? 0 : -errno;
    netns_leave(home);
    return status;
}

int netns_socket(struct netns *ns, int domain, int type, int protocol)
{
    int home = netns_enter(ns);
    if (home < 0)
        return home;
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
    int status = fd < 0 ? -errno : fd;
    netns_leave(home);
    return status;
}

/* ---- TAP devices ---- */

static bool set_mtu(int socket_inside, struct ifreq *request, uint16_t mtu)
{
    request->ifr_mtu = mtu;
    return ioctl(socket_inside, SIOCSIFMTU, request) == 0;
}

/* In the namespace. The device comes by TUNSETIFF where /dev/net/tun was opened. */
static int make_tap(const char *name, const uint8_t mac[6], uint16_t mtu, int socket_inside)
{
    struct ifreq request = {0};
    int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap < 0)
        return -errno;
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    bool made = ioctl(tap, TUNSETIFF, &request) == 0;
    struct ifreq address = request;
    memset(&address.ifr_hwaddr, 0, sizeof(address.ifr_hwaddr));
    address.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(address.ifr_hwaddr.sa_data, mac, 6);
    if (made && ioctl(tap, SIOCSIFHWADDR, &address) == 0 && set_mtu(socket_inside, &request, mtu))
        return tap;
    int problem = errno;
    close(tap);
    return -problem;
}

int netns_tap(struct netns *ns, const char *name, const uint8_t mac[6], uint16_t mtu)
{
    if (strlen(name) >= IFNAMSIZ)
        return -ENAMETOOLONG;
    int home = netns_enter(ns);
    if (home < 0)
        return home;
    int inside = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int tap = inside < 0 ? -errno : make_tap(name, mac, mtu, inside);
    if (inside >= 0)
        close(inside);
    netns_leave(home);
    return tap;
}

void netns_tap_close(int tap)
{
    (void)ioctl(tap, TUNSETPERSIST, 1);
    close(tap);
}

int netns_tap_carrier(int tap, bool on)
{
    int carrier = on;
    return ioctl(tap, TUNSETCARRIER, &carrier) == 0 ? 0 : -errno;
}
