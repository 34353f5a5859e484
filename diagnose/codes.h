/*
 * The causes that can be named: one row a code. docs/causes.md is written from it (a test holds the two
 * together), and so are the sentences: what stands in braces is filled in with names and addresses.
 */
#ifndef DIAGNOSE_CODES_H
#define DIAGNOSE_CODES_H

#include <stdbool.h>

/* X(name, code, what it means, the sentence, the remedy) */
#define DIAG_CODE_LIST(X)                                                                          \
    DIAG_CODES_HOST(X) DIAG_CODES_POLICY(X) DIAG_CODES_IKE(X) DIAG_CODES_PATH(X) DIAG_CODES_SA(X)

#define DIAG_CODES_HOST(X)                                                                         \
    X(MISSING_HOST_ROUTE, "missing-host-route",                                                    \
      "A host does not know that the peer's network lies behind the VPN gateway. Routes are not "  \
      "pushed: every host on both sides needs one.",                                               \
      "{host} does not know the way to {network}: {detail}. The way there is its VPN gateway, "    \
      "{via}.",                                                                                    \
      "on {host}: ip route add {network} via {via}")                                               \
    X(WRONG_NEXT_HOP, "wrong-next-hop",                                                            \
      "A host has a route to the peer's network, and its next hop is not the VPN gateway.",        \
      "{host} sends what is for {network} to {wrong}{who}, and not to its VPN gateway {via}.",     \
      "on {host}: ip route replace {network} via {via}")                                           \
    X(WRONG_HOST_MASK, "wrong-host-mask",                                                          \
      "A host's prefix is wider than its LAN really is, so that it takes the peer's hosts for "    \
      "neighbours and asks for them by ARP; or narrower, so that its gateway is out of its "       \
      "reach.",                                                                                    \
      "{host}'s prefix is {subnet}, and its LAN is {real}: {detail}.", "{fix}")                    \
    X(HOST_OUTSIDE_LAN, "host-outside-lan",                                                        \
      "A host's address is not in its LAN's subnet: its gateway is no neighbour of it, and "       \
      "nobody "                                                                                    \
      "looks for it there.",                                                                       \
      "{host}'s address {address} is not in LAN {lan} ({subnet}), where it stands: it reaches "    \
      "nobody there, and nobody there reaches it.",                                                \
      "give {host} {fix}")                                                                         \
    X(DUPLICATE_ADDRESS, "duplicate-address",                                                      \
      "Two nodes of one LAN have the same address: ARP gives it to whoever answered last.",        \
      "{node} and {other} both have the address {address} in LAN {lan}: what is for one of them "  \
      "reaches the other.",                                                                        \
      "give {other} {fix}")                                                                        \
    X(GATEWAY_NOT_ON_LAN, "gateway-not-on-lan",                                                    \
      "The VPN gateway has no address in a LAN: it and the hosts there do not reach each other.",  \
      "{gateway} has no address in LAN {lan} ({subnet}){stands}{detail}: packets do not "          \
      "get through between the two.",                                                              \
      "connect {gateway} to LAN {lan} with {address} (`connections` of the gateway), and have "    \
      "the "                                                                                       \
      "hosts' routes lead there")                                                                  \
    X(WRONG_GATEWAY_MASK, "wrong-gateway-mask",                                                    \
      "A gateway's prefix in a LAN is narrower than the LAN, so that it does not take all hosts "  \
      "there for neighbours.",                                                                     \
      "{gateway}'s address in LAN {lan} is {prefix}, and the LAN is {subnet}: it does not take "   \
      "{host} ({address}) for a neighbour, and sends what is for it elsewhere.",                   \
      "set ipv4CIDR of {gateway}'s connection to LAN {lan} to {fix}")                              \
    X(NOBODY_THERE, "nobody-there", "No node has the address that the packet is for.",             \
      "Nobody has the address {address}{where}.", "send to an address that somebody has{hosts}")   \
    X(PRIVATE_TO_PUBLIC, "private-to-public",                                                      \
      "A host sends to a public address, past all tunnels. Gateways do not translate the "         \
      "addresses of hosts (no source NAT), so that no reply finds its way back.",                  \
      "{host} ({source}) sends to the public address {address} of {peer}, and {gateway} does not " \
      "translate its private address: the internet has no route back to it{detail}.",              \
      "send to a private address, through a tunnel{instead}")                                      \
    X(OVERLAPPING_SUBNETS, "overlapping-subnets",                                                  \
      "Both sides use the same addresses: a host looks for the peer's hosts on its own LAN.",      \
      "LAN {lan} ({subnet}) of {vdc} and LAN {other_lan} ({other_subnet}) of {other_vdc} "         \
      "overlap: {detail}.",                                                                        \
      "renumber {fix}; {why}")

