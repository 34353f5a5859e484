/* The daemon: its files, its process, and what it is told to load. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "netns/netns.h"
#include "netns/process.h"
#include "sim/world.h"
#include "strongswan/internal.h"

static const char *const programs[] = {
    "/usr/lib/ipsec/charon",     /* Debian */
    "/usr/libexec/ipsec/charon", /* as built from source, Fedora */
};

const char *swan_find_charon(char **error)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (!access(programs[i], X_OK))
            return programs[i];
    }
    *error =
        base_strdup("strongSwan is not installed (no charon): apt-get install strongswan-charon "
                    "strongswan-swanctl libcharon-extra-plugins libstrongswan-extra-plugins "
                    "libstrongswan-standard-plugins");
    return NULL;
}

/* ---- What it loads ---- */

static bool tell(struct swan_engine *engine, const char *command, struct swan_tree *message,
                 const char *what)
{
    struct swan_tree answer;
    bool good = false;
    if (swan_vici_ask(engine->socket, command, message, NULL, SWAN_ANSWER_MS, &answer)) {
        good = swan_tree_yes(&answer.root, "success");
        if (!good && !engine->error)
            engine->error = base_printf("%s: charon does not take %s: %s", engine->base.gateway,
                                        what, swan_tree_text(&answer.root, "errmsg"));
        swan_tree_fini(&answer);
    } else if (!engine->error) {
        engine->error = base_printf("%s: charon does not answer over vici", engine->base.gateway);
    }
    swan_tree_fini(message);
    return good;
}

void swan_tunnel_load(struct swan_engine *engine, size_t tunnel)
{
    struct swan_tree message;
    swan_tunnel_secret(&engine->model, tunnel, &message);
    tell(engine, "load-shared", &message, "a key");
    swan_tunnel_connection(&engine->model, tunnel, engine->options.plane, &message);
    tell(engine, "load-conn", &message, engine->model.tunnels[tunnel].name);
}

void swan_tunnel_unload(struct swan_engine *engine, const char *connection)
{
    struct swan_tree message;
    swan_tree_init(&message);
    swan_tree_value(&message, &message.root, "name", "%s", connection);
    tell(engine, "unload-conn", &message, connection);
    swan_tree_init(&message);
    swan_tree_value(&message, &message.root, "id", "%s", connection);
    tell(engine, "unload-shared", &message, connection);
}

static void on_event(void *context, const char *name, const struct swan_element *message)
{
    swan_on_event(context, name, message);
}

/* The daemon listens: it is configured, and its tunnels may begin. */
static void configure(struct swan_engine *engine)
{
    static const char *const wanted[] = {"ike-updown", "child-updown", "ike-rekey", "child-rekey",
                                         NULL};
    struct swan_vici_handler handler = {.context = engine, .event = on_event};
    engine->events =
        swan_vici_open(engine->place.loop, engine->socket, wanted, NULL, NULL, &handler);
    if (!engine->events && !engine->error)
        engine->error = base_printf("%s: charon does not answer over vici", engine->base.gateway);
    for (size_t i = 0; i < engine->tunnel_count; i++)
        swan_tunnel_load(engine, i);
    swan_tap_open(engine);
    engine->state = SWAN_READY;
    /* The moments at which our own engine would begin, after each start: its first draws, see sim/gateway/ike.c. */
    sim_world_rng(engine->place.sim, &engine->rng, "%s/ike/%u", engine->base.gateway,
                  ++engine->boots);
    for (size_t i = 0;
         engine->model.behaviour.start == TOPO_START_AT_ONCE && i < engine->tunnel_count; i++) {
        engine->tunnels[i]->anew = true;
        swan_at_once(engine->tunnels[i], (base_ns)base_rng_below(&engine->rng, (uint64_t)BASE_S));
    }
}

/* ---- The process ---- */

static void on_line(void *context, bool is_error, const char *text)
{
    struct swan_engine *engine = context;
    struct swan_log_line line;
    struct swan_log_message message;
    if (is_error && engine->options.log_keys) {
        swan_keys_line(engine->keys, text);
        return;
    }
    fprintf(engine->log, "%s\n", text);
    if (engine->state == SWAN_STARTING && swan_log_split(text, &line)) {
        swan_log_read(line.text, &message);
        if (message.kind == SWAN_LOG_READY)
            configure(engine);
    }
    swan_on_line(engine, text);
}

