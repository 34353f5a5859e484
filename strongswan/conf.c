/* See conf.h. */
#include "strongswan/conf.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/addr.h"
#include "net/prefix.h"
#include "strongswan/proposals.h"

const char *swan_data_plane_name(enum swan_data_plane plane)
{
    return plane == SWAN_DATA_XFRM ? "XFRM" : "kernel-libipsec";
}

/* ---- Names ---- */

static bool is_name_character(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

const char *swan_connection_name(const struct topo_gateway *gateway, size_t tunnel,
                                 char out[SWAN_NAME_SIZE])
{
    enum {
        NAME_MAX_KEPT = 48
    };
    const char *name = gateway->tunnels[tunnel].name;
    size_t length = strlen(name), kept = 0;
    bool same = length <= NAME_MAX_KEPT;
    for (; kept < length && kept < NAME_MAX_KEPT; kept++) {
        same &= is_name_character(name[kept]);
        out[kept] = is_name_character(name[kept]) ? name[kept] : '_';
    }
    out[kept] = 0;
    if (!same || !kept)
        snprintf(out + kept, SWAN_NAME_SIZE - kept, "_%zu", tunnel + 1);
    return out;
}

/* As the language reads it: an address, a leading @ or a plain name is an FQDN, another @ an RFC
 * 822 address. strongSwan guesses alike as long as nothing looks like a distinguished name or an
 * IPv6 address, and is told where something might. */
static void add_id(struct swan_tree *tree, struct swan_element *parent, const char *name,
                   const char *id)
{
    struct net_addr address;
    bool at = strchr(id, '@') != NULL;
    const char *prefix = strpbrk(id, "=:/ ,\"%#*") ? at && id[0] != '@' ? "email:" : "fqdn:" : "";
    if (net_addr_parse(id, &address))
        prefix = "";
    if (*prefix && id[0] == '@')
        id++;
    if (name)
        swan_tree_value(tree, parent, name, "%s%s", prefix, id);
    else
        swan_tree_item(tree, parent, "%s%s", prefix, id);
}

/* ---- Connections ---- */

static unsigned seconds_of(base_ns time)
{
    return (unsigned)((time + BASE_S - 1) / BASE_S);
}

static void add_seconds(struct swan_tree *tree, struct swan_element *section, const char *name,
                        unsigned seconds)
{
    swan_tree_value(tree, section, name, "%us", seconds);
}

static void add_address(struct swan_tree *tree, struct swan_element *section, const char *name,
                        const struct net_addr *address)
{
    char text[NET_ADDR_TEXT_MAX];
    swan_tree_item(tree, swan_tree_list(tree, section, name), "%s", net_addr_format(address, text));
}

static void add_selectors(struct swan_tree *tree, struct swan_element *child, const char *name,
                          const struct topo_cidr *cidrs, size_t count)
{
    struct swan_element *list = swan_tree_list(tree, child, name);
    for (size_t i = 0; i < count; i++) {
        char text[NET_PREFIX_TEXT_MAX];
        swan_tree_item(tree, list, "%s", net_prefix_format(&cidrs[i].prefix, text));
    }
}

/*
 * Ours: rekeyed at lifetime - margin + r, r in [0, margin / 2], closed at `lifetime`; a margin
 * no shorter than the lifetime counts as half of it. charon: at rekey_time - r, r in [0, rand_time].
 */
static unsigned half_margin(const struct topo_behaviour *behaviour, uint32_t lifetime_s)
{
    unsigned margin = seconds_of(behaviour->rekey_margin_ns);
    return (margin >= lifetime_s ? lifetime_s / 2 : margin) / 2;
}

static void add_child(const struct topo_gateway *gateway, size_t number, enum swan_data_plane plane,
                      const char *name, struct swan_tree *tree, struct swan_element *children)
{
    const struct topo_tunnel *tunnel = &gateway->tunnels[number];
    const struct topo_behaviour *behaviour = &gateway->behaviour;
    struct swan_element *child = swan_tree_section(tree, children, name);
    unsigned half = half_margin(behaviour, tunnel->esp.lifetime_s);
    bool at_once = behaviour->start == TOPO_START_AT_ONCE;
    bool trap = behaviour->start == TOPO_START_ON_TRAFFIC;
    add_selectors(tree, child, "local_ts", tunnel->cloud, tunnel->cloud_count);
    add_selectors(tree, child, "remote_ts", tunnel->peer, tunnel->peer_count);
    swan_esp_proposals(behaviour, &tunnel->esp, plane == SWAN_DATA_XFRM, tree,
                       swan_tree_list(tree, child, "esp_proposals"));
    add_seconds(tree, child, "rekey_time", tunnel->esp.lifetime_s - half);
    add_seconds(tree, child, "rand_time", half);
    add_seconds(tree, child, "life_time", tunnel->esp.lifetime_s);
    swan_tree_value(tree, child, "start_action", "%s", trap ? "trap" : "none");
    swan_tree_value(tree, child, "dpd_action", "%s", at_once ? "restart" : "clear");
    swan_tree_value(tree, child, "close_action", "none"); /* 30 s later, by who drives charon */
    swan_tree_value(tree, child, "replay_window", "%u", behaviour->replay_window_packets);
}

static void add_connection(const struct topo_gateway *gateway, size_t number,
                           enum swan_data_plane plane, struct swan_tree *tree,
                           struct swan_element *parent)
{
    const struct topo_tunnel *tunnel = &gateway->tunnels[number];
    const struct topo_behaviour *behaviour = &gateway->behaviour;
    char name[SWAN_NAME_SIZE];
    struct swan_element *connection =
        swan_tree_section(tree, parent, swan_connection_name(gateway, number, name));
    unsigned half = half_margin(behaviour, tunnel->ike.lifetime_s);
    swan_tree_value(tree, connection, "version", "2");
    add_address(tree, connection, "local_addrs", topo_gateway_wan(gateway));
    add_address(tree, connection, "remote_addrs", &tunnel->remote_address);
    swan_ike_proposals(behaviour, &tunnel->ike, tree,
                       swan_tree_list(tree, connection, "proposals"));
    add_seconds(tree, connection, "rekey_time", tunnel->ike.lifetime_s - half);
    add_seconds(tree, connection, "rand_time", half);
    add_seconds(tree, connection, "over_time", half);
    add_seconds(tree, connection, "dpd_delay", seconds_of(behaviour->dpd_delay_ns));
    swan_tree_value(tree, connection, "keyingtries", "1"); /* further ones likewise */
    swan_tree_value(tree, connection, "mobike", "%s", behaviour->mobike ? "yes" : "no");
    swan_tree_value(tree, connection, "fragmentation", "%s",
                    behaviour->ike_fragmentation ? "yes" : "no");
    swan_tree_value(tree, connection, "encap", "%s",
                    behaviour->force_udp_encapsulation ? "yes" : "no");
    struct swan_element *local = swan_tree_section(tree, connection, "local");
    swan_tree_value(tree, local, "auth", "psk");
    add_id(tree, local, "id", tunnel->local_id);
    struct swan_element *remote = swan_tree_section(tree, connection, "remote");
    swan_tree_value(tree, remote, "auth", "psk");
    add_id(tree, remote, "id", tunnel->remote_id);
    add_child(gateway, number, plane, name, tree, swan_tree_section(tree, connection, "children"));
}

void swan_tunnel_connection(const struct topo_gateway *gateway, size_t tunnel,
                            enum swan_data_plane plane, struct swan_tree *out)
{
    swan_tree_init(out);
    add_connection(gateway, tunnel, plane, out, &out->root);
}

void swan_tunnel_secret(const struct topo_gateway *gateway, size_t tunnel, struct swan_tree *out)
{
    const struct topo_tunnel *of = &gateway->tunnels[tunnel];
    char name[SWAN_NAME_SIZE];
    swan_tree_init(out);
    swan_tree_value(out, &out->root, "id", "%s", swan_connection_name(gateway, tunnel, name));
    swan_tree_value(out, &out->root, "type", "IKE");
    swan_tree_bytes(out, &out->root, "data", of->psk, strlen(of->psk));
    struct swan_element *owners = swan_tree_list(out, &out->root, "owners");
    add_id(out, owners, NULL, of->local_id);
    add_id(out, owners, NULL, of->remote_id);
}

void swan_gateway_conf(const struct topo_gateway *gateway, enum swan_data_plane plane,
                       struct swan_tree *out)
{
    swan_tree_init(out);
    struct swan_element *connections = swan_tree_section(out, &out->root, "connections");
    for (size_t i = 0; i < gateway->tunnel_count; i++)
        add_connection(gateway, i, plane, out, connections);
    struct swan_element *secrets = swan_tree_section(out, &out->root, "secrets");
    for (size_t i = 0; i < gateway->tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &gateway->tunnels[i];
        char name[SWAN_NAME_SIZE], title[SWAN_NAME_SIZE + 8];
        snprintf(title, sizeof(title), "ike-%s", swan_connection_name(gateway, i, name));
        struct swan_element *secret = swan_tree_section(out, secrets, title);
        add_id(out, secret, "id-local", tunnel->local_id);
        add_id(out, secret, "id-remote", tunnel->remote_id);
        swan_tree_bytes(out, secret, "secret", tunnel->psk, strlen(tunnel->psk));
    }
}

/* ---- The daemon ---- */

/* "stdout" as strongSwan knows it is buffered whole; a device is written line by line. */
static struct swan_element *add_log(struct swan_tree *tree, struct swan_element *logs,
                                    const char *name, const char *device, const char *level)
{
    struct swan_element *log = swan_tree_section(tree, logs, name);
    swan_tree_value(tree, log, "path", "%s", device);
    swan_tree_value(tree, log, "default", "%s", level);
    swan_tree_value(tree, log, "ike_name", "yes");
    swan_tree_value(tree, log, "append", "yes");
    swan_tree_value(tree, log, "flush_line", "yes");
    return log;
}

static void add_logs(const struct swan_daemon_options *options, struct swan_tree *tree,
                     struct swan_element *charon)
{
    struct swan_element *logs = swan_tree_section(tree, charon, "filelog");
    struct swan_element *log = add_log(tree, logs, "out", "/dev/stdout", "1");
    swan_tree_value(tree, log, "time_format", "%%b %%d %%H:%%M:%%S");
    swan_tree_value(tree, log, "time_add_ms", "yes");
    if (!options->log_keys)
        return;
    log = add_log(tree, logs, "keys", "/dev/stderr", "-1"); /* a second one, for keys.c alone */
    swan_tree_value(tree, log, "enc", "1");
    swan_tree_value(tree, log, "ike", "4");
    swan_tree_value(tree, log, "chd", "4");
}

void swan_daemon_conf(const struct topo_behaviour *behaviour,
                      const struct swan_daemon_options *options, struct swan_tree *out)
{
    swan_tree_init(out);
    struct swan_element *charon = swan_tree_section(out, &out->root, "charon");
    swan_tree_value(out, charon, "load",
                    "random nonce openssl aes ctr gcm ccm sha1 sha2 xcbc hmac kdf %s%s"
                    "kernel-netlink socket-default vici",
                    behaviour->bypass_lan ? "bypass-lan " : "",
                    options->plane == SWAN_DATA_LIBIPSEC ? "kernel-libipsec " : "");
    swan_tree_value(out, charon, "threads", "%u", options->threads ? options->threads : 16);
    swan_tree_value(out, charon, "retransmit_timeout", "%g",
                    (double)behaviour->retransmit_timeout_ns / (double)BASE_S);
    swan_tree_value(out, charon, "retransmit_base", "%g", behaviour->retransmit_base);
    swan_tree_value(out, charon, "retransmit_tries", "%u", behaviour->retransmit_tries);
    add_seconds(out, charon, "keep_alive", seconds_of(behaviour->nat_keepalive_ns));
    if (options->cookie_threshold)
        swan_tree_value(out, charon, "cookie_threshold", "%u", options->cookie_threshold);
    if (options->fragment_size)
        swan_tree_value(out, charon, "fragment_size", "%u", options->fragment_size);
    add_logs(options, out, charon);
    struct swan_element *plugins = swan_tree_section(out, charon, "plugins");
    if (options->plane ==
        SWAN_DATA_LIBIPSEC) /* else it adds a route to the peer past its TUN device: not what `route-based` is */
        swan_tree_value(out, swan_tree_section(out, plugins, "kernel-libipsec"), "allow_peer_ts",
                        "yes");
    struct swan_element *vici = swan_tree_section(out, plugins, "vici");
    swan_tree_value(out, vici, "socket", "unix://%s", options->socket);
}
