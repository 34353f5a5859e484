#!/usr/bin/env python3
"""`import` through the program: the API's answers become scenarios, which are checked and run; wrong answers are told."""
import copy
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))
from harness import PROGRAM, ProgramTest, main  # noqa: E402

DATA = ROOT / "tests/import/data"
BOTH = ["txl-gateway.json", "txl-tunnel.json", "lhr-gateway.json", "lhr-tunnel.json"]
KEYLESS = ["txl-collections.json", "lhr-collections.json"]
KEY = "Zq3vT8mXw2Lr9Kc5HsYd7Nf1Gb4Jp6Ua"


def load(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


class Import(ProgramTest):
    """From JSON to a verdict."""

    def run_in(self, *arguments, text=None, status=0):
        """In the test's folder; `text` on standard input."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], input=text or "", capture_output=True, text=True,
                              timeout=300, check=False, cwd=self.folder.name)
        self.assertEqual(done.returncode, status, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def import_files(self, *names, status=0):
        """What `import` writes of files of data/."""
        return self.run_in("import", *[DATA / name if name.endswith(".json") else name for name in names], status=status)

    def import_docs(self, *docs, options=(), status=0):
        """The same of JSON values, each a text on standard input."""
        return self.run_in("import", *options, "-", text="\n".join(json.dumps(doc) for doc in docs), status=status)

    def refused(self, code, *docs, options=()):
        """Status 2, nothing written, the code with a place; returns the line."""
        done = self.import_docs(*docs, options=("-o", "x.yaml", *options), status=2)
        self.assertEqual(done.stdout, "")
        self.assertFalse((pathlib.Path(self.folder.name) / "x.yaml").exists())
        lines = [line for line in done.stderr.splitlines() if f"[{code}]" in line]
        self.assertTrue(lines, done.stderr)
        return lines[0]

    def run_text(self, text, status=0):
        """Checks, then runs what was imported."""
        self.run_in("check", "-", text=text)
        return self.run_in("run", "-q", "-", text=text, status=status)

    def test_both_sides(self):
        """In any order; no warning; all pings pass; the same bytes again."""
        done = self.import_files(*BOTH)
        self.assertEqual(done.stderr, "")
        self.assertIn("1 file checked, 0 errors, 0 warnings", self.run_in("check", "-", text=done.stdout).stdout)
        self.run_text(done.stdout)
        again = self.import_files(*reversed(BOTH))
        self.run_text(again.stdout)
        self.assertEqual(done.stdout, self.import_files(*BOTH).stdout)
        result = json.loads((pathlib.Path(self.folder.name) / "out/stdin/result.json").read_text(encoding="utf-8"))
        pings = [(s["from"], s["to"], s["received"]) for s in result["steps"] if s["verb"] == "ping"]
        self.assertEqual(pings[:2], [("lhr-host1", "txl-host1", 3), ("txl-host1", "lhr-host1", 3)])

    def test_one_command(self):
        """--run, with what `run` takes; the scenario kept with --out."""
        done = self.run_in("import", "--run", "--format", "json", "-o", "mine.yaml", *[DATA / name for name in BOTH])
        self.assertEqual(json.loads(done.stdout)["verdict"], "pass")
        self.assertIn("0 warnings", self.run_in("check", "mine.yaml").stdout)
        self.assertEqual((pathlib.Path(self.folder.name) / "mine.yaml").stat().st_mode & 0o777, 0o600)
        self.assertTrue((pathlib.Path(self.folder.name) / "out/mine/result.json").exists())

    def test_collections_and_keys(self):
        """Without keys check says where they go; --psk gives them, to all or one by one."""
        done = self.import_files(*KEYLESS)
        self.assertEqual(done.stderr.count("[psk-missing]"), 2)
        self.assertEqual(self.run_in("check", "-", text=done.stdout, status=2).stdout.count("[missing-key]"), 2)
        self.assertIn("2 tunnels have no key", self.import_files("--run", *KEYLESS, status=2).stderr)
        for options in (["--psk", KEY], ["--psk", "=" + KEY], ["--psk", "to-lhr=" + KEY, "--psk", "lhr/to-txl=" + KEY]):
            self.run_text(self.import_files(*options, *KEYLESS).stdout)
        padded = "dGhpcyBpcyBhIGJhc2U2NCBrZXkgZm9yIHRlc3Rz=="
        self.assertEqual(self.import_files("--psk", padded, *KEYLESS).stdout.count(padded), 2)
        one = self.import_files("--psk", "to-lhr=" + KEY, *KEYLESS)
        self.assertEqual(one.stderr.count("[psk-missing]"), 1)  # the other side's is not taken for it
        self.assertIn("no tunnel is called 'to-lrh'", self.import_files("--psk", "to-lrh=" + KEY, *KEYLESS, status=2).stderr)
        self.assertIn("[psk-too-short]", self.import_files("--psk", "short", *KEYLESS, status=2).stderr)
        kept = self.import_files("--psk", "A" * 32, "txl-gateway.json", "txl-tunnel.json", "lhr-gateway.json",
                                 "lhr-tunnel-no-key.json")
        self.assertIn(KEY, kept.stdout)
        self.assertIn("[keys-differ]", kept.stderr)

    def test_keys_from_a_file(self):
        """One a line, for all or for one; blank lines count for nothing; standard input too."""
        path = pathlib.Path(self.folder.name) / "key"
        path.write_text(f"\nto-lhr={KEY}\r\n  \nto-txl={KEY}\n")
        done = self.import_files("--psk-file", str(path), *KEYLESS)
        self.assertEqual(done.stdout.count(KEY), 2)
        self.assertEqual(done.stdout, self.import_files("--psk", KEY, *KEYLESS).stdout)
        files = [DATA / name for name in KEYLESS]
        self.assertEqual(self.run_in("import", "--psk-file", "-", *files, text=KEY).stdout, done.stdout)
        self.assertIn("nothing.key: No such file", self.import_files("--psk-file", "nothing.key", *KEYLESS, status=2).stderr)

    def test_explained_at_once(self):
        """--explain tells what `explain` tells of the scenario, and leaves nothing behind."""
        done = self.run_in("import", "-q", "--explain", "--format", "json", DATA / "mismatch.json", status=1)
        causes = json.loads(done.stdout)["causes"]
        self.assertEqual({cause["code"] for cause in causes}, {"psk-mismatch"})
        text = self.import_files("mismatch.json").stdout
        piped = self.run_in("explain", "-", text=text, status=1)
        self.assertIn("psk-mismatch (stdin:29)", piped.stdout)
        self.assertFalse((pathlib.Path(self.folder.name) / "out").exists())
        self.assertIn("Every ping", self.run_in("import", "--explain", *[DATA / name for name in BOTH]).stdout)

    def test_options_that_do_not_go_together(self):
        """An option of playing says with what it goes, rather than do nothing."""
        for options, text in ((["--seed", "3"], "--seed goes with --run or --explain"),
                              (["--format", "json"], "--format goes with --run or --explain"),
                              (["--run", "--explain"], "one of the two"), (["--explain", "--prove"], "go with --run"),
                              (["--explain", "--format", "tap"], "go with --run")):
            done = self.run_in("import", *options, DATA / "mismatch.json", status=2)
            self.assertIn(text, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_mismatch_fails(self):
        """The warning stands at the key in the JSON, and the run fails for it."""
        done = self.import_files("mismatch.json")
        line = next(i for i, text in enumerate((DATA / "mismatch.json").read_text().splitlines(), 1) if '"key"' in text)
        self.assertRegex(done.stderr, rf"mismatch\.json:{line}:\d+: warning: .*\[keys-differ\]")
        self.run_text(done.stdout, status=1)

    def test_places_in_two_files(self):
        """What stands in another file is called by that file's name."""
        other = json.loads((DATA / "lhr-tunnel.json").read_text(encoding="utf-8"))
        other["properties"]["auth"]["psk"]["key"] = KEY[::-1]
        path = self.write("other.json", json.dumps(other, indent=1))
        done = self.import_files("txl-gateway.json", "txl-tunnel.json", "lhr-gateway.json", str(path))
        self.assertRegex(done.stderr, r"txl-tunnel\.json:\d+:\d+: warning: .* 'to-txl' \(.*other\.json:\d+\); .*\[keys-differ\]")

    def test_any_on_both_sides(self):
        """Broken routing, as the product documents it."""
        done = self.import_files("both-sides-any.json")
        self.assertIn("[both-sides-any]", done.stderr)
        self.run_text(done.stdout, status=1)
        self.assertIn("routes: {192.168.2.0/24: 192.168.1.5}", done.stdout)

    def test_two_lans(self):
        """Hosts in each, reached from the other side."""
        done = self.import_files("two-lans.json")
        self.assertIn("txl-host3: {lan: 3, address: 10.3.0.11, routes: {192.168.2.0/24: 10.3.0.9}}", done.stdout)
        self.run_text(done.stdout)

    def test_one_side(self):
        """The peer is not made up: a comment, a warning, and a tunnel that does not come up."""
        done = self.import_files("txl-gateway.json", "txl-tunnel.json")
        self.assertIn("[no-such-peer]", done.stderr)
        self.assertIn("# Its peer 203.0.113.20 is not among the answers", done.stdout)
        self.run_text(done.stdout, status=1)

    def test_equal_networks_and_narrow_selectors(self):
        """Stub hosts never share an address, and stand inside of what a tunnel carries."""
        docs = [load(name) for name in BOTH]
        docs[2]["properties"]["connections"][0]["ipv4CIDR"] = "192.168.1.6/24"
        docs[3]["properties"]["cloudNetworkCIDRs"] = ["192.168.1.0/24"]
        text = self.import_docs(*docs).stdout
        hosts = [line.split("address: ")[1].split(",")[0].strip("}") for line in text.splitlines() if "{lan: " in line]
        self.assertEqual(len(set(hosts)), 4)
        docs = [load(name) for name in BOTH]
        docs[1]["properties"]["cloudNetworkCIDRs"] = ["192.168.1.100/32", "192.168.1.128/25"]
        docs[3]["properties"]["peerNetworkCIDRs"] = ["192.168.1.100/32", "192.168.1.128/25"]
        text = self.import_docs(*docs).stdout
        self.assertIn("txl-host1: {lan: 1, address: 192.168.1.100,", text)
        self.assertIn("txl-host2: {lan: 1, address: 192.168.1.139,", text)

    def test_without_href_and_status(self):
        """The gateway that fits; what is not AVAILABLE is told."""
        docs = [load(name) for name in BOTH]
        for doc in docs:
            doc.pop("href")
        docs[0]["metadata"].update(status="FAILED", statusMessage="no capacity")
        docs[1]["properties"]["shiny"] = {"new": 1}
        done = self.import_docs(*docs)
        self.assertEqual(done.stderr.count("[gateway-assumed]"), 2)
        self.assertIn("is FAILED: no capacity", done.stderr)
        self.assertIn("unknown-property", done.stderr)
        self.assertIn("  vpn-txl:\n", done.stdout)
        self.run_text(done.stdout)

    def test_names(self):
        """Two gateways in one location are told apart, and so are two tunnels of one name."""
        docs = [load(name) for name in BOTH]
        docs[2]["href"] = docs[2]["href"].replace("gb-lhr", "de-txl")
        twin = copy.deepcopy(docs[1])
        twin["id"] = "another"
        twin["properties"]["peerNetworkCIDRs"] = ["10.9.0.0/16"]
        text = self.import_docs(*docs, twin).stdout
        for words in ("  vpn-txl:\n", "  vpn-lhr:\n", "        to-lhr:\n", "        to-lhr-2:\n"):
            self.assertIn(words, text)

    def test_remote_host_by_name(self):
        """Asked for with --resolve, and given."""
        docs = [load(name) for name in BOTH]
        docs[1]["properties"]["remoteHost"] = "vpn.example.com"
        self.assertIn("--resolve vpn.example.com=ADDRESS", self.refused("unresolved-remote-host", *docs))
        text = self.import_docs(*docs, options=("--resolve", "vpn.example.com=203.0.113.20")).stdout
        self.assertIn("remoteId: vpn.example.com", text)
        self.assertIn("[identities-differ]", self.run_in("check", "-", text=text).stdout)
        self.refused("bad-option", *docs, options=("--resolve", "vpn.example.com=nowhere"))

    def test_refused(self):
        """Each wrong answer by its code, with its place."""
        gateway, tunnel, peer, back = (load(name) for name in BOTH)

        def edited(doc, key, value):
            doc = copy.deepcopy(doc)
            doc["properties"][key] = value
            if value is None:
                del doc["properties"][key]
            return doc

        self.assertTrue(self.refused("wrong-resource", {"type": "server"}).startswith("stdin:1:10: error:"))
        self.assertIn("httpStatus '401'", self.refused("wrong-resource", {"httpStatus": 401, "messages": []}))
        self.refused("wrong-resource", gateway["properties"])
        self.refused("no-gateway", [])
        self.refused("no-gateway", {"type": "collection", "items": []})
        self.refused("missing-key", {"type": "collection"})
        self.refused("missing-key", {"type": "ipsecgateway"})
        self.refused("gateway-missing", gateway, back)
        self.refused("duplicate-answer", gateway, edited(gateway, "name", "other"), peer)
        for key in ("name", "gatewayIP", "connections"):
            self.assertIn(f"'{key}'", self.refused("missing-key", edited(gateway, key, None)))
        for key in ("name", "remoteHost", "auth", "ike", "esp", "cloudNetworkCIDRs", "peerNetworkCIDRs"):
            self.assertIn(f"'{key}'", self.refused("missing-key", gateway, edited(tunnel, key, None)))
        self.refused("bad-value", edited(gateway, "gatewayIP", "10.1.1.1"))
        self.refused("too-few", edited(gateway, "connections", []))
        self.refused("duplicate-connection", edited(gateway, "connections", gateway["properties"]["connections"] * 2))
        self.refused("out-of-range", gateway, edited(tunnel, "ike", {"lifetime": 60}))
        self.refused("bad-value", gateway, edited(tunnel, "esp", {"encryptionAlgorithm": "3DES"}))
        self.refused("psk-too-short", gateway, edited(tunnel, "auth", {"method": "PSK", "psk": {"key": "abc"}}))
        self.refused("too-many", gateway, *[{**tunnel, "id": str(i)} for i in range(21)])
        self.refused("duplicate-public-address", gateway, edited(peer, "gatewayIP", "203.0.113.10"))

    def test_all_is_told_at_once(self):
        """A broken file beside one with two mistakes."""
        broken = self.write("broken.json", "{\"type\": \"ipsectunnel\",\n  \"properties\": {,\n")
        gateway = load("txl-gateway.json")
        gateway["properties"].update(gatewayIP="300.1.1.1", tier="GOLD")
        wrong = self.write("wrong.json", json.dumps(gateway, indent=1))
        done = self.run_in("import", broken, wrong, status=2)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"broken\.json:2:\d+: error: not JSON")
        self.assertEqual(done.stderr.count("[bad-value]"), 2)
        self.assertIn("No such file", self.run_in("import", "none.json", status=2).stderr)
        self.run_in("import", status=2)
        for text in ("", "vdcs: {}", "<html>", "{\"a\": 1, \"a\": 2}", "3", "{} x", "[" * 100000):
            self.assertRegex(self.run_in("import", "-", text=text, status=2).stderr, r"stdin:\d+:\d+: error: ")


main()
