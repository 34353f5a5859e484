/*
 * Putting IPv4 packets together again, as ip_fragment.c of Linux 6.1 does: thirty seconds from the
 * first fragment that came, a limit on memory for all, and no overlaps: they end the whole packet.
 */
#include <stdlib.h>

#include <utlist.h>

#include "base/bytes.h"
#include "base/map.h"
#include "base/mem.h"
#include "net/frag.h"

struct piece {
    struct piece *next; /* by offset */
    size_t offset, end; /* bytes of the payload */
    uint64_t id;
    size_t header_size;
    uint8_t bytes[]; /* header and payload */
};

struct partial {
    net_ip4 src, dst; /* with id and protocol, what makes fragments one packet's */
    uint16_t id;
    uint8_t protocol;
    struct partial *same_key; /* another one with the same number in the map */
    struct piece *pieces;
    size_t held;    /* payload bytes of all pieces */
    size_t end;     /* of the payload, as far as known */
    bool end_known; /* the last fragment came */
    size_t largest, largest_with_df;
    uint8_t ecn_seen; /* bit n: codepoint n */
    base_ns deadline;
    struct partial *prev, *next; /* by deadline, which is the order of making */
};

struct net_reassembly {
    struct base_map by_key;
    struct partial *oldest;
    size_t memory;  /* of all pieces */
    uint8_t *whole; /* the packet given out last */
    size_t whole_capacity;
};

struct net_reassembly *net_reassembly_new(void)
{
    return base_alloc(sizeof(struct net_reassembly));
}

/* 96 bits into 64: two packets may have the same number, rarely. */
static uint64_t key_of(net_ip4 src, net_ip4 dst, uint16_t id, uint8_t protocol)
{
    return (uint64_t)(src ^ (uint32_t)protocol << 24) << 32 | (dst ^ (uint32_t)id << 16 ^ id);
}

static void forget(struct net_reassembly *r, struct partial *partial)
{
    uint64_t key = key_of(partial->src, partial->dst, partial->id, partial->protocol);
    struct partial *first = base_map_remove(&r->by_key, key);
    LL_DELETE2(first, partial, same_key);
    if (first)
        base_map_put(&r->by_key, key, first);
    DL_DELETE(r->oldest, partial);
}

static void drop_partial(struct net_reassembly *r, struct partial *partial)
{
    struct piece *piece, *next;
    LL_FOREACH_SAFE(partial->pieces, piece, next)
    {
        r->memory -= sizeof(*piece) + piece->header_size + piece->end - piece->offset;
        free(piece);
    }
    forget(r, partial);
    free(partial);
}

void net_reassembly_free(struct net_reassembly *r)
{
    if (!r)
        return;
    while (r->oldest)
        drop_partial(r, r->oldest);
    base_map_fini(&r->by_key);
    free(r->whole);
    free(r);
}

static struct partial *partial_of(struct net_reassembly *r, base_ns now, const struct net_ipv4 *ip)
{
    uint64_t key = key_of(ip->src, ip->dst, ip->id, ip->protocol);
    struct partial *first = base_map_get(&r->by_key, key);
    for (struct partial *p = first; p; p = p->same_key)
        if (p->src == ip->src && p->dst == ip->dst && p->id == ip->id &&
            p->protocol == ip->protocol)
            return p;
    struct partial *made = base_alloc(sizeof(*made));
    made->src = ip->src;
    made->dst = ip->dst;
    made->id = ip->id;
    made->protocol = ip->protocol;
    made->same_key = first;
    made->deadline = base_ns_add(now, NET_REASSEMBLY_TIMEOUT_S * BASE_S);
    base_map_put(&r->by_key, key, made);
    DL_APPEND(r->oldest, made);
    return made;
}

/* Whether sizes agree with what is known of the end; takes note of what this fragment says. */
static bool note_end(struct partial *partial, size_t end, bool last)
{
    if (last) {
        if (end < partial->end || (partial->end_known && end != partial->end))
            return false;
        partial->end_known = true;
    } else if (end > partial->end && partial->end_known) {
        return false;
    }
    if (end > partial->end)
        partial->end = end;
    return true;
}

/* How [offset, end) lies to what is held: HELD free, REPEATED inside it, OVERLAP in part. */
static enum net_reassembly_status placement(const struct partial *partial, size_t offset,
                                            size_t end)
{
    for (const struct piece *piece = partial->pieces; piece; piece = piece->next) {
        size_t run_end = piece->end;
        if (end <= piece->offset)
            return NET_REASSEMBLY_HELD;
        if (offset >= piece->end)
            continue;
        for (const struct piece *on = piece->next; on && on->offset == run_end; on = on->next)
            run_end = on->end;
        return offset >= piece->offset && end <= run_end ? NET_REASSEMBLY_REPEATED
                                                         : NET_REASSEMBLY_OVERLAP;
    }
    return NET_REASSEMBLY_HELD;
}

