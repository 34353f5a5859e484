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
     "  - wait: 10s\n"), ["delay"], "delay: 5s", "nobody listened on its port any more", False),
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
     ["private-to-public", "missing-host-route"], "to: 203.0.113.20", "txl-host1 itself has no route to it", False),
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
]
