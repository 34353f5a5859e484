/*
 * Remedies that take several settings: what they change is worked out on the model, so that a program (or a
 * reader) can apply it as it stands. Each is a list of `--set` values parted by line ends.
 */
#include "diagnose/remedy.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ipsec/crypto/algorithm.h"

void diag_remedy_add(const struct diag_case *c, const char **sets, const char *set)
{
    *sets = diag_join(c, *sets, "\n", set);
}

const char *diag_remedy_both(const struct diag_case *c, const struct topo_vdc *one,
                             const struct topo_vdc *other, const char *field, const char *value)
{
    return diag_join(c, diag_set_gateway(c, one, field, value), "\n",
                     diag_set_gateway(c, other, field, value));
}

const char *diag_quote(const struct diag_case *c, const char *text)
{
    const char *quoted = "";
    while (*text) {
        size_t size = strcspn(text, "'");
        quoted = base_arena_printf(&c->out->arena, "%s%.*s%s", quoted, (int)size, text,
                                   text[size] ? "''" : "");
        text += size + (text[size] != '\0');
    }
    return base_arena_printf(&c->out->arena, "'%s'", quoted);
}

const char *diag_scalar(const struct diag_case *c, const char *text)
{
    bool plain = isalnum((unsigned char)*text) && strcasecmp(text, "null") != 0;
    for (const char *at = text; plain && *at; at++)
        plain = isalnum((unsigned char)*at) || strchr("._-@", *at);
    return plain ? text : diag_quote(c, text);
}

/* ---- Changes ---- */

bool diag_in_change(const struct diag_case *c, struct base_where where)
{
    const struct diag_standing *standing = c->standing;
    return standing && where.file && standing->where.file &&
           strcmp(where.file, standing->where.file) == 0 && where.line >= standing->where.line;
}

/* The next key of a path, which ends at '='; false: there is none. A key in quotes may hold dots. */
static bool next_key(const char **path, const char **key, size_t *size)
{
    const char *at = *path;
    if (!*at || *at == '=' || *at == '\n')
        return false;
    bool quoted = *at == '"';
    at += quoted;
    *key = at;
    *size = strcspn(at, quoted ? "\"" : ".=");
    at += *size + quoted;
    *path = at + (*at == '.');
    return true;
}

/* Whether the path is the pattern's or leads below it; `*` is any key. */
static bool is_below(const char *path, const char *pattern)
{
    const char *want, *have;
    size_t want_size, have_size;
    while (next_key(&pattern, &want, &want_size)) {
        bool any = want_size == 1 && *want == '*';
        if (!next_key(&path, &have, &have_size) ||
            (!any && (have_size != want_size || memcmp(have, want, have_size) != 0)))
            return false;
    }
    return true;
}

/* What no change can change. */
static bool is_fixed(const char *set)
{
    static const char *const FIXED[] = {
        "vdcs.*.lans",
        "vdcs.*.hosts.*.address",
        "vdcs.*.gateway.connections",
        "vdcs.*.gateway.behaviour.vpn",
        "vdcs.*.gateway.behaviour.bypassLan",
        "internet.subnet",
    };
    for (size_t i = 0; i < sizeof(FIXED) / sizeof(FIXED[0]); i++) {
        if (is_below(set, FIXED[i]))
            return true;
    }
    return false;
}

static bool any_fixed(const char *sets)
{
    for (const char *line = sets; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (is_fixed(line))
            return true;
    }
    return false;
}

const char *diag_remedy_in_change(const struct diag_case *c, const char *sets)
{
    const char *text = "";
    if (!c->standing || !sets)
        return sets;
    bool fixed =
        any_fixed(sets); /* with it all else counts from the beginning, and after the change too */
    for (const char *line = sets; *line; line += *line == '\n') {
        size_t size = strcspn(line, "\n");
        const char *set = base_arena_printf(&c->out->arena, "%.*s", (int)size, line);
        if (fixed)
            diag_remedy_add(c, &text, set);
        if (!is_fixed(set))
            diag_remedy_add(
                c, &text,
                base_arena_printf(&c->out->arena, "steps.%zu.change.%s", c->standing->step, set));
        line += size;
    }
    return text;
}

const char *diag_remedy_proposed(const struct diag_case *c, const char *path)
{
    path = diag_remedy_in_change(c, path);
    size_t size = strlen(path);
    for (size_t i = c->out->cause_count; i-- > 0;) {
        const char *line = c->out->causes[i].set, *found = NULL;
        for (; line && *line; line += strcspn(line, "\n"), line += *line == '\n') {
            if (strncmp(line, path, size) == 0)
                found = base_arena_printf(&c->out->arena, "%.*s", (int)strcspn(line + size, "\n"),
                                          line + size);
        }
        if (found)
            return found;
    }
    return NULL;
}

