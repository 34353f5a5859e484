/* The player's loop: one step after the other, in virtual time, then the judgement. */
#include "scenarios/play.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "ipsec/crypto/context.h"
#include "ipsec/ike/event.h"
#include "scenarios/diagnosis.h"
#include "scenarios/ike_log.h"
#include "scenarios/judge.h"
#include "scenarios/play_state.h"
#include "scenarios/recording.h"
#include "scenarios/tunnels.h"
#include "scenarios/watch.h"
#include "sim/world.h"

enum {
    PROGRESS_EVENTS = 20000 /* between two calls of options.progress */
};

static void (*const START[])(struct scn_running *) = {
    [SCN_VERB_PING] = scn_start_ping,       [SCN_VERB_TRAFFIC] = scn_start_traffic,
    [SCN_VERB_WAIT] = scn_start_wait,       [SCN_VERB_ROUTE] = scn_start_route,
    [SCN_VERB_FAULT] = scn_start_fault,     [SCN_VERB_HEAL] = scn_start_heal,
    [SCN_VERB_INITIATE] = scn_start_sa,     [SCN_VERB_TERMINATE] = scn_start_sa,
    [SCN_VERB_REKEY] = scn_start_sa,        [SCN_VERB_RESTART] = scn_start_power,
    [SCN_VERB_STOP] = scn_start_power,      [SCN_VERB_START] = scn_start_power,
    [SCN_VERB_RELEASE] = scn_start_release, [SCN_VERB_CHANGE] = scn_start_change,
    [SCN_VERB_INJECT] = scn_start_inject,   [SCN_VERB_EXPECT] = scn_start_expect,
};

void scn_step_finish(struct scn_running *running)
{
    struct scn_play *play = running->play;
    struct scn_step_result *row = running->row;
    if (row->ended)
        return;
    row->ended = true;
    row->end_ns = topo_world_now(play->world);
    row->end_mark = scn_mark_now(play);
    scn_diagnosis_end_step(running);
    play->under_way--;
    scn_judge_step(row, play->options->prove);
    if (play->options->observer && play->options->observer->step_end)
        play->options->observer->step_end(play->options->observer->context, row);
}

void scn_step_fail(struct scn_running *running, const char *format, ...)
{
    va_list arguments;
    if (running->row->ended)
        return;
    va_start(arguments, format);
    running->row->problem = base_vprintf(format, arguments);
    va_end(arguments);
    scn_step_finish(running);
}

static void wait_is_over(struct sim_world *world, struct sim_event *event)
{
    (void)world;
    scn_step_finish(SIM_OWNER(event, struct scn_running, timer));
}

void scn_start_wait(struct scn_running *running)
{
    sim_event_init(&running->timer, wait_is_over);
    sim_world_after(running->play->sim, &running->timer, running->step->u.wait_ns);
}

void scn_start_expect(struct scn_running *running)
{
    struct scn_play *play = running->play;
    for (size_t i = 0; i < running->step->u.expect.count; i++)
        scn_judge_expect(play, &running->step->u.expect.items[i], running->step);
    scn_step_finish(running);
}

/* One event of the world; false where nothing more is due by `limit`. */
static bool advance(struct scn_play *play, base_ns limit)
{
    const struct scn_play_options *options = play->options;
    if (!topo_world_step(play->world, limit))
        return false;
    bool telling = play->sim->events % PROGRESS_EVENTS == 0 || topo_world_is_real(play->world);
    if (telling && options->progress)
        options->progress(options->progress_context, topo_world_now(play->world));
    return true;
}

static void run_until(struct scn_play *play, base_ns until)
{
    while (advance(play, until))
        ;
    topo_world_run_until(play->world, until);
}

