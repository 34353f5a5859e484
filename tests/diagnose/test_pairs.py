#!/usr/bin/env python3
"""Two faults at once, every pair of those below: `explain` names what it can see, its remedies are applied, and so on
until everything gets through, which takes three rounds at most, since one fault can hide another. TAP."""
import itertools
import pathlib
import sys
import tempfile

from played import call, settings

BASE = pathlib.Path("scenarios/catalog/_two-vdcs.yaml").resolve()
ROUNDS = 3
REST = """
cleartext: allowed
steps:
  - wait: 8s
  - ping: {from: txl-host1, to: lhr-host1}
  - ping: {from: lhr-host1, to: txl-host1}
"""
ANY = "{cloudNetworkCIDRs: [0.0.0.0/0], peerNetworkCIDRs: [0.0.0.0/0]}"
FAULTS = {
    "no route": "txl: {hosts: {txl-host1: {routes: null}}}",
    "no route back": "lhr: {hosts: {lhr-host1: {routes: null}}}",
    "wrong next hop": "lhr: {hosts: {lhr-host1: {routes: {192.168.1.0/24: 192.168.2.12}}}}",
    "mask": "txl: {hosts: {txl-host1: {address: 192.168.1.11/16, routes: null}}}",
    "key": "lhr: {gateway: {tunnels: {txl-tunnel: {auth: {psk: {key: another key that has 32 characters}}}}}}",
    "identity": "txl: {gateway: {tunnels: {lhr-tunnel: {remoteId: lhr.example}}}}",
    "IKE algorithms": "txl: {gateway: {behaviour: {negotiation: strict}, tunnels: {lhr-tunnel: {ike: {encryptionAlgorithm: AES256}}}}}, "
                      "lhr: {gateway: {behaviour: {negotiation: strict}}}",
    "ESP algorithms": "txl: {gateway: {behaviour: {negotiation: strict}, tunnels: {lhr-tunnel: {esp: {encryptionAlgorithm: AES256}}}}}, "
                      "lhr: {gateway: {behaviour: {negotiation: strict}}}",
    "selectors": "lhr: {gateway: {tunnels: {txl-tunnel: {cloudNetworkCIDRs: [192.168.2.12/32]}}}}",
    "0/0 on both": f"txl: {{gateway: {{tunnels: {{lhr-tunnel: {ANY}}}}}}}, lhr: {{gateway: {{tunnels: {{txl-tunnel: {ANY}}}}}}}",
    "remoteHost": "txl: {gateway: {tunnels: {lhr-tunnel: {remoteHost: 203.0.113.21}}}}",
    "forwarding": "lhr: {gateway: {behaviour: {ipForward: false}}}",
    "nobody initiates": "txl: {gateway: {behaviour: {start: by-hand}}}, lhr: {gateway: {behaviour: {start: by-hand}}}",
    "strict filter": "txl: {gateway: {behaviour: {rpFilter: strict}}}",
    "address twice": "txl: {hosts: {txl-host2: {address: 192.168.1.5}}}",
    "no tunnel": "lhr: {gateway: {tunnels: null}}",
    "LAN not connected": "txl: {lans: {3: {subnet: 192.168.3.0/24}}, gateway: {connections: [{lanId: 3, ipv4CIDR: 192.168.3.5/24}]}}",
}


def judge(names, path):
    """What is wrong with the rounds of a pair, or None: the one fault is laid over the other as a file over its base."""
    first = path.with_name("first.yaml")
    first.write_text(f"base: {BASE}\nvdcs: {{{FAULTS[names[0]]}}}\n", encoding="utf-8")
    path.write_text(f"base: {first}\nvdcs: {{{FAULTS[names[1]]}}}{REST}", encoding="utf-8")
    sets, told = [], []
    for _ in range(ROUNDS + 1):
        found = call("explain", "--format", "json", *(word for part in sets for word in ("--set", part)), str(path))
        told.append([cause["code"] for cause in found["causes"]])
        if not told[-1]:
            return f"no cause after {told}" if found["withoutCause"] else None
        sets += settings(found)
    return f"not repaired: {told}, {sets}"


def main():
    """One TAP line a pair."""
    pairs = list(itertools.combinations(FAULTS, 2))
    bad = 0
    print(f"1..{len(pairs)}")
    with tempfile.TemporaryDirectory(prefix="tunnelbed-test-") as folder:
        for number, names in enumerate(pairs, 1):
            problem = judge(names, pathlib.Path(folder) / "pair.yaml")
            bad += problem is not None
            print(f"{'not ok' if problem else 'ok'} {number} - {' and '.join(names)}" + (f"\n# {problem}" if problem else ""))
    sys.exit(1 if bad else 0)


main()
