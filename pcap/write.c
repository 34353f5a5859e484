/* All captures of a run to files: pcapng by our own writer, the classic ones by libpcap. */
#include "pcap/write.h"

#include <assert.h>
#include <pcap/pcap.h>
#include <string.h>

#include "pcap/keys.h"
#include "pcap/pcapng.h"

enum {
    SNAPLEN = 65535,
    FLAGS_INBOUND = 1,
    FLAGS_OUTBOUND = 2,
    NS_A_SECOND = 1000000000
};

void cap_point_file_name(const struct cap_point *point, char out[CAP_FILE_NAME_MAX])
{
    snprintf(out, CAP_FILE_NAME_MAX, "%.*s.pcap", CAP_FILE_NAME_MAX - 6, cap_point_name(point));
    for (char *c = out; *c; c++) {
        if (*c == ':' || *c == '/')
            *c = '-';
    }
}

static uint64_t time_of(const struct cap_write_options *options, const struct cap_frame *frame)
{
    return (uint64_t)options->start_ns + (uint64_t)frame->at;
}

static void write_head(FILE *out, const struct cap_set *set,
                       const struct cap_write_options *options)
{
    cap_pcapng_section(out, &(struct cap_pcapng_section){.hardware = "simulated",
                                                         .os = "virtual time",
                                                         .application = options->application});
    for (size_t i = 0; i < cap_set_point_count(set); i++) {
        const struct cap_point *point = cap_set_point_at(set, i);
        cap_pcapng_interface(
            out, &(struct cap_pcapng_interface){.name = cap_point_name(point),
                                                .description = cap_point_description(point),
                                                .link = (uint16_t)cap_point_link(point)});
    }
    size_t size = 0;
    const char *lines = options->keys ? cap_keys_esp_text(options->keys, &size) : NULL;
    if (size > 0)
        cap_pcapng_secrets(out, CAP_PCAPNG_SECRETS_ESP, lines, (uint32_t)size);
}

static void write_frame(FILE *out, const struct cap_write_options *options,
                        const struct cap_frame *frame)
{
    const char *comment =
        options->comment ? options->comment(options->context, frame) : frame->comment;
    bool inbound = frame->direction == SIM_DIRECTION_IN;
    cap_pcapng_packet(out,
                      &(struct cap_pcapng_packet){.interface = cap_point_index(frame->point),
                                                  .time_ns = time_of(options, frame),
                                                  .bytes = frame->bytes,
                                                  .size = frame->size,
                                                  .flags = inbound ? FLAGS_INBOUND : FLAGS_OUTBOUND,
                                                  .packet_id = frame->packet,
                                                  .comment = comment});
}

static bool write_pcapng(struct cap_output *output, const struct cap_set *set,
                         const struct cap_write_options *options, struct cap_error *error)
{
    FILE *out = cap_output_open(output, "capture.pcapng", error);
    if (!out)
        return false;
    write_head(out, set, options);
    for (const struct cap_frame *f = cap_set_first(set); f && !ferror(out); f = f->next)
        write_frame(out, options, f);
    return cap_output_close(output, error);
}

static void dump_frames(pcap_dumper_t *dumper, FILE *out, const struct cap_point *point,
                        const struct cap_write_options *options)
{
    for (const struct cap_frame *f = cap_point_first(point); f && !ferror(out);
         f = f->next_at_point) {
        uint64_t at = time_of(options, f);
        struct pcap_pkthdr header = {.caplen = f->size, .len = f->size};
        header.ts.tv_sec = (time_t)(at / NS_A_SECOND);
        header.ts.tv_usec =
            (suseconds_t)(at % NS_A_SECOND); /* nanoseconds: the handle's precision */
        pcap_dump((u_char *)dumper, &header, f->bytes);
    }
}

static bool write_classic(struct cap_output *output, const struct cap_point *point,
                          const struct cap_write_options *options, struct cap_error *error)
{
    char name[CAP_FILE_NAME_MAX];
    cap_point_file_name(point, name);
    FILE *out = cap_output_open(output, name, error);
    if (!out)
        return false;
    /* DLT_RAW is 12 in memory on Linux and LINKTYPE_RAW 101 in the file: libpcap maps it. */
    int link = cap_point_link(point) == CAP_LINK_RAW ? DLT_RAW : DLT_EN10MB;
    pcap_t *handle =
        pcap_open_dead_with_tstamp_precision(link, SNAPLEN, PCAP_TSTAMP_PRECISION_NANO);
    assert(handle);
    pcap_dumper_t *dumper = pcap_dump_fopen(handle, out);
    if (dumper)
        dump_frames(dumper, out, point, options); /* the stream is the output's, which closes it */
    pcap_close(handle);
    return cap_output_close(output, error);
}

bool cap_write(const struct cap_set *set, const struct cap_write_options *options,
               struct cap_error *error)
{
    assert(options->start_ns >= 0);
    if (cap_set_is_full(set)) {
        cap_error_set(error, "the captures need more memory than they may have: fewer capture "
                             "points or a shorter run would help");
        return false;
    }
    struct cap_output *output = cap_output_new(options->folder);
    bool done = write_pcapng(output, set, options, error);
    for (size_t i = 0; done && i < cap_set_point_count(set); i++)
        done = write_classic(output, cap_set_point_at(set, i), options, error);
    done = done && cap_output_commit(output, error);
    cap_output_free(output);
    return done;
}
