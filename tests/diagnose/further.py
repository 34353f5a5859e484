"""Further cases of test_causes.py: what comes too late, which of several faults of a link it was, keys of a mesh, public
addresses, changes. Each is (name, base, YAML, the code of each cause in their order, the text that stands in the line of the first
cause's place (None: no place is asked about), what stands in the sentences that are told, whether all remedies together make every
ping pass)."""
from single import MESH, TWO, tunnel, vdcs

PING = "  - ping: {from: txl-host1, to: lhr-host1}\n"
ALL = ("cleartext: allowed\npairing: broken\nexpect: []\nsteps:\n  - wait: 12s\n" +
       "".join(f"  - ping: {{from: {a}-host1, to: {b}-host1, count: 1}}\n" for a in ("txl", "lhr", "fra") for b in ("txl", "lhr", "fra") if a != b))
ONE, OTHER = "one key that everybody has in it", "another key that has 32 characters"


def steps(text, wait="3s"):
    return f"cleartext: allowed\npairing: broken\nsteps:\n  - wait: {wait}\n{text}"


def keys(odd):
    """A mesh with one key for all, but for the tunnels of `odd`: (VDC, the peer), each with another one."""
    sides = {a: {b: OTHER if (a, b) in odd else ONE for b in ("txl", "lhr", "fra") if a != b} for a in ("txl", "lhr", "fra")}
    return vdcs(", ".join(f"{a}: {{gateway: {{tunnels: {{" + ", ".join(f"{b}-tunnel: {{auth: {{psk: {{key: {key}}}}}}}" for b, key in ends.items()) + "}}}"
                          for a, ends in sides.items()))


