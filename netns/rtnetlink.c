/* Links, addresses and routes by rtnetlink(7): one request, one answer. */
#include "netns/netns.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "netns/inside.h"

enum {
    REQUEST_SIZE = 512, /* no request here is larger than 100 octets */
};

struct request {
    struct nlmsghdr header;
    uint8_t body[REQUEST_SIZE];
};

static void begin(struct request *request, uint16_t type, uint16_t flags, const void *head,
                  size_t size)
{
    memset(request, 0, sizeof(*request));
    request->header.nlmsg_type = type;
    request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
    memcpy(request->body, head, size);
}

static void put(struct request *request, uint16_t type, const void *value, size_t size)
{
    size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
    struct rtattr attribute = {.rta_len = (uint16_t)RTA_LENGTH(size), .rta_type = type};
    uint8_t *place = (uint8_t *)request + at;
    memcpy(place, &attribute, sizeof(attribute));
    memcpy(place + RTA_LENGTH(0), value, size);
    request->header.nlmsg_len = (uint32_t)(at + RTA_ALIGN(attribute.rta_len));
}

static void put_u32(struct request *request, uint16_t type, uint32_t value)
{
    put(request, type, &value, sizeof(value));
}

static void put_ip4(struct request *request, uint16_t type, net_ip4 address)
{
    const uint8_t bytes[4] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16),
                              (uint8_t)(address >> 8), (uint8_t)address};
    put(request, type, bytes, sizeof(bytes));
}

/* Sends it and reads the answer into `answer`: its size, or -errno. */
static ssize_t ask(struct netns *ns, struct request *request, void *answer, size_t size)
{
    request->header.nlmsg_seq = ++ns->sequence;
    if (send(ns->netlink, request, request->header.nlmsg_len, 0) < 0)
        return -errno;
    for (;;) {
        ssize_t got = recv(ns->netlink, answer, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        struct nlmsghdr header;
        if ((size_t)got < sizeof(header))
            return -EPROTO;
        memcpy(&header, answer, sizeof(header));
        if (header.nlmsg_seq == ns->sequence)
            return got;
    }
}

static int acknowledged(struct netns *ns, struct request *request)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        uint8_t rest[REQUEST_SIZE + 256];
    } answer;
    request->header.nlmsg_flags |= NLM_F_ACK;
    ssize_t got = ask(ns, request, &answer, sizeof(answer));
    if (got < 0)
        return (int)got;
    return answer.header.nlmsg_type == NLMSG_ERROR ? answer.error.error : -EPROTO;
}

/* The number that a device has in the namespace, 0: there is none. */
static unsigned number_of(struct netns *ns, const char *device)
{
    int home = netns_enter(ns);
    if (home < 0)
        return 0;
    unsigned number = if_nametoindex(device);
    netns_leave(home);
    return number;
}

/* ---- Links and addresses ---- */

int netns_link_up(struct netns *ns, const char *device, bool up)
{
    struct request request;
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC,
                             .ifi_index = (int)number_of(ns, device),
                             .ifi_flags = up ? IFF_UP : 0,
                             .ifi_change = IFF_UP};
    if (!link.ifi_index)
        return -ENODEV;
    begin(&request, RTM_NEWLINK, 0, &link, sizeof(link));
    return acknowledged(ns, &request);
}

static int change_address(struct netns *ns, uint16_t type, const char *device,
                          const struct net_prefix *prefix)
{
    struct request request;
    net_ip4 address = net_addr_ip4(&prefix->addr);
    struct ifaddrmsg head = {
        .ifa_family = AF_INET, .ifa_prefixlen = prefix->length, .ifa_index = number_of(ns, device)};
    if (!head.ifa_index)
        return -ENODEV;
    begin(&request, type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0, &head, sizeof(head));
    put_ip4(&request, IFA_LOCAL, address);
    put_ip4(&request, IFA_ADDRESS, address);
    if (type == RTM_NEWADDR && prefix->length < 31)
        put_ip4(&request, IFA_BROADCAST, address | ~net_ip4_mask(prefix->length));
    return acknowledged(ns, &request);
}

int netns_address_add(struct netns *ns, const char *device, const struct net_prefix *prefix)
{
    return change_address(ns, RTM_NEWADDR, device, prefix);
}

