#!/usr/bin/env python3
"""Random faults of links and gateways in random worlds, each from its seed: whatever is lost has a cause, and where nothing else
is wrong with the world it is one that the fault comes to. TAP."""
import pathlib
import random
import sys
import tempfile

import worlds
from played import call

SEEDS = 160
FILTERS = ("udp port 500", "udp port 4500", "ip proto 50", "icmp", "udp", "arp", "ip[6:2] & 0x3fff != 0", "src host 203.0.113.20")

MEANT = {  # by what a fault or a step has, which causes it comes to
    "loss": ["packet-loss"], "burstLoss": ["packet-loss"], "corrupt": ["corruption"], "delay": ["delay"], "hold": ["delay"], "rate": ["congestion"], "reorder": [],
    "down": ["outage"], "mtu": ["path-mtu-black-hole"], "drop": ["packet-loss", "esp-blocked", "udp-blocked", "fragments-blocked", "firewall"],
    "crash": ["outage", "peer-restarted", "ike-daemon-died"], "restart": ["peer-restarted"], "stop": ["outage"], "clockJump": ["sa-expired"],
    "rejectSpi": ["inbound-sa-missing"], "sequence": ["sequence-exhausted"], "terminate": ["tunnel-closed"]}
ANYHOW = ["packet-too-big", "tunnel-not-up-yet", "gateway-outside-selectors"]  # of the pings' sizes, of traps, of hubs that are route-based


def make(rng):
    """A world of two or three VDCs, with a middlebox or a NAT router in some, and small links in others."""
    behaviour = {}
    for key, chance, values in (("vpn", 0.3, ["route-based"]), ("forceUdpEncapsulation", 0.2, [True]), ("start", 0.2, ["on-traffic"]),
                                ("dpdDelay", 0.3, ["0s", "5s", "10s"]), ("mobike", 0.2, [False]), ("replayWindow", 0.2, [0, 8, 32])):
        if rng.random() < chance:
            behaviour[key] = rng.choice(values)
    internet = {"kind": "routed"} if rng.random() < 0.75 else {"kind": "segment", "subnet": "203.0.113.0/24"}
    if rng.random() < 0.2:
        internet["mtu"] = rng.choice([1400, 1300, 1280, 576])
    world = worlds.make(rng.choice([2, 2, 3]), rng.random() < 0.4, behaviour, internet)
    name, vdc = rng.choice(list(world["vdcs"].items()))
    if rng.random() < 0.35 and internet["kind"] == "routed":
        own = vdc["gateway"]["gatewayIP"]
        internet["nat"] = {f"{name}-gw": {"publicIP": own, "type": rng.choice(["full-cone", "address-restricted", "port-restricted", "symmetric"]),
                                          "mappingTimeout": rng.choice(["30s", "2m"])}}
        for end in vdc["gateway"]["tunnels"].values():
            end["localId"] = own
    if rng.random() < 0.2:
        internet["firewall"] = [{"drop": rng.choice(FILTERS)}]
    if rng.random() < 0.2:
        vdc["lans"]["1"]["mtu"] = rng.choice([1400, 9000, 1280])
    return world


def of_link(rng, names):
    """What befalls a link."""
    on = rng.choice(["internet"] * 3 + [f"{name}/1" for name in names])
    fault = {"on": on, **rng.choice([
        {"loss": "30%"}, {"burstLoss": "30%"}, {"corrupt": "30%"}, {"corrupt": "5%"}, {"delay": "3s"}, {"rate": "20kbit", "queue": 5}, {"rate": "20kbit", "queue": 100},
        {"mtu": 600}, {"mtu": 1300, "mtuSilent": True}, {"down": True}, {"reorder": "50%"}, {"drop": True}, {"hold": "them"}, {"delay": "4s", "match": "udp"},
        {"corrupt": 1, "match": "udp"}])}
    if {"drop", "hold", "match"} & set(fault):
        fault["match"] = rng.choice(FILTERS)
        if rng.random() < 0.5:
            fault["packets"] = rng.choice(["1..3", "2"])
    if rng.random() < 0.3:
        fault["from"] = f"{rng.choice(names)}-gw" if on == "internet" else f"{on.split('/')[0]}-{rng.choice(['gw', 'host1'])}"
    if rng.random() < 0.3:
        fault["for"] = rng.choice(["2s", "20s", "5m"])
    return {"fault": fault}


