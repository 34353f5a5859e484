#!/usr/bin/env python3
"""Whatever happened before: rekeys, deletes, restarts, cut links, messages lost and late, in a random order. Ten minutes
after the last fault the SAs pair up, a ping gets across each way, and no step waits for ever.

A case is made from its number alone. What fails is left as a file, named in the message."""
import json
import pathlib
import random
import tempfile

from harness import ProgramTest, ROOT, main

BASE = ROOT / "tests/scenarios/yaml/_base.yaml"
GATEWAYS = ("txl-gw", "lhr-gw")
EXCHANGES = ("IKE_SA_INIT", "IKE_AUTH", "CREATE_CHILD_SA", "INFORMATIONAL")
WAITS = ("1ms", "5ms", "11ms", "21ms", "100ms", "1s", "3s", "7s", "50s", "200s")
CASES = 300


def behaviour(chance, esn):
    """Of one gateway."""
    return {"start": "at-once", "vpn": chance.choice(("policy-based", "policy-based", "route-based")),
            "dpdDelay": chance.choice(("5s", "30s")), "mobike": chance.random() < 0.7, "esn": esn,
            "forceUdpEncapsulation": chance.random() < 0.2, "replayWindow": chance.choice((0, 32, 64, 1024)),
            "negotiation": chance.choice(("strict", "most-secure")),
            "retransmit": chance.choice(({"timeout": "4s", "base": 1.8, "tries": 5},
                                         {"timeout": "1s", "base": 1.5, "tries": 3}))}


def message_fault(chance, on):
    """The first few messages of a kind are lost or late."""
    fault = {"on": "internet", "from": on, "packets": chance.choice(("1", "2", "1..2", "1..3")),
             "match": {"exchange": chance.choice(EXCHANGES), "kind": chance.choice(("request", "response"))}}
    if chance.random() < 0.5:
        return {"fault": {**fault, "drop": True}}
    return {"fault": {**fault, "delay": chance.choice(("100ms", "2s", "5s", "20s"))}}


def step(chance):
    """What an administrator or the path does next."""
    on = chance.choice(GATEWAYS)
    return chance.choices((
        {"rekey": {"on": on, "what": chance.choice(("ike", "child"))}, "background": True},
        message_fault(chance, on),
        {"fault": {"on": "internet", "down": True, "for": chance.choice(("1s", "10s", "60s", "200s"))}},
        {"restart": on},
        {"terminate": {"on": on, "what": chance.choice(("ike", "child"))}, "background": True},
        {"initiate": {"on": on}, "background": True},
        {"wait": "1s"}), weights=(35, 20, 5, 6, 6, 8, 20))[0]


def case(number):
    """A scenario."""
    chance = random.Random(number)
    esn = chance.random() < 0.3
    steps = []
    for _ in range(chance.randint(5, 40)):
        steps += [step(chance), {"wait": chance.choice(WAITS)}]
    steps += [{"heal": {"all": True}}, {"fault": {"on": "internet", "loss": "0%"}}, {"wait": "10m"},
              {"initiate": {"on": "txl-gw"}}, {"wait": "10s"}]
    steps += [{"ping": {"from": a, "to": b}, "expect": {"received": 3}}
              for a, b in (("txl-host1", "lhr-host1"), ("lhr-host1", "txl-host1"))]
    return {"base": str(BASE), "seed": number, "cleartext": "allowed", "steps": steps,
            "vdcs": {vdc: {"gateway": {"behaviour": behaviour(chance, esn)}} for vdc in ("txl", "lhr")},
            "internet": {"jitter": chance.choice(("0ms", "5ms")), "loss": chance.choice(("0%", "0%", "5%"))},
            "expect": [{"tunnel": {"on": on, "state": "established", "childSas": ">= 1"}} for on in GATEWAYS]}


class Chaos(ProgramTest):
    """Random orders."""

    def test_it_always_heals(self):
        """All of the cases."""
        for number in range(CASES):
            self.write(f"cases/{number:04}.yaml", json.dumps(case(number)))
        done = self.call("run", "--no-captures", "--format", "json", "--jobs", 2, "--out", self.out,
                         self.out.parent / "cases", status=None)
        results = {result["scenario"]: result for result in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(len(results), CASES, done.stderr)
        bad = []
        for name, result in results.items():
            wrong = [f"{row['text']}: found {row['found']}" for row in result["expectations"]
                     if row["verdict"] != "pass"]
            # Steps in the middle may fail: there is nothing to rekey, or the peer is away.
            wrong += [f"ping from {row['from']}: {row['received']} of 3" for row in result["steps"]
                      if row["verb"] == "ping" and row["received"] != 3]
            if result["virtualTime"] > 10000:
                wrong.append(f"it lasted {result['virtualTime']} s")
            if wrong:
                kept = pathlib.Path(tempfile.gettempdir()) / f"chaos-{name}.yaml"
                kept.write_text(json.dumps(case(int(name))), encoding="utf-8")
                bad.append(f"{kept}: {'; '.join(wrong)}")
        self.assertFalse(bad, "\n" + "\n".join(bad))


class BadDays(ProgramTest):
    """A day on a path that loses a fifth or half of all packets, and doubles, reorders and breaks others."""

    def test_a_tunnel_survives(self):
        """Afterwards one pair of SAs is there, and nothing is lost."""
        for loss, seeds in (("20%", range(1, 9)), ("50%", range(1, 9))):
            for seed in seeds:
                steps = [{"ping": {"from": a, "to": b, "count": 4000, "interval": "20s"}, "background": a[0] == "t"}
                         for a, b in (("txl-host1", "lhr-host1"), ("lhr-host1", "txl-host1"))]
                steps += [{"fault": {"on": "internet", "loss": "0%", "duplicate": "0%", "reorder": "0%",
                                     "corrupt": "0%", "jitter": "0ms"}}, {"wait": "10m"}]
                steps += [{"ping": {"from": a, "to": b, "count": 10}, "expect": {"received": 10}}
                          for a, b in (("txl-host1", "lhr-host1"), ("lhr-host1", "txl-host1"))]
                self.write(f"days/{loss[:2]}-{seed}.yaml", json.dumps({
                    "base": str(BASE), "seed": seed, "cleartext": "allowed", "steps": steps,
                    "vdcs": {vdc: {"gateway": {"behaviour": {"start": "at-once"}}} for vdc in ("txl", "lhr")},
                    "internet": {"loss": loss, "duplicate": "10%", "reorder": "10%", "corrupt": "5%",
                                 "jitter": "9ms"},
                    "expect": [{"tunnel": {"on": on, "state": "established", "childSas": 1}} for on in GATEWAYS]}))
        self.call("run", "--no-captures", "--quiet", "--jobs", 2, "--out", self.out, self.out.parent / "days")


if __name__ == "__main__":
    main()
