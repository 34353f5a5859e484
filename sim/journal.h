/*
 * The journal: one ordered, append-only list of what was done to packets, where and why. Captures'
 * comments, drop counts and explanations are readings of it. A world without a journal pays one
 * branch a record.
 */
#ifndef SIM_JOURNAL_H
#define SIM_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/world.h"

/*
 * What happened: name, text, and what the record's `a` and `b` hold (0 where nothing is said).
 * ip4: net_ip4 in host order. Where both are addresses, b is the destination or the next hop.
 */
#define SIM_KIND_LIST(X)                                                                           \
    X(NONE, "none")                                                                                \
    X(BORN,                                                                                        \
      "born") /* a: enum sim_origin; b of a request or datagram: who sends << 32 | its number; \
                     of IKE and keepalives: own UDP port << 16 | the peer's; of an injected packet: its line */   \
    X(SENT, "sent")                 /* out of a port; a: bytes */                                  \
    X(RECEIVED, "received")         /* at a port; a: bytes */                                      \
    X(ROUTED, "routed")             /* a, b: see sim_route_note_b; the port is the way out */      \
    X(NEIGHBOUR, "neighbour")       /* address resolved; a: ip4; b: MAC as a number */             \
    X(RESOLVING, "waiting for ARP") /* a: ip4 asked for */                                         \
    X(POLICY, "policy")             /* matched; a: see sim_policy_note_a; b: its priority */       \
    X(SEALED, "sealed")             /* a: SPI; b: sequence number. Of the inner packet */          \
    X(OPENED, "opened")             /* a: SPI; b: sequence number. Of the inner packet */          \
    X(QUEUED, "queued")             /* waits for a rate; a: ns of waiting; b: bytes before it */   \
    X(LOST, "lost")                 /* a: probability in millionths */                             \
    X(DUPLICATED, "duplicated")     /* a: copies */                                                \
    X(CORRUPTED, "corrupted")       /* a: bits; b: fault's number << 32 | byte of the first */     \
    X(DELAYED, "delayed")           /* by a fault; a: ns; b: its number */                         \
    X(REORDERED, "reordered")       /* a: ns later than its turn; 0: sent ahead at once */         \
    X(HELD, "held")                 /* a: text number of its name; b: the fault's number */        \
    X(RELEASED, "released")         /* a: text number of the hold's name; b: ns held */            \
    X(DROPPED, "dropped")           /* reason says why; a, b as the reason needs */                \
    X(FORWARDED, "forwarded")       /* by a node or the internet; a: TTL left; b: next hop ip4 */  \
    X(DELIVERED, "delivered")       /* to its final receiver; a: protocol; b: port or type */      \
    X(FRAGMENTED, "fragmented")     /* a: MTU; b: number of fragments */                           \
    X(REASSEMBLED, "reassembled")   /* a: bytes */                                                 \
    X(ICMP_SENT,                                                                                   \
      "ICMP error sent") /* of what it is about; a: MTU << 32 | type << 8 | code; b: source */     \
    X(ICMP_RECEIVED, "ICMP error received") /* a: type << 8 | code; b: source ip4 */               \
    X(PATH_MTU, "path MTU learned")         /* a: MTU; b: destination ip4 */                       \
    X(REDIRECT_SENT,                                                                               \
      "redirect sent") /* of the packet that is forwarded; a: better next hop; b: source ip4 */    \
    X(REDIRECTED, "redirect taken")    /* a: next hop from now on; b: destination */               \
    X(TRANSLATED, "translated by NAT") /* a: ip4 << 16 | port (or echo id) before; b: after */     \
    X(MARK, "mark") /* no packet; a: text number: what a step or an engine notes */

/*
 * ROUTED: a is source ip4 << 32 | destination ip4, b as made here: the next hop (0: into a virtual
 * interface), the table by its place in the stack's order, and the length of the prefix that matched; and
 * SIM_ROUTE_NOTE_REDIRECTED where the next hop is what an ICMP redirect said.
 */
#define SIM_ROUTE_NOTE_REDIRECTED ((uint64_t)1 << 16)

static inline uint64_t sim_route_note_b(uint32_t next_hop, uint8_t table, uint8_t prefix_length)
{
    return (uint64_t)next_hop << 32 | (uint64_t)table << 8 | prefix_length;
}

/*
 * POLICY: direction and action are those of ipsec/esp/spd.h; the lengths are those of the smallest
 * networks around the policy's selectors, which with the packet's own addresses give the networks.
 */
