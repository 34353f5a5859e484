/*
 * An IKEv2 endpoint for gateways that share a key: RFC 7296, with RFC 7383 (fragments), RFC 4555
 * (MOBIKE), RFC 3948's port float. It opens no socket, reads no clock and draws no randomness but from the
 * stream it was given: datagrams and `now` go in; datagrams, a deadline and events come out.
 *
 * After each call that takes `now`, drain ike_endpoint_poll(), and wait for ike_endpoint_deadline().
 * `now` never goes back. Child SAs are put straight into the esp_sad; an old inbound one stays there a few
 * seconds for packets under way.
 *
 * Limits: no EAP, no certificates, no configuration payload, tunnel mode only.
 */
#ifndef IKE_ENDPOINT_H
#define IKE_ENDPOINT_H

#include "ipsec/ike/config.h"
#include "ipsec/ike/event.h"
#include "base/rng.h"

struct crypto_context;
struct esp_sad;
struct ike_endpoint;
struct ike_ts; /* ipsec/ike/ts.h */

struct ike_endpoint_options {
    size_t cookie_threshold;    /* half-open SAs above which COOKIEs are demanded; 10 */
    size_t half_open_max;       /* half-open SAs; further IKE_SA_INITs are dropped; 1,000 */
    base_ns half_open_timeout;  /* 30 s */
    size_t children_max;        /* child SAs of one IKE SA; 32 */
    base_ns child_delete_delay; /* how long an old inbound SA lives on; 5 s */
    bool answer_unknown_spi;    /* INVALID_IKE_SPI for unknown IKE SPIs; charon: no */
    /* Tests only: what the nonces of this end's requests and of its responses begin with, so that any
     * of a collision's four can be the lowest; -1: random. */
    int nonce_first_byte_request, nonce_first_byte_response;
};

void ike_endpoint_options_init(struct ike_endpoint_options *options);

/* `crypto` and `sad` are borrowed and outlive the endpoint; the stream is copied; options NULL: defaults. */
struct ike_endpoint *ike_endpoint_new(struct crypto_context *crypto, struct esp_sad *sad,
                                      const struct base_rng *stream,
                                      const struct ike_endpoint_options *options);

/* Without a word to any peer: as a crash. The SAs of its children go out of the sad. */
void ike_endpoint_free(struct ike_endpoint *endpoint);

/*
 * The daemon dies alone: as ike_endpoint_free(), but the SAs of its children stay in the sad, as a kernel keeps
 * what a daemon that was killed has installed. They are nobody's from then on.
 */
void ike_endpoint_abandon(struct ike_endpoint *endpoint);

/*
 * Adds a tunnel and returns its number (0, 1, …), or -1 where it cannot be: a name or reqid used twice,
 * no networks, too many, an AEAD rule broken. With IKE_START_AT_ONCE it initiates within the second after `now`.
 */
int ike_endpoint_add_peer(struct ike_endpoint *endpoint, base_ns now,
                          const struct ike_peer_config *config);

/* Deletes the tunnel's SAs as terminate does, and forgets it; its number is not used again. */
void ike_endpoint_remove_peer(struct ike_endpoint *endpoint, base_ns now, int number);

/*
 * Sends a DELETE for every IKE SA and starts nothing more: a daemon that is stopped in good order.
 * Drain the datagrams, then free. Where another request is not answered yet the window is full (RFC 7296
 * section 2.3: a second one MUST NOT be sent), and the DELETE goes out when it is: who frees the endpoint
 * before that leaves the peer to its liveness checks.
 */
void ike_endpoint_shutdown(struct ike_endpoint *endpoint, base_ns now);

/* An IKE message, non-ESP marker already taken off; `path` as received. */
void ike_endpoint_input(struct ike_endpoint *endpoint, base_ns now, const struct ike_path *path,
                        const uint8_t *datagram, size_t size);

/* When ike_endpoint_expire() is to be called; BASE_NEVER: not at all. O(1). */
base_ns ike_endpoint_deadline(const struct ike_endpoint *endpoint);
void ike_endpoint_expire(struct ike_endpoint *endpoint, base_ns now);

/* The next output, oldest first, or NULL. Valid until the next poll. */
const struct ike_output *ike_endpoint_poll(struct ike_endpoint *endpoint);

/* ESP that arrived under UDP and was authentic moves the peer behind a NAT (RFC 7296 section 2.23):
 * tell the endpoint when the source of such a packet is not the SA's. */
void ike_endpoint_esp_moved(struct ike_endpoint *endpoint, base_ns now, uint32_t inbound_spi,
                            const struct ike_path *path);

/*
 * The first authentic packet has come in by this SA. The responder of a rekey then sends on the new SA too, if it
 * does not yet: the peer is ready to receive there (RFC 7296 section 2.8). Puts nothing out.
 */
void ike_endpoint_esp_used(struct ike_endpoint *endpoint, uint32_t inbound_spi);

