"""The cases of test_causes.py: small scenarios over the catalog's base of two VDCs.

Each is (name, YAML, codes found in their order, the text that stands in the line of the first cause's place
(None: no place is asked about), whether the remedy can be applied by itself and makes every ping pass)."""

PING = """
steps:
  - wait: 8s
  - ping: {from: txl-host1, to: lhr-host1}
"""
BOTH_WAYS = PING + "  - ping: {from: lhr-host1, to: txl-host1}\n"
STRICT = "behaviour: {negotiation: strict}"


def txl(text, rest=""):
    return f"vdcs: {{txl: {{{text}}}{rest}}}\n"


def txl_tunnel(text, behaviour="", lhr=""):
    gateway = f"tunnels: {{lhr-tunnel: {{{text}}}}}" + (f", {behaviour}" if behaviour else "")
    return txl(f"gateway: {{{gateway}}}", f", lhr: {{gateway: {{{lhr}}}}}" if lhr else "")


ANY = "[0.0.0.0/0]"

CASES = [
    # hosts
    ("route missing on the sender", txl("hosts: {txl-host1: {routes: null}}") + PING,
     ["missing-host-route"], "txl-host1: {routes", True),
    ("route missing on the receiver", "vdcs: {lhr: {hosts: {lhr-host1: {routes: null}}}}\n" + PING,
     ["missing-host-route"], "lhr-host1: {routes", True),
    ("a default gateway instead of a route",
     txl("hosts: {txl-host1: {routes: null, defaultGateway: 192.168.1.1}}") + PING,
     ["missing-host-route"], "txl-host1: {routes", True),
    ("next hop is another host", txl("hosts: {txl-host1: {routes: {192.168.2.0/24: 192.168.1.12}}}") + PING,
     ["wrong-next-hop"], "192.168.1.12", True),
    ("next hop is nobody", txl("hosts: {txl-host1: {routes: {192.168.2.0/24: 192.168.1.99}}}") + PING,
     ["wrong-next-hop"], "192.168.1.99", True),
    ("next hop is not on the LAN", txl("hosts: {txl-host1: {routes: {192.168.2.0/24: 192.168.7.5}}}") + PING,
     ["wrong-next-hop"], "192.168.7.5", True),
    ("prefix too wide", txl("lans: {1: {subnet: 192.168.0.0/16, dhcpPool: null}}, hosts: {txl-host1: {routes: null, defaultGateway: 192.168.1.5}}") + PING,
     ["wrong-host-mask"], "192.168.0.0/16", True),
    ("two hosts with one address", txl("hosts: {txl-host2: {address: 192.168.1.11}}") +
     "steps:\n  - ping: {from: txl-host1, to: lhr-host1, count: 10}\n    at: 3s\n    background: true\n"
     "  - ping: {from: txl-host2, to: lhr-host1, count: 1}\n    at: 7500ms\n",
     ["duplicate-address"], "txl-host2: {address", True),
    ("a host has the gateway's address", txl("hosts: {txl-host2: {address: 192.168.1.5}}") +
     "steps:\n  - wait: 3s\n  - ping: {from: txl-host2, to: txl-host1, count: 1}\n  - ping: {from: txl-host1, to: lhr-host1}\n",
     ["duplicate-address"], "txl-host2: {address", True),
    ("the gateway is on another LAN",
     txl("lans: {3: {subnet: 192.168.3.0/24}}, gateway: {connections: [{lanId: 3, ipv4CIDR: 192.168.3.5/24}]}") + PING,
     ["gateway-not-on-lan"], "gateway:", True),
    ("the gateway is not on a LAN of two addresses",
     txl("lans: {3: {subnet: 10.9.0.0/30}}, hosts: {txl-host1: {lan: 3, address: 10.9.0.1, routes: {192.168.2.0/24: 10.9.0.2}}}") + PING,
     ["gateway-not-on-lan", "source-not-in-selectors", "missing-host-route"], "gateway:", True),
    ("one subnet twice",
     "vdcs: {lhr: {lans: {2: {subnet: 192.168.1.0/24, dhcpPool: null}}, hosts: {lhr-host1: {address: 192.168.1.21, routes: null}, "
     "lhr-host2: {address: 192.168.1.22, routes: null}}, gateway: {connections: [{lanId: 2, ipv4CIDR: 192.168.1.6/24}], "
     "tunnels: {txl-tunnel: {cloudNetworkCIDRs: [192.168.1.0/24]}}}}, "
     "txl: {gateway: {tunnels: {lhr-tunnel: {peerNetworkCIDRs: [192.168.1.0/24]}}}}}\n" + PING,
     ["overlapping-subnets"], "subnet", True),
    ("prefix of one host too wide", txl("hosts: {txl-host1: {address: 192.168.1.11/16, routes: null}}") + BOTH_WAYS,
     ["wrong-host-mask"], "192.168.1.11/16", True),
    ("prefix of one host too narrow", txl("hosts: {txl-host1: {address: 192.168.1.11/30}}") + BOTH_WAYS,
     ["wrong-host-mask"], "192.168.1.11/30", True),
    ("a neighbour out of reach", txl("hosts: {txl-host1: {address: 192.168.1.11/30}, txl-host2: {address: 192.168.1.77}}") +
     "steps:\n  - ping: {from: txl-host1, to: txl-host2}\n", ["wrong-host-mask"], "192.168.1.11/30", True),
    # policies
    ("0/0 on both sides", txl_tunnel(f"cloudNetworkCIDRs: {ANY}, peerNetworkCIDRs: {ANY}", "",
     f"tunnels: {{txl-tunnel: {{cloudNetworkCIDRs: {ANY}, peerNetworkCIDRs: {ANY}}}}}") + PING,
     ["both-sides-any"], "0.0.0.0/0", True),
    ("0/0 on both sides, route-based",
     txl_tunnel(f"cloudNetworkCIDRs: {ANY}, peerNetworkCIDRs: {ANY}", "behaviour: {vpn: route-based}",
     f"behaviour: {{vpn: route-based}}, tunnels: {{txl-tunnel: {{cloudNetworkCIDRs: {ANY}, peerNetworkCIDRs: {ANY}}}}}") + PING,
     ["both-sides-any", "route-to-peer-in-tunnel"], "0.0.0.0/0", True),
    ("a route that covers the peer, route-based",
     txl_tunnel("peerNetworkCIDRs: [192.168.2.0/24, 203.0.113.0/24]", "behaviour: {vpn: route-based}",
     "behaviour: {vpn: route-based}, tunnels: {txl-tunnel: {cloudNetworkCIDRs: [192.168.2.0/24, 203.0.113.0/24]}}") + PING,
     ["route-to-peer-in-tunnel"], "203.0.113.0/24", True),
    ("own subnets bypassed into the tunnel", txl("gateway: {behaviour: {vpn: route-based, bypassLan: true}}") + BOTH_WAYS,
     ["bypass-into-tunnel"], "bypassLan", True),
    ("the segment bypassed into the tunnel", txl("gateway: {behaviour: {vpn: route-based, bypassLan: true}}") +
     "internet: {kind: segment, subnet: 203.0.113.0/24}\ncleartext: allowed\n" + PING, ["bypass-into-tunnel"], "bypassLan", True),
    ("0/0 that survives: replies circle", txl_tunnel(f"peerNetworkCIDRs: {ANY}", "",
     f"tunnels: {{txl-tunnel: {{cloudNetworkCIDRs: {ANY}}}}}") + "cleartext: allowed\n" + PING,
     ["both-sides-any"], "0.0.0.0/0", True),
    ("0/0 in a trap", txl_tunnel(f"peerNetworkCIDRs: {ANY}", "behaviour: {start: on-traffic}") + "cleartext: allowed\n" + PING,
     ["any-captures-lan"], "0.0.0.0/0", True),
    ("forwarding off here", txl("gateway: {behaviour: {ipForward: false}}") + PING,
     ["forwarding-off"], "ipForward", True),
    ("forwarding off there", "vdcs: {lhr: {gateway: {behaviour: {ipForward: false}}}}\n" + PING,
     ["forwarding-off"], "ipForward", True),
    ("outside what both sides carry",
     "vdcs: {lhr: {lans: {4: {subnet: 192.168.4.0/24}}, hosts: {lhr-host4: {lan: 4, address: 192.168.4.11, routes: "
     "{192.168.1.0/24: 192.168.4.5}}}, gateway: {connections: [{lanId: 2, ipv4CIDR: 192.168.2.5/24}, {lanId: 4, ipv4CIDR: "
     "192.168.4.5/24}]}}, txl: {hosts: {txl-host1: {routes: {192.168.4.0/24: 192.168.1.5}}}}}\ncleartext: allowed\n"
     "steps:\n  - wait: 3s\n  - ping: {from: txl-host1, to: lhr-host4}\n",
     ["outside-selectors"], "peerNetworkCIDRs", True),
    ("sender outside what the tunnel carries",
     "vdcs: {txl: {lans: {3: {subnet: 192.168.3.0/24}}, hosts: {txl-host3: {lan: 3, address: 192.168.3.11, routes: "
     "{192.168.2.0/24: 192.168.3.5}}}, gateway: {connections: [{lanId: 1, ipv4CIDR: 192.168.1.5/24}, {lanId: 3, ipv4CIDR: "
     "192.168.3.5/24}]}}, lhr: {hosts: {lhr-host1: {routes: {192.168.3.0/24: 192.168.2.5}}}}}\ncleartext: allowed\n"
     "steps:\n  - wait: 3s\n  - ping: {from: txl-host3, to: lhr-host1}\n",
     ["source-not-in-selectors"], "cloudNetworkCIDRs", True),
    ("no address in the own selectors", "vdcs: {lhr: {gateway: {tunnels: {txl-tunnel: {cloudNetworkCIDRs: [192.168.2.12/32]}}}}}\n"
     "internet: {kind: segment, subnet: 203.0.113.0/24}\nsteps:\n  - wait: 3s\n  - ping: {from: txl-host2, to: lhr-host2}\n",
     ["gateway-outside-selectors"], "192.168.2.12/32", True),
    ("strict reverse-path filter, one way",
     "vdcs: {txl: {lans: {3: {subnet: 192.168.3.0/24}}, hosts: {txl-host3: {lan: 3, address: 192.168.1.13/24, routes: "
     "{192.168.2.0/24: 192.168.1.5}}}, gateway: {behaviour: {rpFilter: strict}, connections: [{lanId: 1, ipv4CIDR: 192.168.1.5/24}, "
     "{lanId: 3, ipv4CIDR: 192.168.3.5/24}]}}}\n"
     "steps:\n  - wait: 3s\n  - traffic: {from: txl-host3, to: lhr-host1, rate: 100kbit, size: 100}\n",
     ["reverse-path-filter"], "rpFilter", True),
    ("strict reverse-path filter and 0/0", txl_tunnel(f"cloudNetworkCIDRs: {ANY}, peerNetworkCIDRs: {ANY}", "behaviour: {rpFilter: strict}",
     f"tunnels: {{txl-tunnel: {{cloudNetworkCIDRs: {ANY}, peerNetworkCIDRs: {ANY}}}}}") + PING, ["both-sides-any"], "0.0.0.0/0", True),
    ("a second LAN within the peer's networks",
     "vdcs: {txl: {lans: {3: {subnet: 10.1.0.0/24}}, hosts: {txl-host3: {lan: 3, address: 10.1.0.11}}, gateway: {connections: "
     "[{lanId: 1, ipv4CIDR: 192.168.1.5/24}, {lanId: 3, ipv4CIDR: 10.1.0.5/24}], tunnels: {lhr-tunnel: {peerNetworkCIDRs: "
     "[192.168.2.0/24, 10.0.0.0/8]}}}}, lhr: {gateway: {tunnels: {txl-tunnel: {cloudNetworkCIDRs: [192.168.2.0/24, 10.0.0.0/8]}}}}}\n"
     "steps:\n  - wait: 3s\n  - ping: {from: txl-host3, to: txl-gw}\n", ["any-captures-lan"], "10.0.0.0/8", True),
    ("the gateway's own ping", txl_tunnel("cloudNetworkCIDRs: [192.168.1.8/29]", "", "tunnels: {txl-tunnel: {peerNetworkCIDRs: "
     "[192.168.1.8/29]}}") + "steps:\n  - wait: 3s\n  - ping: {from: txl-gw, to: lhr-host1}\n",
     ["source-not-in-selectors"], "192.168.1.8/29", True),
    # IKE
    ("keys differ", txl_tunnel("auth: {psk: {key: 'another key that has 32 characters'}}") + "cleartext: allowed\n" + PING,
     ["psk-mismatch"], "another key", True),
    ("identities differ", txl_tunnel("remoteId: lhr.example") + "cleartext: allowed\n" + PING,
     ["identity-mismatch"], "lhr.example", True),
    ("identities differ, and are no plain words of YAML", txl_tunnel("localId: '@txl: #1'") + "cleartext: allowed\n" + PING,
     ["identity-mismatch"], None, True),
    ("IKE algorithms differ, strict", txl_tunnel("ike: {encryptionAlgorithm: AES256}", STRICT, STRICT) + "cleartext: allowed\n" + PING,
     ["ike-proposal-mismatch"], "AES256", True),
    ("ESP algorithms differ, strict", txl_tunnel("esp: {encryptionAlgorithm: AES256}", STRICT, STRICT) + "cleartext: allowed\n" + PING,
     ["esp-proposal-mismatch"], "AES256", True),
    ("ESP groups differ, strict", txl_tunnel("esp: {diffieHellmanGroup: 16-MODP4096}", STRICT, STRICT) +
     "cleartext: allowed\nsteps:\n  - wait: 3s\n  - ping: {from: txl-host1, to: lhr-host1}\n  - ping: {from: txl-host1, to: lhr-host1}\n    at: 2h\n",
     ["pfs-mismatch"], "16-MODP4096", True),
    ("selectors have nothing in common", txl_tunnel("peerNetworkCIDRs: [192.168.9.0/24]") + "cleartext: allowed\n" + PING,
     ["selector-mismatch"], "192.168.9.0/24", True),
    ("narrowed to another host", "vdcs: {lhr: {gateway: {tunnels: {txl-tunnel: {cloudNetworkCIDRs: [192.168.2.12/32]}}}}}\n"
     "cleartext: allowed\n" + PING, ["selector-mismatch"], "192.168.2.12/32", True),
    ("remoteHost is nobody", txl_tunnel("remoteHost: 203.0.113.99, remoteId: 203.0.113.20") + "cleartext: allowed\n" + PING,
     ["wrong-remote-host"], "203.0.113.99", True),
    ("no tunnel at the peer", "vdcs: {lhr: {gateway: {tunnels: null}}}\ncleartext: allowed\n" + PING,
     ["no-tunnel-at-peer"], None, True),
    ("no tunnel here", txl("gateway: {tunnels: null}") + "cleartext: allowed\n" + PING,
     ["no-tunnel-at-peer"], None, True),
    ("no tunnel at the peer, with names and 0/0", txl_tunnel("localId: txl.example, remoteId: lhr.example, cloudNetworkCIDRs: [0.0.0.0/0]",
     "", "tunnels: {txl-tunnel: null}") + "cleartext: allowed\n" + PING, ["no-tunnel-at-peer"], None, True),
    ("nobody begins", txl("gateway: {behaviour: {start: by-hand}}", ", lhr: {gateway: {behaviour: {start: by-hand}}}") +
     "cleartext: allowed\n" + PING, ["not-initiated"], None, True),
    ("the first packet meets a trap", txl("gateway: {behaviour: {start: on-traffic}}",
     ", lhr: {gateway: {behaviour: {start: on-traffic}}}") + PING, ["tunnel-not-up-yet"], None, True),
    # the way
    ("UDP blocked", "steps:\n  - fault: {on: internet, drop: udp}\n  - wait: 8s\n  - ping: {from: txl-host1, to: lhr-host1}\n"
     "cleartext: allowed\n", ["udp-blocked"], "drop: udp", False),
    ("UDP 4500 blocked", "steps:\n  - fault: {on: internet, drop: udp port 4500}\n  - wait: 8s\n"
     "  - ping: {from: txl-host1, to: lhr-host1}\ncleartext: allowed\n", ["udp-blocked"], "4500", False),
    ("ESP blocked", "steps:\n  - fault: {on: internet, drop: ip proto 50}\n  - wait: 8s\n  - ping: {from: txl-host1, to: lhr-host1}\n",
     ["esp-blocked"], "proto 50", False),
    ("ESP blocked on the way back", "steps:\n  - fault: {on: internet, drop: ip proto 50 and src host 203.0.113.20}\n  - wait: 8s\n"
     "  - ping: {from: txl-host1, to: lhr-host1}\n", ["esp-blocked"], "proto 50", False),
    ("path MTU black hole", "internet: {mtu: 1300, mtuSilent: true}\nsteps:\n  - wait: 3s\n  - ping: {from: txl-host1, to: lhr-host1, size: 1300, dontFragment: true}\n",
     ["path-mtu-black-hole"], "internet", False),
    ("peer restarts", txl("gateway: {behaviour: {start: by-hand}}", ", lhr: {gateway: {behaviour: {start: by-hand}}}") +
     "steps:\n  - initiate: {on: txl-gw}\n  - restart: lhr-gw\n  - ping: {from: txl-host1, to: lhr-host1}\n",
     ["peer-restarted"], "restart", False),
    ("a daemon dies, and its peer gives up", txl("gateway: {behaviour: {start: by-hand, dpdDelay: 10s}}", ", lhr: {gateway: {behaviour: {start: by-hand}}}") +
     "cleartext: allowed\npairing: broken\nsteps:\n  - initiate: {on: txl-gw}\n  - fault: {on: lhr-gw, crash: daemon, for: 5s}\n  - wait: 4m\n"
     "  - ping: {from: txl-host1, to: lhr-host1}\n", ["ike-daemon-died"], "daemon", True),
    ("a standby without SAs takes over, and waits", "vdcs: {txl: {gateway: {behaviour: {start: by-hand}}}, lhr: {gateway: {tier: STANDARD_HA, behaviour: {start: by-hand}}}}\n"
     "steps:\n  - initiate: {on: txl-gw}\n  - fault: {on: lhr-gw, failover: cold}\n  - wait: 4s\n  - ping: {from: txl-host1, to: lhr-host1}\n",
     ["peer-restarted"], "failover", False),
    ("a standby with SAs takes over: only what came between is lost", "vdcs: {lhr: {gateway: {tier: STANDARD_HA}}}\n"
     "steps:\n  - wait: 2s\n  - fault: {on: lhr-gw, failover: warm}\n  - ping: {from: txl-host1, to: lhr-host1, count: 6}\n",
     ["outage"], "failover", False),
    ("closed by hand, long after a restart", "cleartext: allowed\nsteps:\n  - wait: 3s\n  - restart: lhr-gw\n  - wait: 3s\n"
     "  - terminate: {on: lhr-gw}\n  - ping: {from: txl-host1, to: lhr-host1}\n", ["tunnel-closed"], "lhr-tunnel", False),
    ("an SA is lost after a restart that healed",
     "steps:\n  - wait: 2s\n  - restart: lhr-gw\n  - wait: 3s\n  - fault: {on: lhr-gw, rejectSpi: true}\n  - ping: {from: txl-host1, to: lhr-host1}\n",
     ["inbound-sa-missing"], "rejectSpi", False),
    ("the internet is down", "steps:\n  - wait: 3s\n  - fault: {on: internet, down: true}\n  - ping: {from: txl-host1, to: lhr-host1}\n",
     ["outage"], "down", False),
    ("a LAN is down", "steps:\n  - wait: 3s\n  - fault: {on: txl/1, down: true}\n  - ping: {from: txl-host1, to: lhr-host1}\n",
     ["outage"], "down", False),
    ("loss", "steps:\n  - wait: 3s\n  - fault: {on: internet, loss: 60%}\n  - ping: {from: txl-host1, to: lhr-host1, count: 20}\n",
     ["packet-loss"], "loss", False),
    ("corruption", "steps:\n  - wait: 3s\n  - fault: {on: internet, corrupt: 60%}\n  - ping: {from: txl-host1, to: lhr-host1, count: 20}\n",
     ["corruption"], "corrupt", False),
    ("behind the replay window", txl("gateway: {behaviour: {replayWindow: 32}}", ", lhr: {gateway: {behaviour: {replayWindow: 32}}}") +
     "steps:\n  - wait: 3s\n  - fault: {on: internet, match: 'ip proto 50', packets: 3, delay: 900ms}\n"
     "  - ping: {from: txl-host1, to: lhr-host1, count: 100, interval: 10ms}\n", ["replay-window"], None, False),
    ("copies of requests whose replies are lost", "internet: {jitter: 5ms, duplicate: 100%}\nsteps:\n  - wait: 3s\n"
     "  - fault: {on: internet, match: ip proto 50 and src host 203.0.113.20, packets: 5..60, drop: true}\n"
     "  - ping: {from: txl-host1, to: lhr-host1, count: 40, interval: 50ms}\n", ["packet-loss"], "packets: 5..60", False),
    ("a firewall against IKE", "internet: {firewall: [{drop: udp port 500}]}\ncleartext: allowed\n" + PING, ["udp-blocked"], "udp port 500", False),
    ("a firewall against UDP 4500, and MOBIKE", "internet: {firewall: [{drop: ip proto 47}, {drop: udp port 4500}]}\n" + PING,
     ["udp-blocked"], "udp port 4500", True),
    ("one IKE message dropped, and the next not",
     "vdcs: {lhr: {gateway: {behaviour: {start: by-hand}}}}\ncleartext: allowed\nduration: 20s\nsteps:\n  - fault: {on: internet, match: udp, packets: 1, drop: true}\n"
     "  - wait: 2s\n  - ping: {from: txl-host1, to: lhr-host1, count: 1}\n", ["packet-loss"], "match: udp", False),
    ("fragments dropped", "internet: {firewall: [{drop: 'ip[6:2] & 0x3fff != 0'}]}\nsteps:\n  - wait: 3s\n"
     "  - ping: {from: txl-gw, to: 203.0.113.20}\n  - ping: {from: txl-gw, to: 203.0.113.20, size: 3000}\n",
     ["fragments-blocked"], "0x3fff", False),
    ("only the far side initiates, through a NAT router",
     "internet: {nat: {txl-gw: {publicIP: 203.0.113.30, privateSubnet: 10.0.0.0/24}}}\ncleartext: allowed\n"
     "vdcs: {txl: {gateway: {behaviour: {start: by-hand}, tunnels: {lhr-tunnel: {localId: 203.0.113.30}}}}, "
     "lhr: {gateway: {tunnels: {txl-tunnel: {remoteHost: 203.0.113.30}}}}}\n" + PING, ["nat-inbound-blocked"], "203.0.113.30", True),
    ("a flow that is more than a link carries", "steps:\n  - wait: 3s\n  - fault: {on: internet, rate: 1Mbit, queue: 20}\n"
     "  - traffic: {from: txl-host1, to: lhr-host1, rate: 2Mbit}\n", ["congestion"], "rate: 1Mbit", False),
    ("a firewall that a change puts up", "vdcs: {txl: {gateway: {behaviour: {dpdDelay: 5s}}}}\ncleartext: allowed\nsteps:\n  - wait: 5s\n"
     "  - change: {internet: {firewall: [{drop: udp}]}}\n  - wait: 10m\n  - ping: {from: txl-host1, to: lhr-host1}\n",
     ["udp-blocked"], "drop: udp", False),
    ("a firewall against pings between gateways", "internet: {firewall: [{drop: icmp}]}\nsteps:\n  - wait: 3s\n"
     "  - ping: {from: txl-host1, to: lhr-host1}\n  - ping: {from: txl-gw, to: 203.0.113.20}\n", ["firewall"], "icmp", False),
    ("ESP in UDP is blocked once the tunnel is up",
     "vdcs: {txl: {gateway: {behaviour: {forceUdpEncapsulation: true}}}}\nsteps:\n  - wait: 5s\n"
     "  - fault: {on: internet, drop: udp port 4500}\n  - ping: {from: txl-host1, to: lhr-host1}\n", ["udp-blocked"], "4500", False),
    ("a firewall against ESP", "internet: {firewall: [{drop: ip proto 50}]}\n" + PING, ["esp-blocked"], "proto 50", True),
    ("too large for the path, and told so", "internet: {mtu: 1300}\nsteps:\n  - wait: 3s\n"
     "  - ping: {from: txl-host1, to: lhr-host1, size: 1300, dontFragment: true}\n", ["packet-too-big"], None, False),
    ("a NAT router that forgets", "internet: {nat: {txl-gw: {publicIP: 203.0.113.30, privateSubnet: 10.0.0.0/24, mappingTimeout: 30s}}}\n"
     "vdcs: {txl: {gateway: {behaviour: {natKeepalive: 0s, dpdDelay: 0s}, tunnels: {lhr-tunnel: {localId: 203.0.113.30}}}}, "
     "lhr: {gateway: {behaviour: {dpdDelay: 0s, start: by-hand}, tunnels: {txl-tunnel: {remoteHost: 203.0.113.30}}}}}\n"
     "steps:\n  - wait: 3s\n  - ping: {from: lhr-host1, to: txl-host1}\n  - wait: 5m\n  - ping: {from: lhr-host1, to: txl-host1}\n",
     ["nat-mapping-expired"], "203.0.113.30", True),
    # several at once
    ("no route and wrong key", txl("hosts: {txl-host1: {routes: null}}, gateway: {tunnels: {lhr-tunnel: "
     "{auth: {psk: {key: 'another key that has 32 characters'}}}}}") + PING, ["missing-host-route", "psk-mismatch"], "txl-host1: {routes", True),
    ("wrong key, and no route back", "vdcs: {txl: {gateway: {tunnels: {lhr-tunnel: {auth: {psk: {key: 'another key that has 32 characters'}}}}}}, "
     "lhr: {hosts: {lhr-host1: {routes: null}}}}\ncleartext: allowed\n" + PING, ["psk-mismatch", "missing-host-route"], "another key", True),
    ("key and identity", txl_tunnel("remoteId: lhr.example, auth: {psk: {key: 'another key that has 32 characters'}}") +
     "cleartext: allowed\n" + PING, ["psk-mismatch", "identity-mismatch"], "another key", True),
    ("algorithms and UDP blocked", txl_tunnel("ike: {encryptionAlgorithm: AES256}", STRICT, STRICT) + "cleartext: allowed\n"
     "steps:\n  - fault: {on: internet, drop: udp}\n  - wait: 8s\n  - ping: {from: txl-host1, to: lhr-host1}\n",
     ["udp-blocked", "ike-proposal-mismatch"], "drop: udp", False),
    # odd ones: nothing is wrong with the configuration
    ("too small a TTL", "steps:\n  - wait: 3s\n  - ping: {from: txl-host1, to: lhr-host1, ttl: 1}\n", ["ttl-exceeded"], "ttl: 1", False),
    ("an address that nobody has", "steps:\n  - wait: 3s\n  - ping: {from: txl-host1, to: 192.168.2.77}\n", ["nobody-there"], "192.168.2.77", False),
    ("an address of the internet", txl("hosts: {txl-host1: {defaultGateway: 192.168.1.5}}") + "cleartext: allowed\n"
     "steps:\n  - wait: 3s\n  - ping: {from: txl-host1, to: 8.8.8.8}\n", ["nobody-there"], "8.8.8.8", False),
    ("all is well", PING, [], None, False),
]