static inline uint64_t sim_policy_note_a(uint32_t reqid, unsigned direction, unsigned action,
                                         uint8_t source_length, uint8_t destination_length)
{
    return (uint64_t)reqid | (uint64_t)direction << 32 | (uint64_t)action << 40 |
           (uint64_t)source_length << 48 | (uint64_t)destination_length << 56;
}

/*
 * Why a packet was dropped: name, word that scenarios use (`drops: {reason: ...}`), text, and the
 * name of the Linux counter or drop reason for the same thing, "" where there is none.
 */
#define SIM_REASON_LIST(X)                                                                         \
    X(NONE, "none", "no reason", "")                                                               \
    /* links */                                                                                    \
    X(LOSS, "loss", "random loss", "")                                                             \
    X(BURST_LOSS, "burst-loss", "loss in a burst", "")                                             \
    X(QUEUE_FULL, "queue-full", "queue full", "QDISC_DROP")                                        \
    X(LINK_DOWN, "link-down", "link is down", "DEV_READY")                                         \
    X(FAULT, "fault", "dropped by a fault", "")                                                    \
    X(FIREWALL, "firewall", "dropped by a firewall on the path", "NETFILTER_DROP")                 \
    X(LINK_MTU, "mtu", "larger than the link's MTU", "PKT_TOO_BIG")                                \
    X(NOT_PLUGGED, "not-plugged", "port is not plugged in", "DEV_READY")                           \
    X(BAD_FRAME, "bad-frame", "malformed frame", "HDR_TRUNC")                                      \
    X(OTHER_HOST, "other-host", "addressed to another MAC address", "OTHERHOST")                   \
    X(SAME_PORT, "same-port", "destination is where it came from", "")                             \
    /* IP */                                                                                       \
    X(BAD_HEADER, "bad-header", "malformed IP header", "IP_INHDR")                                 \
    X(BAD_CHECKSUM, "bad-checksum", "wrong checksum", "IP_CSUM")                                   \
    X(TTL, "ttl", "time to live exceeded", "IP_INHDR")                                             \
    X(NO_ROUTE, "no-route", "no route to the destination", "IP_INNOROUTES")                        \
    X(HOST_UNREACHABLE, "host-unreachable", "no answer to ARP", "NEIGH_FAILED")                    \
    X(NEIGHBOUR_QUEUE, "neighbour-queue", "too many packets wait for ARP", "NEIGH_QUEUEFULL")      \
    X(FRAGMENTATION_NEEDED, "fragmentation-needed", "too big, and DF is set", "PKT_TOO_BIG")       \
    X(NOT_FORWARDING, "not-forwarding", "forwarding is off", "IP_INADDRERRORS")                    \
    X(RP_FILTER, "rp-filter", "reverse path filter", "IP_RPFILTER")                                \
    X(MARTIAN, "martian", "impossible source address", "IP_INVALID_SOURCE")                        \
    X(NOT_MINE, "not-mine", "not addressed to this host", "IP_INADDRERRORS")                       \
    X(NO_PROTOCOL, "no-protocol", "nobody takes this protocol", "IP_NOPROTO")                      \
    X(NO_SOCKET, "no-socket", "nobody listens on this port", "NO_SOCKET")                          \
    X(REASSEMBLY_TIMEOUT, "reassembly-timeout", "fragments missing after 30 s",                    \
      "FRAG_REASM_TIMEOUT")                                                                        \
    X(REASSEMBLY_BAD, "reassembly-bad", "fragments do not fit", "FRAG_TOO_FAR")                    \
    X(REASSEMBLY_FULL, "reassembly-full", "no room for more fragments", "FRAG_REASM_TIMEOUT")      \
    X(UNSUPPORTED, "unsupported", "protocol not carried here", "UNHANDLED_PROTO")                  \
    X(NODE_DOWN, "node-down", "node is stopped", "")                                               \
    X(REPEATED, "repeated", "the same packet again", "")                                           \
    X(NAT_NO_MAPPING, "nat-no-mapping", "the NAT router has no mapping for it", "")                \
    X(NAT_EXPIRED, "nat-expired", "the NAT router's mapping has expired", "")                      \
    X(NAT_FILTERED, "nat-filtered", "the NAT router lets this sender not in", "")                  \
    X(NAT_PROTOCOL, "nat-protocol", "the NAT router does not translate this protocol", "")         \
    /* policies and SAs */                                                                         \
    X(NO_TEMPLATE, "in-clear", "a policy demands ESP and it came in clear", "XfrmInTmplMismatch")  \
    X(POLICY_BLOCK, "policy-block", "a policy forbids it", "XfrmOutPolBlock")                      \
    X(NO_POLICY, "no-policy", "opened, but no policy allows it", "XfrmInNoPols")                   \
    X(NO_OUTBOUND_SA, "no-outbound-sa", "a policy demands ESP and no SA is up", "XfrmOutNoStates") \
    X(NO_INBOUND_SA, "no-inbound-sa", "no SA for this SPI", "XfrmInNoStates")                      \
    X(BAD_ICV, "bad-icv", "integrity check failed", "XfrmInStateProtoError")                       \
    X(REPLAY, "replay", "sequence number seen before or too old", "XfrmInStateSeqError")           \
    X(SEQUENCE_OVERFLOW, "sequence-overflow", "sequence numbers used up", "XfrmOutStateSeqError")  \
    X(SA_EXPIRED, "sa-expired", "SA is past its lifetime", "XfrmInStateExpired")                   \
    X(BAD_ESP, "bad-esp", "malformed ESP packet", "XfrmInHdrError")                                \
    X(BAD_INNER, "bad-inner", "malformed packet inside ESP", "XfrmInHdrError")                     \
    X(SELECTOR, "selector-mismatch", "inner packet is outside the SA's selectors",                 \
      "XfrmInStateMismatch")                                                                       \
    X(NO_TUNNEL_ROUTE, "no-tunnel-route", "the tunnel interface has no SA for it", "")             \
    X(RECURSION, "recursion", "tunnel packet routed into its own tunnel", "")                      \
    X(TUNNEL_MTU, "tunnel-mtu", "larger than the tunnel's MTU, and DF is set", "PKT_TOO_BIG")      \
    /* IKE messages that the engine would not take */                                              \
    X(IKE_MALFORMED, "ike-malformed", "malformed IKE message", "")                                 \
    X(IKE_VERSION, "ike-version", "IKE version not spoken here", "")                               \
    X(IKE_UNKNOWN_SPI, "ike-unknown-spi", "no IKE SA of these SPIs", "")                           \
    X(IKE_UNEXPECTED, "ike-unexpected", "IKE exchange not expected in this state", "")             \
    X(IKE_WINDOW, "ike-window", "IKE message ID outside the window", "")                           \
    X(IKE_NOT_AUTHENTIC, "ike-not-authentic", "IKE integrity check failed", "")                    \
    X(IKE_FRAGMENT, "ike-fragment", "IKE fragment refused", "")                                    \
    X(IKE_HALF_OPEN, "ike-half-open", "too many IKE SAs are half-open", "")                        \
    X(IKE_INVALID, "ike-invalid", "IKE answer that does not fit the request", "")                  \
    X(END_OF_RUN, "end-of-run", "under way when the run ended", "")

