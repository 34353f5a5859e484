/* While it plays: steps as on a shell, engines as in a log. The end is text_end.c's. */
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/endpoint.h"
#include "ipsec/ike/ts.h"
#include "ipsec/ike/wire.h"
#include "report/ping_text.h"
#include "report/prose.h"
#include "report/rows.h"
#include "report/show.h"

enum {
    LINES_MAX = 12,  /* of one ping; longer ones are shortened to: */
    LINES_FIRST = 4, /* its first few, and its statistics */
};

/* A ping in the background keeps its lines until it ends, so that they stay together. */
struct kept {
    FILE *out;
    char *bytes;
    size_t size;
};

struct report_text {
    struct report_paper paper;
    const struct scn_scenario *scenario;
    struct kept *kept;           /* one for each step */
    uint64_t *lines;             /* of each step's ping, so far */
    const struct scn_step *last; /* whose line is the last one; NULL: something else came */
    struct scn_observer observer;
    bool real; /* in namespaces: waiting takes its time */
};

static size_t index_of(const struct report_text *text, const struct scn_step *step)
{
    return (size_t)(step - text->scenario->steps);
}

static void print_stamp(const struct report_paper *paper, base_ns now)
{
    report_paint(paper, REPORT_DIM, "[%*.6f] ", 12, (double)now / 1e9);
}

static void print_route(const struct report_paper *paper, const struct scn_route *route,
                        base_ns now)
{
    char to[NET_PREFIX_TEXT_MAX];
    char via[NET_ADDR_TEXT_MAX];
    for (size_t i = 0; i < route->on_count; i++) {
        for (size_t j = 0; j < route->remove_count; j++) {
            print_stamp(paper, now);
            report_paint(paper, REPORT_BOLD, "%s# ip route del %s", route->on[i],
                         net_prefix_format(&route->remove[j].to, to));
            fputc('\n', paper->out);
        }
        for (size_t j = 0; j < route->add_count; j++) {
            print_stamp(paper, now);
            report_paint(paper, REPORT_BOLD, "%s# ip route add %s via %s", route->on[i],
                         net_prefix_format(&route->add[j].to, to),
                         net_addr_format(&route->add[j].via, via));
            fputc('\n', paper->out);
        }
    }
}

static void print_ping_start(struct report_text *text, const struct scn_step *step, base_ns now)
{
    const struct report_paper *paper = &text->paper;
    struct kept *kept = &text->kept[index_of(text, step)];
    kept->out = step->background ? open_memstream(&kept->bytes, &kept->size) : paper->out;
    print_stamp(paper, now);
    if (paper->color)
        fputs("\x1b[1m", paper->out);
    fprintf(paper->out, "%s$ ", step->u.ping.from);
    report_ping_command(paper->out, &step->u.ping);
    fputs(step->background ? " &" : "", paper->out);
    fputs(paper->color ? "\x1b[0m\n" : "\n", paper->out);
}

static void on_step_start(void *context, const struct scn_step *step, base_ns now)
{
    struct report_text *text = context;
    text->last = step;
    if (step->verb == SCN_VERB_PING) {
        print_ping_start(text, step, now);
    } else if (step->verb == SCN_VERB_ROUTE) {
        print_route(&text->paper, &step->u.route, now);
    } else {
        print_stamp(&text->paper, now);
        report_paint(&text->paper, REPORT_BOLD, "%s%s",
                     step->verb == SCN_VERB_EXPECT ? "expect" : step->text,
                     step->background ? " &" : "");
        fputs(text->real && step->verb == SCN_VERB_WAIT ? " (in real time)\n" : "\n",
              text->paper.out);
    }
}

/* What is said of a step at its end stands below its line: below a new one, where other lines came between. */
static void name_again(struct report_text *text, const struct scn_step_result *row)
{
    if (text->last == row->step)
        return;
    print_stamp(&text->paper, row->end_ns);
    report_paint(&text->paper, REPORT_BOLD, "%s", row->step->text);
    fputs(" has ended\n", text->paper.out);
    text->last = row->step;
}

static void on_namespace(void *context, const char *node, const char *name)
{
    struct report_text *text = context;
    text->real = true;
    print_stamp(&text->paper, 0);
    fprintf(text->paper.out, "%s is the network namespace %s\n", node, name);
}

static void on_ping(void *context, const struct scn_step *step, const struct sim_ping_line *line)
{
    struct report_text *text = context;
    size_t index = index_of(text, step);
    FILE *out = text->kept[index].out;
    uint64_t limit = step->u.ping.count > LINES_MAX ? LINES_FIRST : LINES_MAX;
    if (text->lines[index] == 0 && line->kind != SIM_PING_NO_CONNECT)
        report_ping_head(out, &step->u.ping);
    text->last = NULL;
    if (text->lines[index]++ < limit)
        report_ping_line(out, &step->u.ping, line);
}

