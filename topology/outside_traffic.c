/* An end of a UDP flow in a namespace: a socket of the kernel's, driven from here. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "topology/outside_internal.h"
#include "topology/traffic.h"

enum {
    DATAGRAM_MAX = 65536,
    DATAGRAMS_A_TURN = 64, /* before others have theirs */
};

struct outside_socket {
    struct netns_watch watch;
    struct topo_outside *outside;
    struct sim_traffic *traffic;
    uint8_t *data;
    net_ip4 to; /* whom it sends to; 0: nobody yet */
};

static void on_readable(struct netns_watch *watch)
{
    struct outside_socket *end = (void *)((char *)watch - offsetof(struct outside_socket, watch));
    for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
        struct sockaddr_in from = {0};
        socklen_t from_size = sizeof(from);
        ssize_t size = recvfrom(watch->fd, end->data, DATAGRAM_MAX, MSG_DONTWAIT,
                                (struct sockaddr *)&from, &from_size);
        if (size < 0 && errno == EAGAIN)
            return;
        if (size >= 0) /* else an ICMP error about what was sent: nobody asks */
            sim_traffic_take(end->traffic, ntohs(from.sin_port), end->data, (size_t)size);
    }
}

static bool bind_to(int fd, uint16_t port)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};
    return bind(fd, (const struct sockaddr *)&own, sizeof(own)) == 0;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in own = {0};
    socklen_t size = sizeof(own);
    return getsockname(fd, (struct sockaddr *)&own, &size) == 0 ? ntohs(own.sin_port) : 0;
}

static void let_go(struct outside_socket *end)
{
    free(end->data);
    free(end);
}

static uint16_t bind_end(void *context, struct sim_traffic *traffic, uint16_t port)
{
    struct outside_socket *end = context;
    int fd = netns_socket(end->outside->netns, AF_INET, SOCK_DGRAM, 0);
    if (fd < 0) {
        let_go(end);
        return 0;
    }
    if (!bind_to(fd, port) && !bind_to(fd, 0)) {
        close(fd);
        let_go(end);
        return 0;
    }
    end->traffic = traffic;
    end->watch = (struct netns_watch){.fd = fd, .ready = on_readable};
    netns_loop_add(end->outside->loop, &end->watch);
    return port_of(fd);
}

/* Its last use: the flow has ended. */
static void unbind_end(void *context)
{
    struct outside_socket *end = context;
    netns_loop_remove(end->outside->loop, &end->watch);
    close(end->watch.fd);
    let_go(end);
}

static bool send_from(void *context, const struct sim_stack_udp *how, const uint8_t *data,
                      size_t size)
{
    struct outside_socket *end = context;
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(how->dst_port),
                             .sin_addr.s_addr = htonl(how->dst)};
    int df = how->df == SIM_STACK_DF_DONT ? IP_PMTUDISC_DONT
             : how->df == SIM_STACK_DF_DO ? IP_PMTUDISC_DO
                                          : IP_PMTUDISC_WANT;
    int tos = how->tos;
    if (!end->to)
        topo_outside_count_requests(end->outside, how->dst);
    end->to = how->dst;
    (void)setsockopt(end->watch.fd, IPPROTO_IP, IP_MTU_DISCOVER, &df, sizeof(df));
    (void)setsockopt(end->watch.fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
    return sendto(end->watch.fd, data, size, MSG_DONTWAIT, (const struct sockaddr *)&to,
                  sizeof(to)) == (ssize_t)size;
}

static void packets(void *context, uint64_t *first, uint64_t *last)
{
    const struct outside_socket *end = context;
    if (end->to)
        topo_outside_requests(end->outside, end->to, first, last);
}

/* ---- A flow between nodes of either kind ---- */

static struct sim_traffic_end end_of(struct topo_world_node *node, struct sim_traffic_outside *room)
{
    if (!node || node->stack)
        return (struct sim_traffic_end){.stack = node ? node->stack : NULL};
    struct outside_socket *end = base_alloc(sizeof(*end));
    end->outside = node->outside;
    end->data = base_alloc(DATAGRAM_MAX);
    *room = (struct sim_traffic_outside){.context = end,
                                         .bind = bind_end,
                                         .unbind = unbind_end,
                                         .send = send_from,
                                         .packets = packets};
    return (struct sim_traffic_end){.outside = room};
}

struct sim_traffic *topo_traffic_start(struct topo_world_node *from, struct topo_world_node *to,
                                       const struct sim_traffic_config *config,
                                       void (*done)(void *context, struct sim_traffic *traffic),
                                       void *context)
{
    struct sim_traffic_outside rooms[2];
    const struct sim_traffic_end sender = end_of(from, &rooms[0]);
    const struct sim_traffic_end receiver = end_of(to, &rooms[1]);
    return sim_traffic_start_between(from->sim->world, &sender, &receiver, config, done, context);
}
