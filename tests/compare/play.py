#!/usr/bin/env python3
"""`tunnelbed compare` with strongSwan and real hosts: a tunnel that works, one with another key, and what it says of calls that
are wrong. Needs root, /dev/net/tun and strongSwan; says so and counts as skipped elsewhere."""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from harness import PROGRAM, ProgramTest, ROOT, main  # noqa: E402

sys.path.insert(0, str(ROOT / "tests/netns"))
from missing import SKIPPED, namespaces_missing  # noqa: E402

BASE = ROOT / "scenarios/catalog/_two-vdcs.yaml"
WORKS = f"""
base: {BASE}
title: It works
steps:
  - wait: 1500ms
  - ping: {{from: txl-host1, to: lhr-host1, count: 2, interval: 200ms}}
  - ping: {{from: txl-host1, to: 10.9.9.9, count: 1}}
"""
FAILS = f"""
base: {BASE}
title: Another key
vdcs: {{lhr: {{gateway: {{tunnels: {{txl-tunnel: {{auth: {{psk: {{key: "another key of at least 32 characters"}}}}}}}}}}}}}}
steps:
  - wait: 1500ms
  - ping: {{from: txl-host1, to: lhr-host1, count: 1, timeout: 300ms}}
"""
LONG = f"""
base: {BASE}
title: Long
steps:
  - wait: 1h
"""


class Compare(ProgramTest):
    """Each test plays with strongSwan."""

    def compare(self, *arguments, status=0):
        done = self.call("compare", "--out", self.out, *arguments, status=status)
        return done.stdout

    def test_alike(self):
        files = [self.write("works.yaml", WORKS), self.write("fails.yaml", FAILS), self.write("long.yaml", LONG)]
        lines = self.compare("--format", "json", "--jobs", "3", *files).splitlines()
        works, fails, long = map(json.loads, lines)
        self.assertEqual([works["verdict"], fails["verdict"], long["verdict"]], ["alike", "alike", "skipped"])
        self.assertIn("3600 s", long["skipped"])
        rows = {row["what"]: row for row in works["rows"]}
        self.assertEqual(rows["txl-gw lhr-tunnel state"]["strongswan"], "established")
        self.assertEqual(rows["ping {from: txl-host1, to: lhr-host1, count: 2, interval: 200ms}"]["strongswan"], "2 of 2")
        rows = {row["what"]: row for row in fails["rows"]}
        self.assertTrue(any("AUTHENTICATION_FAILED" in what for what in rows))
        self.assertEqual(rows["txl-gw lhr-tunnel state"]["simulated"], "down")
        for world in "simulated", "strongswan":
            result = json.loads((self.out / "works" / world / "result.json").read_text(encoding="utf-8"))
            self.assertEqual(result["verdict"], "pass")

    def test_text(self):
        text = self.compare("--quiet", self.write("works.yaml", WORKS))
        self.assertIn("works: alike (", text)
        self.assertIn("1 alike, 0 differ, 0 skipped", text)

    def test_wrong_calls(self):
        self.call("compare", status=2)
        self.call("compare", "--longest", "x", self.write("works.yaml", WORKS), status=2)
        self.call("compare", self.write("wrong.yaml", "nothing: {}"), status=2)


def can_play():
    """Whether strongSwan can be played with here, in the program's own words where not."""
    if not os.path.exists("/usr/lib/ipsec/charon"):
        return "no strongSwan"
    return namespaces_missing()


if __name__ == "__main__":
    REASON = can_play()
    if REASON:
        print(f"SKIPPED: tunnelbed compare was not tested: {REASON}")
        sys.exit(SKIPPED)
    assert PROGRAM
    main()