static void print_checks(const struct report_paper *paper, const struct scn_step_result *row)
{
    for (size_t i = 0; i < row->step->check_count; i++) {
        const struct scn_check_result *check = &row->checks[i];
        fputs("  ", paper->out);
        report_paint_verdict(paper, check->verdict);
        fprintf(paper->out, " expected %s %s, found %s%s\n",
                scn_measure_name(check->check->measure), check->check->text, check->found,
                check->proves_nothing ? ": it holds whatever happens, so it proves nothing" : "");
    }
    if (row->problem) {
        fputs("  ", paper->out);
        report_paint_verdict(paper, SCN_FAIL);
        fprintf(paper->out, " %s\n", row->problem);
    }
}

static void end_ping(struct report_text *text, const struct scn_step_result *row)
{
    const struct scn_ping *ping = &row->step->u.ping;
    size_t index = index_of(text, row->step);
    struct kept *kept = &text->kept[index];
    uint64_t limit = ping->count > LINES_MAX ? LINES_FIRST : LINES_MAX;
    if (text->lines[index] == 0 && !row->problem)
        report_ping_head(kept->out, ping);
    if (text->lines[index] > limit)
        fprintf(kept->out, "... %" PRIu64 " more lines\n", text->lines[index] - limit);
    if (!row->problem)
        report_ping_tail(kept->out, ping, &row->ping);
    if (!row->step->background)
        return;
    fclose(kept->out);
    print_stamp(&text->paper, row->end_ns);
    fprintf(text->paper.out, "%s$ ", ping->from);
    report_ping_command(text->paper.out, ping);
    fprintf(text->paper.out, " has ended\n%s", kept->bytes);
    free(kept->bytes);
    kept->out = NULL;
}

static void print_flow(const struct report_paper *paper, const struct scn_traffic_result *flow)
{
    fprintf(paper->out,
            "%" PRIu64 " datagrams sent, %" PRIu64 " delivered, %" PRIu64 " lost, %" PRIu64
            " reordered, %" PRIu64 " duplicates\n",
            flow->sent, flow->delivered, flow->lost, flow->reordered, flow->duplicates);
    if (flow->delivered)
        fprintf(paper->out, "latency min/avg/max = %.3f/%.3f/%.3f ms\n",
                (double)flow->latency_min_ns / 1e6, (double)flow->latency_avg_ns / 1e6,
                (double)flow->latency_max_ns / 1e6);
}

static void on_step_end(void *context, const struct scn_step_result *row)
{
    struct report_text *text = context;
    bool flow = row->step->verb == SCN_VERB_TRAFFIC && !row->problem;
    if (row->step->verb == SCN_VERB_PING)
        end_ping(text, row);
    else if (flow || row->step->check_count || row->problem)
        name_again(text, row);
    if (flow)
        print_flow(&text->paper, &row->traffic);
    print_checks(&text->paper, row);
    if (row->step->verb == SCN_VERB_PING)
        text->last = NULL;
}

static void on_expect(void *context, const struct scn_expect_result *expect)
{
    const struct report_text *text = context;
    struct report_row row = report_row_of_expect(expect);
    report_text_row(&text->paper, &row);
}

static void print_ike_up(FILE *out, const struct ike_event *event)
{
    const struct ike_keys_info *keys = event->keys;
    char local[NET_ADDR_TEXT_MAX];
    char remote[NET_ADDR_TEXT_MAX];
    fprintf(out, "IKE_SA %s %s...%s, ", event->kind == IKE_EVENT_IKE_UP ? "established" : "rekeyed",
            net_addr_format(&event->path.local, local),
            net_addr_format(&event->path.remote, remote));
    fprintf(out, "%s/", keys->encr->proposal_name);
    if (keys->integ)
        fprintf(out, "%s/", keys->integ->proposal_name);
    fprintf(out, "%s/%s\n", keys->prf->proposal_name, keys->group->proposal_name);
}

static void print_selectors(FILE *out, const struct ike_ts *list, size_t count)
{
    char one[IKE_TS_TEXT_MAX];
    for (size_t i = 0; i < count; i++)
        fprintf(out, " %s", ike_ts_format(&list[i], one));
}

static void print_child_up(FILE *out, const struct ike_event *event)
{
    const struct ike_child_info *child = event->child;
    fprintf(out, "CHILD_SA %s with SPIs %08x_i %08x_o and TS",
            event->kind == IKE_EVENT_CHILD_UP ? "established" : "rekeyed", child->spi_in,
            child->spi_out);
    print_selectors(out, child->local_ts, child->local_ts_count);
    fputs(" ===", out);
    print_selectors(out, child->remote_ts, child->remote_ts_count);
    fprintf(out, ", %s", child->encr->proposal_name);
    if (child->integ)
        fprintf(out, "/%s", child->integ->proposal_name);
    if (child->group)
        fprintf(out, "/%s", child->group->proposal_name);
    fprintf(out, "/%s%s\n", child->esn ? "EXT_SEQ" : "NO_EXT_SEQ",
            child->udp_encapsulation ? " in UDP" : "");
}