#define DIAG_CODES_POLICY(X)                                                                       \
    X(BOTH_SIDES_ANY, "both-sides-any",                                                            \
      "0.0.0.0/0 stands on both gateways. The tunnel then covers each gateway's own LAN as well: " \
      "the SA looks perfect, and nothing passes.",                                                 \
      "0.0.0.0/0 stands in tunnel '{tunnel}' of {gateway} and in '{peer_tunnel}' of {peer}: "      \
      "on both gateways it results in broken routing, since {detail}.",                            \
      "name the networks: {fields}")                                                               \
    X(ANY_CAPTURES_LAN, "any-captures-lan",                                                        \
      "0.0.0.0/0 as the peer's network on one gateway, not narrowed by the negotiation (or in a "  \
      "trap policy, which never is): the gateway takes its own LAN for the peer's network.",       \
      "{any} in {field} of tunnel '{tunnel}' on {gateway} covers its own LAN too: {detail}.",      \
      "name the networks: {fields}")                                                               \
    X(ROUTE_TO_PEER_IN_TUNNEL, "route-to-peer-in-tunnel",                                          \
      "Route-based: the route into the tunnel covers the peer's public address, so that the "      \
      "tunnel's own packets are sent into the tunnel.",                                            \
      "{gateway} sends its own packets to the peer {address} into the tunnel: the route to "       \
      "{network} that tunnel '{tunnel}' installs covers the peer itself.",                         \
      "leave {address} out of {field} of tunnel '{tunnel}' on {gateway}: [{networks}]")            \
    X(BYPASS_INTO_TUNNEL, "bypass-into-tunnel",                                                    \
      "Route-based with bypassLan: there are no policies that let a subnet pass, and the routes "  \
      "that are to go with them lead into the tunnel interface: the gateway's own subnets are "    \
      "cut off.",                                                                                  \
      "{gateway} sends what is for its own subnet {network} into the tunnel: that is what "        \
      "bypassLan comes to with vpn: route-based.",                                                 \
      "set bypassLan: false on {gateway}")                                                         \
    X(OUTSIDE_SELECTORS, "outside-selectors",                                                      \
      "The destination is in no tunnel's peerNetworkCIDRs: the packet leaves in clear, or meets "  \
      "no route.",                                                                                 \
      "{address} is in none of the peerNetworkCIDRs of {gateway}'s tunnels: what is for it goes "  \
      "into no tunnel.",                                                                           \
      "add {network} to peerNetworkCIDRs of tunnel '{tunnel}' on {gateway}, and to the peer's "    \
      "cloudNetworkCIDRs")                                                                         \
    X(SOURCE_NOT_IN_SELECTORS, "source-not-in-selectors",                                          \
      "The sender's address is in no tunnel's cloudNetworkCIDRs: the tunnel is up, and the "       \
      "packet does not go into it.",                                                               \
      "{address} (of {node}) is not in cloudNetworkCIDRs of tunnel '{tunnel}' on {gateway}: what " \
      "it sends does not go into the tunnel.",                                                     \
      "add {network} to cloudNetworkCIDRs of tunnel '{tunnel}' on {gateway}, and to the peer's "   \
      "peerNetworkCIDRs")                                                                          \
    X(OVERLAPPING_PEER_NETWORKS, "overlapping-peer-networks",                                      \
      "Two tunnels of a gateway name the same peer network, and packets go into the wrong one, "   \
      "or "                                                                                        \
      "come out of the one and are expected out of the other.",                                    \
      "{network} is in peerNetworkCIDRs of '{other}' of {gateway}, and {address} is behind "       \
      "tunnel '{tunnel}': {detail}.",                                                              \
      "set peerNetworkCIDRs of tunnel '{other}' on {gateway} to [{left}]")                         \
    X(GATEWAY_OUTSIDE_SELECTORS, "gateway-outside-selectors",                                      \
      "The gateway has no address inside the tunnel's local networks, so that it installs no "     \
      "route to the peer's: the SA is up and no packet finds its way into it. A route-based "      \
      "gateway needs one in each of them, and else gives the child SA up.",                        \
      "{gateway} has no address of its own inside {networks}, which tunnel '{tunnel}' names as "   \
      "local: it installs no route to {network}{detail}.",                                         \
      "{cure}")                                                                                    \
    X(FORWARDING_OFF, "forwarding-off", "A gateway does not forward packets at all.",              \
      "{gateway} does not forward packets: ipForward is false.",                                   \
      "on {gateway}: sysctl -w net.ipv4.ip_forward=1 (ipForward: true in its behaviour)")          \
    X(REVERSE_PATH_FILTER, "reverse-path-filter",                                                  \
      "The reverse-path filter drops packets whose sender would be reached by another interface.", \
      "{gateway} drops packets from {address} that come in by {interface}: its reverse-path "      \
      "filter ({mode}) finds another way back to it.",                                             \
      "on {gateway}: sysctl -w net.ipv4.conf.all.rp_filter=0 "                                     \
      "net.ipv4.conf.{interface}.rp_filter=0, since Linux takes the larger one (rpFilter: off in " \
      "its behaviour)")

