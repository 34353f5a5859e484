/*
 * One Linux network namespace: a whole IP stack of the kernel's with a name under /run/netns (so that
 * `ip netns exec NAME tcpdump ...` works while it lives), its interfaces TAP devices whose other end is a
 * descriptor here. Everything about it is set by netlink and sysctls from this process; nothing is run
 * for it.
 *
 * A new namespace has lo up, and IPv6 off on whatever is made in it, so that nothing is sent that nobody
 * asked for. Functions that fail say why in errno's numbers, negated, or in *error (to be freed).
 *
 * A namespace is used by one thread at a time; several may be used by several threads.
 */
#ifndef NETNS_NETNS_H
#define NETNS_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/addr.h"
#include "net/prefix.h"

struct netns;
struct netns_session;

/* `label` is what its name ends in: tb-<pid>-<n>-<label>. NULL with *error set where it cannot be made. */
struct netns *netns_new(struct netns_session *session, const char *label, char **error);

/* Kills what still runs in it, whoever started it (a tcpdump that somebody looks on with), removes
 * its name and folder; its devices go with their descriptors. */
void netns_free(struct netns *ns);

const char *netns_name(const struct netns *ns);
int netns_fd(const struct netns *ns); /* for setns(2); the namespace's own */

/* A folder of its own below the session's, made at the first call; it goes with the namespace. */
const char *netns_folder(struct netns *ns);

/* Sets the sysctl of this path below /proc/sys ("net/ipv4/ip_forward"). 0 or -errno. */
int netns_sysctl(struct netns *ns, const char *path, const char *value);

/*
 * A TAP device of that name, down, with this MAC address and MTU: frames without any header before them,
 * no offloads. Returns its descriptor (non-blocking, close-on-exec, the caller's: the device lives as long as
 * it is open), or -errno.
 */
int netns_tap(struct netns *ns, const char *name, const uint8_t mac[6], uint16_t mtu);

/* Closes a device whose namespace is freed next: it goes with that, in the kernel's own time,
 * instead of being waited for here (tens of milliseconds each). */
void netns_tap_close(int tap);

/* The carrier of a TAP device: without, its interface is up and its cable is out; the kernel keeps its addresses and
 * routes, and forgets its neighbours. */
int netns_tap_carrier(int tap, bool on);

/* A socket that lives in the namespace (socket(2)), close-on-exec; or -errno. */
int netns_socket(struct netns *ns, int domain, int type, int protocol);

/* Brings a device up or down, as `ip link set` does. This and what follows: 0 or -errno. */
int netns_link_up(struct netns *ns, const char *device, bool up);

/* `ip address add <prefix> dev <device>`: an IPv4 address with its host bits. */
int netns_address_add(struct netns *ns, const char *device, const struct net_prefix *prefix);
int netns_address_remove(struct netns *ns, const char *device, const struct net_prefix *prefix);

/*
 * `ip route add <to> via <via> [dev <device> onlink]` in the main table; device NULL: the kernel finds it, and refuses
 * a next hop that is not on link (-ENETUNREACH) as it does at the command line.
 */
int netns_route_add(struct netns *ns, const struct net_prefix *to, net_ip4 via, const char *device);
/* The first route to that prefix in the main table. -ESRCH: there is none. */
int netns_route_remove(struct netns *ns, const struct net_prefix *to);

struct netns_route {
    char device[16];
    net_ip4 via;    /* 0: on link */
    net_ip4 source; /* what the kernel would send from */
    uint8_t length; /* of the prefix that matched */
    bool local;     /* an address of the namespace's own */
};

/* `ip route get <to>`: which way a packet to `to` goes. -ENETUNREACH and the like where none does. */
int netns_route_get(struct netns *ns, net_ip4 to, struct netns_route *out);

/* Whether any way leads to `to`: the same question, asked once, and no more of the answer. */
bool netns_route_exists(struct netns *ns, net_ip4 to);

/* Kills all processes in the namespace, whoever started them, and waits until they are gone (1 s at most). */
void netns_kill_all(struct netns *ns);

#endif
