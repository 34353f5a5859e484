/* Remedies that take several settings, as values of `--set` parted by line ends. Private to diagnose/. All texts live in
 * the report's arena. */
#ifndef DIAGNOSE_REMEDY_H
#define DIAGNOSE_REMEDY_H

#include "diagnose/case.h"

/* One more setting; `*sets` begins as "". */
void diag_remedy_add(const struct diag_case *c, const char **sets, const char *set);
/* The same value for a field of two gateways. */
const char *diag_remedy_both(const struct diag_case *c, const struct topo_vdc *one,
                             const struct topo_vdc *other, const char *field, const char *value);

/* A text as YAML takes it in single quotes. */
const char *diag_quote(const struct diag_case *c, const char *text);
/* The same, and as it stands where it is a plain word. */
const char *diag_scalar(const struct diag_case *c, const char *text);

/* Settings for what stands since a change: they are laid over that step. What no change can change is set at the root. */
const char *diag_remedy_in_change(const struct diag_case *c, const char *sets);
/* The value that a cause found so far proposes for a path, which ends with '='; NULL: none does. */
const char *diag_remedy_proposed(const struct diag_case *c, const char *path);
/* Whether a value of the model was written in the change that made it so. */
bool diag_in_change(const struct diag_case *c, struct base_where where);

/* An address of the LAN that nobody has, in its DHCP pool where it has one; 0: all are taken. */
net_ip4 diag_remedy_free_address(const struct topo_vdc *vdc, const struct topo_lan *lan);
/* The host gets that address; a prefix length of its own stays. */
const char *diag_remedy_address(const struct diag_case *c, const struct topo_vdc *vdc,
                                const struct topo_host *host, net_ip4 address);

/* An address for the gateway in the LAN: one that it has by mistake elsewhere, else .5, or the first one free from .2 on; 0:
 * all are taken. */
net_ip4 diag_remedy_gateway_address(const struct topo_vdc *vdc, const struct topo_lan *lan);
/* The gateway is connected to the LAN with that address, beside its other connections. */
const char *diag_remedy_connect(const struct diag_case *c, const struct topo_vdc *vdc,
                                const struct topo_lan *lan, net_ip4 address);

/* The tunnel of `vdc` gets the key that `as` of `from` has, by the name of the place where that stands: what is told, in a
 * log of CI for one, shows no key. */
const char *diag_remedy_key(const struct diag_case *c, const struct topo_vdc *vdc,
                            const struct topo_tunnel *tunnel, const struct topo_vdc *from,
                            const struct topo_tunnel *as);

/* A tunnel for the gateway of `vdc` that mirrors `tunnel`, which the gateway of `to` has. */
const char *diag_remedy_tunnel(const struct diag_case *c, const struct topo_vdc *vdc,
                               const struct topo_vdc *to, const struct topo_tunnel *tunnel);

/*
 * The LAN of `site` gets a subnet that nobody uses (`fresh`): with its pool, hosts, gateway and their routes, in the tunnels of
 * both sides and in the routes of the peers' hosts; its own hosts get a route to the LAN of `other`. NULL: there is no such
 * subnet.
 */
const char *diag_remedy_renumber(const struct diag_case *c, const struct diag_site *site,
                                 const struct diag_site *other, struct net_prefix *fresh);

#endif