#define DIAG_CODES_IKE(X)                                                                          \
    X(NO_TUNNEL_AT_PEER, "no-tunnel-at-peer", "Only one of the two gateways has the tunnel.",      \
      "{peer} has no tunnel to {address}, so it refuses {gateway}'s tunnel '{tunnel}'.",           \
      "create the tunnel on {peer}, with remoteHost {address} and all else as in '{tunnel}', the " \
      "networks the other way round")                                                              \
    X(GATEWAY_OUTSIDE_SEGMENT, "gateway-outside-segment",                                          \
      "The internet is one Ethernet segment, and a gateway's public address is not in its "        \
      "subnet: "                                                                                   \
      "the others do not take it for a neighbour, and there is no router.",                        \
      "{gateway}'s public address {address} is not in the segment's subnet {subnet}: no gateway "  \
      "there finds it, and it finds none.",                                                        \
      "give {gateway} an address in {subnet}, or the segment a subnet with all gateways: {wide}")  \
    X(NO_TUNNEL, "no-tunnel", "Neither of two gateways has a tunnel to the other.",                \
      "Neither {gateway} ({address}) nor {peer} ({peer_address}) has a tunnel to the other.",      \
      "create one on both, with one key and the same algorithms: on {gateway} with remoteHost "    \
      "{peer_address}, cloudNetworkCIDRs [{networks}] and peerNetworkCIDRs [{peer_networks}], on " \
      "{peer} with remoteHost {address} and the networks the other way round")                     \
    X(WRONG_REMOTE_HOST, "wrong-remote-host",                                                      \
      "A tunnel's remoteHost is not the public address of the gateway it is meant for.",           \
      "remoteHost of tunnel '{tunnel}' on {gateway} is {wrong}{who}; {peer} is at {address}.",     \
      "set remoteHost of tunnel '{tunnel}' on {gateway} to {address}{id}")                         \
    X(NOT_INITIATED, "not-initiated",                                                              \
      "Neither gateway begins the negotiation by itself, and nothing asked for it.",               \
      "Nobody has initiated tunnel '{tunnel}': {gateway} starts it {how}, {peer} {peer_how}.",     \
      "initiate '{tunnel}' on {gateway}, or set start: at-once in its behaviour")                  \
    X(IKE_PROPOSAL_MISMATCH, "ike-proposal-mismatch",                                              \
      "The two tunnels have different IKE algorithms, and neither side offers any but its own: "   \
      "NO_PROPOSAL_CHOSEN in IKE_SA_INIT.",                                                        \
      "The IKE algorithms differ: tunnel '{tunnel}' of {gateway} has {here}, '{peer_tunnel}' of "  \
      "{peer} has {there}, and both are strict.",                                                  \
      "set the same {fields} in `ike` of both tunnels")                                            \
    X(PSK_MISMATCH, "psk-mismatch",                                                                \
      "The pre-shared keys differ: AUTHENTICATION_FAILED in IKE_AUTH.",                            \
      "The key of tunnel '{tunnel}' on {gateway} is not that of '{peer_tunnel}' on {peer}.",       \
      "set the same key in auth.psk.key of both tunnels")                                          \
    X(IDENTITY_MISMATCH, "identity-mismatch",                                                      \
      "One gateway has another identity than its peer expects: AUTHENTICATION_FAILED, "            \
      "although the keys are the same.",                                                           \
      "{gateway}'s tunnel '{tunnel}' expects its peer to be '{expected}', but {peer} calls "       \
      "itself '{sent}'.",                                                                          \
      "set remoteId of '{tunnel}' on {gateway} to {sent}, or localId of '{peer_tunnel}' on "       \
      "{peer} to {expected}")                                                                      \
    X(ESP_PROPOSAL_MISMATCH, "esp-proposal-mismatch",                                              \
      "The two tunnels have different ESP algorithms, and neither side offers any but its own: "   \
      "an IKE SA without a child SA, NO_PROPOSAL_CHOSEN.",                                         \
      "The ESP algorithms differ: tunnel '{tunnel}' of {gateway} has {here}, '{peer_tunnel}' of "  \
      "{peer} has {there}, and both are strict.",                                                  \
      "set the same {fields} in `esp` of both tunnels")                                            \
    X(ESN_MISMATCH, "esn-mismatch",                                                                \
      "One gateway offers extended sequence numbers alone, and the other has none: an IKE SA "     \
      "without a child SA, NO_PROPOSAL_CHOSEN.",                                                   \
      "{gateway} is strict and has esn: true, {peer} has esn: false: tunnel '{tunnel}' gets no "   \
      "child SA.",                                                                                 \
      "set the same esn in the behaviour of both gateways")                                        \
    X(PFS_MISMATCH, "pfs-mismatch",                                                                \
      "The ESP groups differ. The first child SA needs none, so that all is well until it is "     \
      "rekeyed: then NO_PROPOSAL_CHOSEN, and the tunnel dies.",                                    \
      "The ESP groups differ: tunnel '{tunnel}' of {gateway} has {here}, '{peer_tunnel}' of "      \
      "{peer} has {there}. The tunnel came up, and its first rekey failed.",                       \
      "set the same diffieHellmanGroup in `esp` of both tunnels")                                  \
    X(SELECTOR_MISMATCH, "selector-mismatch",                                                      \
      "The two sides name different networks. Only what both name is carried, and where that is "  \
      "nothing there is no child SA at all (TS_UNACCEPTABLE).",                                    \
      "{gateway}'s tunnel '{tunnel}' has {here} as {field}, {peer}'s '{peer_tunnel}' has {there} " \
      "as {peer_field}: {detail}.",                                                                \
      "set {field} of '{tunnel}' on {gateway} to [{value}]")                                       \
    X(TUNNEL_NOT_UP_YET, "tunnel-not-up-yet",                                                      \
      "The packet came before the tunnel was up. Packets that wait for a tunnel are dropped, not " \
      "queued.",                                                                                   \
      "Tunnel '{tunnel}' of {gateway} was not up yet: {when}.",                                    \
      "wait for the tunnel, or send again; start: at-once has it up before the first packet")

