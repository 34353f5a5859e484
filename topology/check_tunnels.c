/*
 * The check of tunnels: each with the one that leads back. What fits is told by what a real pair of
 * gateways would do with it.
 */
#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "topology/check_internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One tunnel from either side; `there` was found for `here`. */
struct pair {
    const struct topo_vdc *vdc;
    const struct topo_tunnel *here;
    const struct topo_vdc *peer_vdc;
    const struct topo_tunnel *there;
};

static bool contains(const struct topo_cidr *list, size_t count, const struct net_prefix *prefix)
{
    for (size_t i = 0; i < count; i++)
        if (net_prefix_equal(&list[i].prefix, prefix))
            return true;
    return false;
}

static bool same_set(const struct topo_cidr *a, size_t a_count, const struct topo_cidr *b,
                     size_t b_count)
{
    for (size_t i = 0; i < a_count; i++)
        if (!contains(b, b_count, &a[i].prefix))
            return false;
    for (size_t i = 0; i < b_count; i++)
        if (!contains(a, a_count, &b[i].prefix))
            return false;
    return true;
}

static bool mirrors(const struct topo_tunnel *a, const struct topo_tunnel *b)
{
    return same_set(a->cloud, a->cloud_count, b->peer, b->peer_count) &&
           same_set(a->peer, a->peer_count, b->cloud, b->cloud_count);
}

const struct topo_tunnel *check_counterpart(const struct topo_vdc *from,
                                            const struct topo_tunnel *tunnel,
                                            const struct topo_vdc *vdc)
{
    const struct topo_tunnel *found = NULL;
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *back = &vdc->gateway.tunnels[i];
        if (!net_addr_equal(&back->remote_address, topo_gateway_outside(&from->gateway)))
            continue;
        if (mirrors(tunnel, back))
            return back;
        if (!found)
            found = back;
    }
    return found;
}

static void check_keys(const struct check *check, const struct pair *pair)
{
    const struct topo_tunnel *here = pair->here, *there = pair->there;
    if (here->psk && there->psk && strcmp(here->psk, there->psk) != 0)
        base_diagnostics_add(check->problems, BASE_WARNING, "keys-differ", here->psk_where,
                             "IKE_AUTH will end with AUTHENTICATION_FAILED until both are the same",
                             "the key of %s's tunnel '%s' is not that of %s's '%s' (%s)",
                             pair->vdc->gateway.node, here->name, pair->peer_vdc->gateway.node,
                             there->name, check_place(check, there->psk_where, here->psk_where));
}

static void check_identity(const struct check *check, const struct pair *pair,
                           const struct pair *back)
{
    const char *expected = pair->here->remote_id, *sent = back->here->local_id;
    if (!expected || !sent || !strcasecmp(expected, sent))
        return;
    base_diagnostics_add(
        check->problems, BASE_WARNING, "identities-differ", pair->here->remote_id_where,
        "remoteId here and localId there have to be the same",
        "%s expects its peer to be '%s', but %s calls itself '%s' (%s)", pair->vdc->gateway.node,
        expected, pair->peer_vdc->gateway.node, sent,
        check_place(check, back->here->local_id_where, pair->here->remote_id_where));
}

/* Whether the integrity algorithm has a say: in ESP an AEAD brings its own. */
static bool integrity_counts(const struct topo_proposal *a, const struct topo_proposal *b, bool ike)
{
    return ike || !(a->encryption && a->encryption->aead) ||
           !(b->encryption && b->encryption->aead);
}

static const char *what_comes_of_it(const struct pair *pair, bool ike, bool group_alone)
{
    bool strict = pair->vdc->gateway.behaviour.negotiation == TOPO_NEGOTIATION_STRICT;
    bool peer_strict = pair->peer_vdc->gateway.behaviour.negotiation == TOPO_NEGOTIATION_STRICT;
    if (!strict && !peer_strict)
        return "the two will negotiate the most secure that both have (negotiation: most-secure)";
    if (!strict || !peer_strict)
        return "one side is strict, so its algorithms will be chosen";
    if (ike)
        return "both sides are strict: no IKE SA will come up (NO_PROPOSAL_CHOSEN)";
    if (group_alone)
        return "both sides are strict: the tunnel comes up, and dies at its first rekey "
               "(NO_PROPOSAL_CHOSEN)";
    return "both sides are strict: no child SA will come up (NO_PROPOSAL_CHOSEN)";
}

