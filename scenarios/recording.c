/* Hangs capture points on the world and writes what they saw. Comments are read from the journal. */
#include "scenarios/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pcap/capture.h"
#include "pcap/keys.h"
#include "pcap/write.h"
#include "scenarios/keys_log.h"
#include "sim/journal.h"
#include "sim/node.h"
#include "sim/gateway/gateway.h"

struct scn_recording {
    struct topo_world *world;
    const struct scn_scenario *scenario;
    const struct topo_model *model; /* what stands now */
    struct cap_set *set;
    struct cap_keys *keys;
    uint16_t *node_ids; /* of each point, as the journal has them; 0: the internet */
    size_t node_capacity;
    struct sim_journal_index *index; /* while files are written */
    char comment[SIM_RECORD_TEXT_MAX + 8];
    char whole[2 * SIM_RECORD_TEXT_MAX];
};

static bool any_drops(const struct scn_expect *expects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (expects[i].kind == SCN_EXPECT_DROPS)
            return true;
    }
    return false;
}

bool scn_recording_needs_journal(const struct scn_scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct scn_step *step = &scenario->steps[i];
        if (step->verb == SCN_VERB_EXPECT && any_drops(step->u.expect.items, step->u.expect.count))
            return true;
    }
    return any_drops(scenario->expectations, scenario->expectation_count);
}

static uint16_t node_id_of(struct topo_world *world, const struct topo_point *point)
{
    const char *name = point->node.host      ? point->node.host->name
                       : point->node.gateway ? point->node.gateway->node
                                             : NULL;
    return name ? topo_world_node(world, name)->sim->id : 0;
}

static void add_point(struct scn_recording *recording, const char *name)
{
    struct topo_point where;
    if (cap_set_point(recording->set, name) || !topo_find_point(recording->model, name, &where))
        return;
    enum cap_link link = where.kind == TOPO_POINT_TUNNEL ? CAP_LINK_RAW : CAP_LINK_ETHERNET;
    struct cap_point *point = cap_point_new(recording->set, name, NULL, link);
    size_t index = cap_point_index(point);
    recording->node_ids = base_grow(recording->node_ids, index, &recording->node_capacity,
                                    sizeof(*recording->node_ids));
    recording->node_ids[index] = node_id_of(recording->world, &where);
    topo_world_tap(recording->world, name, cap_point_tap(point));
}

static void add_all_points(struct scn_recording *recording)
{
    const struct topo_model *model = recording->model;
    for (size_t i = 0; i < topo_point_count(model); i++) {
        char *name = topo_point_name(model, i);
        add_point(recording, name);
        free(name);
    }
}

static void add_named_points(struct scn_recording *recording, const struct scn_expect *expects,
                             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct scn_expect *expect = &expects[i];
        for (size_t j = 0; expect->kind == SCN_EXPECT_CAPTURE && j < expect->u.capture.point_count;
             j++)
            add_point(recording, expect->u.capture.points[j]);
    }
}

static void add_expected_points(struct scn_recording *recording)
{
    const struct scn_scenario *scenario = recording->scenario;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct scn_step *step = &scenario->steps[i];
        if (step->verb == SCN_VERB_EXPECT)
            add_named_points(recording, step->u.expect.items, step->u.expect.count);
    }
    add_named_points(recording, scenario->expectations, scenario->expectation_count);
}

struct scn_recording *scn_recording_new(struct topo_world *world,
                                        const struct scn_scenario *scenario, bool files)
{
    struct scn_recording *recording = base_alloc(sizeof(*recording));
    recording->world = world;
    recording->scenario = scenario;
    recording->model = &scenario->model;
    recording->set = cap_set_new(CAP_BYTES_MAX_DEFAULT);
    if (files) {
        recording->keys = cap_keys_new();
        add_all_points(recording);
        return recording;
    }
    add_expected_points(recording);
    return recording;
}

/* A tunnel that was not there a moment ago; one of its name may have been, and had a point. */
static void add_tunnel_point(struct scn_recording *recording, const struct topo_gateway *gateway,
                             const struct topo_tunnel *tunnel)
{
    char *name = base_printf("%s:%s", gateway->node, tunnel->name);
    struct cap_point *point = cap_set_point(recording->set, name);
    if (point)
        topo_world_tap(recording->world, name, cap_point_tap(point));
    else if (recording->keys)
        add_point(recording, name);
    free(name);
}

void scn_recording_change(struct scn_recording *recording, const struct topo_model *before,
                          const struct topo_model *after)
{
    recording->model = after;
    for (size_t i = 0; i < after->vdc_count; i++) {
        const struct topo_gateway *gateway = &after->vdcs[i].gateway;
        for (size_t j = 0; j < gateway->tunnel_count; j++)
            if (!topo_find_tunnel(&before->vdcs[i].gateway, gateway->tunnels[j].name))
                add_tunnel_point(recording, gateway, &gateway->tunnels[j]);
    }
    if (!recording->keys)
        add_expected_points(recording);
}