#define DIAG_CODES_PATH(X)                                                                         \
    X(UDP_BLOCKED, "udp-blocked",                                                                  \
      "Something between the gateways drops UDP 500 or 4500: no tunnel comes up, or it carries "   \
      "nothing.",                                                                                  \
      "The {what} that {gateway} sends to {peer} on {ports} are dropped on {link}.",               \
      "let UDP 500 and 4500 pass between {gateway} and {peer}, both ways{cure}")                   \
    X(FIREWALL, "firewall",                                                                        \
      "A firewall on the path drops the packet: one that is in no tunnel, or some of a tunnel's.", \
      "A firewall on {link} drops what {node} sends: {rule}.",                                     \
      "let it pass, or take the rule out of internet.firewall")                                    \
    X(FRAGMENTS_BLOCKED, "fragments-blocked",                                                      \
      "Something on the way drops IP fragments: what fits into one packet passes, and what does "  \
      "not is lost.",                                                                              \
      "IP fragments are dropped on {link}: {detail}.", "let IP fragments pass, or {cure}")         \
    X(NAT_INBOUND_BLOCKED, "nat-inbound-blocked",                                                  \
      "A NAT router in front of a gateway has no way in for its peer: the gateway behind it has "  \
      "to send first, and from the same port.",                                                    \
      "{nat} does not let in what {peer} sends to {gateway}: {detail}.",                           \
      "forward UDP 500 and 4500 on {nat} to {gateway}{cure}")                                      \
    X(NAT_MAPPING_LOST, "nat-mapping-lost",                                                        \
      "A NAT router was restarted or gives out other ports: what the peer sends to the old one "   \
      "finds no way in until the gateway behind it sends something.",                              \
      "{nat} no longer has the mapping that {peer} sends to ({when}){detail}.", "{cure}")          \
    X(ESP_BLOCKED, "esp-blocked",                                                                  \
      "IKE passes and ESP does not: the tunnel is up, and nothing arrives.",                       \
      "The tunnel is up, but every ESP packet that {gateway} sends to {peer} is dropped on "       \
      "{link}.",                                                                                   \
      "let ESP (IP protocol 50) pass between the gateways, or put it in UDP with "                 \
      "forceUdpEncapsulation: true")                                                               \
    X(NAT_MAPPING_EXPIRED, "nat-mapping-expired",                                                  \
      "A NAT router forgot a gateway behind it, since nothing passed for too long: what comes "    \
      "from outside finds no way in.",                                                             \
      "{nat} has forgotten its mapping for {gateway}: nothing had passed for {timeout}, and "      \
      "{gateway} {keepalive}.",                                                                    \
      "set natKeepalive of {gateway} well below {timeout}")                                        \
    X(PATH_MTU_BLACK_HOLE, "path-mtu-black-hole",                                                  \
      "A link on the way carries smaller packets than the gateways think, and no ICMP error says " \
      "so: small packets pass, large ones vanish.",                                                \
      "Packets larger than {mtu} bytes are dropped on {link}, and {detail}: the sender goes on "   \
      "sending packets that are too large.",                                                       \
      "{icmp}{fit}")                                                                               \
    X(PACKET_TOO_BIG, "packet-too-big",                                                            \
      "A packet with DF is larger than the tunnel or a link carries, and its sender was told so; " \
      "where it is its ESP packet that is too large, the gateway was, which tells the sender "     \
      "from "                                                                                      \
      "then on.",                                                                                  \
      "The packet has DF and is larger than the {mtu} bytes that {node} can send on.",             \
      "send at most {mtu} bytes with DF, or allow fragments")                                      \
    X(OUTAGE, "outage", "A link or a node was down.", "{what} was down {when}.",                   \
      "nothing is wrong with the configuration: the tunnel carries again once {what} is back")     \
    X(PACKET_LOSS, "packet-loss", "A link loses packets.", "{link} loses packets: {detail}.",      \
      "nothing is wrong with the configuration: {link} loses packets")                             \
    X(CONGESTION, "congestion",                                                                    \
      "A link gets more than its rate carries: packets wait in its queue, ever longer, and when "  \
      "it is full they are dropped.",                                                              \
      "{link} gets more than the {rate} that it carries: {detail}.",                               \
      "send less than {rate}, or shape what the gateway sends")                                    \
    X(DELAY, "delay",                                                                              \
      "A link takes so long that packets come when nobody waits for them any more: an echo reply " \
      "after its ping has ended, an IKE message after a packet that needs its tunnel.",            \
      "{link} {how} packets: {detail}.",                                                           \
      "nothing is wrong with the configuration: {link} {how} packets")                             \
    X(TTL_EXCEEDED, "ttl-exceeded",                                                                \
      "The packet was sent with a TTL that is too small for its way.",                             \
      "The TTL of what {node} sends is used up at {place}, hop {hop} of its way.",                 \
      "send it with a larger TTL (Linux's own is 64)")                                             \
    X(CORRUPTION, "corruption",                                                                    \
      "A link corrupted the packet, and its receiver found out by a checksum or the ICV.",         \
      "{link} corrupts packets, and {node} finds out: {detail}.",                                  \
      "nothing is wrong with the configuration: {link} corrupts packets")

