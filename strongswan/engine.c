/* See engine.h: the ops, and the SAs as they stand. */
#include "strongswan/engine.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "netns/netns.h"
#include "netns/process.h"
#include "sim/world.h"
#include "strongswan/internal.h"

/* ---- The SAs ---- */

bool swan_look(struct swan_engine *engine, const struct swan_tunnel *tunnel)
{
    struct swan_tree message, answer;
    swan_tree_init(&message);
    if (tunnel)
        swan_tree_value(&message, &message.root, "ike", "%s", tunnel->connection);
    if (engine->looked)
        swan_tree_fini(&engine->sas);
    engine->looked =
        engine->state == SWAN_READY &&
        swan_vici_ask(engine->socket, "list-sas", &message, "list-sa", SWAN_ANSWER_MS, &answer);
    swan_tree_fini(&message);
    if (engine->looked)
        engine->sas = answer;
    return engine->looked;
}

static bool is_of(const struct swan_element *section, const struct swan_tunnel *tunnel)
{
    return section->kind == SWAN_SECTION && !strcmp(section->name, tunnel->connection);
}

/* Counts one IKE SA with its children into *out; the newest that is up gives the details. */
static void add_ike(const struct swan_element *section, struct ike_peer_info *out, uint32_t *newest,
                    bool *connecting)
{
    struct swan_ike ike;
    swan_ike_read(section, &ike);
    *connecting |= !ike.established && !ike.rekeyed;
    if (!ike.established)
        return;
    out->ike_sas++;
    const struct swan_element *children = swan_tree_find(section, "child-sas");
    for (const struct swan_element *e = children ? children->first : NULL; e; e = e->next) {
        struct swan_child child;
        swan_child_read(e, &ike, &child);
        out->children += child.installed;
        out->udp_encapsulation |= child.installed && child.info.udp_encapsulation;
        out->reqid = child.info.reqid;
    }
    if (ike.number < *newest || !ike.keys.encr || !ike.keys.prf || !ike.keys.group)
        return;
    *newest = ike.number;
    out->has_ike = true;
    out->ike = ike.keys;
    out->path = ike.path;
    out->initiator = ike.initiator;
    out->nat_local = ike.nat_local;
    out->nat_remote = ike.nat_remote;
}

static bool peer_info(struct topo_engine *engine, int peer, struct ike_peer_info *out)
{
    struct swan_engine *self = swan_of(engine);
    uint32_t newest = 0;
    bool connecting = false;
    if (peer < 0 || (size_t)peer >= self->tunnel_count)
        return false;
    const struct swan_tunnel *tunnel = self->tunnels[peer];
    *out = (struct ike_peer_info){.name = tunnel->model->name,
                                  .ike_rekeys = tunnel->ike_rekeys,
                                  .child_rekeys = tunnel->child_rekeys,
                                  .mobike = self->model.behaviour.mobike,
                                  .fragmentation = self->model.behaviour.ike_fragmentation};
    swan_look(self, tunnel);
    for (const struct swan_element *e = self->looked ? self->sas.root.first : NULL; e;
         e = e->next) {
        if (is_of(e, tunnel))
            add_ike(e, out, &newest, &connecting);
    }
    out->state = out->children  ? IKE_PEER_ESTABLISHED
                 : out->ike_sas ? IKE_PEER_IKE_ONLY
                 : connecting   ? IKE_PEER_CONNECTING
                                : IKE_PEER_DOWN;
    return true;
}

static bool child_info(struct topo_engine *engine, int peer, size_t index,
                       struct ike_child_info *out)
{
    struct swan_engine *self = swan_of(engine);
    if (peer < 0 || (size_t)peer >= self->tunnel_count)
        return false;
    if (index == 0)
        swan_look(self, self->tunnels[peer]);
    if (!self->looked)
        return false;
    for (const struct swan_element *e = self->sas.root.first; e; e = e->next) {
        const struct swan_element *children =
            is_of(e, self->tunnels[peer]) ? swan_tree_find(e, "child-sas") : NULL;
        struct swan_ike ike;
        if (children)
            swan_ike_read(e, &ike);
        if (children && !ike.established) /* one that is going: see add_ike() */
            continue;
        for (const struct swan_element *c = children ? children->first : NULL; c; c = c->next) {
            swan_child_read(c, &ike, &self->child);
            if (self->child.info.encr && index-- == 0) {
                *out = self->child.info;
                return true;
            }
        }
    }
    return false;
}

