/*
 * Playing the cells: some at a time, each one step after the other. Nothing here waits; the world is stepped, and after
 * each step every cell under way is asked whether its own step has come to its end (steps.c).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "interop/steps.h"
#include "netns/session.h"
#include "sim/gateway/gateway.h"
#include "sim/world.h"
#include "strongswan/engine.h"

enum {
    AT_ONCE_MAX = 12, /* cells under way: more would only share the processor */
};

#define POLL (20 * BASE_MS)

/* ---- What the engines tell ---- */

static void write_notifies(FILE *out, const struct ike_event *event)
{
    for (size_t i = 0; i < event->notify_count; i++)
        fprintf(out, " N(%s)", ike_notify_name(event->notifies[i]));
}

static void log_event(struct interop_played *played, const struct ike_event *event)
{
    fprintf(played->log, "%.3f %s", (double)event->at / (double)BASE_S,
            ike_event_kind_name(event->kind));
    if (event->kind <= IKE_EVENT_MESSAGE_DROPPED)
        fprintf(played->log, " %s %s %u", ike_exchange_name(event->exchange),
                event->response ? "response" : "request", event->message_id);
    if (event->task != IKE_TASK_NONE)
        fprintf(played->log, " %s", ike_task_name(event->task));
    if (event->reason != IKE_REASON_OK)
        fprintf(played->log, ": %s", ike_reason_name(event->reason));
    if (event->retransmission)
        fputs(" (again)", played->log);
    write_notifies(played->log, event);
    fputc('\n', played->log);
}

/* An INFORMATIONAL request without anything, or with NAT detection alone, as MOBIKE has it behind a NAT. */
static bool is_liveness_check(const struct ike_event *event)
{
    if (event->kind != IKE_EVENT_MESSAGE_SENT || event->response || event->retransmission ||
        event->exchange != IKE_EXCHANGE_INFORMATIONAL)
        return false;
    for (size_t i = 0; i < event->notify_count; i++) {
        if (event->notifies[i] != IKE_NOTIFY_NAT_DETECTION_SOURCE_IP &&
            event->notifies[i] != IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP)
            return false;
    }
    return true;
}

static void note(struct interop_played *played, enum interop_side side,
                 const struct ike_event *event)
{
    struct interop_player *player = &played->players[side];
    if (event->kind == IKE_EVENT_TASK_DONE || event->kind == IKE_EVENT_TASK_FAILED) {
        player->ended = player->asked;
        player->done = event->kind == IKE_EVENT_TASK_DONE;
        player->reason = event->reason;
        player->notify = event->notify;
    }
    if (is_liveness_check(event))
        player->empty_requests++;
    if (side != INTEROP_OURS)
        return;
    played->ike_downs += event->kind == IKE_EVENT_IKE_DOWN;
    log_event(played, event);
    for (size_t i = 0; event->kind <= IKE_EVENT_MESSAGE_RECEIVED && i < event->notify_count; i++) {
        if (played->seen_count < sizeof(played->seen) / sizeof(played->seen[0]))
            played->seen[played->seen_count++] = event->notifies[i];
    }
}

/* Both engines of a cell call the tunnel by the cell's name. */
static void on_event(void *context, const char *gateway, const struct ike_event *event)
{
    struct interop_lab *lab = context;
    for (size_t i = 0; i < lab->played_count; i++) {
        struct interop_played *played = &lab->played[i];
        if (played->state != INTEROP_UNDER_WAY)
            continue;
        for (int side = 0; side < INTEROP_SIDES; side++) {
            const struct interop_player *player = &played->players[side];
            bool mine =
                event->tunnel ? !strcmp(event->tunnel, player->tunnel) : side == INTEROP_OURS;
            if (mine && !strcmp(player->gateway, gateway))
                note(played, (enum interop_side)side, event);
        }
    }
}

/* ---- One cell ---- */

static void append_line(FILE *out, const char *line)
{
    fprintf(out, "%.*s\n", (int)strcspn(line, "\n"), line);
}