/* ---- Addresses ---- */

static bool is_taken(const struct topo_vdc *vdc, net_ip4 address)
{
    for (size_t i = 0; i < vdc->host_count; i++) {
        if (net_addr_ip4(&vdc->hosts[i].address) == address)
            return true;
    }
    for (size_t i = 0; i < vdc->gateway.connection_count; i++) {
        if (net_addr_ip4(&vdc->gateway.connections[i].ipv4.addr) == address)
            return true;
    }
    return false;
}

/* The first address of the LAN from its number `from` on that nobody has, or from 1 on; 0: none. */
static net_ip4 free_address(const struct topo_vdc *vdc, const struct topo_lan *lan, unsigned from)
{
    net_ip4 network = net_addr_ip4(&lan->subnet.addr);
    net_ip4 last = network | ~net_ip4_mask(lan->subnet.length);
    for (net_ip4 address = network + from; address < last && address >= network; address++) {
        if (!is_taken(vdc, address))
            return address;
    }
    return from > 1 ? free_address(vdc, lan, 1) : 0;
}

net_ip4 diag_remedy_free_address(const struct topo_vdc *vdc, const struct topo_lan *lan)
{
    net_ip4 network = net_addr_ip4(&lan->subnet.addr);
    unsigned from = lan->has_pool ? net_addr_ip4(&lan->pool_first) - network : 10;
    return free_address(vdc, lan, from);
}

const char *diag_remedy_address(const struct diag_case *c, const struct topo_vdc *vdc,
                                const struct topo_host *host, net_ip4 address)
{
    const char *text = diag_ip(c, address);
    if (host->prefix_length)
        text = base_arena_printf(&c->out->arena, "%s/%u", text, host->prefix_length);
    return base_arena_printf(&c->out->arena, "vdcs.%s.hosts.%s.address=%s", diag_key(c, vdc->name),
                             diag_key(c, host->name), text);
}

/* ---- A gateway's place in a LAN ---- */

/* A connection to another LAN whose address belongs to this one; NULL: none. */
static const struct topo_connection *misplaced(const struct topo_vdc *vdc,
                                               const struct topo_lan *lan)
{
    for (size_t i = 0; i < vdc->gateway.connection_count; i++) {
        const struct topo_connection *one = &vdc->gateway.connections[i];
        const struct topo_lan *there = topo_find_lan(vdc, one->lan);
        if (one->lan != lan->id && net_prefix_contains(&lan->subnet, &one->ipv4.addr) &&
            (!there || !net_prefix_contains(&there->subnet, &one->ipv4.addr)))
            return one;
    }
    return NULL;
}

net_ip4 diag_remedy_gateway_address(const struct topo_vdc *vdc, const struct topo_lan *lan)
{
    const struct topo_connection *moved = misplaced(vdc, lan);
    net_ip4 usual = net_addr_ip4(&lan->subnet.addr) + 5;
    if (moved)
        return net_addr_ip4(&moved->ipv4.addr);
    bool fits = lan->subnet.length < 30 && !is_taken(vdc, usual);
    return fits ? usual : free_address(vdc, lan, 2);
}

/* The LAN that a connection is to have: its own, or where it was wrong the one that its address is of. */
static uint32_t lan_for(const struct topo_vdc *vdc, const struct topo_connection *one)
{
    const struct topo_lan *lan = topo_find_lan(vdc, one->lan);
    const struct topo_lan *other = diag_lan_of(vdc, net_addr_ip4(&one->ipv4.addr));
    return lan && !net_prefix_contains(&lan->subnet, &one->ipv4.addr) && other ? other->id
                                                                               : one->lan;
}

const char *diag_remedy_connect(const struct diag_case *c, const struct topo_vdc *vdc,
                                const struct topo_lan *lan, net_ip4 address)
{
    struct base_arena *arena = &c->out->arena;
    const char *list = "";
    const struct topo_gateway *gateway = &vdc->gateway;
    for (size_t i = 0; i < gateway->connection_count; i++) {
        const struct topo_connection *one = &gateway->connections[i];
        uint32_t id = lan_for(vdc, one);
        if (id != lan->id)
            list = base_arena_printf(arena, "%s{lanId: \"%u\", ipv4CIDR: %s}, ", list, id,
                                     diag_net(c, &one->ipv4));
    }
    list = base_arena_printf(arena, "[%s{lanId: \"%u\", ipv4CIDR: %s/%u}]", list, lan->id,
                             diag_ip(c, address), lan->subnet.length);
    return diag_set_gateway(c, vdc, "connections", list);
}

/* ---- Keys ---- */

