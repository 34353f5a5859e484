/* A record in a few words: what captures write as comments and explanations print. */
#include <stdio.h>

#include "base/text.h"
#include "net/addr.h"
#include "sim/journal.h"

static void text_of_loss(const struct sim_record *record, char *out)
{
    char percent[BASE_TEXT_MAX];
    base_format_percent((double)record->a / 1e6, percent);
    snprintf(out, SIM_RECORD_TEXT_MAX, "lost (%s %s)", percent,
             record->reason == SIM_REASON_BURST_LOSS ? "loss in a burst" : "loss");
}

static void text_of_duration(const char *what, uint64_t ns, const char *after, char *out)
{
    char duration[BASE_TEXT_MAX];
    base_format_duration((base_ns)ns, duration);
    snprintf(out, SIM_RECORD_TEXT_MAX, "%s%s%s", what, duration, after);
}

static void text_of_drop(const struct sim_record *record, char *out)
{
    const char *text = sim_reason_text((enum sim_reason)record->reason);
    const char *name = sim_reason_linux((enum sim_reason)record->reason);
    if (record->reason == SIM_REASON_FAULT)
        snprintf(out, SIM_RECORD_TEXT_MAX, "%s", text);
    else if (record->reason == SIM_REASON_FIREWALL) /* its text begins with the word as well */
        snprintf(out, SIM_RECORD_TEXT_MAX, "%s (%s)", text, name);
    else if (record->reason == SIM_REASON_LINK_MTU)
        snprintf(out, SIM_RECORD_TEXT_MAX, "dropped: %s of %llu", text,
                 (unsigned long long)record->a);
    else if (*name)
        snprintf(out, SIM_RECORD_TEXT_MAX, "dropped: %s (%s)", text, name);
    else
        snprintf(out, SIM_RECORD_TEXT_MAX, "dropped: %s", text);
}

static void text_of_numbers(const struct sim_record *record, char *out)
{
    char address[NET_IP4_TEXT_MAX], second[NET_IP4_TEXT_MAX];
    unsigned long long a = record->a, b = record->b;
    switch (record->kind) {
    case SIM_KIND_BORN:
        if (a == SIM_ORIGIN_INJECTED)
            snprintf(out, SIM_RECORD_TEXT_MAX, "injected by line %llu", b);
        else
            snprintf(out, SIM_RECORD_TEXT_MAX, "born: %s", sim_origin_text((enum sim_origin)a));
        return;
    case SIM_KIND_DUPLICATED:
        snprintf(out, SIM_RECORD_TEXT_MAX, a == 1 ? "duplicated" : "duplicated (%llu copies)", a);
        return;
    case SIM_KIND_CORRUPTED:
        snprintf(out, SIM_RECORD_TEXT_MAX, "corrupted (%llu bit%s, byte %llu)", a,
                 a == 1 ? "" : "s", b & UINT32_MAX);
        return;
    case SIM_KIND_ROUTED:
        net_ip4_format((net_ip4)(a & UINT32_MAX), address);
        net_ip4_format((net_ip4)(b >> 32), second);
        snprintf(out, SIM_RECORD_TEXT_MAX, "routed: %s via %s", address, b >> 32 ? second : "link");
        return;
    case SIM_KIND_SEALED:
    case SIM_KIND_OPENED:
        snprintf(out, SIM_RECORD_TEXT_MAX, "%s: SPI 0x%08llx, sequence %llu",
                 sim_kind_text((enum sim_kind)record->kind), a, b);
        return;
    case SIM_KIND_FRAGMENTED:
        snprintf(out, SIM_RECORD_TEXT_MAX, "fragmented for MTU %llu", a);
        return;
    case SIM_KIND_ICMP_SENT:
    case SIM_KIND_ICMP_RECEIVED:
        snprintf(out, SIM_RECORD_TEXT_MAX, "%s: type %llu, code %llu from %s",
                 sim_kind_text((enum sim_kind)record->kind), a >> 8 & 0xff, a & 0xff,
                 net_ip4_format((net_ip4)b, address));
        return;
    case SIM_KIND_REDIRECT_SENT:
        snprintf(out, SIM_RECORD_TEXT_MAX, "redirect sent: the next hop is %s",
                 net_ip4_format((net_ip4)a, address));
        return;
    case SIM_KIND_REDIRECTED:
        snprintf(out, SIM_RECORD_TEXT_MAX, "redirect taken: %s via %s",
                 net_ip4_format((net_ip4)b, address), net_ip4_format((net_ip4)a, second));
        return;
    case SIM_KIND_TRANSLATED:
        snprintf(out, SIM_RECORD_TEXT_MAX, "translated by NAT: %s:%llu to %s:%llu",
                 net_ip4_format((net_ip4)(a >> 16), address), a & 0xffff,
                 net_ip4_format((net_ip4)(b >> 16), second), b & 0xffff);
        return;
    case SIM_KIND_FORWARDED:
        snprintf(out, SIM_RECORD_TEXT_MAX, "forwarded, TTL %llu", a);
        return;
    default:
        snprintf(out, SIM_RECORD_TEXT_MAX, "%s", sim_kind_text((enum sim_kind)record->kind));
        return;
    }
}

void sim_record_text(const struct sim_journal *journal, const struct sim_record *record,
                     char out[static SIM_RECORD_TEXT_MAX])
{
    bool named = record->kind == SIM_KIND_HELD || record->kind == SIM_KIND_RELEASED ||
                 record->kind == SIM_KIND_MARK;
    sim_record_text_named(record, named ? sim_journal_text_of(journal, (uint32_t)record->a) : "",
                          out);
}

void sim_record_text_named(const struct sim_record *record, const char *name,
                           char out[static SIM_RECORD_TEXT_MAX])
{
    switch (record->kind) {
    case SIM_KIND_LOST:
        text_of_loss(record, out);
        return;
    case SIM_KIND_DROPPED:
        text_of_drop(record, out);
        return;
    case SIM_KIND_DELAYED:
        text_of_duration("delayed ", record->a, "", out);
        return;
    case SIM_KIND_QUEUED:
        text_of_duration("queued for ", record->a, "", out);
        return;
    case SIM_KIND_REORDERED:
        if (record->a)
            text_of_duration("reordered (", record->a, " late)", out);
        else
            snprintf(out, SIM_RECORD_TEXT_MAX, "reordered (sent ahead)");
        return;
    case SIM_KIND_HELD:
    case SIM_KIND_RELEASED:
        snprintf(out, SIM_RECORD_TEXT_MAX, "%s as %s",
                 record->kind == SIM_KIND_HELD ? "held" : "released, was held", name);
        return;
    case SIM_KIND_MARK:
        snprintf(out, SIM_RECORD_TEXT_MAX, "%s", name);
        return;
    default:
        text_of_numbers(record, out);
        return;
    }
}