static void start_step(struct scn_play *play, size_t index)
{
    struct scn_running *running = &play->running[index];
    const struct scn_observer *observer = play->options->observer;
    running->play = play;
    running->step = &play->scenario->steps[index];
    running->row = &play->result->steps[index];
    running->row->started = true;
    running->row->start_ns = topo_world_now(play->world);
    running->row->start_mark = scn_mark_now(play);
    play->under_way++;
    if (observer && observer->step_start)
        observer->step_start(observer->context, running->step, running->row->start_ns);
    START[running->step->verb](running);
}

static void play_step(struct scn_play *play, size_t index)
{
    const struct scn_step *step = &play->scenario->steps[index];
    struct scn_step_result *row = &play->result->steps[index];
    base_ns now = topo_world_now(play->world);
    if (step->has_at && step->at_ns < now) {
        char text[BASE_TEXT_MAX];
        char then[BASE_TEXT_MAX];
        row->problem =
            base_printf("starts at %s, but the step before it ended at %s",
                        base_format_duration(step->at_ns, text), base_format_duration(now, then));
        row->verdict = SCN_FAIL;
        return;
    }
    if (step->has_at)
        run_until(play, step->at_ns);
    start_step(play, index);
    while (!step->background && !row->ended) {
        if (!advance(play, BASE_NEVER)) {
            scn_step_fail(&play->running[index], topo_world_interrupted(play->world)
                                                     ? "interrupted"
                                                     : "nothing is left that could end this step");
            return;
        }
    }
}

static bool goes_on(const struct scn_play *play)
{
    return !scn_recording_is_full(play->recording) && !topo_world_interrupted(play->world);
}

static void play_steps(struct scn_play *play)
{
    for (size_t i = 0; i < play->scenario->step_count && goes_on(play); i++)
        play_step(play, i);
    while (play->under_way > 0 && goes_on(play)) {
        if (!advance(play, BASE_NEVER))
            break;
    }
    if (topo_world_now(play->world) < play->scenario->duration_ns)
        run_until(play, play->scenario->duration_ns);
}

static void on_engine_event(void *context, const char *gateway, const struct ike_event *event)
{
    struct scn_play *play = context;
    const struct scn_observer *observer = play->options->observer;
    scn_recording_engine(play->recording, gateway, event);
    if (play->ike_log)
        scn_ike_log_add(play->ike_log, gateway, event);
    if (play->history)
        diag_history_add(play->history, gateway, event);
    if (observer && observer->engine)
        observer->engine(observer->context, gateway, event);
    scn_sa_event(play, gateway, event);
}

static bool asks_for_ike(const struct scn_expect *expects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (expects[i].kind == SCN_EXPECT_IKE)
            return true;
    }
    return false;
}

static bool needs_ike_log(const struct scn_scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct scn_step *step = &scenario->steps[i];
        if (step->verb == SCN_VERB_EXPECT &&
            asks_for_ike(step->u.expect.items, step->u.expect.count))
            return true;
    }
    return asks_for_ike(scenario->expectations, scenario->expectation_count);
}

static void listen_to_gateways(struct scn_play *play)
{
    for (size_t i = 0; i < topo_world_node_count(play->world); i++) {
        struct topo_engine *engine = topo_world_node_at(play->world, i)->engine;
        if (!engine)
            continue;
        engine->on_event = on_engine_event;
        engine->context = play;
    }
}

static void tell_namespaces(const struct scn_play *play)
{
    const struct scn_observer *observer = play->options->observer;
    for (size_t i = 0; i < topo_world_node_count(play->world); i++) {
        const struct topo_world_node *node = topo_world_node_at(play->world, i);
        const char *name = topo_world_namespace(node);
        if (name && observer && observer->namespace_made)
            observer->namespace_made(observer->context, node->name, name);
    }
}

