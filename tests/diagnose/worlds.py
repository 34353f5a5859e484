"""Worlds of several VDCs as values, and what can be wrong with them: each fault takes a random number generator and a world,
spoils the world and returns what it did in words, or None where it has no place there."""
import json
import random

NAMES = ("txl", "lhr", "fra", "par")
ALGORITHMS = {"diffieHellmanGroup": "19-ECP256", "encryptionAlgorithm": "AES128-GCM-16", "integrityAlgorithm": "SHA256"}
OTHER_ALGORITHMS = ("AES256-GCM-16", "AES256", "AES128-CTR")


def network(number):
    return f"192.168.{number}.0/24"


def gateway_of(number):
    return f"192.168.{number}.5"


def tunnel(key, remote, cloud, peer):
    return {"remoteHost": remote, "auth": {"method": "PSK", "psk": {"key": key}}, "ike": dict(ALGORITHMS), "esp": dict(ALGORITHMS),
            "cloudNetworkCIDRs": list(cloud), "peerNetworkCIDRs": list(peer)}


def make(count=3, hub=False, behaviour=None, internet=None, hosts=1):
    """A full mesh, or with `hub` branches around the first VDC, which reach one another through it. Every host has a route to every
    other network, by its gateway."""
    vdcs = {}
    numbers = range(1, count + 1)
    for i in numbers:
        routes = {network(j): gateway_of(i) for j in numbers if j != i}
        vdcs[NAMES[i - 1]] = {
            "location": f"ionos-cloud-{NAMES[i - 1]}",
            "lans": {"1": {"subnet": network(i)}},
            "hosts": {f"{NAMES[i - 1]}-host{h}": {"lan": 1, "address": f"192.168.{i}.{10 + h}", "routes": dict(routes)} for h in range(1, hosts + 1)},
            "gateway": {"name": NAMES[i - 1], "gatewayIP": f"203.0.113.{10 * i}", "connections": [{"lanId": "1", "ipv4CIDR": f"{gateway_of(i)}/24"}],
                        "tunnels": {}, "behaviour": dict(behaviour or {})},
        }
    for i in numbers:
        for j in numbers:
            if i == j or (hub and 1 not in (i, j)):
                continue
            behind_i = [network(k) for k in numbers if k != j] if hub and i == 1 else [network(i)]
            behind_j = [network(k) for k in numbers if k != i] if hub and j == 1 else [network(j)]
            key = f"a key for the tunnel of {min(i, j)} and {max(i, j)} alone"
            vdcs[NAMES[i - 1]]["gateway"]["tunnels"][f"{NAMES[j - 1]}-tunnel"] = tunnel(key, f"203.0.113.{10 * j}", behind_i, behind_j)
    world = {"cleartext": "allowed", "pairing": "broken", "vdcs": vdcs, "internet": internet or {"kind": "routed"}}
    world["steps"] = [{"wait": "12s"}] + [{"ping": {"from": f"{a}-host1", "to": f"{b}-host1", "count": 1}} for a in vdcs for b in vdcs if a != b]
    return world


def write(world, path):
    """As a scenario, which may be JSON."""
    path.write_text(json.dumps(world, indent=1), encoding="utf-8")


# ---- Places ----


def any_vdc(rng, world):
    return rng.choice(list(world["vdcs"].items()))


def any_host(rng, world):
    name, vdc = any_vdc(rng, world)
    return rng.choice([item for item in vdc["hosts"].items() if "-host" in item[0]]) + (name,)


def any_tunnel(rng, world):
    ends = [(name, key, end) for name, vdc in world["vdcs"].items() for key, end in vdc["gateway"]["tunnels"].items()]
    return rng.choice(ends) if ends else (None, None, None)


def other_end(world, name, key):
    """The tunnel back, by the names."""
    peer = world["vdcs"][key.removesuffix("-tunnel")]["gateway"]
    return peer, peer["tunnels"].get(f"{name}-tunnel")


# ---- Faults: hosts ----


