/* capture: which packets were seen at a point, how many, none but these, in this order. */
#include "scenarios/judge.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pcap/capture.h"
#include "pcap/filter.h"
#include "scenarios/play_state.h"
#include "scenarios/recording.h"

/* A filter for both link types, since a list of points may have both. */
struct filter {
    struct cap_filter *ethernet, *raw;
};

static struct filter filter_new(const struct scn_filter *words)
{
    struct cap_error error; /* the reader has compiled it before */
    const char *text = words->text ? words->text : "";
    return (struct filter){cap_filter_new(text, CAP_LINK_ETHERNET, &error),
                           cap_filter_new(text, CAP_LINK_RAW, &error)};
}

static void filter_free(struct filter *filter)
{
    cap_filter_free(filter->ethernet);
    cap_filter_free(filter->raw);
}

/* A filter that libpcap refuses for one link type (`ether` on raw IP) matches nothing there. */
static bool matches(const struct filter *filter, const struct cap_frame *frame)
{
    const struct cap_filter *its =
        cap_point_link(frame->point) == CAP_LINK_RAW ? filter->raw : filter->ethernet;
    return its && cap_filter_match(its, frame->bytes, frame->size);
}

struct look {
    const struct scn_expect_capture *words;
    struct scn_window window;
    struct filter filter, only;
    struct filter *sequence;
    uint64_t seen;        /* frames at the points in the window */
    uint64_t matched;     /* of these, by the filter */
    uint32_t first_frame; /* the first of them: its number in capture.pcapng */
    base_ns first_at;
    uint64_t strangers;      /* of these, not by `only` */
    uint32_t stranger_frame; /* the first: its number in capture.pcapng */
    uint64_t conformers;     /* by `only` */
    size_t reached;          /* members of `sequence` found in order */
    size_t reached_backwards;
};

static bool is_at(const struct scn_expect_capture *words, const struct cap_frame *frame)
{
    const char *name = cap_point_name(frame->point);
    for (size_t i = 0; i < words->point_count; i++) {
        if (strcmp(words->points[i], name) == 0)
            return true;
    }
    return false;
}

static void look_at(struct look *look, const struct cap_frame *frame)
{
    size_t length = look->words->sequence_count;
    look->seen++;
    if (!matches(&look->filter, frame))
        return;
    if (look->matched++ == 0) {
        look->first_frame = frame->number;
        look->first_at = frame->at;
    }
    if (look->words->only.text) {
        if (matches(&look->only, frame))
            look->conformers++;
        else if (look->strangers++ == 0)
            look->stranger_frame = frame->number;
    }
    if (look->reached < length && matches(&look->sequence[look->reached], frame))
        look->reached++;
    size_t back = length - look->reached_backwards;
    if (back > 0 && matches(&look->sequence[back - 1], frame))
        look->reached_backwards++;
}

static void look_through(struct scn_play *play, struct look *look)
{
    const struct scn_expect_capture *words = look->words;
    const struct cap_set *set = scn_recording_frames(play->recording);
    look->filter = filter_new(&words->filter);
    look->only = filter_new(&words->only);
    look->sequence = base_alloc_array(words->sequence_count, sizeof(*look->sequence));
    for (size_t i = 0; i < words->sequence_count; i++)
        look->sequence[i] = filter_new(&words->sequence[i]);
    const struct scn_window *window = &look->window;
    for (const struct cap_frame *frame = cap_set_first(set); frame; frame = frame->next) {
        bool inside = frame->number > window->first.frames && frame->number <= window->end.frames &&
                      frame->at >= window->from && frame->at < window->to;
        if (inside && is_at(words, frame))
            look_at(look, frame);
    }
    filter_free(&look->filter);
    filter_free(&look->only);
    for (size_t i = 0; i < words->sequence_count; i++)
        filter_free(&look->sequence[i]);
    free(look->sequence);
}

/* Each part's verdict, and the words of the first that does not hold. */
static void judge_parts(const struct look *look, struct scn_expect_result *row)
{
    const struct scn_expect_capture *words = look->words;
    row->verdict = SCN_PASS;
    if (words->has_count && scn_judge_number(&words->count, (int64_t)look->matched) != SCN_PASS) {
        row->verdict = SCN_FAIL;
        row->found =
            look->matched
                ? base_printf("%" PRIu64 ", the first is frame %" PRIu32 " at %.6f s",
                              look->matched, look->first_frame, (double)look->first_at / 1e9)
                : base_strdup("0");
    } else if (words->only.text && look->strangers > 0) {
        row->verdict = SCN_FAIL;
        row->found = base_printf("%" PRIu64 " other packets, the first is frame %" PRIu32,
                                 look->strangers, look->stranger_frame);
    } else if (look->reached < words->sequence_count) {
        row->verdict = SCN_FAIL;
        row->found = base_printf("%zu of %zu in this order, then no '%s'", look->reached,
                                 words->sequence_count, words->sequence[look->reached].text);
    } else {
        row->found = base_printf("%" PRIu64, look->matched);
    }
}

static bool proves_nothing(const struct look *look)
{
    const struct scn_expect_capture *words = look->words;
    bool count = !words->has_count || scn_judge_always_holds(&words->count, INT64_MAX);
    bool only = !words->only.text || look->conformers == 0;
    bool sequence = words->sequence_count < 2 || look->reached_backwards == words->sequence_count;
    return count && only && sequence && (words->sequence_count != 1);
}

void scn_judge_capture(struct scn_play *play, const struct scn_expect *expect,
                       struct scn_expect_result *row)
{
    struct look look = {.words = &expect->u.capture};
    look.window = scn_judge_window(play, expect);
    look_through(play, &look);
    judge_parts(&look, row);
    row->proves_nothing = proves_nothing(&look);
    bool vacuous = look.seen == 0 || (look.words->only.text && look.matched == 0);
    if (row->verdict == SCN_PASS && vacuous) {
        row->verdict = SCN_INCONCLUSIVE;
        free(row->found);
        row->found = base_strdup(look.seen == 0 ? "no packet was seen there at all"
                                                : "no packet matches the filter");
    }
}
