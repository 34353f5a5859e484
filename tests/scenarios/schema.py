#!/usr/bin/env python3
"""docs/scenario.schema.json is what the reader's tables say, is a valid schema, takes every shipped scenario and refuses
what it should. Usage: schema.py TOOL [--write]"""
import copy
import json
import pathlib
import subprocess
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "scenario.schema.json"
TOOL = sys.argv[1]


def output(*words):
    return subprocess.run([TOOL, *words], check=True, capture_output=True, text=True).stdout


NULL = object()


def edited(scenario, path, value):
    """A copy of the scenario with one value changed; None takes the key out, NULL writes null."""
    copied = copy.deepcopy(scenario)
    place = copied
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = None if value is NULL else value
    return copied


GATEWAY = ["vdcs", "txl", "gateway"]
TUNNEL = GATEWAY + ["tunnels", "lhr-tunnel"]
WRONG = [
    (["vcds"], {}),
    (["seed"], -1),
    (["vdcs", "txl", "lans", "1", "subnet"], "192.168.1.0"),
    (["vdcs", "txl", "hosts", "txl-host1", "adress"], "192.168.1.11"),
    (GATEWAY + ["connections", 0, "lanId"], None),
    (GATEWAY + ["tier"], "GOLD"),
    (TUNNEL + ["ike", "lifetime"], 10),
    (TUNNEL + ["esp", "encryptionAlgorithm"], "AES192"),
    (TUNNEL + ["auth", "psk", "key"], "short"),
    (TUNNEL + ["cloudNetworkCIDRs"], []),
    (["internet", "delay"], "12 apples"),
    (["internet", "nat"], {"txl-gw": {"publicIP": "203.0.113.30", "type": "cone"}}),
    (["internet", "firewall"], [{"from": "txl-gw"}]),
    (["steps", 0, "ping", "from"], None),
    (["steps", 0, "pong"], {}),
    (["steps", 0, "inject"], {}),
    (["steps", 0], {"inject": {"at": "internet", "replay": {"flip": []}}}),
    (["steps", 0], {"inject": {"at": "internet", "forge": {"from": "random", "icmp": {}}}}),
    (["steps", 0], {"change": {"steps": []}}),
    (["steps", 0], {"change": {"vdcs": {"txl": {"gatway": {}}}}}),
    (["steps", 0], {"change": {"internet": {"loss": 5}}}),
    (["steps", 0, "ping", "from"], NULL),
    (["internet", "firewall"], [NULL]),
    (["internet", "firewall"], [{"drop": ""}]),
    (["steps", 0], {"fault": {"on": "internet", "drop": ""}}),
    (["steps", 0], {"fault": {"on": "internet", "drop": False}}),
    (["steps", 0], {"fault": {"on": "internet", "match": " ", "drop": True}}),
    (["steps", 0], {"route": {"on": "txl-host1", "add": {"10.9.0.0/24": None}}}),
    (["steps", 0], {"route": {"on": "txl-host1", "remove": {"10.9.0.0/24": None}}}),
    (["expect", 0, "capture", "count"], "many"),
    (["expect", 0, "cause"], "both-side-any"),
]
RIGHT = [
    (GATEWAY + ["connections", 0, "datacenterId"], "2e2b5e9c"),
    (GATEWAY + ["connections", 0, "lanId"], 1),
    (GATEWAY + ["version"], "IKEv2"),
    (GATEWAY + ["behaviour"], {"vpn": "route-based", "retransmit": {"timeout": "2s", "base": 1.5}, "dpdDelay": "0s"}),
    (["internet", "burstLoss"], {"toBad": "1%"}),
    (["internet", "burstLoss"], "5%"),
    (["internet", "queue"], "64KiB"),
    (["internet", "nat"], {"txl-gw": {"publicIP": "203.0.113.30", "mappingTimeout": "30s", "type": "symmetric"}}),
    (["internet", "firewall"], [{"drop": "esp", "from": "txl-gw"}, {"drop": "udp port 4500"}]),
    (["steps", 0], {"fault": {"on": "internet", "drop": "esp"}}),
    (["steps", 0], {"fault": {"on": "internet", "match": "esp", "drop": True}}),
    (["steps", 0], {"route": {"on": "txl-host1", "add": {"10.9.0.0/24": "192.168.1.5"}, "remove": ["10.8.0.0/24"]}}),
    (["steps", 0], {"fault": {"on": "internet", "match": {"exchange": "IKE_AUTH"}, "packets": "2..4", "hold": "x"}}),
    (["steps", 0], {"fault": {"on": "txl/1", "loss": "100%", "for": "1h 30m"}}),
    (["steps", 0], {"fault": {"on": "txl-gw", "crash": True, "for": "30s"}}),
    (["steps", 0], {"fault": {"on": "txl-gw", "clockJump": "1h"}}),
    (["steps", 0], {"fault": {"on": "txl-gw", "rejectSpi": "0xc0ffee00"}}),
    (["steps", 0], {"fault": {"on": "txl-gw", "tunnel": "lhr-tunnel", "sequence": 4294967200}}),
    (["steps", 0], {"fault": {"on": "txl-gw", "crash": "daemon"}}),
    (["steps", 0], {"fault": {"on": "txl-gw", "failover": "warm", "for": "5s"}}),
    (["steps", 0], {"fault": {"on": "txl-gw", "messageId": 4294967290}}),
    (["steps", 0], {"change": {"internet": {"loss": "5%"}}}),
    (["steps", 0], {"change": {"internet": {"firewall": None}, "vdcs": {"txl": {"hosts": {
        "txl-host1": {"routes": {"192.168.2.0/24": None}}}}}}}),
    (["steps", 0, "ping", "count"], NULL),
    (["cleartext"], NULL),
    (["internet"], NULL),
    (["internet", "firewall"], NULL),
    (["internet", "mtu"], NULL),
    (["vdcs", "txl", "hosts", "txl-host1"], NULL),
    (["vdcs", "txl", "hosts", "txl-host1", "routes"], NULL),
    (TUNNEL + ["localId"], NULL),
    (GATEWAY + ["connections", 0, "ipv6CIDR"], NULL),
    (["steps", 0], {"inject": {"at": "internet", "replay": {"filter": "esp", "nth": "last", "flip": ["last", 3],
                                                            "set": {"source": "random", "sequence": "next"}}}}),
    (["steps", 0], {"inject": {"at": "internet", "count": 3, "interval": "0s", "forge": {
        "from": "lhr-gw", "to": "txl-gw", "ike": {"exchange": "IKE_SA_INIT", "kind": "response", "spiInitiator": "current",
                                                  "notify": "COOKIE", "notifyData": "00", "payloads": [{"type": 33}]}}}}),
    (["steps", 0], {"restart": "txl-gw"}),
    (["steps", 0], {"wait": "1h", "at": "90s", "background": False}),
    (["expect", 0], {"cleartext": "allowed"}),
]


def main():
    text = output("schema")
    if "--write" in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text, f"{FILE} is not up to date: run {sys.argv[0]} {TOOL} --write"
    schema = json.loads(text)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    files = sorted((ROOT / "scenarios" / "catalog").rglob("*.yaml"))
    assert files
    for path in files:
        errors = list(validator.iter_errors(json.loads(output("json", str(path)))))
        assert not errors, f"{path}: {errors[0].message}"
    tutorial = json.loads(output("json", str(ROOT / "scenarios/catalog/tutorial/vdc-to-vdc.yaml")))
    for path, value in WRONG:
        assert not validator.is_valid(edited(tutorial, path, value)), f"not refused: {path} = {value}"
    for path, value in RIGHT:
        errors = list(validator.iter_errors(edited(tutorial, path, value)))
        assert not errors, f"refused: {path} = {value}: {errors[0].message}"
    print(f"{len(files)} scenarios, {len(schema['definitions'])} definitions")


main()
