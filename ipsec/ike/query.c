/* What an endpoint says of itself; see endpoint.h. */
#include <utlist.h>

#include "ipsec/ike/engine.h"

static const struct ike_peer *peer_of(const struct ike_endpoint *endpoint, int number)
{
    if (number < 0 || (size_t)number >= endpoint->peer_count || endpoint->peers[number]->removed)
        return NULL;
    return endpoint->peers[number];
}

static void fill_ike(const struct ike_sa *sa, struct ike_peer_info *out)
{
    out->has_ike = true;
    ike_sa_keys_info(sa, &out->ike);
    out->path = sa->path;
    out->initiator = sa->initiator;
    out->nat_local = sa->nat.local;
    out->nat_remote = sa->nat.remote;
    out->udp_encapsulation = sa->nat.encapsulate;
    out->mobike = sa->mobike;
    out->fragmentation = sa->fragmentation;
    out->established_at = sa->established_at;
    out->rekey_at = sa->rekey_at;
    out->expires_at = sa->expires_at;
}

static enum ike_peer_state state_of(const struct ike_peer_info *info, bool connecting)
{
    if (info->children)
        return IKE_PEER_ESTABLISHED;
    if (info->ike_sas)
        return IKE_PEER_IKE_ONLY;
    return connecting ? IKE_PEER_CONNECTING : IKE_PEER_DOWN;
}

bool ike_endpoint_peer(const struct ike_endpoint *endpoint, int number, struct ike_peer_info *out)
{
    const struct ike_peer *peer = peer_of(endpoint, number);
    if (!peer)
        return false;
    *out = (struct ike_peer_info){.name = peer->name,
                                  .reqid = peer->config.reqid,
                                  .ike_rekeys = peer->ike_rekeys,
                                  .child_rekeys = peer->child_rekeys};
    bool connecting = false;
    const struct ike_sa *sa;
    const struct ike_child *child;
    DL_FOREACH(endpoint->sas, sa)
    {
        if (sa->peer != peer)
            continue;
        connecting |= ike_sa_is_connecting(sa);
        if (!ike_sa_is_up(sa))
            continue;
        out->ike_sas++;
        DL_FOREACH(sa->children, child)
        out->children += child->state == IKE_CHILD_INSTALLED;
        fill_ike(sa, out);
    }
    out->state = state_of(out, connecting);
    return true;
}

bool ike_endpoint_child(const struct ike_endpoint *endpoint, int number, size_t index,
                        struct ike_child_info *out)
{
    const struct ike_peer *peer = peer_of(endpoint, number);
    const struct ike_sa *sa;
    const struct ike_child *child;
    if (!peer)
        return false;
    DL_FOREACH(endpoint->sas, sa)
    {
        if (sa->peer != peer)
            continue;
        DL_FOREACH(sa->children, child)
        {
            if (index--)
                continue;
            ike_child_info(child, out);
            return true;
        }
    }
    return false;
}

static bool sa_is_quiet(const struct ike_sa *sa)
{
    const struct ike_child *child;
    DL_FOREACH(sa->children, child)
    if (child->state != IKE_CHILD_INSTALLED)
        return false;
    return !sa->active && !sa->tasks && sa->redundant_at == BASE_NEVER &&
           (sa->state == IKE_SA_ESTABLISHED || ike_sa_is_over(sa));
}

bool ike_endpoint_quiet(const struct ike_endpoint *endpoint)
{
    const struct ike_sa *sa;
    DL_FOREACH(endpoint->sas, sa)
    if (!sa_is_quiet(sa))
        return false;
    return true;
}

void ike_endpoint_count(const struct ike_endpoint *endpoint, struct ike_endpoint_counts *out)
{
    const struct ike_sa *sa;
    *out = endpoint->counts;
    out->datagrams_out = endpoint->outputs.datagrams;
    out->half_open = endpoint->half_open;
    out->ike_sas = 0;
    DL_FOREACH(endpoint->sas, sa)
    out->ike_sas += !ike_sa_is_over(sa);
}