static int peer_number(struct topo_engine *engine, const char *tunnel)
{
    struct swan_engine *self = swan_of(engine);
    for (size_t i = 0; self->state == SWAN_READY && i < self->tunnel_count; i++) {
        if (!strcmp(self->tunnels[i]->model->name, tunnel))
            return (int)i;
    }
    return -1;
}

bool swan_engine_look(struct topo_engine *engine, const char *tunnel, struct swan_child *out)
{
    struct swan_engine *self = swan_of(engine);
    struct ike_child_info info;
    int peer = peer_number(engine, tunnel);
    bool found = false;
    for (size_t i = 0; child_info(engine, peer, i, &info); i++) {
        if (!self->child.installed || (found && self->child.number < out->number))
            continue;
        *out = self->child;
        out->info.local_ts = out->local;
        out->info.remote_ts = out->remote;
        found = true;
    }
    return found;
}

/* No task of ours, and no IKE SA on its way up or down; an SA that charon is busy with says so itself. */
static bool is_quiet(struct topo_engine *engine)
{
    struct swan_engine *self = swan_of(engine);
    for (size_t i = 0; i < self->tunnel_count; i++) {
        if (self->tunnels[i]->task.kind != IKE_TASK_NONE)
            return false;
    }
    swan_look(self, NULL);
    for (const struct swan_element *e = self->looked ? self->sas.root.first : NULL; e;
         e = e->next) {
        if (strcmp(swan_tree_text(e, "state"), "ESTABLISHED") != 0 ||
            swan_tree_find(e, "tasks-active"))
            return false;
    }
    return self->state != SWAN_STARTING && self->state != SWAN_QUITTING;
}

/* ---- Setting up, power, changes ---- */

/* That of the name, from `from` on, as it was known before. Else a new one. */
static size_t find_or_add(struct swan_engine *engine, size_t from, const char *connection)
{
    size_t i = from;
    while (i < engine->known_count && strcmp(engine->tunnels[i]->connection, connection) != 0)
        i++;
    if (i < engine->known_count)
        return i;
    struct swan_tunnel *tunnel = base_alloc(sizeof(*tunnel));
    tunnel->engine = engine;
    snprintf(tunnel->connection, sizeof(tunnel->connection), "%s", connection);
    sim_event_init(&tunnel->start, swan_start_due);
    engine->tunnels =
        base_grow(engine->tunnels, i, &engine->tunnel_capacity, sizeof(struct swan_tunnel *));
    engine->tunnels[engine->known_count++] = tunnel;
    return i;
}

static void set_tunnels(struct swan_engine *engine)
{
    char connection[SWAN_NAME_SIZE];
    engine->tunnel_count = engine->model.tunnel_count;
    for (size_t i = 0; i < engine->tunnel_count; i++) {
        size_t place = find_or_add(engine, i, swan_connection_name(&engine->model, i, connection));
        struct swan_tunnel *tunnel = engine->tunnels[place];
        engine->tunnels[place] = engine->tunnels[i];
        engine->tunnels[i] = tunnel;
        tunnel->model = &engine->model.tunnels[i];
    }
    for (size_t i = engine->tunnel_count; i < engine->known_count; i++) {
        engine->tunnels[i]->model = NULL;
        engine->tunnels[i]->taps =
            NULL; /* who wants to see it hangs them in again when it is back */
    }
}

static void free_engine(struct topo_engine *engine)
{
    struct swan_engine *self = swan_of(engine);
    for (size_t i = 0; i < self->known_count; i++)
        self->tunnels[i]->taps = NULL; /* their owners went before the world */
    swan_daemon_kill(self);
    for (size_t i = 0; i < self->known_count; i++)
        free(self->tunnels[i]);
    if (self->looked)
        swan_tree_fini(&self->sas);
    swan_keys_free(self->keys);
    fclose(self->log);
    free(self->log_text);
    free(self->error);
    free(self->tunnels);
    free(self->folder);
    free(self->socket);
    free(self);
}

static bool is_ready(struct topo_engine *engine, char **error)
{
    struct swan_engine *self = swan_of(engine);
    *error = self->error ? base_strdup(self->error) : NULL;
    return !self->error && self->state == SWAN_READY;
}