/* False where the world could not be built. */
static bool begin(struct scn_play *play, struct crypto_context *crypto)
{
    const struct scn_scenario *scenario = play->scenario;
    bool files = play->options->folder != NULL;
    bool diagnosed = scn_diagnosis_is_wanted(scenario, play->options);
    struct topo_world_options options = {
        .seed = play->seed,
        .crypto = crypto,
        .journal = files || diagnosed || scn_recording_needs_journal(scenario),
        .session = play->options->session,
        .strongswan = play->options->strongswan,
        .attacker = scn_inject_is_wanted(scenario),
    };
    play->model = &scenario->model;
    play->world = topo_world_try_new(&scenario->model, &options, &play->result->error);
    if (!play->world)
        return false;
    play->sim = topo_world_sim(play->world);
    play->running = base_alloc_array(scenario->step_count, sizeof(*play->running));
    play->recording = scn_recording_new(play->world, scenario, files);
    play->watch = scn_watch_new(play->world, &scenario->model);
    play->ike_log = needs_ike_log(scenario) ? scn_ike_log_new() : NULL;
    play->history = diagnosed ? diag_history_new() : NULL;
    listen_to_gateways(play);
    tell_namespaces(play);
    scn_inject_begin(play);
    return true;
}

static void judge(struct scn_play *play)
{
    const struct scn_scenario *scenario = play->scenario;
    scn_diagnose(play);
    for (size_t i = 0; i < scenario->expectation_count; i++)
        scn_judge_expect(play, &scenario->expectations[i], NULL);
    scn_tunnels_collect(play->world, play->model, play->result);
    scn_judge_always(play);
}

/* What programs in the gateways' places leave. */
static bool save_engines(struct scn_play *play)
{
    bool good = true;
    for (size_t i = 0; play->options->folder && i < topo_world_node_count(play->world); i++) {
        struct topo_engine *engine = topo_world_node_at(play->world, i)->engine;
        if (engine && engine->ops->save)
            good &= engine->ops->save(engine, play->options->folder);
    }
    return good;
}

static void write_files(struct scn_play *play)
{
    char *error = NULL;
    if (!save_engines(play))
        play->result->error = base_strdup("the logs of strongSwan could not be written");
    else if (scn_recording_is_full(play->recording))
        play->result->error = base_strdup("the captures outgrew their limit of memory");
    else if (!scn_recording_write(play->recording, play->options, play->result, &error))
        play->result->error = error;
}

static void release_steps(struct scn_play *play)
{
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        struct scn_running *running = &play->running[i];
        if (!running->play)
            continue;
        scn_stop_ping(running);
        scn_stop_traffic(running);
        scn_stop_fault(running);
        sim_world_cancel(play->sim, &running->timer);
    }
}

/* Everything goes, and what the world then still holds is a leak of ours. */
static void end(struct scn_play *play)
{
    release_steps(play);
    scn_recording_free(play->recording);
    scn_ike_log_free(play->ike_log);
    diag_history_free(play->history);
    struct topo_leaks leaks = topo_world_free(play->world);
    scn_watch_free(play->watch);
    scn_inject_end(play);
    free(play->running);
    scn_judge_leaks(play->result, &leaks);
}

static double real_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void scn_play(const struct scn_scenario *scenario, const struct scn_play_options *options,
              struct scn_result *result)
{
    double started = real_seconds();
    struct crypto_context *own = options->crypto ? NULL : crypto_context_new();
    struct scn_play play = {.scenario = scenario, .options = options, .result = result};
    scn_result_init(result, scenario);
    play.seed = options->has_seed ? options->seed : scenario->seed;
    result->seed = play.seed;
    result->real = options->session != NULL;
    if (begin(&play, own ? own : options->crypto)) {
        play_steps(&play);
        judge(&play);
        result->virtual_ns = topo_world_now(play.world);
        if (options->observer && options->observer->captured)
            options->observer->captured(options->observer->context,
                                        scn_recording_frames(play.recording));
        write_files(&play);
        if (topo_world_interrupted(play.world) && !result->error)
            result->error = base_strdup("interrupted");
        end(&play);
    }
    crypto_context_free(own);
    scn_result_conclude(result, options->allow_inconclusive);
    result->wall_s = real_seconds() - started; /* the one figure that is not virtual */
}