CASES = [
    # too late
    ("a link is slow from now on, and the replies are under way at the end", TWO, steps("  - fault: {on: internet, delay: 3s}\n" + PING), ["delay"],
     "delay: 3s", "internet delays packets: the echo reply was still under way there when the run ended at 7 s", False),
    ("an exact fault delays ESP, and the replies come too late", TWO, steps("  - fault: {on: internet, match: ip proto 50, delay: 5s}\n" + PING +
     "  - wait: 10s\n"), ["delay"], "match: ip proto 50", "the echo reply came 10.025 s after its request, 10.024 s of which went by on internet", False),
    ("of several faults that delay, the one that did it", TWO, steps("  - fault: {on: internet, delay: 20ms, from: lhr-gw}\n  - fault: {on: internet, "
     "match: ip proto 50, delay: 5s}\n  - fault: {on: internet, jitter: 1ms}\n  - traffic: {from: txl-host1, to: lhr-host1, rate: 100kbit, for: 200ms}\n"
     "  - wait: 10s\n"), ["delay"], "delay: 5s", "nobody waited for it any more", False),
    ("a LAN is slow", TWO, vdcs("lhr: {lans: {2: {delay: 1s}}}") + steps("  - ping: {from: txl-host1, to: lhr-host1, count: 1}\n  - wait: 10s\n"),
     ["delay"], "2: {delay: 1s}", "lhr/2 delays packets", False),
    ("the first IKE messages are held", TWO, "cleartext: allowed\nsteps:\n  - fault: {on: internet, match: udp, packets: 1..4, hold: them}\n  - wait: 3s\n" +
     PING + "  - wait: 60s\n  - release: them\n  - wait: 20s\n", ["delay"], "hold: them", "internet holds packets: an IKE message that txl-gw sent to lhr-gw", False),
    ("all IKE messages are held", TWO, "cleartext: allowed\nsteps:\n  - fault: {on: internet, match: udp, hold: them}\n  - wait: 30s\n" + PING, ["delay"],
     "hold: them", "at 24.757 s was still there at 30.002 s", False),
    ("ESP is held", TWO, steps("  - fault: {on: internet, match: ip proto 50, hold: them}\n" + PING), ["delay"], "hold: them", "internet holds packets: the request", False),
    ("packets wait in a queue until ping has ended", TWO, steps("  - fault: {on: internet, rate: 10kbit}\n  - ping: {from: txl-host1, to: lhr-host1, count: 10, "
     "size: 1000, interval: 200ms}\n  - wait: 60s\n"), ["congestion"], "rate: 10kbit", "packets wait in its queue, and the echo reply came", False),
    # which fault
    ("an exact fault corrupts a packet, and another one some", TWO, steps("  - fault: {on: internet, match: ip proto 50, packets: 2, corrupt: 1}\n"
     "  - fault: {on: internet, corrupt: 1%}\n" + PING), ["corruption"], "packets: 2", "internet corrupts packets", False),
    ("a queue is full, and a later fault makes it short", TWO, steps("  - fault: {on: internet, rate: 1Mbit}\n  - fault: {on: internet, queue: 5}\n"
     "  - traffic: {from: txl-host1, to: lhr-host1, rate: 2Mbit}\n"), ["congestion"], "queue: 5", "more than the 1Mbit that it carries: its queue was full", False),
    ("an MTU, and a later fault that only would have it silent on the other way", TWO, steps("  - fault: {on: internet, mtu: 900}\n"
     "  - fault: {on: internet, mtuSilent: true, from: lhr-gw}\n  - ping: {from: txl-gw, to: 203.0.113.20, size: 1300, dontFragment: true, count: 1}\n"),
     ["packet-too-big"], None, "the 900 bytes that internet", False),
    # whose key it is
    *((f"mesh: one key for all, and {odd} has another one", MESH, keys({(odd, other) for other in ("txl", "lhr", "fra")}) + ALL, ["psk-mismatch"] * 2, None,
       f"on {odd}-gw is not that of", True) for odd in ("txl", "lhr", "fra")),
    *((f"mesh: one key for all, and {odd} has another one for {other}", MESH, keys({(odd, other)}) + ALL, ["psk-mismatch"], None,
       f"The key of tunnel '{other}-tunnel' on {odd}-gw is not that of", True) for odd, other in (("txl", "lhr"), ("lhr", "txl"), ("fra", "lhr"))),
    # public addresses
    ("a host and a public address", TWO, steps("  - ping: {from: txl-host1, to: 203.0.113.20}\n  - ping: {from: txl-host1, to: 203.0.113.10}\n"),
     ["private-to-public", "missing-host-route"], "to: 203.0.113.20", "txl-host1 itself has no route to 203.0.113.20", False),
    ("a host's default route, and a public address", TWO, vdcs("txl: {hosts: {txl-host1: {defaultGateway: 192.168.1.5}}}") +
     steps("  - ping: {from: txl-host1, to: 203.0.113.20}\n"), ["private-to-public"], "to: 203.0.113.20", "the internet has no route back to it.", False),
    ("its own gateway's public address", TWO, steps("  - ping: {from: txl-host1, to: 203.0.113.10}\n"), ["missing-host-route"], "txl-host1: {",
     "the way to 203.0.113.10/32", True),
    # remedies where a change stands
    ("bypassLan and a change: no change can change it", TWO, vdcs("txl: {gateway: {behaviour: {vpn: route-based, bypassLan: true}}}") +
     steps("  - change: {internet: {loss: 0%}}\n" + PING), ["bypass-into-tunnel"], "bypassLan", "txl-gw sends what is for its own subnet", True),
    ("a tunnel that has a LAN's word in its name, and a change", TWO, "vdcs: {txl: {gateway: {tunnels: {lhr-tunnel: null, a.lans.b: {remoteHost: 203.0.113.20, auth: "
     "{method: PSK, psk: {key: Zq3vT8mXw2Lr9Kc5HsYd7Nf1Gb4Jp6Ua}}, ike: {}, esp: {}, cloudNetworkCIDRs: [192.168.1.0/24], peerNetworkCIDRs: [192.168.2.0/24]}}}}}\n" +
     steps("  - change: {vdcs: {txl: {gateway: {tunnels: {a.lans.b: {auth: {psk: {key: another key that has 32 characters}}}}}}}}\n  - wait: 12s\n" + PING),
     ["psk-mismatch"], "another key", "The key of tunnel 'a.lans.b'", True),
    # found by random faults of links and gateways
    ("ARP is held", TWO, steps("  - fault: {on: lhr/2, match: arp, hold: them}\n" + PING + "  - wait: 5s\n"), ["delay"], "match: arp",
     "lhr/2 holds packets: an ARP request, or the reply to it, was still under way there", False),
    ("one fragment of a reply is corrupted", TWO, steps("  - fault: {on: txl/1, match: 'ip[6:2] & 0x3fff != 0 and src host 192.168.2.11', packets: 2, corrupt: 1}\n"
     "  - ping: {from: txl-host1, to: lhr-host1, count: 1, size: 3000}\n"), ["corruption"], "packets: 2", "txl/1 corrupts packets", False),
    ("a header is corrupted, and a router of the internet finds out", TWO, steps("  - fault: {on: internet, match: ip proto 50, corrupt: 60}\n" + PING),
     ["corruption"], "corrupt: 60", "internet corrupts packets", False),
    ("SAs expire at the receiver, whose clock jumps", TWO, steps("  - fault: {on: lhr-gw, clockJump: 2h}\n" + PING), ["sa-expired"], "clockJump",
     "on lhr-gw is past its lifetime: the clock of lhr-gw jumped 2h ahead", False),
    ("a daemon is dead, and traps wait at both ends", TWO, vdcs("txl: {gateway: {behaviour: {start: on-traffic}}}, lhr: {gateway: {behaviour: {start: on-traffic}}}") +
     steps("  - fault: {on: lhr-gw, crash: daemon}\n" + PING), ["ike-daemon-died"], "crash: daemon", "nobody there initiates or answers IKE", False),
    ("a route-based gateway starts on traffic", TWO, vdcs("txl: {gateway: {behaviour: {start: on-traffic, vpn: route-based}}}, lhr: {gateway: {behaviour: {start: by-hand}}}") +
     steps(PING), ["not-initiated"], None, "of which a route-based gateway knows nothing", True),
    *((f"mesh: another tunnel is initiated {when}, and this one is not", MESH, vdcs(", ".join(f"{name}: {{gateway: {{behaviour: {{start: by-hand}}}}}}" for name in
      ("txl", "lhr", "fra"))) + steps(f"  - initiate: {{on: txl-gw, tunnel: fra-tunnel}}\n{wait}" + PING), ["not-initiated"], None,
      "Nobody has initiated tunnel 'lhr-tunnel': txl-gw starts it by hand only", True) for when, wait in (("just before", ""), ("long before", "  - wait: 20s\n"))),
    ("IKE is too large for the path, and ICMP does not get through", TWO, "internet: {mtu: 400, firewall: [{drop: icmp}]}\n" + steps(PING, "12s"), ["path-mtu-black-hole", "firewall"],
     None, "the ICMP error that says so has not arrived", False),
    ("IKE is too large for the path, and no ICMP error is sent", TWO, "internet: {mtu: 400, mtuSilent: true}\n" + steps(PING, "12s"), ["path-mtu-black-hole"],
     None, "Remedy: have the routers send ICMP fragmentation needed (type 3, code 4), or raise the MTU of internet", False),
    ("a packet is too large, and no ICMP error is sent", TWO, "internet: {mtu: 1300, mtuSilent: true}\n" + steps("  - ping: {from: txl-host1, to: lhr-host1, size: 1300, "
     "dontFragment: true}\n"), ["path-mtu-black-hole"], None, "Remedy: have the routers send ICMP fragmentation needed (type 3, code 4), or lower the MTU of the hosts", False),
    ("a packet is too large for a LAN, which has no routers", TWO, steps("  - fault: {on: txl/1, mtu: 1300}\n  - ping: {from: txl-host1, to: lhr-host1, size: 1372, "
     "dontFragment: true}\n"), ["path-mtu-black-hole"], None, "Remedy: raise the MTU of txl/1, or lower that of the hosts to what fits", False),
    *((f"traps wait at both ends, and {what}", TWO, vdcs(f"txl: {{{more}gateway: {{behaviour: {{start: on-traffic}}{end}}}}}, lhr: {{gateway: {{behaviour: {{start: on-traffic}}}}}}") +
       steps(fault + PING), [code], None, "", False) for what, more, end, fault, code in (
           ("a host has no route", "hosts: {txl-host1: {routes: null}}, ", "", "", "missing-host-route"),
           ("the LAN is down", "", "", "  - fault: {on: txl/1, down: true}\n", "outage"), ("the gateway is off", "", "", "  - stop: txl-gw\n", "outage"),
           ("the packet is not for one", "", ", tunnels: {lhr-tunnel: {peerNetworkCIDRs: [192.168.7.0/24]}}", "", "selector-mismatch"))),
    ("a packet is too large, and ICMP is filtered", TWO, "internet: {mtu: 1300, firewall: [{drop: icmp}]}\n" + steps("  - ping: {from: txl-host1, to: lhr-host1, "
     "size: 1300, dontFragment: true}\n"), ["path-mtu-black-hole"], None, "Remedy: do not filter ICMP fragmentation needed (type 3, code 4), or lower", False),
    ("fragments of ESP have another SPI than the receiver knows", TWO, steps("  - fault: {on: lhr-gw, rejectSpi: true}\n  - ping: {from: txl-host1, to: lhr-host1, size: 1472, "
     "dontFragment: false}\n"), ["inbound-sa-missing"], "rejectSpi", "that txl-gw seals with, and txl-gw does not know", False),
    ("fragments wait in a queue at one time", TWO, steps("  - fault: {on: internet, rate: 20kbit, queue: 100}\n  - ping: {from: txl-host1, to: lhr-host1, size: 3000, "
     "count: 1}\n  - wait: 20s\n"), ["congestion"], "rate: 20kbit", "came 2.701 s after its request, 2.701 s of which went by on internet", False),
    ("a packet is corrupted, and nobody finds out before it is dropped", TWO, vdcs("txl: {gateway: {behaviour: {start: on-traffic}}}, lhr: {gateway: {behaviour: {start: "
     "by-hand}}}") + steps("  - fault: {on: txl/1, match: icmp, packets: 1, corrupt: 1}\n" + PING), ["tunnel-not-up-yet"], None, "it came up at 3.048 s", False),
    ("a LAN is down, and ARP is answered when ping has all but ended", TWO, steps("  - fault: {on: txl/1, down: true, for: 1500ms}\n  - ping: {from: txl-host1, to: lhr-host1, "
     "count: 1}\n  - wait: 10s\n"), ["outage"], "down: true", "txl/1 was down from 3 s to 4.5 s", False),
    ("the responder has its SAs, and the initiator not yet", TWO, steps("  - ping: {from: txl-host1, to: lhr-host1, count: 1}\n  - wait: 20s\n", "1s").replace("steps:\n",
     "steps:\n  - fault: {on: internet, match: {exchange: IKE_AUTH, kind: response}, packets: 1, corrupt: 1}\n"), ["corruption"], "kind: response",
     "internet corrupts packets, and lhr-gw finds out", False),
    ("a NAT router forgets, and its peer gives the tunnel up", TWO, "internet: {nat: {txl-gw: {publicIP: 203.0.113.10}}}\n" +
     vdcs("txl: {gateway: {behaviour: {dpdDelay: 0s}, tunnels: {lhr-tunnel: {localId: 203.0.113.10}}}}, lhr: {gateway: {behaviour: {dpdDelay: 10s}}}") +
     steps("  - fault: {on: txl-gw-nat, rebind: true}\n  - wait: 200s\n" + PING), ["nat-mapping-lost"], "rebind", "and txl-gw behind it has not sent anything since", False),
    ("the run ends while the tunnel is negotiated", TWO, "internet: {mtu: 400}\n" + vdcs("txl: {gateway: {behaviour: {start: on-traffic}}}, lhr: {gateway: {behaviour: "
     "{start: by-hand}}}") + steps("  - ping: {from: txl-host1, to: lhr-host1, count: 1}\n"), ["tunnel-not-up-yet"], None, "was still under way when the run ended", False),
    ("a question by ARP of another packet", TWO, steps("  - fault: {on: lhr/2, down: true}\n  - traffic: {from: txl-host1, to: lhr-host1, rate: 1Mbit, size: 200, for: 1s}\n"),
     ["outage"], "down: true", "lhr/2 was down from 3 s on", False),
    ("mesh, route-based: the route to a peer is another tunnel's", MESH, vdcs("txl: {gateway: {behaviour: {vpn: route-based}, tunnels: {lhr-tunnel: {peerNetworkCIDRs: "
     "[0.0.0.0/0]}}}}, lhr: {gateway: {behaviour: {vpn: route-based}, tunnels: {txl-tunnel: {cloudNetworkCIDRs: [0.0.0.0/0]}}}}, fra: {gateway: {behaviour: {vpn: "
     "route-based}}}") + ALL, ["both-sides-any", "route-to-peer-in-tunnel"], None, "the route to 0.0.0.0/0 that tunnel 'lhr-tunnel' installs covers", True),
]
