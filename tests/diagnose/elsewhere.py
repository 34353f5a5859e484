"""Further cases of test_causes.py, on topologies that the catalog's misconfigured/ does not have: hubs, several LANs, several
tunnels, changes while the world runs. The form is that of cases.py, over the base that each names."""
from cases import txl

HUB = "mesh/hub-and-spokes.yaml"
MESH = "mesh/three-vdcs.yaml"
TWO = "_two-vdcs.yaml"
ACROSS = "\ncleartext: allowed\nexpect: []\nsteps:\n  - wait: 10s\n  - ping: {from: lhr-host1, to: fra-host1}\n"
BOTH = "steps:\n  - wait: 3s\n  - ping: {from: txl-host1, to: lhr-host1}\n  - ping: {from: lhr-host1, to: txl-host1}\n"
LANS = "lans: {3: {subnet: 192.168.3.0/24}}"
WRONG = "{auth: {psk: {key: 'another key that has 32 characters'}}}"

CASES = [
    # hubs: the second tunnel of a way, too
    ("hub: key of the first tunnel", HUB, f"vdcs: {{lhr: {{gateway: {{tunnels: {{hub-tunnel: {WRONG}}}}}}}}}" + ACROSS,
     ["psk-mismatch"], "another key", True),
    ("hub: key of the second tunnel", HUB, f"vdcs: {{fra: {{gateway: {{tunnels: {{hub-tunnel: {WRONG}}}}}}}}}" + ACROSS,
     ["psk-mismatch"], "another key", True),
    ("hub: both keys", HUB, f"vdcs: {{lhr: {{gateway: {{tunnels: {{hub-tunnel: {WRONG}}}}}}}, fra: {{gateway: {{tunnels: {{hub-tunnel: {WRONG}}}}}}}}}" + ACROSS,
     ["psk-mismatch"], "another key", True),
    ("hub: a branch left out on the hub alone", HUB, "vdcs: {txl: {gateway: {tunnels: {fra-tunnel: {cloudNetworkCIDRs: "
     "[192.168.1.0/24, 192.168.4.0/24]}}}}}" + ACROSS, ["selector-mismatch"], "192.168.1.0/24, 192.168.4.0/24", True),
    ("hub: a branch left out on both ends", HUB, "vdcs: {txl: {gateway: {tunnels: {fra-tunnel: {cloudNetworkCIDRs: [192.168.1.0/24, "
     "192.168.4.0/24]}}}}, fra: {gateway: {tunnels: {hub-tunnel: {peerNetworkCIDRs: [192.168.1.0/24, 192.168.4.0/24]}}}}}" + ACROSS,
     ["source-not-in-selectors"], "192.168.1.0/24, 192.168.4.0/24", True),
    ("hub: a /16 instead of lists", HUB, "vdcs: {lhr: {gateway: {tunnels: {hub-tunnel: {peerNetworkCIDRs: [192.168.0.0/16]}}}}, "
     "txl: {gateway: {tunnels: {lhr-tunnel: {cloudNetworkCIDRs: [192.168.0.0/16]}}}}}" + ACROSS,
     ["any-captures-lan"], "192.168.0.0/16", True),
    ("hub: no tunnel to the second branch", HUB, "vdcs: {fra: {gateway: {tunnels: null}}}" + ACROSS, ["no-tunnel-at-peer"], None, True),
    ("mesh: two tunnels for one network", MESH, "vdcs: {txl: {gateway: {tunnels: {fra-tunnel: {peerNetworkCIDRs: [192.168.2.0/24, "
     "192.168.3.0/24]}}}}, fra: {gateway: {tunnels: {txl-tunnel: {cloudNetworkCIDRs: [192.168.2.0/24, 192.168.3.0/24]}}}}}\n"
     "cleartext: allowed\nexpect: []\nsteps:\n  - wait: 10s\n  - ping: {from: txl-host1, to: lhr-host1}\n"
     "  - ping: {from: lhr-host1, to: txl-host1}\n  - ping: {from: txl-host1, to: fra-host1}\n",
     ["overlapping-peer-networks"], "192.168.3.0/24", True),
    # several LANs
    ("next hop is the gateway's address in another LAN", TWO, txl(LANS + ", hosts: {txl-host3: {lan: 3, address: 192.168.3.11, routes: "
     "{192.168.2.0/24: 192.168.1.5}}}, gateway: {connections: [{lanId: 1, ipv4CIDR: 192.168.1.5/24}, {lanId: 3, ipv4CIDR: "
     "192.168.3.5/24}], tunnels: {lhr-tunnel: {cloudNetworkCIDRs: [192.168.1.0/24, 192.168.3.0/24]}}}",
     ", lhr: {hosts: {lhr-host1: {routes: {192.168.3.0/24: 192.168.2.5}}}, gateway: {tunnels: {txl-tunnel: {peerNetworkCIDRs: "
     "[192.168.1.0/24, 192.168.3.0/24]}}}}") +
     "steps:\n  - wait: 3s\n  - ping: {from: txl-host3, to: lhr-host1}\n  - ping: {from: lhr-host1, to: txl-host3}\n",
     ["wrong-next-hop"], "192.168.1.5", True),
    ("two connections swapped", TWO, txl(LANS + ", gateway: {connections: [{lanId: 1, ipv4CIDR: 192.168.3.5/24}, "
     "{lanId: 3, ipv4CIDR: 192.168.1.5/24}]}") + BOTH, ["gateway-not-on-lan"], "192.168.3.5/24", True),
    ("the gateway's prefix leaves a host out", TWO, txl("hosts: {txl-host1: {address: 192.168.1.200}}, gateway: {connections: "
     "[{lanId: 1, ipv4CIDR: 192.168.1.5/25}]}") + BOTH, ["wrong-gateway-mask"], "192.168.1.5/25", True),
    ("one subnet for two LANs of a VDC", TWO, txl("lans: {3: {subnet: 192.168.1.0/24}}, hosts: {txl-host3: {lan: 3, address: "
     "192.168.1.13, routes: {192.168.2.0/24: 192.168.1.6}}}, gateway: {connections: [{lanId: 1, ipv4CIDR: 192.168.1.5/24}, "
     "{lanId: 3, ipv4CIDR: 192.168.1.6/24}]}") + "steps:\n  - wait: 3s\n  - ping: {from: txl-host3, to: lhr-host1}\n",
     ["overlapping-subnets"], "192.168.1.0/24", True),
    ("a route for half of the peer's network", TWO, txl("hosts: {txl-host1: {routes: {192.168.2.0/24: null, 192.168.2.128/25: 192.168.1.5}}}")
     + BOTH, ["missing-host-route"], "txl-host1", True),
    ("a longer route to nobody", TWO, txl("hosts: {txl-host1: {routes: {192.168.2.11/32: 192.168.1.99}}}") + BOTH,
     ["wrong-next-hop"], "192.168.1.99", True),
    # faults of steps: the one that does what was seen
    ("a link loses packets, and carries small ones alone", TWO, "steps:\n  - wait: 5s\n  - fault: {on: internet, mtu: 900, mtuSilent: true}\n"
     "  - fault: {on: internet, loss: 1%}\n  - ping: {from: txl-host1, to: lhr-host1, size: 1300, dontFragment: true}\n",
     ["path-mtu-black-hole"], "mtu: 900", False),
    ("a link carries small packets alone, and is down", TWO, "steps:\n  - wait: 5s\n  - fault: {on: internet, down: true}\n"
     "  - fault: {on: internet, mtu: 900}\n  - ping: {from: txl-host1, to: lhr-host1}\n", ["outage"], "down: true", False),
    ("two filters on one link", TWO, "steps:\n  - wait: 5s\n  - fault: {on: txl/1, drop: icmp}\n  - fault: {on: txl/1, drop: tcp}\n"
     "  - ping: {from: txl-host1, to: lhr-host1}\n", ["packet-loss"], "drop: icmp", False),
    ("one direction loses, the other one is down", TWO, "steps:\n  - wait: 5s\n  - fault: {on: internet, from: lhr-gw, drop: esp}\n"
     "  - fault: {on: internet, from: txl-gw, drop: arp}\n  - ping: {from: txl-host1, to: lhr-host1}\n", ["esp-blocked"], "from: lhr-gw", True),
    ("both directions are down, since two steps", TWO, "steps:\n  - wait: 5s\n  - fault: {on: internet, from: txl-gw, down: true}\n"
     "  - fault: {on: internet, from: lhr-gw, down: true}\n  - ping: {from: txl-host1, to: lhr-host1}\n", ["outage"], "from: txl-gw", False),
    # changes
    ("a key changed, and changed back", TWO, "cleartext: allowed\nsteps:\n  - wait: 3s\n"
     "  - ping: {from: txl-host1, to: lhr-host1}\n"
     f"  - change: {{vdcs: {{lhr: {{gateway: {{tunnels: {{txl-tunnel: {WRONG}}}}}}}}}}}\n"
     "  - wait: 40s\n  - ping: {from: txl-host1, to: lhr-host1}\n"
     "  - change: {vdcs: {lhr: {gateway: {tunnels: {txl-tunnel: {auth: {psk: {key: Zq3vT8mXw2Lr9Kc5HsYd7Nf1Gb4Jp6Ua}}}}}}}}\n"
     "  - wait: 40s\n  - ping: {from: txl-host1, to: lhr-host1}\n", ["psk-mismatch"], "another key", True),
    ("a route taken away, too late to blame it for the first loss", TWO,
     "vdcs: {lhr: {hosts: {lhr-host1: {routes: null}}}}\nsteps:\n  - wait: 3s\n  - ping: {from: txl-host1, to: lhr-host1}\n"
     "  - change: {vdcs: {lhr: {hosts: {lhr-host1: {routes: {192.168.1.0/24: 192.168.2.5}}}}, txl: {gateway: {behaviour: {ipForward: false}}}}}\n"
     "  - wait: 5s\n  - ping: {from: txl-host1, to: lhr-host1}\n", ["missing-host-route", "forwarding-off"], "lhr-host1", True),
    # what has no cause in the configuration is not given one
    ("a gateway's public address, from a private one", TWO, txl("hosts: {txl-host1: {defaultGateway: 192.168.1.5}}") +
     "cleartext: allowed\nsteps:\n  - wait: 3s\n  - ping: {from: txl-host1, to: 203.0.113.20}\n", ["private-to-public"], None, False),
]