#define DIAG_CODES_SA(X)                                                                           \
    X(PEER_RESTARTED, "peer-restarted",                                                            \
      "A gateway restarted and lost its SAs, and the other one goes on using them until "          \
      "dead-peer detection finds out.",                                                            \
      "{node} was restarted at {at} and lost its SAs: {detail}.",                                  \
      "{initiate}shorten retransmit and dpdDelay of {gateway}, which say when it gives up")        \
    X(TUNNEL_CLOSED, "tunnel-closed",                                                              \
      "The tunnel was up, and an administrator (or a change of its settings) closed it.",          \
      "Tunnel '{tunnel}' was closed on {node} at {at}, and nobody has initiated it since.",        \
      "initiate '{tunnel}' on {node}")                                                             \
    X(IKE_DAEMON_DIED, "ike-daemon-died",                                                          \
      "The IKE daemon of a gateway died, alone. Its kernel goes on with the SAs it has, but "      \
      "nobody answers IKE for them: the peer's dead-peer detection gives up a tunnel that works, " \
      "or its rekey fails. A route-based gateway's data path is the daemon, and dies with it.",    \
      "The IKE daemon of {node} died at {at}: {detail}.",                                          \
      "have {node} initiate when its daemon starts (start: at-once), so that INITIAL_CONTACT "     \
      "replaces the old SAs")                                                                      \
    X(INBOUND_SA_MISSING, "inbound-sa-missing",                                                    \
      "A gateway has lost an SA that its peer still uses, although it did not restart: the SAs "   \
      "of the two do not pair up. IKE is well, so dead-peer detection finds nothing.",             \
      "{node} no longer has the SA with SPI {spi} that {gateway} seals with, and {gateway} does "  \
      "not know.",                                                                                 \
      "rekey the child SA of tunnel '{tunnel}' on {node} (swanctl --rekey --child {tunnel}): a "   \
      "new SPI")                                                                                   \
    X(SA_EXPIRED, "sa-expired",                                                                    \
      "A child SA reached the end of its lifetime before a rekey had replaced it: nothing is "     \
      "sealed or opened with it any more.",                                                        \
      "The child SA of tunnel '{tunnel}' on {gateway} is past its lifetime: {detail}.", "{cure}")  \
    X(SEQUENCE_EXHAUSTED, "sequence-exhausted",                                                    \
      "An SA has used up its sequence numbers: without extended ones its sender must stop at "     \
      "2^32 - 1, until a rekey brings a new SA.",                                                  \
      "{gateway} has used up the 2^32 - 1 sequence numbers of SPI {spi}, and must not begin "      \
      "again at 1 under the same key.",                                                            \
      "have extended sequence numbers: esn: true in the behaviour of both gateways, or a shorter " \
      "lifetime")                                                                                  \
    X(REPLAY_WINDOW, "replay-window",                                                              \
      "Packets come after so many later ones that they are behind the replay window, which can "   \
      "be "                                                                                        \
      "enlarged, or after copies of themselves.",                                                  \
      "{gateway} drops ESP packets of SPI {spi} as replays: {detail}.", "{cure}")

enum diag_code {
#define X(name, code, meaning, text, remedy) DIAG_##name,
    DIAG_CODE_LIST(X)
#undef X
    DIAG_CODE_COUNT
};

/* A row of the table; texts are literals. */
struct diag_code_row {
    const char *code, *meaning, *text, *remedy;
};

const struct diag_code_row *diag_code_row(enum diag_code code);

/* Whether there is such a code. */
bool diag_code_find(const char *text, enum diag_code *out) __attribute__((warn_unused_result));

/* A word for a template: {name} becomes value. A list ends with name NULL. */
struct diag_word {
    const char *name, *value;
};

/* The template with its words filled in; to be freed. Every word in braces is in `words` (asserted). */
char *diag_fill(const char *words_template, const struct diag_word *words);

#endif
