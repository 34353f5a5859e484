/* Who can seal and open ESP here: a kernel may have the XFRM framework and its netlink and yet no ESP. */
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "netns/netns.h"
#include "strongswan/engine.h"

static void add_attribute(struct base_writer *w, uint16_t type, const void *head, size_t head_size,
                          size_t key_size)
{
    struct nlattr attribute = {.nla_len = (uint16_t)(sizeof(attribute) + head_size + key_size),
                               .nla_type = type};
    base_write_bytes(w, &attribute, sizeof(attribute));
    base_write_bytes(w, head, head_size);
    base_write_zeros(w, key_size);
}

/* An SA between addresses of documentation (RFC 5737), AES-CBC with HMAC_SHA2_256_128. */
static void write_request(struct base_writer *w)
{
    struct nlmsghdr head = {.nlmsg_type = XFRM_MSG_NEWSA,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE,
                            .nlmsg_seq = 1};
    struct xfrm_usersa_info sa = {
        .id = {.daddr = {.a4 = htonl(0xc0000202)}, .spi = htonl(0xc0ffee00), .proto = IPPROTO_ESP},
        .saddr = {.a4 = htonl(0xc0000201)},
        .lft = {.soft_byte_limit = XFRM_INF,
                .hard_byte_limit = XFRM_INF,
                .soft_packet_limit = XFRM_INF,
                .hard_packet_limit = XFRM_INF},
        .family = AF_INET,
        .mode = XFRM_MODE_TUNNEL,
    };
    struct xfrm_algo encr = {.alg_name = "cbc(aes)", .alg_key_len = 128};
    struct xfrm_algo_auth auth = {
        .alg_name = "hmac(sha256)", .alg_key_len = 256, .alg_trunc_len = 128};
    base_write_bytes(w, &head, sizeof(head));
    base_write_bytes(w, &sa, sizeof(sa));
    add_attribute(w, XFRMA_ALG_CRYPT, &encr, sizeof(encr), 16);
    add_attribute(w, XFRMA_ALG_AUTH_TRUNC, &auth, sizeof(auth), 32);
    head.nlmsg_len = (uint32_t)w->size;
    memcpy(w->data, &head, sizeof(head));
}

static bool is_taken(int fd)
{
    uint8_t bytes[1024];
    struct base_writer request = base_writer_of(bytes, sizeof(bytes));
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        uint8_t more[1024];
    } answer;
    write_request(&request);
    if (send(fd, bytes, request.size, 0) != (ssize_t)request.size)
        return false;
    ssize_t size = recv(fd, &answer, sizeof(answer), 0);
    return size >= (ssize_t)(sizeof(answer.head) + sizeof(answer.error.error)) &&
           answer.head.nlmsg_type == NLMSG_ERROR && answer.error.error == 0;
}

static void take_back(int fd)
{
    struct {
        struct nlmsghdr head;
        struct xfrm_usersa_flush flush;
    } request = {
        .head = {.nlmsg_len = sizeof(request),
                 .nlmsg_type = XFRM_MSG_FLUSHSA,
                 .nlmsg_flags = NLM_F_REQUEST},
        .flush = {.proto = IPPROTO_ESP},
    };
    (void)!send(fd, &request, sizeof(request), 0);
}

enum swan_data_plane swan_data_plane_find(struct netns *netns)
{
    int fd = netns_socket(netns, AF_NETLINK, SOCK_RAW, NETLINK_XFRM);
    bool works = fd >= 0 && is_taken(fd);
    if (works)
        take_back(fd);
    if (fd >= 0)
        close(fd);
    return works ? SWAN_DATA_XFRM : SWAN_DATA_LIBIPSEC;
}