static void check_proposal(const struct check *check, const struct pair *pair, const char *what,
                           const struct topo_proposal *a, const struct topo_proposal *b)
{
    bool ike = !strcmp(what, "ike");
    bool group = a->group == b->group;
    bool encryption = a->encryption == b->encryption;
    bool integrity = a->integrity == b->integrity || !integrity_counts(a, b, ike);
    if (!a->group || !b->group || !a->encryption || !b->encryption || !a->integrity ||
        !b->integrity || (group && encryption && integrity))
        return;
    base_diagnostics_add(check->problems, BASE_WARNING, "algorithms-differ", a->where,
                         what_comes_of_it(pair, ike, encryption && integrity),
                         "%s of tunnel '%s' is %s, %s, %s, but %s's '%s' (%s) has %s, %s, %s", what,
                         pair->here->name, a->group->product_name, a->encryption->product_name,
                         a->integrity->product_name, pair->peer_vdc->gateway.node,
                         pair->there->name, check_place(check, b->where, a->where),
                         b->group->product_name, b->encryption->product_name,
                         b->integrity->product_name);
}

static const struct topo_cidr *find_any(const struct topo_tunnel *tunnel)
{
    for (size_t i = 0; i < tunnel->cloud_count; i++)
        if (check_is_any(&tunnel->cloud[i].prefix))
            return &tunnel->cloud[i];
    for (size_t i = 0; i < tunnel->peer_count; i++)
        if (check_is_any(&tunnel->peer[i].prefix))
            return &tunnel->peer[i];
    return NULL;
}

static void check_any(const struct check *check, const struct pair *pair)
{
    const struct topo_cidr *here = find_any(pair->here), *there = find_any(pair->there);
    char text[NET_PREFIX_TEXT_MAX];
    if (!here || !there)
        return;
    base_diagnostics_add(check->problems, BASE_WARNING, "both-sides-any", here->where,
                         "on both gateways it results in broken routing: let one side name its "
                         "networks",
                         "%s stands in tunnel '%s' and in %s's '%s' (%s)",
                         net_prefix_format(&here->prefix, text), pair->here->name,
                         pair->peer_vdc->gateway.node, pair->there->name,
                         check_place(check, there->where, here->where));
}

static char *list_text(const struct topo_cidr *list, size_t count)
{
    char *text = base_strdup("");
    for (size_t i = 0; i < count; i++) {
        char one[NET_PREFIX_TEXT_MAX];
        char *longer =
            base_printf("%s%s%s", text, i ? ", " : "", net_prefix_format(&list[i].prefix, one));
        free(text);
        text = longer;
    }
    return text;
}

/* What `pair`'s side calls the peer's networks against what the peer calls its own. */
static void check_mirror(const struct check *check, const struct pair *pair)
{
    const struct topo_tunnel *here = pair->here, *there = pair->there;
    if (same_set(here->peer, here->peer_count, there->cloud, there->cloud_count))
        return;
    char *ours = list_text(here->peer, here->peer_count);
    char *theirs = list_text(there->cloud, there->cloud_count);
    base_diagnostics_add(check->problems, BASE_WARNING, "selectors-do-not-mirror", here->peer_where,
                         "only what both sides name is carried (TS_UNACCEPTABLE where that is "
                         "nothing)",
                         "peerNetworkCIDRs of tunnel '%s' (%s) are not the cloudNetworkCIDRs of "
                         "%s's '%s' (%s, %s)",
                         here->name, ours, pair->peer_vdc->gateway.node, there->name, theirs,
                         check_place(check, there->cloud_where, here->peer_where));
    free(ours);
    free(theirs);
}

static void check_pair(const struct check *check, const struct pair *pair)
{
    struct pair back = {pair->peer_vdc, pair->there, pair->vdc, pair->here};
    check_keys(check, pair);
    check_identity(check, pair, &back);
    check_identity(check, &back, pair);
    check_proposal(check, pair, "ike", &pair->here->ike, &pair->there->ike);
    check_proposal(check, pair, "esp", &pair->here->esp, &pair->there->esp);
    check_any(check, pair);
    check_mirror(check, pair);
    check_mirror(check, &back);
}

/* Charon finds its source address, and so its route, by the selector: with none there is no route
 * (and no child SA route-based). */