void scn_recording_free(struct scn_recording *recording)
{
    cap_keys_free(recording->keys);
    cap_set_free(recording->set);
    free(recording->node_ids);
    free(recording);
}

void scn_recording_engine(struct scn_recording *recording, const char *gateway,
                          const struct ike_event *event)
{
    const struct sim_gateway *ours = topo_world_gateway(recording->world, gateway);
    if (recording->keys)
        scn_keys_log_event(recording->keys, ours ? sim_gateway_sad(ours) : NULL, event);
}

bool scn_recording_is_full(const struct scn_recording *recording)
{
    return cap_set_is_full(recording->set);
}

const struct cap_set *scn_recording_frames(const struct scn_recording *recording)
{
    return recording->set;
}

/* What the journal says of a packet at the node where it was seen, from that moment on. */
static bool is_worth_telling(const struct sim_record *record)
{
    return record->kind == SIM_KIND_DROPPED || record->kind == SIM_KIND_ICMP_SENT ||
           record->kind == SIM_KIND_LOST;
}

/* What befell the frame, beyond what was said when it was captured. */
static const char *fate_of(struct scn_recording *recording, const struct cap_frame *frame)
{
    const struct sim_journal *journal = topo_world_sim(recording->world)->journal;
    uint16_t node = recording->node_ids[cap_point_index(frame->point)];
    if (frame->comment || node == 0 || frame->direction == SIM_DIRECTION_OUT)
        return frame->comment;
    for (size_t i = 0; i < sim_journal_index_count(recording->index, frame->packet); i++) {
        const struct sim_record *record = sim_journal_index_at(recording->index, frame->packet, i);
        if (record->node != node || record->at < frame->at || !is_worth_telling(record))
            continue;
        sim_record_text(journal, record, recording->comment);
        return recording->comment;
    }
    return NULL;
}

/* An attacker's packets say so wherever they are seen. */
static const char *comment_on(void *context, const struct cap_frame *frame)
{
    struct scn_recording *recording = context;
    const char *fate = fate_of(recording, frame);
    if (sim_journal_index_count(recording->index, frame->packet) == 0)
        return fate;
    const struct sim_record *born = sim_journal_index_at(recording->index, frame->packet, 0);
    if (born->kind != SIM_KIND_BORN || born->a != SIM_ORIGIN_INJECTED)
        return fate;
    snprintf(recording->whole, sizeof(recording->whole), "injected by line %" PRIu64 "%s%s",
             born->b, fate ? "; " : "", fate ? fate : "");
    return recording->whole;
}

static void list_captures(const struct scn_recording *recording, struct scn_result *result,
                          bool files)
{
    size_t count = cap_set_point_count(recording->set);
    result->captures = base_alloc_array(count, sizeof(*result->captures));
    result->capture_count = count;
    for (size_t i = 0; i < count; i++) {
        struct cap_point *point = cap_set_point_at(recording->set, i);
        char file[CAP_FILE_NAME_MAX];
        cap_point_file_name(point, file);
        result->captures[i] = (struct scn_capture_result){
            .point = base_strdup(cap_point_name(point)),
            .file = files ? base_strdup(file) : NULL,
            .packets = cap_point_frame_count(point),
        };
    }
}

static void ask_for_keys(struct scn_recording *recording)
{
    for (size_t i = 0; i < topo_world_node_count(recording->world); i++) {
        struct topo_engine *engine = topo_world_node_at(recording->world, i)->engine;
        if (engine)
            scn_keys_log_engine(recording->keys, engine);
    }
}

bool scn_recording_write(struct scn_recording *recording, const struct scn_play_options *options,
                         struct scn_result *result, char **error)
{
    list_captures(recording, result, options->folder != NULL);
    if (!options->folder)
        return true;
    struct cap_error problem;
    struct cap_write_options write = {
        .folder = options->folder,
        .start_ns = recording->scenario->start_unix_ns,
        .application = options->application,
        .keys = recording->keys,
        .comment = comment_on,
        .context = recording,
    };
    char *profile = base_printf("%s/wireshark", options->folder);
    ask_for_keys(recording);
    recording->index = sim_journal_index_new(topo_world_sim(recording->world)->journal);
    bool written = cap_write(recording->set, &write, &problem) &&
                   cap_keys_write(recording->keys, profile, &problem);
    sim_journal_index_free(recording->index);
    free(profile);
    if (!written)
        *error = base_strdup(problem.text);
    return written;
}
