#!/usr/bin/env python3
"""Both gateways at once: handshakes that cross in every order, rekeys that collide with rekeys and deletes.

Written as scenarios, with messages held on the internet and released in the order of each case; pairing is checked at
the end of each by the program itself.
"""
import itertools
import json

from harness import ProgramTest, ROOT, main

BASE = ROOT / "tests/scenarios/yaml/_base.yaml"
TUNNELS = {"txl-gw": "lhr-tunnel", "lhr-gw": "txl-tunnel"}
OTHER = {"txl-gw": "lhr-gw", "lhr-gw": "txl-gw"}


def scenario(title, steps, expect, seed=1):
    """A scenario over the base of these tests; JSON is YAML."""
    return json.dumps({"base": str(BASE), "title": title, "seed": seed, "steps": steps, "expect": expect})


def ping_both(count, **options):
    """Echoes each way at once, all answered; the first of the two in the background."""
    expect = {"received": count, "duplicates": 0, "errors": 0}
    both = [("txl-host1", "lhr-host1"), ("lhr-host1", "txl-host1")]
    return [{"ping": {"from": a, "to": b, "count": count, **options}, "expect": expect,
             "background": a == "txl-host1"} for a, b in both]


def ping_in_background(count):
    """Every 20 ms each way; none may be lost."""
    steps = ping_both(count, interval="20ms")
    for step in steps:
        step["background"] = True
    return steps


def one_tunnel(rekeys=None):
    """Both ends have one pair of SAs."""
    return [{"tunnel": {"on": on, "state": "established", "childSas": 1, **({"rekeys": rekeys} if rekeys else {})}}
            for on in TUNNELS]


class Batch(ProgramTest):
    """Many scenarios by one call of the program."""

    def play(self, cases):
        """All of them have to pass with --prove; what failed is told by name."""
        for name, text in cases.items():
            self.write(f"cases/{name}.yaml", text)
        folder = self.out.parent / "cases"
        done = self.call("run", "--prove", "--no-captures", "--format", "json", "--out", self.out, "--jobs", 2, folder,
                         status=None)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(results), len(cases), done.stderr)
        bad = []
        for result in results:
            wrong = [(row.get("verb") or row.get("text"), row.get("found"), row.get("checks"), row.get("problem"))
                     for row in result["steps"] + result["expectations"] if row["verdict"] != "pass"]
            if result["verdict"] != "pass":
                bad.append(f"{result['scenario']}: {wrong}")
        self.assertFalse(bad, "\n" + "\n".join(bad))
        return results


class Handshakes(Batch):
    """libreswan's crossing streams: of two handshakes that begin at once, two messages of the one and three of the
    other come through in every order, then the rest."""

    @staticmethod
    def holds(letter, gateway):
        """The four messages of the handshake that `gateway` begins are held as e1 to e4, or w1 to w4."""
        asks, answers = gateway, OTHER[gateway]
        kinds = [("IKE_SA_INIT", "request", asks), ("IKE_SA_INIT", "response", answers),
                 ("IKE_AUTH", "request", asks), ("IKE_AUTH", "response", answers)]
        return [{"fault": {"on": "internet", "from": sender, "match": {"exchange": exchange, "kind": kind},
                           "packets": 1, "hold": f"{letter}{number}"}}
                for number, (exchange, kind, sender) in enumerate(kinds, 1)]

    @classmethod
    def case(cls, order, east, rest, seed):
        """`east` is the gateway called e."""
        steps = cls.holds("e", east) + cls.holds("w", OTHER[east])
        steps += [{"initiate": {"on": on}, "background": True} for on in TUNNELS]
        reached = {"e": 0, "w": 0}
        for letter in order:
            reached[letter] += 1
            steps += [{"wait": "100ms"}, {"release": f"{letter}{reached[letter]}"}]
        steps += [{"wait": "100ms"}, {"heal": {"all": True}}]
        for letter in rest:
            steps += [{"release": f"{letter}{reached[letter] + 1}"}, {"wait": "100ms"}]
        steps += [{"wait": "60s"}] + ping_both(5)
        steps[-1]["name"] = "across"
        return scenario(f"{order}, e is {east}", steps, one_tunnel() + [
            {"drops": {"on": on, "reason": "no-inbound-sa", "count": 0, "during": "across"}} for on in TUNNELS])

    def test_every_order(self):
        """The nine of libreswan and the tenth, each gateway as e, the rest in either order, four seeds."""
        orders = sorted({"".join(order) for order in itertools.permutations("eewww")})
        self.assertEqual(len(orders), 10)
        cases = {f"{order}-{east}-{''.join(rest)}-{seed}": self.case(order, east, rest, seed)
                 for order in orders for east in TUNNELS for rest in ("ew", "we") for seed in (1, 2, 3, 4)}
        self.play(cases)

    def test_both_start_at_once(self):
        """With nobody's hand on the messages: at-once on both, thirty seeds, at the very same moment or not."""
        cases = {}
        for seed in range(1, 31):
            text = json.loads(scenario("at once", [{"wait": "65s"}] + ping_both(5), one_tunnel(), seed))
            text["vdcs"] = {vdc: {"gateway": {"behaviour": {"start": "at-once"}}} for vdc in ("txl", "lhr")}
            text["internet"] = {"delay": "400ms"}
            cases[f"seed-{seed}"] = json.dumps(text)
        self.play(cases)


