/* What the files of a link share: link.c, pipe.c, fault.c, and the internet's cloud.c. Nobody else includes this. */
#ifndef SIM_LINK_DETAIL_H
#define SIM_LINK_DETAIL_H

#include "sim/journal.h"
#include "sim/link.h"

#define SIM_QUEUE_PACKETS_DEFAULT 1000 /* netem's limit */
#define SIM_VLAN_SLACK 4               /* is_skb_forwardable() of a Linux bridge */

/* The streams of a pipe, one for each kind of chance. */
#define SIM_STREAM_LIST(X)                                                                         \
    X(LOSS, "loss")                                                                                \
    X(BURST, "burstLoss")                                                                          \
    X(DUPLICATE, "duplicate")                                                                      \
    X(REORDER, "reorder")                                                                          \
    X(CORRUPT, "corrupt")           /* whether */                                                  \
    X(CORRUPT_BITS, "corrupt/bits") /* where */                                                    \
    X(JITTER, "jitter")                                                                            \
    X(FAULT_BITS, "fault/bits")

enum sim_stream {
#define X(name, text) SIM_STREAM_##name,
    SIM_STREAM_LIST(X)
#undef X
    SIM_STREAM_COUNT
};

/* A frame that waits for the rate: in a ring, in the order of sending. */
struct sim_waiting {
    base_ns start; /* when its first bit goes out */
    uint32_t size;
};

struct sim_pipe_detail {
    const void *looked_at;     /* the internet's: where it found the last frame's way */
    struct sim_impairment now; /* base and faults merged */
    bool exact;                /* an exact fault looks at this pipe's frames */
    struct base_rng streams[SIM_STREAM_COUNT];
    bool burst_bad;     /* Gilbert-Elliott's state */
    base_ns busy_until; /* the last frame's last bit */
    struct sim_waiting *waiting;
    size_t waiting_first, waiting_count, waiting_capacity;
    uint64_t waiting_bytes;
};

struct sim_fault {
    struct sim_fault *prev, *next;
    struct sim_fault_config config; /* `hold` is owned */
    uint64_t matched, applied;
};

struct sim_hold {
    struct sim_hold *prev, *next;
    char *name; /* owned */
    struct sim_packet_list
        packets; /* each one's carrier is its pipe's, its flight.at when it came */
};

/* What becomes of a frame, collected as it enters so that captures can say it. */
struct sim_fate {
    enum sim_fate_end {
        SIM_FATE_CARRIED,
        SIM_FATE_DROPPED,
        SIM_FATE_LOST,
        SIM_FATE_HELD,
    } end;
    enum sim_reason reason; /* of a drop or loss */
    uint64_t a;             /* of its record */
    const char *hold;
    uint32_t copies, fault_bits;
    uint32_t bits_number, hold_number; /* of the faults that flip them and hold it */
    bool corrupt;
    base_ns delay_ns;  /* by faults, on top of the link's */
    base_ns at;        /* carried: when it arrives */
    bool wanted;       /* someone reads the comment */
    char comment[192]; /* parts joined by "; "; empty: nothing befell it */
};

/* Adds to the comment and to the journal what happened: kind, a and b as in sim/journal.h. */
void sim_fate_note(struct sim_fate *fate, struct sim_pipe *pipe, const struct sim_packet *packet,
                   enum sim_kind kind, uint64_t a, uint64_t b);
void sim_fate_comment(struct sim_fate *fate, const char *text);

/* Lets the link's exact faults count and choose: sets the fate's end, copies, bits, delay. */
void sim_link_apply_faults(struct sim_pipe *pipe, const struct sim_packet *packet,
                           struct sim_fate *fate);

/* Puts the packet under a name until it is released. */
void sim_link_hold(struct sim_pipe *pipe, struct sim_packet *packet, const char *name);

/* A frame goes on that was held. */
void sim_pipe_resume(struct sim_pipe *pipe, struct sim_packet *packet);

/* Turns `count` different bits behind the Ethernet header; returns the byte of the first, 0 when
 * there is nothing to turn. */
uint32_t sim_corrupt(struct base_rng *stream, struct sim_packet *packet, uint32_t count);

/* Takes a place on a link with a rate: false when the queue is full; else *start, the first bit's
 * time, and *end, the last one's. */
bool sim_rate_enter(struct sim_pipe_detail *detail, base_ns now, uint32_t size, base_ns *start,
                    base_ns *end);

void sim_link_free_faults(struct sim_link *link);
void sim_link_refresh(struct sim_link *link); /* recomputes what the pipes have merged */

#endif