static const char *key_in(const struct topo_model *model, const struct topo_vdc *vdc,
                          const struct topo_tunnel *tunnel)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        if (strcmp(model->vdcs[i].name, vdc->name) != 0)
            continue;
        const struct topo_tunnel *found = topo_find_tunnel(&model->vdcs[i].gateway, tunnel->name);
        return found && found->psk ? found->psk : "";
    }
    return "";
}

/* "steps.3.change." where the key was written by that step, the latest one that changed it; else "". */
static const char *key_writer(const struct diag_case *c, const struct topo_vdc *vdc,
                              const struct topo_tunnel *tunnel)
{
    const char *writer = "", *key = key_in(c->given->model, vdc, tunnel);
    for (size_t i = 0; c->standing && i < c->given->standing_count; i++) {
        const struct diag_standing *standing = &c->given->standings[i];
        const char *then = key_in(standing->model, vdc, tunnel);
        if (strcmp(then, key) != 0)
            writer = base_arena_printf(&c->out->arena, "steps.%zu.change.", standing->step);
        key = then;
        if (standing == c->standing)
            break;
    }
    return writer;
}

const char *diag_remedy_key(const struct diag_case *c, const struct topo_vdc *vdc,
                            const struct topo_tunnel *tunnel, const struct topo_vdc *from,
                            const struct topo_tunnel *as)
{
    const char *place =
        base_arena_printf(&c->out->arena, "@%svdcs.%s.gateway.tunnels.%s.auth.psk.key",
                          key_writer(c, from, as), diag_key(c, from->name), diag_key(c, as->name));
    return diag_set_tunnel(c, vdc, tunnel, "auth.psk.key", place);
}

/* ---- The other half of a tunnel ---- */

/* A name that no tunnel of the gateway has. */
static const char *tunnel_name(const struct diag_case *c, const struct topo_vdc *vdc,
                               const struct topo_vdc *to)
{
    const char *name = base_arena_printf(&c->out->arena, "%s-tunnel", to->name);
    for (unsigned i = 2; topo_find_tunnel(&vdc->gateway, name); i++)
        name = base_arena_printf(&c->out->arena, "%s-tunnel-%u", to->name, i);
    return name;
}

static const char *proposal(const struct diag_case *c, const struct topo_proposal *p)
{
    return base_arena_printf(&c->out->arena,
                             "{diffieHellmanGroup: %s, encryptionAlgorithm: %s, "
                             "integrityAlgorithm: %s, lifetime: %u}",
                             p->group->product_name, p->encryption->product_name,
                             p->integrity->product_name, p->lifetime_s);
}

/* `localId` and `remoteId` where they are not what they would be anyhow; a wrong remoteHost is no name to go by. */
static const char *identities(const struct diag_case *c, const struct topo_vdc *vdc,
                              const struct topo_vdc *to, const struct topo_tunnel *tunnel)
{
    const char *text = "", *here = diag_ip(c, net_addr_ip4(topo_gateway_wan(&vdc->gateway)));
    const char *there = diag_ip(c, net_addr_ip4(topo_gateway_outside(&to->gateway)));
    bool wrong = strcmp(tunnel->remote_id, tunnel->remote_host) == 0 && !diag_leads_to(tunnel, vdc);
    if (strcmp(tunnel->remote_id, here) != 0 && !wrong)
        text = base_arena_printf(&c->out->arena, ", localId: %s", diag_quote(c, tunnel->remote_id));
    if (strcmp(tunnel->local_id, there) != 0)
        text = base_arena_printf(&c->out->arena, "%s, remoteId: %s", text,
                                 diag_quote(c, tunnel->local_id));
    return text;
}

const char *diag_remedy_tunnel(const struct diag_case *c, const struct topo_vdc *vdc,
                               const struct topo_vdc *to, const struct topo_tunnel *tunnel)
{
    struct base_arena *arena = &c->out->arena;
    const char *address = diag_ip(c, net_addr_ip4(topo_gateway_outside(&to->gateway)));
    const char *value =
        base_arena_printf(arena,
                          "{remoteHost: %s, ike: %s, esp: %s, "
                          "cloudNetworkCIDRs: [%s], peerNetworkCIDRs: [%s]%s}",
                          address, proposal(c, &tunnel->ike), proposal(c, &tunnel->esp),
                          diag_networks_of(c, tunnel->peer, tunnel->peer_count, vdc, to),
                          diag_networks_of(c, tunnel->cloud, tunnel->cloud_count, to, vdc),
                          identities(c, vdc, to, tunnel));
    const struct topo_tunnel named = {.name = tunnel_name(c, vdc, to)};
    const char *field = base_arena_printf(arena, "tunnels.%s", diag_key(c, named.name));
    return diag_join(c, diag_set_gateway(c, vdc, field, value), "\n",
                     diag_remedy_key(c, vdc, &named, to, tunnel));
}
