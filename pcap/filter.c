/* libpcap's compiler on a dead handle, its interpreter on packets in memory. */
#include "pcap/filter.h"

#include <assert.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    SNAPLEN = 65535
};

struct cap_filter {
    struct bpf_program program;
};

struct cap_filter *cap_filter_new(const char *text, enum cap_link link, struct cap_error *error)
{
    int type = link == CAP_LINK_RAW ? DLT_RAW : DLT_EN10MB;
    pcap_t *handle = pcap_open_dead(type, SNAPLEN);
    assert(handle);
    struct cap_filter *filter = base_alloc(sizeof(*filter));
    if (pcap_compile(handle, &filter->program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        cap_error_set(error, "%s", pcap_geterr(handle));
        free(filter);
        filter = NULL;
    }
    pcap_close(handle);
    return filter;
}

void cap_filter_free(struct cap_filter *filter)
{
    if (!filter)
        return;
    pcap_freecode(&filter->program);
    free(filter);
}

bool cap_filter_match(const struct cap_filter *filter, const uint8_t *bytes, size_t size)
{
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)size, .len = (bpf_u_int32)size};
    return pcap_offline_filter(&filter->program, &header, bytes) != 0;
}

size_t cap_filter_count(const struct cap_filter *filter, const struct cap_point *point,
                        base_ns from, base_ns to)
{
    size_t count = 0;
    for (const struct cap_frame *f = cap_point_first(point); f; f = f->next_at_point) {
        if (f->at >= from && f->at < to)
            count += cap_filter_match(filter, f->bytes, f->size);
    }
    return count;
}
