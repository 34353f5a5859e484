/* Files that are read with warnings. Each is data/small.yaml with one edit. */
#include "tests/scenarios/small.h"

const struct small_case small_warnings[] = {
    {"IPv6 connection", "connections: [{lanId: \"1\", ipv4CIDR: 10.0.1.5/24}]",
     "connections: [{lanId: 1, ipv4CIDR: 10.0.1.5/24, ipv6CIDR: 2001:db8::5/64}]",
     "10:65 not-simulated ipv6CIDR 2001:db8::5/64 is accepted, but not simulated yet\n"},
    {"gateway outside .2 to .9, in the pool",
     "connections: [{lanId: \"1\", ipv4CIDR: 10.0.1.5/24}]",
     "connections: [{lanId: 1, ipv4CIDR: 10.0.1.20/24}]",
     "6:7 missing-host-route a1 sends what is for 10.0.2.0/24 to 10.0.1.5, not to its VPN gateway "
     "10.0.1.20\n"
     "10:42 gateway-address-outside-2-9 the gateway's LAN address 10.0.1.20 is not between .2 and "
     ".9\n"
     "10:42 gateway-address-in-dhcp-pool the gateway's LAN address 10.0.1.20 lies in the DHCP pool "
     "of LAN 1\n"},
    {"gateway outside its subnet", "connections: [{lanId: \"1\", ipv4CIDR: 10.0.1.5/24}]",
     "connections: [{lanId: 1, ipv4CIDR: 10.0.9.5/24}]",
     "6:7 missing-host-route a1 sends what is for 10.0.2.0/24 to 10.0.1.5, not to its VPN gateway "
     "10.0.9.5\n"
     "10:42 gateway-outside-subnet the gateway's 10.0.9.5/24 is not of LAN 1's subnet 10.0.1.0/24\n"
     "17:30 gateway-outside-cloud-networks a-gw has no LAN address inside the cloudNetworkCIDRs of "
     "tunnel 'to-b'\n"},
    {"gateway with another prefix length", "connections: [{lanId: \"1\", ipv4CIDR: 10.0.1.5/24}]",
     "connections: [{lanId: 1, ipv4CIDR: 10.0.1.5/16}]",
     "10:42 gateway-outside-subnet the gateway's 10.0.1.5/16 is not of LAN 1's subnet "
     "10.0.1.0/24\n"},
    {"two nodes with one address", "address: 10.0.1.11", "address: 10.0.1.5",
     "10:44 duplicate-address a-gw and a1 (line 6) have the same address 10.0.1.5\n"},
    {"host outside its subnet", "address: 10.0.1.11", "address: 10.0.7.11",
     "6:29 host-outside-subnet a1's address 10.0.7.11 is not in LAN 1's subnet 10.0.1.0/24\n"},
    {"host with a wrong mask", "address: 10.0.1.11", "address: 10.0.1.11/28",
     "6:29 host-mask-differs a1's prefix length 28 is not that of LAN 1's subnet 10.0.1.0/24\n"},
    {"overlapping LANs", "b:\n    lans: {1: {subnet: 10.0.2.0/24}}",
     "b:\n    lans: {1: {subnet: 10.0.0.0/16}}",
     "20:24 overlapping-lans LAN b/1 (10.0.0.0/16) overlaps LAN a/1 (10.0.1.0/24, line 4)\n"
     "26:42 gateway-outside-subnet the gateway's 10.0.2.5/24 is not of LAN 1's subnet "
     "10.0.0.0/16\n"},
    {"selectors", "peerNetworkCIDRs: [10.0.2.0/24]", "peerNetworkCIDRs: [10.0.2.0/25]",
     "18:29 selectors-do-not-mirror peerNetworkCIDRs of tunnel 'to-b' (10.0.2.0/25) are not the "
     "cloudNetworkCIDRs of b-gw's 'to-a' (10.0.2.0/24, line 33)\n"},
    {"keys", "method: PSK, psk: {key: 0123456789abcdef0123456789abcdef",
     "psk: {key: 0123456789abcdef0123456789abcdeX",
     "14:29 keys-differ the key of a-gw's tunnel 'to-b' is not that of b-gw's 'to-a' (line 30)\n"},
    {"ike algorithms", "e: {", "e: {encryptionAlgorithm: AES256-GCM-16",
     "15:16 algorithms-differ ike of tunnel 'to-b' is 15-MODP3072, AES256-GCM-16, SHA256, but "
     "b-gw's 'to-a' (line 31) has 15-MODP3072, AES128-CTR, SHA256\n"},
    {"esp group", "p: {", "p: {diffieHellmanGroup: 21-ECP521",
     "16:16 algorithms-differ esp of tunnel 'to-b' is 21-ECP521, AES128-CTR, SHA256, but b-gw's "
     "'to-a' (line 32) has 15-MODP3072, AES128-CTR, SHA256\n"},
    {"identity", "remoteHost: 203.0.113.2\n", "remoteHost: b-gw\n",
     "13:23 identities-differ a-gw expects its peer to be 'b-gw', but b-gw calls itself "
     "'203.0.113.2' (line 25)\n"},
    {"missing route", ", routes: {10.0.2.0/24: 10.0.1.5}", "",
     "6:7 missing-host-route a1 has no route to 10.0.2.0/24 via its VPN gateway 10.0.1.5\n"},
    {"route elsewhere", "routes: {10.0.2.0/24: 10.0.1.5}", "defaultGateway: 10.0.1.1",
     "6:7 missing-host-route a1 sends what is for 10.0.2.0/24 to 10.0.1.1, not to its VPN gateway "
     "10.0.1.5\n"},
    {"next hop elsewhere", "routes: {10.0.2.0/24: 10.0.1.5}",
     "routes: {10.0.2.0/24: 10.0.1.5, 10.3.0.0/16: 10.0.2.5}",
     "6:72 next-hop-not-on-link the next hop 10.0.2.5 of a1 is not in its LAN's subnet "
     "10.0.1.0/24\n"},
    {"route step elsewhere", "- ping: {from: a1, to: b1}",
     "- route: {on: a1, add: {10.3.0.0/16: 10.9.9.9}}",
     "37:27 next-hop-not-on-link the next hop 10.9.9.9 is not in the subnet 10.0.1.0/24 of a1\n"},
    {"no such peer", "remoteHost: 203.0.113.2\n", "remoteHost: 203.0.113.7\n",
     "13:23 no-such-peer no gateway of this scenario has the remoteHost 203.0.113.7 of tunnel "
     "'to-b'\n"
     "29:23 no-tunnel-back a-gw has no tunnel back to 203.0.113.2 for tunnel 'to-a'\n"},
    {"itself", "remoteHost: 203.0.113.2\n", "remoteHost: 203.0.113.1\n",
     "13:23 tunnel-to-itself remoteHost 203.0.113.1 of tunnel 'to-b' is the gateway's own address\n"
     "29:23 no-tunnel-back a-gw has no tunnel back to 203.0.113.2 for tunnel 'to-a'\n"},
    {"outside the cloud networks", "cloudNetworkCIDRs: [10.0.1.0/24]",
     "cloudNetworkCIDRs: [10.0.1.64/26]",
     "17:30 gateway-outside-cloud-networks a-gw has no LAN address inside the cloudNetworkCIDRs of "
     "tunnel 'to-b'\n"
     "34:29 selectors-do-not-mirror peerNetworkCIDRs of tunnel 'to-a' (10.0.1.0/24) are not the "
     "cloudNetworkCIDRs of a-gw's 'to-b' (10.0.1.64/26, line 17)\n"},
    {"segment", "internet: {delay: 5ms}", "internet: {kind: segment, subnet: 198.51.100.0/24}",
     "9:18 gateway-outside-segment gatewayIP 203.0.113.1 is not in the segment's subnet "
     "198.51.100.0/24\n"
     "25:18 gateway-outside-segment gatewayIP 203.0.113.2 is not in the segment's subnet "
     "198.51.100.0/24\n"},
};

const size_t small_warnings_count = sizeof(small_warnings) / sizeof(small_warnings[0]);