static void print_reason(FILE *out, const char *what, const struct ike_event *event)
{
    fprintf(out, "%s: ", what);
    if (event->notify)
        fprintf(out, "%s, ", ike_notify_name(event->notify));
    fprintf(out, "%s\n", ike_reason_name(event->reason));
}

static bool is_worth_telling(const struct ike_event *event)
{
    switch ((int)event->kind) {
    case IKE_EVENT_IKE_UP:
    case IKE_EVENT_IKE_REKEYED:
    case IKE_EVENT_IKE_DOWN:
    case IKE_EVENT_CHILD_UP:
    case IKE_EVENT_CHILD_REKEYED:
    case IKE_EVENT_CHILD_DOWN:
    case IKE_EVENT_CHILD_FAILED:
    case IKE_EVENT_ADDRESS_CHANGED:
        return true;
    case IKE_EVENT_TASK_STARTED:
        return event->task == IKE_TASK_CONNECT;
    case IKE_EVENT_TASK_FAILED:
        return event->reason != IKE_REASON_COLLISION;
    case IKE_EVENT_MESSAGE_SENT:
        return event->tries > 0;
    default:
        return false;
    }
}

static void print_task(FILE *out, const struct ike_event *event)
{
    char what[64];
    if (event->kind == IKE_EVENT_TASK_STARTED) {
        fputs("initiating IKE_SA\n", out);
        return;
    }
    snprintf(what, sizeof(what), "%s failed", ike_task_name(event->task));
    print_reason(out, what, event);
}

static void on_engine(void *context, const char *gateway, const struct ike_event *event)
{
    struct report_text *text = context;
    FILE *out = text->paper.out;
    if (!is_worth_telling(event))
        return;
    text->last = NULL;
    print_stamp(&text->paper, event->at);
    report_paint(&text->paper, REPORT_CYAN, "%s %s: ", gateway,
                 event->tunnel ? event->tunnel : "?");
    switch ((int)event->kind) {
    case IKE_EVENT_IKE_UP:
    case IKE_EVENT_IKE_REKEYED:
        print_ike_up(out, event);
        break;
    case IKE_EVENT_CHILD_UP:
    case IKE_EVENT_CHILD_REKEYED:
        print_child_up(out, event);
        break;
    case IKE_EVENT_IKE_DOWN:
        print_reason(out, "IKE_SA closed", event);
        break;
    case IKE_EVENT_CHILD_DOWN:
        print_reason(out, "CHILD_SA closed", event);
        break;
    case IKE_EVENT_CHILD_FAILED:
        print_reason(out, "CHILD_SA failed", event);
        break;
    case IKE_EVENT_ADDRESS_CHANGED:
        fputs("peer address changed\n", out);
        break;
    case IKE_EVENT_MESSAGE_SENT:
        fprintf(out, "retransmit %" PRIu32 " of request with message ID %" PRIu32 ", %s\n",
                event->tries, event->message_id, ike_exchange_name(event->exchange));
        break;
    default:
        print_task(out, event);
    }
}

struct report_text *report_text_new(const struct report_paper *paper)
{
    struct report_text *text = base_alloc(sizeof(*text));
    text->paper = *paper;
    text->observer = (struct scn_observer){.context = text,
                                           .namespace_made = on_namespace,
                                           .step_start = on_step_start,
                                           .step_end = on_step_end,
                                           .ping = on_ping,
                                           .expect = on_expect,
                                           .engine = on_engine};
    return text;
}

void report_text_free(struct report_text *text)
{
    for (size_t i = 0; text->scenario && i < text->scenario->step_count; i++) {
        if (text->kept[i].out && text->scenario->steps[i].background) {
            fclose(text->kept[i].out);
            free(text->kept[i].bytes);
        }
    }
    free(text->kept);
    free(text->lines);
    free(text);
}

void report_text_begin(struct report_text *text, const struct scn_scenario *scenario)
{
    const struct report_paper *paper = &text->paper;
    text->scenario = scenario;
    text->kept = base_alloc_array(scenario->step_count, sizeof(*text->kept));
    text->lines = base_alloc_array(scenario->step_count, sizeof(*text->lines));
    report_paint(paper, REPORT_BOLD, "%s", scenario->name);
    if (scenario->title)
        report_paint(paper, REPORT_BOLD, ": %s", scenario->title);
    fputc('\n', paper->out);
    if (scenario->description)
        report_prose_text(paper->out, scenario->description);
    fputc('\n', paper->out);
    report_show_text(paper, &scenario->model);
    fputc('\n', paper->out);
}

const struct scn_observer *report_text_observer(struct report_text *text)
{
    return &text->observer;
}

const struct report_paper *report_text_paper(const struct report_text *text)
{
    return &text->paper;
}