def no_route(rng, world):
    host, row, _ = any_host(rng, world)
    if not row["routes"]:
        return None
    gone = rng.choice(list(row["routes"]))
    del row["routes"][gone]
    return f"{host} has no route to {gone}"


def wrong_next_hop(rng, world):
    host, row, _ = any_host(rng, world)
    if not row["routes"]:
        return None
    which = rng.choice(list(row["routes"]))
    net, last = row["address"].split("/")[0].rsplit(".", 1)
    row["routes"][which] = f"{net}.{rng.choice([n for n in (6, 99, 200) if str(n) != last])}"
    return f"{host} has {row['routes'][which]} as the next hop to {which}"


def wide_prefix(rng, world):
    host, row, _ = any_host(rng, world)
    row["address"] = f"{row['address'].split('/')[0]}/16"
    row["routes"] = {}
    return f"{host} has a prefix of 16 bits, and no routes"


def narrow_prefix(rng, world):
    host, row, _ = any_host(rng, world)
    row["address"] = f"{row['address'].split('/')[0]}/{rng.choice((29, 30))}"
    return f"{host} has a narrow prefix, {row['address']}"


def outside(rng, world):
    host, row, _ = any_host(rng, world)
    row["address"] = f"192.168.77.{rng.randint(10, 99)}"
    return f"{host} has {row['address']}"


def gateway_address_taken(rng, world):
    name, vdc = any_vdc(rng, world)
    host = f"{name}-printer"
    if host in vdc["hosts"]:
        return None
    vdc["hosts"][host] = {"lan": 1, "address": vdc["gateway"]["connections"][0]["ipv4CIDR"].split("/")[0] if vdc["gateway"]["connections"] else "192.168.9.9"}
    return f"{host} has the address of its gateway"


# ---- Faults: gateways ----


def forwarding_off(rng, world):
    name, vdc = any_vdc(rng, world)
    vdc["gateway"]["behaviour"]["ipForward"] = False
    return f"{name} does not forward"


def not_on_lan(rng, world):
    name, vdc = any_vdc(rng, world)
    vdc["lans"]["9"] = {"subnet": "192.168.99.0/24"}
    vdc["gateway"]["connections"] = [{"lanId": "9", "ipv4CIDR": "192.168.99.5/24"}]
    return f"{name} is connected to another LAN"


def moved(rng, world):
    name, vdc = any_vdc(rng, world)
    vdc["gateway"]["connections"] = [{"lanId": "1", "ipv4CIDR": f"192.168.88.{rng.randint(2, 9)}/24"}]
    return f"{name} has an address that is none of its LAN"


def other_address(rng, world):
    name, vdc = any_vdc(rng, world)
    net = vdc["lans"]["1"]["subnet"].rsplit(".", 1)[0]
    vdc["gateway"]["connections"] = [{"lanId": "1", "ipv4CIDR": f"{net}.{rng.randint(6, 9)}/24"}]
    return f"{name} has another address in its LAN than its hosts know"


def gateway_mask(rng, world):
    name, vdc = any_vdc(rng, world)
    address = vdc["gateway"]["connections"][0]["ipv4CIDR"].split("/")[0]
    vdc["gateway"]["connections"][0]["ipv4CIDR"] = f"{address}/29"
    return f"{name} takes its LAN for smaller than it is"


# ---- Faults: tunnels ----


