/* See vici.h. */
#include "strongswan/vici.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "netns/loop.h"
#include "sim/queue.h"
#include "strongswan/vici_message.h"

struct swan_vici {
    struct netns_watch watch;
    struct netns_loop *loop;
    struct swan_vici_handler handler;
    uint8_t *bytes; /* received and not read yet */
    size_t size, capacity;
    bool *freed; /* set where a handler frees us while we read */
};

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Blocks where charon's socket is full, which takes more than any command of ours has. */
static bool send_packet(int fd, enum swan_packet type, const char *name,
                        const struct swan_tree *message)
{
    size_t size = 0, sent = 0;
    uint8_t *packet = swan_packet_write(type, name, message, &size);
    while (packet && sent < size) {
        ssize_t n = send(fd, packet + sent, size - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            break;
        sent += n > 0 ? (size_t)n : 0;
    }
    free(packet);
    return packet && sent == size;
}

/* ---- With a loop ---- */

/* Everything that can be had now; false at the connection's end. */
static bool receive(struct swan_vici *vici)
{
    for (;;) {
        uint8_t room[16384];
        ssize_t n = recv(vici->watch.fd, room, sizeof(room), MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        while (vici->capacity < vici->size + (size_t)n)
            vici->bytes = base_grow(vici->bytes, vici->capacity, &vici->capacity, 1);
        memcpy(vici->bytes + vici->size, room, (size_t)n);
        vici->size += (size_t)n;
    }
}

static void hand_over(struct swan_vici *vici, enum swan_packet type, const char *name,
                      const struct swan_element *message)
{
    struct swan_vici_handler handler = vici->handler;
    if (type == SWAN_EVENT && handler.event) {
        handler.event(handler.context, name, message);
    } else if (type == SWAN_CMD_RESPONSE || type == SWAN_CMD_UNKNOWN) {
        vici->handler.answer = NULL;
        if (handler.answer)
            handler.answer(handler.context, type == SWAN_CMD_RESPONSE ? message : NULL);
    }
}

enum taken {
    TAKEN_NONE, /* no whole packet is there */
    TAKEN_ONE,
    TAKEN_BROKEN, /* what came is no packet */
    TAKEN_FREED,  /* a handler freed the connection */
};

static enum taken take_packet(struct swan_vici *vici)
{
    struct base_reader r = base_reader_of(vici->bytes, vici->size);
    size_t size = base_read_u32(&r);
    if (!r.failed && size > SWAN_VICI_PACKET_MAX)
        return TAKEN_BROKEN;
    const uint8_t *packet = base_read_bytes(&r, size);
    if (!packet)
        return TAKEN_NONE;
    enum swan_packet type;
    const char *name;
    bool freed = false;
    struct swan_tree message;
    swan_tree_init(&message);
    bool sound = swan_packet_read(packet, size, &type, &name, &message);
    vici->size -= r.at;
    memmove(vici->bytes, vici->bytes + r.at, vici->size);
    vici->freed = &freed;
    if (sound)
        hand_over(vici, type, name, &message.root);
    swan_tree_fini(&message);
    if (freed)
        return TAKEN_FREED;
    vici->freed = NULL;
    return sound ? TAKEN_ONE : TAKEN_BROKEN;
}

/* The connection is of no more use. */
static void end(struct swan_vici *vici)
{
    struct swan_vici_handler handler = vici->handler;
    netns_loop_remove(vici->loop, &vici->watch);
    close(vici->watch.fd);
    vici->watch.fd = -1;
    vici->handler.answer = NULL;
    if (handler.answer)
        handler.answer(handler.context, NULL);
}

static void on_ready(struct netns_watch *watch)
{
    struct swan_vici *vici = SIM_OWNER(watch, struct swan_vici, watch);
    bool open = receive(vici);
    enum taken taken = take_packet(vici);
    while (taken == TAKEN_ONE)
        taken = take_packet(vici);
    if (taken != TAKEN_FREED && (!open || taken == TAKEN_BROKEN))
        end(vici);
}

static bool send_all(int fd, const char *const *events, const char *command,
                     const struct swan_tree *message)
{
    for (size_t i = 0; events && events[i]; i++) {
        if (!send_packet(fd, SWAN_EVENT_REGISTER, events[i], NULL))
            return false;
    }
    return !command || send_packet(fd, SWAN_CMD_REQUEST, command, message);
}

struct swan_vici *swan_vici_open(struct netns_loop *loop, const char *path,
                                 const char *const *events, const char *command,
                                 const struct swan_tree *message,
                                 const struct swan_vici_handler *handler)
{
    int fd = connect_to(path);
    if (fd < 0)
        return NULL;
    if (!send_all(fd, events, command, message)) {
        close(fd);
        return NULL;
    }
    struct swan_vici *vici = base_alloc(sizeof(*vici));
    vici->loop = loop;
    vici->handler = *handler;
    vici->watch = (struct netns_watch){.fd = fd, .ready = on_ready};
    netns_loop_add(loop, &vici->watch);
    return vici;
}

void swan_vici_free(struct swan_vici *vici)
{
    if (!vici)
        return;
    if (vici->freed)
        *vici->freed = true;
    if (vici->watch.fd >= 0) {
        netns_loop_remove(vici->loop, &vici->watch);
        close(vici->watch.fd);
    }
    free(vici->bytes);
    free(vici);
}

/* ---- Without one ---- */

static bool receive_exactly(int fd, uint8_t *out, size_t size, int wait_ms)
{
    size_t got = 0;
    while (got < size) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int n = poll(&wait, 1, wait_ms);
        if (n < 0 && errno == EINTR)
            continue;
        ssize_t taken = n > 0 ? recv(fd, out + got, size - got, 0) : 0;
        if (taken <= 0)
            return false;
        got += (size_t)taken;
    }
    return true;
}

/* Adds a packet's elements to *answer; sets *done with the response. */
static bool receive_packet(int fd, int wait_ms, struct swan_tree *answer, bool *done)
{
    uint8_t head[4];
    if (!receive_exactly(fd, head, sizeof(head), wait_ms))
        return false;
    struct base_reader r = base_reader_of(head, sizeof(head));
    size_t size = base_read_u32(&r);
    if (size > SWAN_VICI_PACKET_MAX)
        return false;
    uint8_t *packet = base_alloc(size + 1);
    enum swan_packet type;
    const char *name;
    bool good = receive_exactly(fd, packet, size, wait_ms) &&
                swan_packet_read(packet, size, &type, &name, answer) &&
                (type == SWAN_CMD_RESPONSE || type == SWAN_EVENT || type == SWAN_EVENT_CONFIRM);
    free(packet);
    *done = good && type == SWAN_CMD_RESPONSE;
    return good;
}

bool swan_vici_ask(const char *path, const char *command, const struct swan_tree *message,
                   const char *stream, int wait_ms, struct swan_tree *answer)
{
    const char *const events[] = {stream, NULL};
    struct swan_tree got;
    bool done = false;
    int fd = connect_to(path);
    if (fd < 0)
        return false;
    swan_tree_init(&got);
    bool good = send_all(fd, events, command, message);
    while (good && !done)
        good = receive_packet(fd, wait_ms, &got, &done);
    close(fd);
    if (good)
        *answer = got;
    else
        swan_tree_fini(&got);
    return good;
}