int netns_address_remove(struct netns *ns, const char *device, const struct net_prefix *prefix)
{
    return change_address(ns, RTM_DELADDR, device, prefix);
}

/* ---- Routes ---- */

int netns_route_add(struct netns *ns, const struct net_prefix *to, net_ip4 via, const char *device)
{
    struct request request;
    struct rtmsg route = {.rtm_family = AF_INET,
                          .rtm_dst_len = to->length,
                          .rtm_table = RT_TABLE_MAIN,
                          .rtm_protocol = RTPROT_BOOT,
                          .rtm_scope = RT_SCOPE_UNIVERSE,
                          .rtm_type = RTN_UNICAST,
                          .rtm_flags = device ? RTNH_F_ONLINK : 0};
    unsigned number = device ? number_of(ns, device) : 0;
    if (device && !number)
        return -ENODEV;
    begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof(route));
    if (to->length)
        put_ip4(&request, RTA_DST, net_addr_ip4(&to->addr));
    put_ip4(&request, RTA_GATEWAY, via);
    if (device)
        put_u32(&request, RTA_OIF, number);
    return acknowledged(ns, &request);
}

int netns_route_remove(struct netns *ns, const struct net_prefix *to)
{
    struct request request;
    struct rtmsg route = {.rtm_family = AF_INET,
                          .rtm_dst_len = to->length,
                          .rtm_table = RT_TABLE_MAIN,
                          .rtm_scope = RT_SCOPE_NOWHERE};
    begin(&request, RTM_DELROUTE, 0, &route, sizeof(route));
    if (to->length)
        put_ip4(&request, RTA_DST, net_addr_ip4(&to->addr));
    return acknowledged(ns, &request);
}

static net_ip4 read_ip4(const void *at)
{
    uint8_t bytes[4];
    memcpy(bytes, at, sizeof(bytes));
    return NET_IP4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

static void read_route(struct netns *ns, const struct nlmsghdr *header, struct netns_route *out)
{
    const struct rtmsg *route = NLMSG_DATA(header);
    unsigned left = (unsigned)RTM_PAYLOAD(header);
    unsigned number = 0;
    *out = (struct netns_route){.local = route->rtm_type == RTN_LOCAL};
    for (const struct rtattr *at = RTM_RTA(route); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
        if (at->rta_type == RTA_GATEWAY)
            out->via = read_ip4(RTA_DATA(at));
        else if (at->rta_type == RTA_PREFSRC)
            out->source = read_ip4(RTA_DATA(at));
        else if (at->rta_type == RTA_OIF)
            memcpy(&number, RTA_DATA(at), sizeof(number));
    }
    int home = netns_enter(ns);
    if (home < 0)
        return;
    char name[IF_NAMESIZE] = "";
    if (if_indextoname(number, name))
        memcpy(out->device, name, sizeof(name));
    netns_leave(home);
}

union route_answer {
    struct nlmsghdr header;
    uint8_t bytes[4096];
};

static int ask_route(struct netns *ns, net_ip4 to, unsigned flags, union route_answer *answer)
{
    struct request request;
    struct rtmsg route = {.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_flags = flags};
    begin(&request, RTM_GETROUTE, 0, &route, sizeof(route));
    put_ip4(&request, RTA_DST, to);
    ssize_t got = ask(ns, &request, answer, sizeof(*answer));
    if (got < 0)
        return (int)got;
    if (answer->header.nlmsg_type != NLMSG_ERROR)
        return 0;
    const struct nlmsgerr *error = NLMSG_DATA(&answer->header);
    return error->error ? error->error : -EPROTO;
}

/* Twice: what a packet would do, and which entry of the table says so. */
int netns_route_get(struct netns *ns, net_ip4 to, struct netns_route *out)
{
    union route_answer answer = {0};
    int status = ask_route(ns, to, 0, &answer);
    if (status)
        return status;
    read_route(ns, &answer.header, out);
    if (ask_route(ns, to, RTM_F_FIB_MATCH, &answer) == 0)
        out->length = ((const struct rtmsg *)NLMSG_DATA(&answer.header))->rtm_dst_len;
    return 0;
}

bool netns_route_exists(struct netns *ns, net_ip4 to)
{
    union route_answer answer = {0};
    return ask_route(ns, to, 0, &answer) == 0;
}