/* What a packet was born as. */
#define SIM_ORIGIN_LIST(X)                                                                         \
    X(OTHER, "packet")                                                                             \
    X(ARP, "ARP")                                                                                  \
    X(ECHO_REQUEST, "echo request")                                                                \
    X(ECHO_REPLY, "echo reply")                                                                    \
    X(ICMP_ERROR, "ICMP error")                                                                    \
    X(REDIRECT, "ICMP redirect")                                                                   \
    X(UDP, "UDP datagram")                                                                         \
    X(IKE, "IKE message")                                                                          \
    X(ESP, "ESP packet")                                                                           \
    X(INNER, "packet out of ESP")                                                                  \
    X(COPY, "copy")                                                                                \
    X(FRAGMENT, "fragment")                                                                        \
    X(WHOLE, "reassembled packet")                                                                 \
    X(KEEPALIVE, "NAT keepalive")                                                                  \
    X(INJECTED, "injected packet")

enum sim_kind {
#define X(name, text) SIM_KIND_##name,
    SIM_KIND_LIST(X)
#undef X
    SIM_KIND_COUNT
};

enum sim_reason {
#define X(name, word, text, linux_name) SIM_REASON_##name,
    SIM_REASON_LIST(X)
#undef X
    SIM_REASON_COUNT
};

enum sim_origin {
#define X(name, text) SIM_ORIGIN_##name,
    SIM_ORIGIN_LIST(X)
#undef X
    SIM_ORIGIN_COUNT
};

