/* Starting and ending programs. What happens between fork and exec is in spawn.c. */
#include "netns/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vtime.h"
#include "netns/loop.h"
#include "netns/spawn.h"

enum {
    LINE_MAX_SIZE = 1024, /* a longer one comes in pieces */
    READ_SIZE = 4096,
    RUN_TIMEOUT_MS = 10000,
};

/* One of its two outputs. */
struct stream {
    struct netns_watch watch;
    struct netns_process *process;
    char text[LINE_MAX_SIZE];
    size_t size;
    bool is_error;
    bool open;
};

struct netns_process {
    struct netns_loop *loop;
    struct netns_process_listener listener;
    struct stream streams[2];
    struct netns_watch end; /* of the pidfd */
    pid_t pid;
    bool running;
};

/* ---- What it says ---- */

static void say(struct stream *stream)
{
    const struct netns_process_listener *listener = &stream->process->listener;
    stream->text[stream->size] = '\0';
    stream->size = 0;
    if (listener->line)
        listener->line(listener->context, stream->is_error, stream->text);
}

static void take(struct stream *stream, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n')
            stream->text[stream->size++] = bytes[i];
        if (bytes[i] == '\n' || stream->size == LINE_MAX_SIZE - 1)
            say(stream);
    }
}

static void shut(struct stream *stream)
{
    if (!stream->open)
        return;
    stream->open = false;
    if (stream->size > 0)
        say(stream);
    netns_loop_remove(stream->process->loop, &stream->watch);
    close(stream->watch.fd);
}

/* Reads what there is; false at the end of it all. */
static bool read_some(struct stream *stream)
{
    char bytes[READ_SIZE];
    ssize_t size;
    while ((size = read(stream->watch.fd, bytes, sizeof(bytes))) > 0)
        take(stream, bytes, (size_t)size);
    return size < 0 && (errno == EAGAIN || errno == EINTR);
}

static void on_output(struct netns_watch *watch)
{
    struct stream *stream = (void *)((char *)watch - offsetof(struct stream, watch));
    if (!read_some(stream))
        shut(stream);
}

static void open_stream(struct netns_process *process, int which, int fd)
{
    struct stream *stream = &process->streams[which];
    stream->process = process;
    stream->is_error = which == 1;
    stream->open = true;
    stream->watch = (struct netns_watch){.fd = fd, .ready = on_output};
    netns_loop_add(process->loop, &stream->watch);
}

/* ---- How it ends ---- */

static int reap(struct netns_process *process)
{
    int status = 0;
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR) {
    }
    process->running = false;
    netns_loop_remove(process->loop, &process->end);
    close(process->end.fd);
    return status;
}

static void on_end(struct netns_watch *watch)
{
    struct netns_process *process = (void *)((char *)watch - offsetof(struct netns_process, end));
    int status = reap(process);
    for (int i = 0; i < 2;
         i++) { /* its last words; what it left behind may hold the pipe open still */
        if (process->streams[i].open)
            (void)read_some(&process->streams[i]);
        shut(&process->streams[i]);
    }
    if (process->listener.ended)
        process->listener.ended(process->listener.context, status);
}

/* What was started and cannot be watched. */
static void give_up(const struct netns_spawned *spawned)
{
    (void)kill(-spawned->pid, SIGKILL);
    while (waitpid(spawned->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    close(spawned->output);
    close(spawned->error);
}

/* ---- The interface ---- */

struct netns_process *netns_process_start(struct netns_loop *loop,
                                          const struct netns_process_config *config,
                                          const struct netns_process_listener *listener,
                                          char **error)
{
    struct netns_spawned spawned;
    if (!netns_spawn(config, false, &spawned, error))
        return NULL;
    int end = pidfd_open(spawned.pid, 0);
    if (end < 0) {
        *error = base_printf("cannot wait for %s: %s", config->argv[0], strerror(errno));
        give_up(&spawned);
        return NULL;
    }
    struct netns_process *process = base_alloc(sizeof(*process));
    process->loop = loop;
    process->pid = spawned.pid;
    process->running = true;
    if (listener)
        process->listener = *listener;
    process->end = (struct netns_watch){.fd = end, .ready = on_end};
    netns_loop_add(loop, &process->end);
    open_stream(process, 0, spawned.output);
    open_stream(process, 1, spawned.error);
    return process;
}

pid_t netns_process_pid(const struct netns_process *process)
{
    return process->pid;
}

bool netns_process_running(const struct netns_process *process)
{
    return process->running;
}

void netns_process_signal(struct netns_process *process, int number)
{
    if (process->running)
        (void)kill(process->pid, number);
}

void netns_process_free(struct netns_process *process)
{
    if (!process)
        return;
    process->listener = (struct netns_process_listener){0};
    netns_process_signal(process, SIGKILL);
    if (process->running)
        (void)reap(process);
    shut(&process->streams[0]);
    shut(&process->streams[1]);
    free(process);
}

/* ---- To the end ---- */

static int64_t milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* All that comes out of the pipe until its end; false where that took too long. */
static bool read_all(int fd, char **text)
{
    int64_t until = milliseconds_now() + RUN_TIMEOUT_MS;
    size_t size = 0;
    size_t capacity = 0;
    for (;;) {
        struct pollfd asked = {.fd = fd, .events = POLLIN};
        int64_t left = until - milliseconds_now();
        if (left <= 0 || poll(&asked, 1, (int)left) == 0)
            return false;
        char bytes[READ_SIZE];
        ssize_t got = read(fd, bytes, sizeof(bytes));
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return true;
        for (ssize_t i = 0; i < got; i++) {
            *text = base_grow(*text, size + 1, &capacity, 1); /* and its end mark */
            (*text)[size++] = bytes[i];
            (*text)[size] = '\0';
        }
    }
}

int netns_run(const struct netns_process_config *config, char **output)
{
    struct netns_spawned spawned;
    char *text = NULL;
    int status = -1;
    if (!netns_spawn(config, true, &spawned, &text)) {
        if (output)
            *output = text;
        else
            free(text);
        return -1;
    }
    if (!read_all(spawned.output, &text))
        (void)kill(-spawned.pid, SIGKILL); /* its group: what it started, too */
    close(spawned.output);
    while (waitpid(spawned.pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (output)
        *output = text ? text : base_strdup("");
    else
        free(text);
    return status;
}