/*
 * What an administrator asks for. Each is told by TASK_STARTED and TASK_DONE or TASK_FAILED; false where
 * there is no such peer or nothing to do it to, and nothing happens then.
 * Initiate: CONNECT, or CHILD_CREATE where an IKE SA is up; where a child is up already, TASK_DONE at
 * once. Terminate: IKE_DELETE (or CHILD_DELETE of all its children); a negotiation under way is dropped.
 * A tunnel that was terminated does not start again by itself.
 */
bool ike_endpoint_initiate(struct ike_endpoint *endpoint, base_ns now, int peer);
bool ike_endpoint_terminate(struct ike_endpoint *endpoint, base_ns now, int peer, bool child_only);
bool ike_endpoint_rekey_ike(struct ike_endpoint *endpoint, base_ns now, int peer);
bool ike_endpoint_rekey_child(struct ike_endpoint *endpoint, base_ns now, int peer);

/*
 * Counters that go ahead, as if so much had been sent: to see what happens at their end without sending it
 * all, or to take over from somebody who sent it (RFC 6311). Never back; false where there is no such peer
 * or SA, and nothing happens then.
 */
/* The next ESP packet of the peer's child SA in use is number `next`. */
bool ike_endpoint_advance_sequence(struct ike_endpoint *endpoint, int peer, uint64_t next);
/* The next request of this end (`own`), or of the peer, has this message ID. False while one is under way. */
bool ike_endpoint_advance_message_id(struct ike_endpoint *endpoint, base_ns now, int peer, bool own,
                                     uint32_t next);

/* One address as a traffic selector of an inner packet: protocol 0, ports 0 where there are none. */
struct ike_flow {
    struct net_addr source, destination;
    uint8_t protocol;
    uint16_t source_port, destination_port;
};

/*
 * A packet met a PROTECT policy of the peer without an SA (a trap). Starts as initiate does; a request
 * under way is not doubled. The flow is offered as the first, very specific selector (RFC 7296 2.9).
 */
bool ike_endpoint_acquire(struct ike_endpoint *endpoint, base_ns now, int peer,
                          const struct ike_flow *flow);

enum ike_peer_state {
    IKE_PEER_DOWN,
    IKE_PEER_CONNECTING,  /* IKE_SA_INIT or IKE_AUTH under way, either side */
    IKE_PEER_IKE_ONLY,    /* an IKE SA, and no child */
    IKE_PEER_ESTABLISHED, /* an IKE SA and a child */
};

struct ike_peer_info {
    const char *name;
    uint32_t reqid;
    enum ike_peer_state state;
    unsigned ike_sas, children;        /* up, old ones that wait for their delete not counted */
    unsigned ike_rekeys, child_rekeys; /* that succeeded, whoever asked, since the peer was added */
    bool has_ike;                      /* the fields below are of the newest IKE SA that is up */
    struct ike_keys_info ike;
    struct ike_path path;
    bool initiator;
    bool nat_local, nat_remote; /* a NAT in front of this end, of the peer */
    bool udp_encapsulation;
    bool mobike, fragmentation; /* both ends do it */
    base_ns established_at, rekey_at, expires_at;
};

/* False where there is no such peer. Key pointers are borrowed until the endpoint is next called. */
bool ike_endpoint_peer(const struct ike_endpoint *endpoint, int peer, struct ike_peer_info *out);

enum ike_child_state {
    IKE_CHILD_INSTALLED, /* in use */
    IKE_CHILD_REKEYED,   /* replaced; waits for its delete */
    IKE_CHILD_DELETING,  /* the delete was sent */
    IKE_CHILD_LINGERING, /* deleted; only the inbound SA is there, for packets under way */
};

/* A child SA: two ESP SAs. In an event all pointers are copies. */
struct ike_child_info {
    uint32_t spi_in, spi_out; /* as numbers, host order */
    uint32_t reqid;
    enum ike_child_state state;
    const struct crypto_encr *encr;
    const struct crypto_integ *integ; /* NULL with AEAD */
    const struct crypto_group *group; /* of its own Diffie-Hellman exchange; NULL: none */
    bool esn;
    bool udp_encapsulation;
    struct ike_path path;
    const struct ike_ts *local_ts, *remote_ts; /* negotiated */
    size_t local_ts_count, remote_ts_count;
    base_ns installed_at, rekey_at, expires_at;
};

/* The peer's child SAs, oldest first; false past the last. Pointers are borrowed until the endpoint is
 * next called. */
bool ike_endpoint_child(const struct ike_endpoint *endpoint, int peer, size_t index,
                        struct ike_child_info *out);

/* True when no exchange is under way, no task waits, no SA waits for its delete: what a run may end in. */
bool ike_endpoint_quiet(const struct ike_endpoint *endpoint);

/* What was counted since the start; for limits and tests. */
struct ike_endpoint_counts {
    size_t ike_sas, half_open;
    uint64_t datagrams_in, datagrams_out, dropped, retransmissions, duplicates_answered;
};
void ike_endpoint_count(const struct ike_endpoint *endpoint, struct ike_endpoint_counts *out);

#endif