struct sim_record {
    base_ns at;
    uint64_t packet; /* 0: about no packet */
    uint64_t parent;
    uint64_t a, b;   /* as the kind says */
    uint16_t node;   /* where; for a link: its switch or internet */
    uint16_t port;   /* the node's port index, or the link's pipe index */
    uint16_t kind;   /* enum sim_kind */
    uint16_t reason; /* enum sim_reason: set for LOST and DROPPED */
};

/* Records stand in chunks that never move. */
struct sim_journal {
    struct sim_record *next, *end; /* room left in the last chunk */
    struct sim_record **chunks;
    size_t chunks_count, chunks_capacity;
    struct sim_journal_texts *texts;
};

struct sim_journal *sim_journal_new(void);
void sim_journal_free(struct sim_journal *journal);

/* Makes room: only sim_journal_next calls it. */
void sim_journal_grow(struct sim_journal *journal);

/* Room for the next record, which the caller fills in whole. */
static inline struct sim_record *sim_journal_next(struct sim_journal *journal)
{
    if (__builtin_expect(journal->next == journal->end, 0))
        sim_journal_grow(journal);
    return journal->next++;
}

/* Notes what happened to `packet` (NULL: to none) at the world's time. */
static inline void sim_note(struct sim_world *world, const struct sim_packet *packet, uint16_t node,
                            uint16_t port, enum sim_kind kind, enum sim_reason reason, uint64_t a,
                            uint64_t b)
{
    if (!world->journal)
        return;
    *sim_journal_next(world->journal) = (struct sim_record){
        .at = world->now,
        .packet = packet ? packet->id : 0,
        .parent = packet ? packet->parent : 0,
        .a = a,
        .b = b,
        .node = node,
        .port = port,
        .kind = (uint16_t)kind,
        .reason = (uint16_t)reason,
    };
}

/*
 * Notes the drop, counts it for the node (with or without a journal) and frees the packet: the one
 * way for a packet to end badly.
 */
void sim_drop(struct sim_world *world, struct sim_packet *packet, uint16_t node, uint16_t port,
              enum sim_reason reason, uint64_t a, uint64_t b);

/* The same for what was lost by chance: a record LOST with the probability in millionths. */
void sim_lose(struct sim_world *world, struct sim_packet *packet, uint16_t node, uint16_t port,
              enum sim_reason reason, uint64_t millionths);

/* Packets dropped or lost for this reason at this node (0: at any that is still there). */
uint64_t sim_world_drops(const struct sim_world *world, uint16_t node, enum sim_reason reason);

/* The number of a text that records can name; equal texts have one number. 0 for NULL. */
uint32_t sim_journal_text(struct sim_journal *journal, const char *text);
const char *sim_journal_text_of(const struct sim_journal *journal, uint32_t number); /* "" for 0 */

/* All records, in order: index below the count. */
size_t sim_journal_count(const struct sim_journal *journal);
const struct sim_record *sim_journal_at(const struct sim_journal *journal, size_t index);

/*
 * Records by packet id: built once after the run (linear), then each packet's records in order.
 * Adding records makes it stale.
 */
struct sim_journal_index;
struct sim_journal_index *sim_journal_index_new(const struct sim_journal *journal);
void sim_journal_index_free(struct sim_journal_index *index);
size_t sim_journal_index_count(const struct sim_journal_index *index, uint64_t packet);
const struct sim_record *sim_journal_index_at(const struct sim_journal_index *index,
                                              uint64_t packet, size_t n);
/* The packets born of this one: n below the count. */
size_t sim_journal_index_children(const struct sim_journal_index *index, uint64_t packet);
uint64_t sim_journal_index_child(const struct sim_journal_index *index, uint64_t packet, size_t n);

const char *sim_kind_text(enum sim_kind kind);
const char *sim_reason_word(enum sim_reason reason);
const char *sim_reason_text(enum sim_reason reason);
const char *sim_reason_linux(enum sim_reason reason);
const char *sim_origin_text(enum sim_origin origin);

/* The reason with this word or Linux name, case ignored; false where there is none (several reasons
 * share a Linux name: the first). */
bool sim_reason_find(const char *text, enum sim_reason *out) __attribute__((warn_unused_result));

#define SIM_RECORD_TEXT_MAX 128

/* The record in a few words, without time and place: "lost (5% loss)", "held as x". */
void sim_record_text(const struct sim_journal *journal, const struct sim_record *record,
                     char out[static SIM_RECORD_TEXT_MAX]);

/* The same where there is no journal: `name` is the text that the record's `a` would number. */
void sim_record_text_named(const struct sim_record *record, const char *name,
                           char out[static SIM_RECORD_TEXT_MAX]);

#endif