static bool is_running(const struct topo_engine *engine)
{
    const struct swan_engine *self = (const struct swan_engine *)(const void *)engine;
    return self->state != SWAN_OFF;
}

/* Switches it on or off, by `off`. */
static void switch_to(struct topo_engine *engine, bool on, void (*off)(struct swan_engine *))
{
    struct swan_engine *self = swan_of(engine);
    if (on == is_running(engine))
        return;
    for (size_t i = 0; i < self->tunnel_count; i++) {
        self->tunnels[i]->terminated = self->tunnels[i]->anew = false;
        self->tunnels[i]->ike_rekeys = self->tunnels[i]->child_rekeys = 0;
    }
    if (!on)
        off(self);
    else if (!self->error)
        swan_daemon_start(self, &self->error);
}

static void set_power(struct topo_engine *engine, bool on)
{
    switch_to(engine, on, swan_daemon_kill);
}

/* kernel-libipsec has its SAs and its device in the process. */
static bool set_daemon(struct topo_engine *engine, bool dead)
{
    switch_to(engine, !dead, swan_daemon_die);
    return swan_of(engine)->options.plane == SWAN_DATA_XFRM;
}

void swan_engine_quit(struct topo_engine *engine)
{
    struct swan_engine *self = swan_of(engine);
    if (self->state == SWAN_READY) {
        self->state = SWAN_QUITTING;
        netns_process_signal(self->process, SIGTERM);
    }
}

/* What charon is told of tunnel i, and of tunnel k of the gateway as it was before. */
static bool same_tunnel(const struct topo_gateway *before, size_t k,
                        const struct topo_gateway *after, size_t i, enum swan_data_plane plane)
{
    struct swan_tree trees[4];
    bool same = before->behaviour.start == after->behaviour.start;
    swan_tunnel_connection(before, k, plane, &trees[0]);
    swan_tunnel_connection(after, i, plane, &trees[1]);
    swan_tunnel_secret(before, k, &trees[2]);
    swan_tunnel_secret(after, i, &trees[3]);
    for (size_t n = 0; n < 4; n += 2) {
        char *a = swan_tree_write(&trees[n]), *b = swan_tree_write(&trees[n + 1]);
        same &= !strcmp(a, b);
        free(a);
        free(b);
    }
    for (size_t n = 0; n < 4; n++)
        swan_tree_fini(&trees[n]);
    return same;
}

/* The number of a tunnel of one gateway in another state of it; its tunnel_count: it has none there. */
static size_t counterpart(const struct topo_gateway *gateway, size_t tunnel,
                          const struct topo_gateway *other)
{
    char name[SWAN_NAME_SIZE], here[SWAN_NAME_SIZE];
    size_t i = 0;
    swan_connection_name(gateway, tunnel, here);
    while (i < other->tunnel_count && strcmp(swan_connection_name(other, i, name), here) != 0)
        i++;
    return i;
}

static void take_down(struct swan_engine *engine, const struct topo_gateway *before, size_t i)
{
    swan_terminate(&engine->base, before->tunnels[i].name, false);
    swan_tunnel_unload(engine, engine->tunnels[i]->connection);
    sim_world_cancel(engine->place.sim, &engine->tunnels[i]->start);
    engine->tunnels[i]->ike_rekeys = engine->tunnels[i]->child_rekeys = 0;
}

static void set_up(struct swan_engine *engine, size_t i)
{
    struct swan_tunnel *tunnel = engine->tunnels[i];
    swan_tunnel_load(engine, i);
    tunnel->terminated = false;
    tunnel->anew = engine->model.behaviour.start == TOPO_START_AT_ONCE;
    if (tunnel->anew)
        swan_at_once(tunnel, (base_ns)base_rng_below(&engine->rng, (uint64_t)BASE_S));
}

/* As the engine of ours does: a tunnel that has changed is taken down and set up anew; the others live on. */
static void change_tunnels(struct swan_engine *engine, const struct topo_gateway *before,
                           const struct topo_gateway *after)
{
    enum swan_data_plane plane = engine->options.plane;
    bool *stays = base_alloc_array(after->tunnel_count + 1, sizeof(*stays));
    for (size_t k = 0; k < before->tunnel_count; k++) {
        size_t i = counterpart(before, k, after);
        stays[i] = i < after->tunnel_count && same_tunnel(before, k, after, i, plane);
        if (!stays[i])
            take_down(engine, before, k);
    }
    engine->model = *after;
    set_tunnels(engine);
    for (size_t i = 0; i < engine->tunnel_count; i++)
        if (!stays[i])
            set_up(engine, i);
    free(stays);
}