/* charon's lines about this connection, also those of the time when it did not know yet whose IKE SA it was. */
static char *log_about(const char *log, const char *tunnel)
{
    char *text = NULL, *named = base_printf("<%s|", tunnel);
    size_t size = 0;
    unsigned long numbers[64];
    size_t count = 0;
    FILE *out = open_memstream(&text, &size);
    for (const char *at = log; (at = strstr(at, named)) && count < 64; at++) {
        unsigned long number = strtoul(at + strlen(named), NULL, 10);
        if (count == 0 || numbers[count - 1] != number)
            numbers[count++] = number;
    }
    for (const char *line = log; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *open = strchr(line, '<'), *end = strchr(line, '\n');
        if (!open || (end && open > end))
            continue;
        bool wanted = !strncmp(open, named, strlen(named));
        unsigned long number = isdigit((unsigned char)open[1]) ? strtoul(open + 1, NULL, 10) : 0;
        for (size_t i = 0; number && i < count; i++)
            wanted |= numbers[i] == number;
        if (wanted)
            append_line(out, line);
    }
    fclose(out);
    free(named);
    return text;
}

static void finish(struct interop_lab *lab, struct interop_played *played,
                   enum interop_verdict verdict, const char *reason)
{
    struct interop_cell *cell = &played->row->cells[played->starter];
    if (played->ping)
        topo_ping_free(played->ping);
    played->ping = NULL;
    played->state = INTEROP_FINISHED;
    cell->verdict = verdict;
    cell->time = topo_world_now(lab->world) - played->started_at;
    if (verdict == INTEROP_PASS)
        return;
    cell->reason = base_strdup(reason);
    if (verdict == INTEROP_FAIL) {
        fflush(played->log);
        cell->logs[INTEROP_OURS] = base_strdup(played->log_text);
        cell->logs[INTEROP_CHARON] =
            log_about(swan_engine_log(played->players[INTEROP_CHARON].engine),
                      played->players[INTEROP_CHARON].tunnel);
    }
}

static void start(struct interop_lab *lab, struct interop_played *played)
{
    played->state = INTEROP_UNDER_WAY;
    played->started_at = played->step_at = topo_world_now(lab->world);
    if (played->of->needs_xfrm &&
        strcmp(lab->matrix->data_plane, swan_data_plane_name(SWAN_DATA_XFRM)) != 0)
        finish(lab, played, INTEROP_NOT_HERE,
               "this kernel has no ESP, and kernel-libipsec knows neither extended sequence "
               "numbers nor ESP without UDP");
}

static void go_on(struct interop_lab *lab, struct interop_played *played)
{
    for (;;) {
        const struct interop_step *step = &played->of->steps[played->step];
        char reason[512];
        if (step->op == INTEROP_OP_END) {
            finish(lab, played, INTEROP_PASS, NULL);
            return;
        }
        enum interop_progress progress = interop_step_go(lab, played, step, reason);
        if (progress == INTEROP_STEP_LASTS)
            return;
        if (progress == INTEROP_STEP_FAILED) {
            char *text = base_printf("step %zu, %s: %s", played->step + 1,
                                     interop_op_name(step->op), reason);
            finish(lab, played, INTEROP_FAIL, text);
            free(text);
            return;
        }
        played->step++;
        played->begun = false;
        played->step_at = topo_world_now(lab->world);
    }
}

/* ---- All of them ---- */

static void look_up(struct interop_lab *lab)
{
    for (size_t i = 0; i < topo_world_node_count(lab->world); i++) {
        struct topo_engine *engine = topo_world_node_at(lab->world, i)->engine;
        engine->on_event = on_event;
        engine->context = lab;
        if (engine->data_plane)
            lab->matrix->data_plane = engine->data_plane;
    }
    for (size_t i = 0; i < lab->played_count; i++) {
        struct interop_played *played = &lab->played[i];
        played->log = open_memstream(&played->log_text, &played->log_size);
        for (int side = 0; side < INTEROP_SIDES; side++)
            played->players[side].engine =
                topo_world_engine(lab->world, played->players[side].gateway);
    }
}

