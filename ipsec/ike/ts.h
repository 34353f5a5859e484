/*
 * Traffic selectors, RFC 7296 3.13 and 2.9: ranges of addresses with protocol and ports; reading,
 * writing, narrowing, comparing, printing.
 */
#ifndef IKE_TS_H
#define IKE_TS_H

#include "ipsec/ike/builder.h"
#include "net/addr.h"
#include "net/prefix.h"

#define IKE_TS_MAX 64 /* selectors in a list */
#define IKE_TS_TEXT_MAX (2 * NET_ADDR_TEXT_MAX + 32)

struct ike_ts {
    struct net_addr low; /* of one family; low <= high */
    struct net_addr high;
    uint8_t protocol;  /* 0: any */
    uint16_t port_low; /* 0 to 65535: any. 65535 to 0: OPAQUE. For ICMP type << 8 | code (3.13.1) */
    uint16_t port_high;
};

struct ike_ts_list {
    struct ike_ts items[IKE_TS_MAX];
    size_t count;
};

/* All addresses of a prefix (host bits do not matter), any protocol, any port. */
struct ike_ts ike_ts_from_prefix(const struct net_prefix *prefix);
/*
 * One address with protocol and port (0: any): the selector of a packet that triggers an SA (RFC
 * 7296 2.9).
 */
struct ike_ts ike_ts_from_flow(const struct net_addr *addr, uint8_t protocol, uint16_t port);
/* True, and the prefix, when the range is exactly one; ports and protocol are not looked at. */
bool ike_ts_to_prefix(const struct ike_ts *ts, struct net_prefix *out);

bool ike_ts_equal(const struct ike_ts *a, const struct ike_ts *b);
/*
 * For qsort: by family, lower start first, then the larger network, protocol, lower ports first. charon
 * (traffic_selector_cmp) installs and lists what was negotiated in that order.
 */
int ike_ts_compare(const void *a, const void *b);
/* Whether all of `inner` is in `outer`. */
bool ike_ts_contains(const struct ike_ts *outer, const struct ike_ts *inner);
bool ike_ts_contains_addr(const struct ike_ts *ts, const struct net_addr *addr);
/* What both have in common; false when nothing. */
bool ike_ts_intersect(const struct ike_ts *a, const struct ike_ts *b, struct ike_ts *out);

/*
 * Adds a selector unless one in the list contains it; removes those which it contains. False when
 * the list is full.
 */
bool ike_ts_list_add(struct ike_ts_list *list, const struct ike_ts *ts);
bool ike_ts_list_equal(const struct ike_ts_list *a, const struct ike_ts_list *b);
/* Whether each selector of `inner` is contained in one of `outer`. */
bool ike_ts_list_contains(const struct ike_ts_list *outer, const struct ike_ts_list *inner);

/*
 * Narrows what the peer proposes to what is configured (RFC 7296 2.9): every intersection, in the
 * order of `configured`, none contained in another. An empty result is TS_UNACCEPTABLE; more than
 * fit are left out. *out may be neither of the two.
 */
enum ike_wire_status ike_ts_narrow(const struct ike_ts_list *configured,
                                   const struct ike_ts_list *proposed, struct ike_ts_list *out)
    __attribute__((warn_unused_result));

/*
 * Reads a TSi or TSr body. SYNTAX: lengths or the count disagree, a range starts behind its end,
 * no selector at all. A selector of an unknown type is skipped by its length; when all were of
 * such types the list is empty and the status OK. LIMIT past IKE_TS_MAX.
 */
enum ike_wire_status ike_ts_read(struct ike_ts_list *out, const struct ike_payload *payload)
    __attribute__((warn_unused_result));

/* `type` is IKE_PAYLOAD_TSI or IKE_PAYLOAD_TSR. */
void ike_write_ts(struct ike_builder *b, uint8_t type, const struct ike_ts_list *list);

/*
 * "192.168.1.0/24", a range that is no prefix "10.0.0.5..10.0.0.9", with protocol or ports
 * "10.0.0.1/32[tcp/80]", "…[udp/1000-2000]", "…[icmp/8]", as strongSwan prints them, but ports
 * always as numbers. Returns `out` of IKE_TS_TEXT_MAX octets.
 */
const char *ike_ts_format(const struct ike_ts *ts, char *out);
/*
 * The list's selectors with a space between, cut with "..." where `size` octets do not do. Returns
 * `out`.
 */
const char *ike_ts_list_format(const struct ike_ts_list *list, char *out, size_t size);

#endif