static void change(struct topo_engine *engine, const struct topo_gateway *before,
                   const struct topo_gateway *after)
{
    struct swan_engine *self = swan_of(engine);
    bool on = self->state != SWAN_OFF;
    if (self->state == SWAN_READY) {
        change_tunnels(self, before, after);
        return;
    }
    self->model = *after;
    swan_daemon_kill(self);
    set_tunnels(self);
    if (on && !self->error)
        swan_daemon_start(self, &self->error);
}

static bool keys_at(struct topo_engine *engine, size_t index, struct topo_engine_keys *out)
{
    return swan_keys_at(swan_of(engine)->keys, index, out);
}

static bool copy_file(const char *from, const char *to)
{
    char bytes[4096];
    size_t size;
    FILE *in = fopen(from, "r"), *out = in ? fopen(to, "w") : NULL;
    bool good = out != NULL;
    while (good && (size = fread(bytes, 1, sizeof(bytes), in)) > 0)
        good = fwrite(bytes, 1, size, out) == size;
    if (out)
        good &= !fclose(out);
    if (in)
        fclose(in);
    return good;
}

static bool save(struct topo_engine *engine, const char *folder)
{
    struct swan_engine *self = swan_of(engine);
    char *log = base_printf("%s/%s.charon.log", folder, engine->gateway);
    FILE *out = fopen(log, "w");
    bool good = out && fputs(swan_engine_log(engine), out) >= 0;
    good = out && !fclose(out) && good;
    free(log);
    static const char *const files[] = {"strongswan.conf", "swanctl.conf"};
    for (size_t i = 0; i < 2; i++) {
        char *from = base_printf("%s/%s", self->folder, files[i]);
        char *to = base_printf("%s/%s.%s", folder, engine->gateway, files[i]);
        good &= copy_file(from, to);
        free(from);
        free(to);
    }
    return good;
}

static const struct topo_engine_ops ops = {
    .name = "strongswan",
    .free = free_engine,
    .ready = is_ready,
    .power = set_power,
    .daemon = set_daemon,
    .running = is_running,
    .initiate = swan_initiate,
    .terminate = swan_terminate,
    .rekey = swan_rekey,
    .peer_number = peer_number,
    .peer = peer_info,
    .child = child_info,
    .quiet = is_quiet,
    .change = change,
    .tap = swan_tap,
    .keys = keys_at,
    .save = save,
};

const char *swan_engine_log(const struct topo_engine *engine)
{
    const struct swan_engine *self = (const struct swan_engine *)(const void *)engine;
    fflush(self->log);
    return self->log_text;
}

struct topo_engine *swan_engine_new(const struct topo_engine_place *place,
                                    const struct swan_daemon_options *options, char **error)
{
    struct swan_engine *engine = base_alloc(sizeof(*engine));
    engine->place = *place;
    engine->device.fd = -1;
    engine->keys = swan_keys_new();
    engine->model = *place->gateway;
    engine->folder = base_printf("%s/run", netns_folder(place->netns));
    engine->socket = base_printf("%s/charon.vici", engine->folder);
    engine->options = options ? *options : (struct swan_daemon_options){.threads = 0};
    engine->options.plane = swan_data_plane_find(place->netns);
    engine->options.socket = "/run/charon.vici";
    engine->base = (struct topo_engine){
        .ops = &ops,
        .gateway = place->gateway->node,
        .data_plane = swan_data_plane_name(engine->options.plane),
    };
    engine->log = open_memstream(&engine->log_text, &engine->log_size);
    if (!engine->log)
        abort();
    fflush(engine->log);
    set_tunnels(engine);
    if (!swan_daemon_start(engine, error)) {
        free_engine(&engine->base);
        return NULL;
    }
    return &engine->base;
}

struct topo_engine *swan_engine_start(const struct topo_engine_place *place, char **error)
{
    struct swan_daemon_options options = {.log_keys = true};
    return swan_engine_new(place, &options, error);
}