def of_gateway(rng, world):
    """What befalls a gateway, or is done there."""
    name, vdc = worlds.any_vdc(rng, world)
    on, tunnel = f"{name}-gw", rng.choice(list(vdc["gateway"]["tunnels"]))
    return rng.choice([{"fault": {"on": on, "crash": "power", "for": "5s"}}, {"fault": {"on": on, "crash": "daemon", "for": "10m"}},
                       {"fault": {"on": on, "crash": "daemon", "for": "5s"}}, {"fault": {"on": on, "clockJump": "1h"}}, {"fault": {"on": on, "clockJump": "2d"}},
                       {"fault": {"on": on, "rejectSpi": True}}, {"fault": {"on": on, "sequence": 4294967294, "tunnel": tunnel}}, {"restart": on}, {"stop": on},
                       {"terminate": {"on": on, "tunnel": tunnel}}])


def spoil(rng, world):
    """One fault, then a ping or a flow, and another."""
    names = list(world["vdcs"])
    fault = of_link(rng, names) if rng.random() < 0.65 else of_gateway(rng, world)
    if "nat" in world["internet"] and rng.random() < 0.3:
        fault = {"fault": {"on": f"{list(world['internet']['nat'])[0]}-nat", "rebind": True}}
    steps = [{"wait": "12s"}, fault]
    if rng.random() < 0.3 and "fault" in fault and "rebind" not in fault["fault"]:
        steps.reverse()
    if rng.random() < 0.35:
        steps.append({"wait": rng.choice(["10s", "5m", "2h"])})
    for _ in range(2):
        here, there = (f"{name}-host1" for name in rng.sample(names, 2))
        if rng.random() < 0.7:
            ping = {"from": here, "to": there, "count": rng.choice([1, 3, 10])}
            if rng.random() < 0.3:
                ping["size"] = rng.choice([1200, 1372, 1472, 3000])
            steps.append({"ping": ping})
        else:
            steps.append({"traffic": {"from": here, "to": there, "rate": "50kbit", "size": rng.choice([200, 1400]), "for": "1s"}})
    if rng.random() < 0.3:
        steps.append({"wait": "20s"})
    world["steps"] = steps


def is_simple(world):
    """Whether the fault alone is wrong."""
    vdcs = list(world["vdcs"].values())
    return not ({"nat", "firewall", "mtu"} & set(world["internet"]) or any("mtu" in vdc["lans"]["1"] for vdc in vdcs) or
                {"vpn", "start"} <= set(vdcs[0]["gateway"]["behaviour"]))


def not_meant(world, told):
    """The causes that the fault of a simple world does not come to."""
    step = next(step for step in world["steps"] if not {"wait", "ping", "traffic"} & set(step))
    keys = {**step, **step.get("fault", {})}
    meant = ANYHOW + [code for key in keys for code in MEANT.get(key, [])]
    return [cause["text"] for cause in told["causes"] if cause["code"] not in meant] if is_simple(world) else []


def main():
    """One TAP line a seed, and one for how many of them lost anything."""
    bad = failed = 0
    print(f"1..{SEEDS + 1}")
    with tempfile.TemporaryDirectory(prefix="tunnelbed-test-") as name:
        path = pathlib.Path(name) / "world.yaml"
        for seed in range(SEEDS):
            rng = random.Random(seed)
            world = make(rng)
            spoil(rng, world)
            worlds.write(world, path)
            told = call("explain", "--format", "json", str(path))
            failed += bool(told["causes"])
            wrong = not_meant(world, told)
            bad += bool(told["withoutCause"] or wrong)
            print(f"{'not ok' if told['withoutCause'] or wrong else 'ok'} {seed + 1} - {world['steps'][:3]}: {[cause['code'] for cause in told['causes']]}")
            if told["withoutCause"] or wrong:
                print(f"# {world}\n# {wrong}, {[account['outcome'] for account in told['accounts']]}")
    enough = failed >= SEEDS / 2
    print(f"{'ok' if enough else 'not ok'} {SEEDS + 1} - something is lost in {failed} of {SEEDS} worlds")
    sys.exit(1 if bad or not enough else 0)


main()
