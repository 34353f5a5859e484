#!/usr/bin/env python3
"""Two faults at once, every pair of those below: `explain` names what it can see, its remedies are applied, and so on
until everything gets through, which takes three rounds at most, since one fault can hide another. TAP.

No fault may be without effect. Each of them alone loses something, and `explain` has a cause for it. In a pair, a fault is
met when a code is told that it has alone and the other has not. Where none is, the other one hid it, and that is right
only if it went with the other: what was applied to the pair, applied to this fault alone, mends it."""
import itertools
import pathlib
import sys
import tempfile

from played import call, lost, settings

BASE = pathlib.Path("scenarios/catalog/_two-vdcs.yaml").resolve()
ROUNDS = 3
SPARE = "{txl: {lans: {3: {subnet: 192.168.3.0/24}}}, lhr: {lans: {4: {subnet: 192.168.4.0/24}}}}"  # that a remedy may name
STEPS = """
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
    "strict filter": "lhr: {hosts: {lhr-host3: {lan: 4, address: 192.168.2.13/24, routes: {192.168.1.0/24: 192.168.2.5}}}, "
                     "gateway: {behaviour: {rpFilter: strict}, "
                     "connections: [{lanId: 2, ipv4CIDR: 192.168.2.5/24}, {lanId: 4, ipv4CIDR: 192.168.4.5/24}]}}",
    "address twice": "txl: {hosts: {txl-host2: {address: 192.168.1.5}}}",
    "no tunnel": "lhr: {gateway: {tunnels: null}}",
    "LAN not connected": "txl: {gateway: {connections: [{lanId: 3, ipv4CIDR: 192.168.3.5/24}]}}",
}
# What a fault needs beside the pings: they do not meet it.
STEPS_OF = {
    "strict filter": "  - traffic: {from: lhr-host3, to: txl-host1, rate: 100kbit, size: 100, for: 1s}\n",
}


def write(folder, names):
    """The scenario with these faults, one laid over the other as a file over its base."""
    base = BASE
    for number, vdcs in enumerate([SPARE, *(f"{{{FAULTS[name]}}}" for name in names)]):
        path = folder / f"{number}.yaml"
        path.write_text(f"base: {base}\nvdcs: {vdcs}\n", encoding="utf-8")
        base = path
    path = folder / "all.yaml"
    path.write_text(f"base: {base}{STEPS}{''.join(STEPS_OF.get(name, '') for name in names)}", encoding="utf-8")
    return path


def mended(path):
    """What is wrong with the rounds of a scenario, or None; the codes that were told, and the remedies."""
    codes, sets = [], []
    for _ in range(ROUNDS):
        told = call("explain", "--format", "json", *(word for part in sets for word in ("--set", part)), str(path))
        if not told["causes"]:
            break
        codes += [cause["code"] for cause in told["causes"]]
        sets += settings(told)
    return lost(path, sets, path.parent), codes, sets


def alone(name, folder):
    """What is wrong with a fault by itself, or None; its codes."""
    path = write(folder, [name])
    if not lost(path, [], folder):
        return "nothing is lost", []
    problem, codes, _ = mended(path)
    return problem, codes


def judge(names, codes_of, folder):
    """What is wrong with a pair, or None."""
    problem, codes, sets = mended(write(folder, names))
    if problem:
        return problem
    for name, other in (names, names[::-1]):
        if set(codes) & (set(codes_of[name]) - set(codes_of[other])):
            continue
        problem = lost(write(folder, [name]), sets, folder)
        if problem:
            return f"nothing was seen of {name}: {codes}; {problem}"
    return None


def main():
    """One TAP line a fault, and one a pair."""
    pairs = list(itertools.combinations(FAULTS, 2))
    codes_of = {}
    bad = 0

    def tell(number, what, problem):
        nonlocal bad
        bad += problem is not None
        print(f"{'not ok' if problem else 'ok'} {number} - {what}" + (f"\n# {problem}" if problem else ""))

    print(f"1..{len(FAULTS) + len(pairs)}")
    with tempfile.TemporaryDirectory(prefix="tunnelbed-test-") as name:
        folder = pathlib.Path(name)
        for number, fault in enumerate(FAULTS, 1):
            problem, codes_of[fault] = alone(fault, folder)
            tell(number, fault, problem)
        for number, names in enumerate(pairs, len(FAULTS) + 1):
            tell(number, " and ".join(names), judge(names, codes_of, folder))
    sys.exit(1 if bad else 0)


main()