static int by_offset(const struct piece *a, const struct piece *b)
{
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static void keep(struct net_reassembly *r, struct partial *partial, const struct net_ipv4 *ip,
                 const uint8_t *fragment, size_t end, uint64_t id)
{
    size_t size = ip->header_size + end - ip->fragment_offset;
    struct piece *piece = base_alloc(sizeof(*piece) + size);
    piece->offset = ip->fragment_offset;
    piece->end = end;
    piece->id = id;
    piece->header_size = ip->header_size;
    memcpy(piece->bytes, fragment, size);
    LL_INSERT_INORDER(partial->pieces, piece, by_offset);
    partial->held += end - ip->fragment_offset;
    partial->ecn_seen |= (uint8_t)(1u << (ip->tos & 3));
    if (ip->total_size > partial->largest)
        partial->largest = ip->total_size;
    if (ip->dont_fragment && ip->total_size > partial->largest_with_df)
        partial->largest_with_df = ip->total_size;
    r->memory += sizeof(*piece) + size;
}

/* The ECN codepoint of the whole by RFC 3168, 5.3; false where fragments contradict each other. */
static bool merge_ecn(uint8_t seen, uint8_t *ecn)
{
    enum {
        NOT_ECT = 1 << 0,
        CE = 1 << 3
    };
    if ((seen & NOT_ECT) && seen != NOT_ECT)
        return false;
    *ecn = seen != CE && (seen & CE) ? 3 : 0;
    return true;
}

static bool assemble(struct net_reassembly *r, const struct partial *partial,
                     struct net_reassembly_packet *whole)
{
    const struct piece *first = partial->pieces;
    size_t size = first->header_size + partial->end;
    uint8_t ecn;
    if (size > NET_IPV4_TOTAL_MAX || !merge_ecn(partial->ecn_seen, &ecn))
        return false;
    if (size > r->whole_capacity) {
        free(r->whole);
        r->whole = base_alloc(size);
        r->whole_capacity = size;
    }
    memcpy(r->whole, first->bytes, first->header_size);
    for (const struct piece *piece = first; piece; piece = piece->next)
        memcpy(r->whole + first->header_size + piece->offset, piece->bytes + piece->header_size,
               piece->end - piece->offset);
    bool df = partial->largest_with_df == partial->largest;
    r->whole[1] |= ecn;
    base_put_be(r->whole + 2, size, 2);
    base_put_be(r->whole + 6, df ? NET_IPV4_DF : 0, 2);
    net_ipv4_seal(r->whole);
    *whole = (struct net_reassembly_packet){r->whole, size, first->id};
    return true;
}

enum net_reassembly_status net_reassembly_add(struct net_reassembly *r, base_ns now,
                                              const uint8_t *fragment, uint64_t id,
                                              struct net_reassembly_packet *whole)
{
    struct net_ipv4 ip;
    if (net_ipv4_read(&ip, fragment, net_ipv4_total_size(fragment)) != NET_IPV4_OK)
        return NET_REASSEMBLY_BAD;
    if (r->memory > NET_REASSEMBLY_MEMORY_MAX)
        return NET_REASSEMBLY_FULL;
    struct partial *partial = partial_of(r, now, &ip);
    size_t end = ip.fragment_offset + (size_t)(ip.total_size - ip.header_size);
    if (ip.more_fragments)
        end &= ~(size_t)7; /* as Linux: what is over a multiple of 8 is cut off */
    enum net_reassembly_status status = NET_REASSEMBLY_BAD;
    if (end > ip.fragment_offset && note_end(partial, end, !ip.more_fragments))
        status = placement(partial, ip.fragment_offset, end);
    if (status == NET_REASSEMBLY_HELD)
        keep(r, partial, &ip, fragment, end, id);
    if (status == NET_REASSEMBLY_HELD && partial->end_known && partial->held == partial->end)
        status = assemble(r, partial, whole) ? NET_REASSEMBLY_DONE : NET_REASSEMBLY_BAD;
    if (status != NET_REASSEMBLY_HELD && status != NET_REASSEMBLY_REPEATED)
        drop_partial(r, partial);
    return status;
}

base_ns net_reassembly_deadline(const struct net_reassembly *r)
{
    return r->oldest ? r->oldest->deadline : BASE_NEVER;
}

bool net_reassembly_expire(struct net_reassembly *r, base_ns now,
                           struct net_reassembly_packet *first)
{
    struct partial *partial = r->oldest;
    if (!partial || partial->deadline > now)
        return false;
    const struct piece *piece = partial->pieces;
    *first = (struct net_reassembly_packet){0};
    if (piece && piece->offset == 0) {
        size_t size = piece->header_size + piece->end;
        free(r->whole);
        r->whole = base_alloc(size);
        r->whole_capacity = size;
        memcpy(r->whole, piece->bytes, size);
        base_put_be(r->whole + 2, size, 2);
        net_ipv4_seal(r->whole);
        *first = (struct net_reassembly_packet){r->whole, size, piece->id};
    }
    drop_partial(r, partial);
    return true;
}