static void on_ended(void *context, int status)
{
    struct swan_engine *engine = context;
    if (engine->state == SWAN_STARTING && !engine->error)
        engine->error = base_printf("%s: charon ended at its start (status %d): %s",
                                    engine->base.gateway, status, swan_engine_log(&engine->base));
    netns_process_free(engine->process);
    engine->process = NULL;
    swan_daemon_kill(engine);
}

static bool write_file(const char *folder, const char *name, const struct swan_tree *tree)
{
    char *path = base_printf("%s/%s", folder, name);
    char *text = swan_tree_write(tree);
    FILE *file = fopen(path, "w");
    bool good = file && fputs(text, file) >= 0;
    good &= file && !fclose(file);
    free(text);
    free(path);
    return good;
}

static bool write_files(struct swan_engine *engine)
{
    struct swan_tree tree;
    if (mkdir(engine->folder, 0700) && errno != EEXIST)
        return false;
    swan_daemon_conf(&engine->model.behaviour, &engine->options, &tree);
    bool good = write_file(engine->folder, "strongswan.conf", &tree);
    swan_tree_fini(&tree);
    swan_gateway_conf(&engine->model, engine->options.plane, &tree);
    good &= write_file(engine->folder, "swanctl.conf", &tree);
    swan_tree_fini(&tree);
    return good;
}

bool swan_daemon_start(struct swan_engine *engine, char **error)
{
    const char *charon = swan_find_charon(error);
    if (!charon)
        return false;
    if (!write_files(engine)) {
        *error = base_printf("%s: %s cannot be written", engine->base.gateway, engine->folder);
        return false;
    }
    unlink(engine->socket);
    swan_keys_restart(engine->keys);
    struct netns_process_config config = {
        .place = engine->place.netns,
        .argv = (const char *const[]){charon, NULL},
        .env = (const char *const[]){"STRONGSWAN_CONF=/run/strongswan.conf", NULL},
        .mounts = &(struct netns_mount){.source = engine->folder, .target = "/run"},
        .mount_count = 1,
        .mount_namespace = true,
    };
    struct netns_process_listener listener = {
        .context = engine, .line = on_line, .ended = on_ended};
    engine->process = netns_process_start(engine->place.loop, &config, &listener, error);
    engine->state = engine->process ? SWAN_STARTING : SWAN_OFF;
    return engine->process != NULL;
}

/* XFRM's SAs and policies are the kernel's and would outlive the daemon; a node that is off has none. */
static void flush_kernel(struct swan_engine *engine)
{
    static const char *const state[] = {"ip", "xfrm", "state", "flush", NULL};
    static const char *const policy[] = {"ip", "xfrm", "policy", "flush", NULL};
    static const char *const routes[] = {"ip", "route", "flush", "table", "220", NULL};
    const char *const *const all[] = {state, policy, routes};
    for (size_t i = 0; engine->options.plane == SWAN_DATA_XFRM && i < 3; i++) {
        struct netns_process_config config = {.place = engine->place.netns, .argv = all[i]};
        netns_run(&config, NULL);
    }
}

void swan_daemon_die(struct swan_engine *engine)
{
    engine->state = SWAN_OFF;
    for (size_t i = 0; i < engine->known_count; i++) {
        sim_world_cancel(engine->place.sim, &engine->tunnels[i]->start);
        swan_task_forget(engine->tunnels[i]);
    }
    swan_vici_free(engine->events);
    engine->events = NULL;
    swan_tap_close(engine);
    if (engine->process)
        netns_process_signal(engine->process, SIGKILL);
    netns_process_free(engine->process);
    engine->process = NULL;
}

void swan_daemon_kill(struct swan_engine *engine)
{
    bool was_on = engine->state != SWAN_OFF;
    swan_daemon_die(engine);
    if (was_on)
        flush_kernel(engine);
}
