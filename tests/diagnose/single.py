"""Further cases of test_causes.py: single faults at each place of the tutorial's two sites and of a hub with three. Each is
(name, base, YAML, the code of each cause in their order, what stands in the sentences that are told, whether all remedies together make
every ping pass)."""
HUB = "mesh/hub-and-spokes.yaml"
TWO = "_two-vdcs.yaml"
PINGS = """cleartext: allowed
pairing: broken
expect: []
steps:
  - wait: 12s
  - ping: {{from: {0}, to: {1}}}
  - ping: {{from: {1}, to: {0}}}
"""
BOTH = PINGS.format("txl-host1", "lhr-host1")
ACROSS = PINGS.format("lhr-host1", "fra-host1")


def vdcs(text):
    return f"vdcs: {{{text}}}\n"


def tunnel(vdc, name, text):
    return f"{vdc}: {{gateway: {{tunnels: {{{name}: {text}}}}}}}"


def firewall(text):
    return f"internet: {{firewall: [{text}]}}\n"


NO_TXL = "txl: {gateway: {tunnels: null}}"
NO_LHR = "lhr: {gateway: {tunnels: null}}"
ASTRAY = "txl: {gateway: {connections: [{lanId: 1, ipv4CIDR: 192.168.7.5/24}], behaviour: {start: on-traffic}}}"
NOBODY = "{remoteHost: 203.0.113.99}"
ROUTE_BASED = vdcs("txl: {gateway: {behaviour: {vpn: route-based}}}, lhr: {gateway: {behaviour: {vpn: route-based}}}")
SAME = ("lhr: {{lans: {{2: {{subnet: 192.168.1.0/24, dhcpPool: null}}}}, hosts: {{lhr-host1: {{address: 192.168.1.{0}, routes: null}}, lhr-host2: "
        "{{address: 192.168.1.{1}, routes: null}}}}, gateway: {{connections: [{{lanId: 2, ipv4CIDR: 192.168.1.6/24}}], tunnels: {{txl-tunnel: "
        "{{cloudNetworkCIDRs: [192.168.1.0/24]}}}}}}}}, txl: {{gateway: {{tunnels: {{lhr-tunnel: {{peerNetworkCIDRs: [192.168.1.0/24]}}}}}}}}")
MESH = "mesh/three-vdcs.yaml"
ALL_OF_MESH = PINGS.format("txl-host1", "lhr-host1") + """  - ping: {from: txl-host1, to: fra-host1}
  - ping: {from: fra-host1, to: txl-host1}
"""
ONE_KEY = ("txl: {{gateway: {{tunnels: {{lhr-tunnel: {{{0}, KEY}}, fra-tunnel: {{{1}, KEY}}}}}}}}, lhr: {{gateway: {{tunnels: {{txl-tunnel: {{KEY}}}}}}}}, "
           "fra: {{gateway: {{tunnels: {{txl-tunnel: {{KEY}}}}}}}}").replace("KEY", "auth: {{psk: {{key: one key that everybody has in it}}}}")
NAT = "internet: {nat: {txl-gw: {publicIP: 203.0.113.30}}}\n"