static void tell_progress(struct interop_lab *lab, struct interop_played *played)
{
    const struct interop_options *options = lab->options;
    for (size_t i = 0; i < lab->played_count; i++) {
        if (lab->played[i].row == played->row && lab->played[i].state != INTEROP_FINISHED)
            return;
    }
    if (options->progress)
        options->progress(options->context, played->row);
}

/* Takes each cell under way as far as it goes now, and starts others; false when all are finished. */
static bool play_on(struct interop_lab *lab)
{
    size_t under_way = 0, finished = 0;
    for (size_t i = 0; i < lab->played_count; i++) {
        struct interop_played *played = &lab->played[i];
        if (played->state == INTEROP_WAITING && under_way < AT_ONCE_MAX)
            start(lab, played);
        if (played->state == INTEROP_UNDER_WAY) {
            go_on(lab, played);
            if (played->state == INTEROP_FINISHED)
                tell_progress(lab, played);
        }
        under_way += played->state == INTEROP_UNDER_WAY;
        finished += played->state == INTEROP_FINISHED;
    }
    return finished < lab->played_count;
}

static void play(struct interop_lab *lab)
{
    while (play_on(lab)) {
        base_ns until = topo_world_now(lab->world) + POLL;
        while (topo_world_step(lab->world, until)) {
        }
        if (topo_world_interrupted(lab->world)) {
            lab->matrix->interrupted = true;
            return;
        }
    }
}

static char *version_of(const char *log)
{
    const char *from = strstr(log, "(strongSwan ");
    size_t size = from ? strcspn(from + 1, ",)") : 0;
    return size ? base_strndup(from + 1, size) : base_strdup("strongSwan");
}

static struct topo_engine *start_charon(const struct topo_engine_place *place, char **error)
{
    struct swan_daemon_options options = interop_charon_options(place->gateway->node);
    return swan_engine_new(place, &options, error);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct interop_matrix *interop_run(const struct interop_options *options, char **error)
{
    struct interop_lab lab;
    double begun = seconds_now();
    struct interop_matrix *matrix = base_alloc(sizeof(*matrix));
    interop_lab_init(&lab, options, matrix);
    struct topo_world_options world = {
        .seed = 1, .session = options->session, .strongswan = start_charon};
    lab.world = topo_world_try_new(&lab.model, &world, error);
    if (lab.world) {
        look_up(&lab);
        if (lab.played_count > 0) {
            play(&lab);
            matrix->charon =
                version_of(swan_engine_log(lab.played[0].players[INTEROP_CHARON].engine));
        }
        topo_world_free(lab.world);
    }
    matrix->wall_s = seconds_now() - begun;
    matrix->names = base_alloc(sizeof(lab.arena)); /* the rows' texts live on in the arena */
    bool good = lab.world != NULL;
    struct base_arena arena = lab.arena;
    base_arena_init(&lab.arena);
    interop_lab_fini(&lab);
    memcpy(matrix->names, &arena, sizeof(arena));
    if (!good) {
        interop_free(matrix);
        return NULL;
    }
    return matrix;
}

void interop_free(struct interop_matrix *matrix)
{
    for (size_t i = 0; i < matrix->row_count; i++) {
        for (int side = 0; side < INTEROP_SIDES; side++) {
            struct interop_cell *cell = &matrix->rows[i].cells[side];
            free(cell->reason);
            for (int k = 0; k < INTEROP_SIDES; k++)
                free(cell->logs[k]);
        }
    }
    base_arena_fini(matrix->names);
    free(matrix->names);
    free(matrix->charon);
    free(matrix->rows);
    free(matrix);
}

size_t interop_count(const struct interop_matrix *matrix, enum interop_verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < matrix->row_count; i++) {
        for (int side = 0; side < INTEROP_SIDES; side++)
            count += matrix->rows[i].cells[side].verdict == verdict;
    }
    return count;
}