static void check_cloud(const struct check *check, const struct topo_vdc *vdc,
                        const struct topo_tunnel *tunnel)
{
    const struct topo_gateway *gateway = &vdc->gateway;
    for (size_t i = 0; i < tunnel->cloud_count; i++)
        for (size_t j = 0; j < gateway->connection_count; j++)
            if (net_prefix_contains(&tunnel->cloud[i].prefix, &gateway->connections[j].ipv4.addr))
                return;
    if (tunnel->cloud_count)
        base_diagnostics_add(check->problems, BASE_WARNING, "gateway-outside-cloud-networks",
                             tunnel->cloud_where,
                             "the gateway then installs no route for the peer's networks",
                             "%s has no LAN address inside the cloudNetworkCIDRs of tunnel '%s'",
                             gateway->node, tunnel->name);
}

static void check_overlap(const struct check *check, const struct topo_tunnel *a,
                          const struct topo_tunnel *b)
{
    for (size_t i = 0; i < b->peer_count; i++)
        for (size_t j = 0; j < a->peer_count; j++) {
            const struct net_prefix *one = &b->peer[i].prefix, *other = &a->peer[j].prefix;
            char text[NET_PREFIX_TEXT_MAX], other_text[NET_PREFIX_TEXT_MAX];
            if (check_is_any(one) || check_is_any(other) || !net_prefix_overlaps(one, other))
                continue;
            base_diagnostics_add(check->problems, BASE_WARNING, "overlapping-peer-networks",
                                 b->peer[i].where, "one of the two tunnels will not be used for it",
                                 "%s of tunnel '%s' overlaps %s of tunnel '%s' (%s)",
                                 net_prefix_format(one, text), b->name,
                                 net_prefix_format(other, other_text), a->name,
                                 check_place(check, a->peer[j].where, b->peer[i].where));
        }
}

/* The tunnel and its way back: each pair is looked at once, from the side that the file names first. */
static void check_tunnel(const struct check *check, const struct topo_vdc *vdc,
                         const struct topo_tunnel *tunnel)
{
    struct pair pair = {.vdc = vdc, .here = tunnel};
    char text[NET_ADDR_TEXT_MAX];
    net_addr_format(&tunnel->remote_address, text);
    pair.peer_vdc = check_vdc_at(check, &tunnel->remote_address);
    if (!pair.peer_vdc) {
        base_diagnostics_add(check->problems, BASE_WARNING, "no-such-peer",
                             tunnel->remote_host_where, "no gateway will answer",
                             "no gateway of this scenario has the remoteHost %s of tunnel '%s'",
                             tunnel->remote_host, tunnel->name);
        return;
    }
    if (pair.peer_vdc == vdc) {
        base_diagnostics_add(check->problems, BASE_WARNING, "tunnel-to-itself",
                             tunnel->remote_host_where, "remoteHost is the peer's public address",
                             "remoteHost %s of tunnel '%s' is the gateway's own address", text,
                             tunnel->name);
        return;
    }
    pair.there = check_counterpart(vdc, tunnel, pair.peer_vdc);
    if (!pair.there) {
        char own[NET_ADDR_TEXT_MAX];
        base_diagnostics_add(
            check->problems, BASE_WARNING, "no-tunnel-back", tunnel->remote_host_where,
            "the peer will refuse; it needs a tunnel of its own",
            "%s has no tunnel back to %s for tunnel '%s'", pair.peer_vdc->gateway.node,
            net_addr_format(topo_gateway_outside(&vdc->gateway), own), tunnel->name);
        return;
    }
    if (vdc < pair.peer_vdc || check_counterpart(pair.peer_vdc, pair.there, vdc) != tunnel)
        check_pair(check, &pair);
}

void check_tunnels(const struct check *check)
{
    for (size_t i = 0; i < check->model->vdc_count; i++) {
        const struct topo_vdc *vdc = &check->model->vdcs[i];
        for (size_t j = 0; j < vdc->gateway.tunnel_count; j++) {
            const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[j];
            if (tunnel->remote_address.family)
                check_tunnel(check, vdc, tunnel);
            check_cloud(check, vdc, tunnel);
            for (size_t k = 0; k < j; k++)
                check_overlap(check, &vdc->gateway.tunnels[k], tunnel);
        }
    }
}
