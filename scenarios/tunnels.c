/* The newest IKE SA and the newest child SA of each tunnel speak for it. */
#include "scenarios/tunnels.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/ts.h"

enum scn_tunnel_state scn_tunnel_state_of(const struct ike_peer_info *info)
{
    switch (info->state) {
    case IKE_PEER_ESTABLISHED:
        return SCN_TUNNEL_ESTABLISHED;
    case IKE_PEER_CONNECTING:
        return SCN_TUNNEL_CONNECTING;
    case IKE_PEER_IKE_ONLY:
    case IKE_PEER_DOWN:
        return SCN_TUNNEL_DOWN;
    }
    abort();
}

static char *selectors_text(const struct ike_ts *selectors, size_t count)
{
    char *text = base_strdup("");
    for (size_t i = 0; i < count; i++) {
        char one[IKE_TS_TEXT_MAX];
        char *longer =
            base_printf("%s%s%s", text, i ? ", " : "", ike_ts_format(&selectors[i], one));
        free(text);
        text = longer;
    }
    return text;
}

static void read_ike(const struct ike_keys_info *keys, struct scn_tunnel_result *out)
{
    out->ike_encryption = keys->encr->proposal_name;
    out->ike_integrity = keys->integ ? keys->integ->proposal_name : NULL;
    out->ike_prf = keys->prf->proposal_name;
    out->ike_group = keys->group->proposal_name;
    out->ike = *keys;
    out->ike.sk_ei = out->ike.sk_er = out->ike.sk_ai = out->ike.sk_ar = NULL;
}

static void read_child(const struct ike_child_info *child, struct scn_tunnel_result *out)
{
    free(out->local_selectors);
    free(out->remote_selectors);
    out->has_child = true;
    out->esp_encr = child->encr;
    out->esp_integ = child->integ;
    out->esp_dh = child->group;
    out->esp_encryption = child->encr->proposal_name;
    out->esp_integrity = child->integ ? child->integ->proposal_name : NULL;
    out->esp_group = child->group ? child->group->proposal_name : NULL;
    out->esn = child->esn;
    out->encapsulated = child->udp_encapsulation;
    out->local_selectors = selectors_text(child->local_ts, child->local_ts_count);
    out->remote_selectors = selectors_text(child->remote_ts, child->remote_ts_count);
}

void scn_tunnel_read(struct topo_world *world, const char *gateway, const char *tunnel,
                     struct scn_tunnel_result *out)
{
    struct topo_engine *engine = topo_world_engine(world, gateway);
    int peer = engine->ops->peer_number(engine, tunnel);
    struct ike_peer_info info;
    struct ike_child_info child;
    *out = (struct scn_tunnel_result){.gateway = gateway, .name = tunnel, .state = SCN_TUNNEL_DOWN};
    if (engine->data_plane) {
        out->engine = engine->ops->name;
        out->data_plane = engine->data_plane;
    }
    if (!engine->ops->running(engine) || !engine->ops->peer(engine, peer, &info))
        return;
    out->state = scn_tunnel_state_of(&info);
    out->ike_rekeys = info.ike_rekeys;
    out->child_rekeys = info.child_rekeys;
    out->child_sas = info.children;
    out->has_ike = info.has_ike;
    if (info.has_ike)
        read_ike(&info.ike, out);
    for (size_t i = 0; engine->ops->child(engine, peer, i, &child); i++) {
        if (child.state == IKE_CHILD_INSTALLED)
            read_child(&child, out);
    }
}

bool scn_tunnels_are_known(const struct topo_gateway *gateway)
{
    return gateway->behaviour.engine != TOPO_ENGINE_EXTERNAL;
}

void scn_tunnels_collect(struct topo_world *world, const struct topo_model *model,
                         struct scn_result *result)
{
    size_t capacity = 0;
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_gateway *gateway = &model->vdcs[i].gateway;
        if (!scn_tunnels_are_known(gateway))
            continue;
        for (size_t j = 0; j < gateway->tunnel_count; j++) {
            result->tunnels = base_grow(result->tunnels, result->tunnel_count, &capacity,
                                        sizeof(*result->tunnels));
            scn_tunnel_read(world, gateway->node, gateway->tunnels[j].name,
                            &result->tunnels[result->tunnel_count++]);
        }
    }
}