class Rekeys(Batch):
    """RFC 7296 2.8.1, 2.8.2, 2.25: rekeys that meet, with echoes every 20 ms each way and none of them lost."""

    @staticmethod
    def ask(verb, on, what, wait=True):
        """A rekey or terminate step."""
        return {verb: {"on": on, "what": what}, "background": not wait}

    def collision(self, first, second, fault=None, seed=1, rekeys=None, count=600):
        """`first` and `second` are (gateway, what): rekeys that begin at the same moment, `fault` on the way."""
        steps = [{"initiate": {"on": "txl-gw"}}, *ping_in_background(count), {"wait": "1s"}]
        if fault:
            steps.append({"fault": {"on": "internet", **fault}})
        steps += [self.ask("rekey", first[0], first[1], wait=False), self.ask("rekey", second[0], second[1]),
                  {"wait": "30s"}]
        expect = one_tunnel(rekeys)
        expect += [{"drops": {"on": on, "reason": "no-inbound-sa", "count": 0}} for on in TUNNELS]
        expect += [{"ike": {"on": on, "direction": "sent", "exchange": "CREATE_CHILD_SA", "kind": "request"}}
                   for on in TUNNELS]
        if fault and "drop" in fault and fault["match"]["exchange"] == "CREATE_CHILD_SA":
            expect.append({"drops": {"on": "internet", "reason": "fault", "count": 1}})
        return scenario(f"{first} meets {second}", steps, expect, seed)

    def cases(self, name, firsts, seconds, rekeys, faults):
        """Both sides, four seeds (each nonce the lowest sooner or later), each fault."""
        cases = {}
        for on, seed, (label, fault) in itertools.product(TUNNELS, range(1, 5), faults.items()):
            if fault and fault.get("from") == "first":
                fault = {**fault, "from": on}
            elif fault and fault.get("from") == "second":
                fault = {**fault, "from": OTHER[on]}
            cases[f"{name}-{on}-{label}-{seed}"] = self.collision((on, firsts), (OTHER[on], seconds), fault, seed,
                                                                 rekeys)
        return cases

    FAULTS = {
        "plain": None,
        **{f"{kind}-of-{whose}-lost": {"match": {"exchange": "CREATE_CHILD_SA", "kind": kind}, "packets": 1,
                                       "drop": True, "from": whose}
           for kind in ("request", "response") for whose in ("first", "second")},
        **{f"{kind}-of-{whose}-late": {"match": {"exchange": "CREATE_CHILD_SA", "kind": kind}, "packets": 1,
                                       "delay": "500ms", "from": whose}
           for kind in ("request", "response") for whose in ("first", "second")},
        **{f"delete-of-{whose}-lost": {"match": {"exchange": "INFORMATIONAL", "kind": "request"}, "packets": 1,
                                       "drop": True, "from": whose} for whose in ("first", "second")},
    }

    def test_child_rekeys_collide(self):
        """One pair of SAs is left, and nothing was lost on the way there."""
        self.play(self.cases("child", "child", "child", {"child": ">= 1"}, self.FAULTS))

    def test_ike_rekeys_collide(self):
        """Of two new IKE SAs one is left, and the child with it."""
        self.play(self.cases("ike", "ike", "ike", {"ike": ">= 1"}, self.FAULTS))

    def test_child_rekey_meets_ike_rekey(self):
        """TEMPORARY_FAILURE, and the refused one is tried again."""
        self.play(self.cases("child-ike", "child", "ike", {"ike": ">= 1"}, self.FAULTS))

    def test_rekey_meets_delete(self):
        """The delete wins or the rekey does: either way both ends agree, and the tunnel comes up again."""
        cases = {}
        for on, rekey, delete, seed, lost in itertools.product(TUNNELS, ("child", "ike"), ("child", "ike"), (1, 2),
                                                               (None, "request", "response")):
            steps = [{"initiate": {"on": "txl-gw"}}, {"wait": "1s"}]
            if lost:
                steps.append({"fault": {"on": "internet", "packets": 1, "drop": True,
                                        "match": {"exchange": "INFORMATIONAL", "kind": lost}}})
            steps += [self.ask("rekey", on, rekey, wait=False), self.ask("terminate", OTHER[on], delete),
                      {"wait": "5m"}, {"expect": [
                          {"ike": {"on": on, "direction": "received", "exchange": "INFORMATIONAL"}}]},
                      {"initiate": {"on": on}, "expect": {"state": "established"}}, {"wait": "1s"}, *ping_both(5)]
            cases[f"{on}-{rekey}-{delete}-{lost}-{seed}"] = scenario("rekey against delete", steps, one_tunnel(), seed)
        self.play(cases)


if __name__ == "__main__":
    main()