def key_differs(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end:
        return None
    end["auth"]["psk"]["key"] = f"another key than the other side of {name} has"
    return f"{name}'s {key} has another key"


def identity(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end:
        return None
    end[rng.choice(("localId", "remoteId"))] = rng.choice(("gw.example", "198.18.0.1"))
    return f"{name}'s {key} has {end.get('localId')} and {end.get('remoteId')} as identities"


def algorithms(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end:
        return None
    what = rng.choice(("ike", "esp"))
    end[what]["encryptionAlgorithm"] = rng.choice(OTHER_ALGORITHMS)
    world["vdcs"][name]["gateway"]["behaviour"]["negotiation"] = "strict"
    other_end(world, name, key)[0]["behaviour"]["negotiation"] = "strict"
    return f"{name}'s {key} has {end[what]['encryptionAlgorithm']} in {what}, strict"


def selectors(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end:
        return None
    field = rng.choice(("cloudNetworkCIDRs", "peerNetworkCIDRs"))
    value = rng.choice((["192.168.200.0/24"], [end[field][0].replace(".0/24", ".128/25")], [end[field][0].replace(".0/24", ".12/32")]))
    end[field] = value
    return f"{name}'s {key} has {value} as {field}"


def swapped(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end:
        return None
    end["cloudNetworkCIDRs"], end["peerNetworkCIDRs"] = end["peerNetworkCIDRs"], end["cloudNetworkCIDRs"]
    return f"{name}'s {key} has its networks swapped"


def any_on_both(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end:
        return None
    for one in (end, other_end(world, name, key)[1]):
        if one:
            one["cloudNetworkCIDRs"] = one["peerNetworkCIDRs"] = ["0.0.0.0/0"]
    return f"{name}'s {key} has 0.0.0.0/0 on both sides"


def any_on_one(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end:
        return None
    end["peerNetworkCIDRs"] = ["0.0.0.0/0"]
    back = other_end(world, name, key)[1]
    if back and rng.random() < 0.5:
        back["cloudNetworkCIDRs"] = ["0.0.0.0/0"]
    return f"{name}'s {key} has 0.0.0.0/0 as its peer's network"


def remote_host(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end:
        return None
    others = [vdc["gateway"]["gatewayIP"] for vdc in world["vdcs"].values()]
    end["remoteHost"] = rng.choice([a for a in (*others, "203.0.113.99") if a != end["remoteHost"]])
    return f"{name}'s {key} has {end['remoteHost']} as remoteHost"


def no_tunnel(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end or not other_end(world, name, key)[1]:
        return None
    del world["vdcs"][name]["gateway"]["tunnels"][key]
    return f"{name} has no {key}"


def by_hand(rng, world):
    name, key, end = any_tunnel(rng, world)
    if not end:
        return None
    how = rng.choice(("by-hand", "on-traffic"))
    world["vdcs"][name]["gateway"]["behaviour"]["start"] = how
    other_end(world, name, key)[0]["behaviour"]["start"] = how
    return f"the ends of {name}'s {key} start {how}"


def sequence_numbers(rng, world):
    name, vdc = any_vdc(rng, world)
    vdc["gateway"]["behaviour"].update({"esn": True, "negotiation": "strict"})
    return f"{name} insists on extended sequence numbers"


def one_subnet(rng, world):
    """A branch gets the subnet of another one, with all that names it."""
    names = list(world["vdcs"])
    first, second = rng.sample(range(len(names)), 2)
    old, new = f"192.168.{second + 1}.", f"192.168.{first + 1}."
    vdc = json.loads(json.dumps(world["vdcs"][names[second]]).replace(old, new))
    for at, host in enumerate(vdc["hosts"].values()):
        host.get("routes", {}).pop(network(first + 1), None)
        host["address"] = f"{new}{120 + at}"
    world["vdcs"][names[second]] = vdc
    for end in (row for name, one in world["vdcs"].items() if name != names[second] for row in one["gateway"]["tunnels"].items()):
        if end[0] == f"{names[second]}-tunnel":
            end[1]["peerNetworkCIDRs"] = [text.replace(old, new) for text in end[1]["peerNetworkCIDRs"]]
    return f"{names[second]} has the subnet of {names[first]}"


FAULTS = [no_route, wrong_next_hop, wide_prefix, narrow_prefix, outside, gateway_address_taken, forwarding_off, not_on_lan, moved, other_address,
          gateway_mask, key_differs, identity, algorithms, selectors, swapped, any_on_both, any_on_one, remote_host, no_tunnel, by_hand, sequence_numbers,
          one_subnet]


def spoil(seed, world, count, faults=None):
    """So many faults of different kinds, or these in their order; what they are."""
    rng = random.Random(seed)
    told = []
    for fault in faults or rng.sample(FAULTS, len(FAULTS)):
        told += [text for text in [fault(rng, world)] if text]
        if len(told) == count:
            break
    return told