CASES = [
    # who is at the ends
    ("no tunnel on either side", TWO, vdcs(f"{NO_TXL}, {NO_LHR}") + BOTH, ["no-tunnel"],
     "Neither txl-gw (203.0.113.10) nor lhr-gw (203.0.113.20) has a tunnel", False),
    ("remoteHost is nobody, and no tunnel at the peer", TWO, vdcs(tunnel("txl", "lhr-tunnel", NOBODY) + f", {NO_LHR}") + BOTH,
     ["no-tunnel-at-peer", "wrong-remote-host"], "lhr-gw has no tunnel to 203.0.113.10", True),
    ("both remoteHosts are nobody: one ping tells of both", TWO, vdcs(tunnel("txl", "lhr-tunnel", NOBODY) + ", " +
     tunnel("lhr", "txl-tunnel", "{remoteHost: 203.0.113.98}")) + BOTH.rsplit("  - ping", 1)[0], ["wrong-remote-host"] * 2,
     "is 203.0.113.98, where there is no gateway; txl-gw is at 203.0.113.10", True),
    ("remoteHost and networks of the other side are wrong", TWO, vdcs(tunnel("lhr", "txl-tunnel", "{remoteHost: 203.0.113.99, peerNetworkCIDRs: "
     "[192.186.1.0/24]}")) + BOTH, ["wrong-remote-host", "selector-mismatch"], "txl-gw is at 203.0.113.10", True),
    ("remoteHost is wrong, and the networks are swapped", TWO, vdcs(tunnel("lhr", "txl-tunnel", "{remoteHost: 203.0.113.99, cloudNetworkCIDRs: "
     "[192.168.1.0/24], peerNetworkCIDRs: [192.168.2.0/24]}")) + BOTH, ["wrong-remote-host", "selector-mismatch", "selector-mismatch"],
     "txl-gw is at 203.0.113.10", True),
    ("a gateway that has a tunnel with itself", TWO, vdcs(tunnel("txl", "lhr-tunnel", "{remoteHost: 203.0.113.10, peerNetworkCIDRs: [0.0.0.0/0]}")) +
     BOTH, ["wrong-remote-host"], "is 203.0.113.10 (txl-gw); lhr-gw is at 203.0.113.20", True),
    ("remoteHost of a gateway behind a NAT router: its identity follows", TWO, NAT + BOTH, ["wrong-remote-host"],
     "is 203.0.113.10, where there is no gateway; txl-gw is at 203.0.113.30", True),
    ("hub: a branch without a tunnel sends", HUB, vdcs(NO_LHR) + ACROSS, ["no-tunnel-at-peer"], "txl-gw's tunnel 'lhr-tunnel'", True),
    ("hub: none of its tunnels", HUB, vdcs(NO_TXL) + ACROSS, ["no-tunnel-at-peer"] * 2, "fra-gw's tunnel 'hub-tunnel'", True),
    ("hub: the tunnel to one branch", HUB, vdcs("txl: {gateway: {tunnels: {fra-tunnel: null}}}") + ACROSS, ["no-tunnel-at-peer"],
     "txl-gw has no tunnel to 203.0.113.30", True),
    ("hub: no tunnel to one branch, on neither side", HUB, vdcs("txl: {gateway: {tunnels: {fra-tunnel: null}}}, fra: {gateway: {tunnels: null}}") +
     ACROSS, ["no-tunnel"], "Neither txl-gw (203.0.113.10) nor fra-gw (203.0.113.30)", False),
    ("hub: remoteHost of a branch is nobody, not meant for the other branch", HUB, vdcs(tunnel("lhr", "hub-tunnel", NOBODY)) + ACROSS,
     ["wrong-remote-host"], "txl-gw is at 203.0.113.10", True),
    ("hub: remoteHost of a branch is the other branch", HUB, vdcs(tunnel("lhr", "hub-tunnel", "{remoteHost: 203.0.113.30}")) + ACROSS,
     ["wrong-remote-host"], "is 203.0.113.30 (fra-gw); txl-gw is at 203.0.113.10", True),
    ("hub: a tunnel of the hub leads to another branch", HUB, vdcs(tunnel("txl", "fra-tunnel", "{remoteHost: 203.0.113.40}")) + ACROSS,
     ["wrong-remote-host"], "is 203.0.113.40 (par-gw); fra-gw is at 203.0.113.30", True),
    ("a segment that one gateway's address is not in", TWO, "internet: {kind: segment, subnet: 203.0.113.0/28}\n" + BOTH,
     ["gateway-outside-segment"], "lhr-gw's public address 203.0.113.20 is not in the segment's subnet 203.0.113.0/28", True),
    ("between public addresses of a segment that one of them is not in", TWO, "internet: {kind: segment, subnet: 203.0.113.0/28}\n"
     "cleartext: allowed\nsteps:\n  - wait: 5s\n  - ping: {from: txl-gw, to: 203.0.113.20}\n", ["gateway-outside-segment"],
     "lhr-gw's public address 203.0.113.20", True),
    ("mesh: the networks of two tunnels are swapped", MESH, vdcs("txl: {gateway: {tunnels: {lhr-tunnel: {peerNetworkCIDRs: [192.168.3.0/24]}, "
     "fra-tunnel: {peerNetworkCIDRs: [192.168.2.0/24]}}}}") + ALL_OF_MESH, ["selector-mismatch"] * 2,
     "txl-gw's tunnel 'lhr-tunnel' has 192.168.3.0/24 as peerNetworkCIDRs", True),
    ("mesh: the remoteHosts of two tunnels are swapped", MESH, vdcs("txl: {gateway: {tunnels: {lhr-tunnel: {remoteHost: 203.0.113.30}, "
     "fra-tunnel: {remoteHost: 203.0.113.20}}}}") + ALL_OF_MESH, ["wrong-remote-host"] * 2,
     "remoteHost of tunnel 'lhr-tunnel' on txl-gw is 203.0.113.30 (fra-gw); lhr-gw is at 203.0.113.20", True),
    ("mesh of one key: the networks of two tunnels are swapped", MESH, vdcs(ONE_KEY.format("peerNetworkCIDRs: [192.168.3.0/24]",
     "peerNetworkCIDRs: [192.168.2.0/24]")) + ALL_OF_MESH, ["selector-mismatch"] * 2, "'lhr-tunnel' has 192.168.3.0/24 as peerNetworkCIDRs", True),
    ("mesh: a tunnel with itself, and another one that is for the same network", MESH, vdcs("fra: {gateway: {tunnels: {lhr-tunnel: {remoteHost: "
     "203.0.113.30}, txl-tunnel: {peerNetworkCIDRs: [192.168.2.0/24]}}}}") + PINGS.format("fra-host1", "lhr-host1") + "  - ping: {from: fra-host1, to: "
     "txl-host1}\n  - ping: {from: txl-host1, to: fra-host1}\n", ["wrong-remote-host", "selector-mismatch"], "lhr-gw is at 203.0.113.20", True),
    ("mesh: remoteHost is another one's, for any network: the key tells whose it is", MESH, vdcs(tunnel("txl", "lhr-tunnel", "{remoteHost: "
     "203.0.113.30, peerNetworkCIDRs: [0.0.0.0/0]}")) + ALL_OF_MESH, ["wrong-remote-host"], "is 203.0.113.30 (fra-gw); lhr-gw is at 203.0.113.20", True),
    ("mesh: a tunnel is missing, and a third gateway that has its own says any", MESH, vdcs("lhr: {gateway: {tunnels: {fra-tunnel: {cloudNetworkCIDRs: "
     "[0.0.0.0/0]}}}}, txl: {gateway: {tunnels: {fra-tunnel: null}}}") + PINGS.format("txl-host1", "fra-host1"), ["no-tunnel-at-peer"],
     "txl-gw has no tunnel to 203.0.113.30, so it refuses fra-gw's tunnel 'txl-tunnel'", True),
    ("extended sequence numbers on one side, strict", TWO, vdcs("txl: {gateway: {behaviour: {esn: true, negotiation: strict}}}") + BOTH,
     ["esn-mismatch"], "txl-gw is strict and has esn: true", True),
    # hosts and addresses
    ("a host's address is none of its LAN", TWO, vdcs("txl: {hosts: {txl-host1: {address: 192.168.5.11}}}") + BOTH, ["host-outside-lan"],
     "txl-host1's address 192.168.5.11 is not in LAN 1 (192.168.1.0/24)", True),
    ("a LAN's subnet is what is wrong, and its hosts get along", TWO, "vdcs: {txl: {lans: {1: {subnet: 192.168.9.0/24, dhcpPool: null}}, gateway: "
     "{tunnels: {lhr-tunnel: {auth: {psk: {key: 'another key that has 32 characters'}}}}}}}\n" + BOTH, ["psk-mismatch"], "The key", True),
    ("a host has its gateway's address", TWO, vdcs("txl: {hosts: {txl-host1: {address: 192.168.1.5}}}") + BOTH, ["duplicate-address"],
     "txl-gw and txl-host1 both have the address 192.168.1.5", True),
    ("a step took the route away", TWO, BOTH.replace("  - ping", "  - route: {on: lhr-host1, remove: 192.168.1.0/24}\n  - ping", 1),
     ["missing-host-route"], "its route to it was taken away", False),
    ("an address on the own LAN that nobody has", TWO, "steps:\n  - ping: {from: txl-host1, to: 192.168.1.99}\n", ["nobody-there"],
     "192.168.1.99 in LAN 1 (192.168.1.0/24) of txl", False),
    ("a public address that nobody has", TWO, "cleartext: allowed\nsteps:\n  - wait: 5s\n  - ping: {from: txl-gw, to: 203.0.113.99}\n", ["nobody-there"],
     "it is in no LAN", False),
    ("a TTL that ends on the internet", TWO, "cleartext: allowed\nsteps:\n  - wait: 5s\n  - ping: {from: txl-gw, to: 203.0.113.20, ttl: 3}\n",
     ["ttl-exceeded"], "is used up at 198.51.100.3, hop 3", False),
    ("a host of the other VDC has the same address, and so has the sender", TWO, vdcs(SAME.format(11, 22)) + PINGS.format("txl-host1", "lhr-host1"),
     ["overlapping-subnets"], "txl-host1 has the address 192.168.1.11 as well, and takes what is for lhr-host1", True),
    ("a host of the other VDC has a neighbour's address", TWO, vdcs(SAME.format(11, 22)) + "cleartext: allowed\nsteps:\n  - wait: 5s\n"
     "  - ping: {from: txl-host2, to: lhr-host1}\n", ["overlapping-subnets"], "txl-host1 has the address 192.168.1.11 as well", True),
    ("one subnet in both VDCs, and in no tunnel's networks", TWO, vdcs("lhr: {lans: {2: {subnet: 192.168.1.0/24, dhcpPool: null}}, hosts: {lhr-host1: "
     "{address: 192.168.1.21}, lhr-host2: {address: 192.168.1.22}}, gateway: {connections: [{lanId: 2, ipv4CIDR: 192.168.1.6/24}]}}") + BOTH,
     ["overlapping-subnets"], "LAN 1 (192.168.1.0/24) of txl and LAN 2 (192.168.1.0/24) of lhr overlap", True),
    ("one subnet in both VDCs: a gateway looks on its own LAN", TWO, vdcs("lhr: {lans: {2: {subnet: 192.168.1.0/24, dhcpPool: null}}, hosts: {lhr-host1: "
     "{address: 192.168.1.21}, lhr-host2: {address: 192.168.1.22}}, gateway: {connections: [{lanId: 2, ipv4CIDR: 192.168.1.6/24}]}}") +
     "cleartext: allowed\nsteps:\n  - wait: 12s\n  - ping: {from: txl-gw, to: lhr-host1}\n", ["overlapping-subnets"],
     "txl-gw looks for 192.168.1.21 on its own LAN", True),
    ("hub: one subnet in two branches", HUB, vdcs("fra: {lans: {1: {subnet: 192.168.2.0/24}}, hosts: {fra-host1: {address: 192.168.2.21, routes: "
     "{192.168.0.0/16: 192.168.2.6}}}, gateway: {connections: [{lanId: 1, ipv4CIDR: 192.168.2.6/24}], tunnels: {hub-tunnel: {cloudNetworkCIDRs: "
     "[192.168.2.0/24]}}}}, " + tunnel("txl", "fra-tunnel", "{peerNetworkCIDRs: [192.168.2.0/24]}")) + PINGS.format("txl-host1", "fra-host1"),
     ["overlapping-subnets"], "what is for 192.168.2.21 went into 'lhr-tunnel', and came out at lhr-gw", True),
    ("a host's prefix is too wide, and its gateway has moved: its route says what it sends", TWO, vdcs("txl: {hosts: {txl-host1: {address: "
     "192.168.1.11/16}}, gateway: {connections: [{lanId: 1, ipv4CIDR: 192.168.7.5/24}]}}") + BOTH, ["gateway-not-on-lan"],
     "its address there is 192.168.7.5/24", True),
    ("a host's prefix is too wide, and its route leads to a neighbour", TWO, vdcs("txl: {hosts: {txl-host1: {address: 192.168.1.11/16, routes: "
     "{192.168.2.0/24: 192.168.1.12}}}}") + BOTH, ["wrong-next-hop"], "to 192.168.1.12 (txl-host2)", True),
    ("a host has the address of another LAN, and its gateway is no neighbour of it then", TWO, vdcs("txl: {lans: {3: {subnet: 192.168.3.0/24}}, hosts: "
     "{txl-host3: {lan: 3, address: 192.168.1.13/24, routes: {192.168.2.0/24: 192.168.3.5}}}, gateway: {behaviour: {rpFilter: strict}, connections: "
     "[{lanId: 1, ipv4CIDR: 192.168.1.5/24}, {lanId: 3, ipv4CIDR: 192.168.3.5/24}], tunnels: {lhr-tunnel: {cloudNetworkCIDRs: [192.168.1.0/24, "
     "192.168.3.0/24]}}}}, " + tunnel("lhr", "txl-tunnel", "{peerNetworkCIDRs: [192.168.1.0/24, 192.168.3.0/24]}")) +
     "steps:\n  - wait: 5s\n  - traffic: {from: txl-host3, to: lhr-host1, rate: 100kbit, size: 100, for: 1s}\n", ["host-outside-lan"], "txl-host3's address 192.168.1.13 is not in LAN 3 (192.168.3.0/24)", True),
    # gateways
    ("a gateway sends while the tunnel is down: its address is not the cause", TWO, vdcs(tunnel("txl", "lhr-tunnel", "{auth: {psk: {key: "
     "'another key that has 32 characters'}}}")) + PINGS.format("txl-gw", "lhr-host1"), ["psk-mismatch"], "The key", True),
    ("a gateway sends, and the peer's networks leave its address out", TWO, vdcs(tunnel("lhr", "txl-tunnel", "{peerNetworkCIDRs: [192.168.1.12/32]}")) +
     "cleartext: allowed\nsteps:\n  - wait: 12s\n  - ping: {from: txl-gw, to: lhr-host1}\n", ["selector-mismatch"], "192.168.1.5 is not in it", True),
    ("a gateway sends, remoteHost is nobody, and there is no tunnel at the peer", TWO, vdcs(tunnel("txl", "lhr-tunnel", NOBODY) + f", {NO_LHR}") +
     PINGS.format("txl-gw", "lhr-gw"), ["no-tunnel-at-peer", "wrong-remote-host"], "lhr-gw has no tunnel to 203.0.113.10", True),
    ("a gateway's address is in no LAN, and traps wait: its own host", TWO, vdcs(ASTRAY) + PINGS.format("txl-host1", "txl-gw"), ["gateway-not-on-lan"],
     "txl-gw has no address in LAN 1 (192.168.1.0/24) (its address there is 192.168.7.5/24)", True),
    ("a gateway's address is in no LAN, and traps wait: the peer's host", TWO, vdcs(ASTRAY) + "cleartext: allowed\nsteps:\n  - wait: 12s\n"
     "  - ping: {from: lhr-host1, to: txl-gw}\n", ["gateway-not-on-lan"], "its address there is 192.168.7.5/24", True),
    ("mesh: one of its tunnels on one side alone", MESH, vdcs("txl: {gateway: {tunnels: {fra-tunnel: null}}}") +
     PINGS.format("txl-host1", "fra-host1"), ["no-tunnel-at-peer"], "txl-gw has no tunnel to 203.0.113.30", True),
    ("hub: any at the branch, and a list too short at the hub", HUB, vdcs("txl: {gateway: {tunnels: {fra-tunnel: {cloudNetworkCIDRs: [192.168.1.0/24]}}}}, " +
     tunnel("fra", "hub-tunnel", "{peerNetworkCIDRs: [0.0.0.0/0]}")) + ACROSS, ["selector-mismatch"], "narrowed to what both name", True),
    ("hub: a hub does not forward, and nobody initiates", HUB, vdcs(", ".join(f"{vdc}: {{gateway: {{behaviour: {{start: by-hand{more}}}}}}}" for vdc, more in
     (("txl", ", ipForward: false"), ("lhr", ""), ("fra", "")))) + ACROSS.rsplit("  - ping", 1)[0],
     ["not-initiated", "forwarding-off", "not-initiated"], "txl-gw does not forward packets", True),
    ("hub: a route-based hub has no address in its branches", HUB, vdcs("txl: {gateway: {behaviour: {vpn: route-based}}}") + ACROSS,
     ["gateway-outside-selectors"] * 2, "and being route-based it gives the child SA up", True),
    # time
    ("a gateway that is off was not restarted", TWO, BOTH.replace("  - ping", "  - stop: txl-gw\n  - ping", 1), ["outage"], "txl-gw was down from 12 s on", False),
    ("a clock jumps, and SAs expire", TWO, vdcs("txl: {gateway: {behaviour: {dpdDelay: 0s}}}, lhr: {gateway: {behaviour: {dpdDelay: 0s}}}") +
     "steps:\n  - wait: 12s\n  - fault: {on: txl-gw, clockJump: 2d}\n  - ping: {from: txl-host1, to: lhr-host1, count: 1}\n", ["sa-expired"],
     "the clock of txl-gw jumped 2d ahead at 12 s", False),
    # what becomes of IKE and ESP between the two that matter
    ("hub: UDP 500 of one branch is blocked", HUB, firewall("{drop: udp port 500 and host 203.0.113.20}") + ACROSS, ["udp-blocked"],
     "that txl-gw sends to lhr-gw on UDP 500 are", False),
    ("hub: UDP 4500 of the other branch is blocked", HUB, firewall("{drop: udp port 4500 and host 203.0.113.30}") + ACROSS, ["udp-blocked"],
     "to fra-gw on UDP 4500 (those on UDP 500 pass)", True),
    ("hub: ESP of one branch is blocked", HUB, firewall("{drop: esp, from: lhr-gw}") + ACROSS, ["esp-blocked"],
     "that lhr-gw sends to txl-gw", True),
    ("hub: ESP to one branch is blocked", HUB, firewall("{drop: esp and dst host 203.0.113.30}") + ACROSS, ["esp-blocked"],
     "that txl-gw sends to fra-gw", True),
    ("route-based: ESP in UDP is blocked one way", TWO, ROUTE_BASED + firewall("{drop: udp port 4500, from: txl-gw}") + BOTH, ["udp-blocked"] * 2,
     "The ESP packets that txl-gw sends to lhr-gw on UDP 4500", False),
    ("the answer that tells of an SA is blocked", TWO, firewall("{drop: udp port 4500, from: txl-gw}") + BOTH, ["udp-blocked"],
     "that txl-gw sends to lhr-gw on UDP 4500", True),
    ("UDP 500 passed only before the fault came", TWO, vdcs("txl: {gateway: {behaviour: {dpdDelay: 5s}}}") +
     "cleartext: allowed\nsteps:\n  - wait: 5s\n  - fault: {on: internet, drop: udp}\n  - wait: 10m\n"
     "  - ping: {from: txl-host1, to: lhr-host1}\n", ["udp-blocked"], "on UDP 500 are", False),
    ("IKE messages are too large for a link that says nothing", TWO, "internet: {mtu: 400, mtuSilent: true}\n" + BOTH,
     ["path-mtu-black-hole"], "Packets larger than 400 bytes are dropped on internet", False),
    ("a path that a fault made small, and that says so", TWO, "steps:\n  - wait: 5s\n  - fault: {on: internet, mtu: 900}\n"
     "  - ping: {from: txl-gw, to: 203.0.113.20, size: 1300, dontFragment: true, count: 1}\n", ["packet-too-big"], "the 900 bytes that internet", False),
    ("a host knows the path's MTU: who told it", TWO, "internet: {mtu: 900}\ncleartext: allowed\nsteps:\n  - wait: 5s\n"
     "  - ping: {from: txl-host1, to: lhr-host1, size: 1300}\n  - ping: {from: txl-host1, to: lhr-host1, size: 1300, dontFragment: true, count: 1}\n"
     "  - ping: {from: txl-host1, to: lhr-host1, size: 1300, dontFragment: true, count: 1}\n", ["packet-too-big"], "the 846 bytes that txl-gw can", False),
    ("a packet that is too large for the path as ESP: what fits is told once, as its sender counts it", TWO, "internet: {mtu: 1400}\nsteps:\n"
     "  - wait: 5s\n  - ping: {from: txl-host1, to: lhr-host1, size: 1372, dontFragment: true}\n", ["packet-too-big"],
     "is larger than the 1346 bytes that txl-gw can send on", False),
    ("IKE messages are corrupted", TWO, "internet: {corrupt: 100%}\n" + BOTH, ["corruption"], "internet corrupts packets", False),
    ("ARP is corrupted", TWO, BOTH.replace("  - wait", "  - fault: {on: txl/1, corrupt: 100%}\n  - wait"), ["corruption"],
     "txl/1 corrupts packets, and txl-host1 finds out: no answer to ARP", False),
    ("identities behind a NAT router: its closed way in is no cause", TWO, "internet: {nat: {txl-gw: {publicIP: 203.0.113.10}}}\n" + BOTH,
     ["identity-mismatch"], "txl-gw calls itself '10.0.0.10'", True),
]
