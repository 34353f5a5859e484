#!/usr/bin/env python3
"""The tutorial and small scenarios through the program: verdicts, files, formats, exit statuses."""
import json
import os
import re
import resource
import shlex
import signal
import subprocess
import xml.etree.ElementTree as xml

from harness import PROGRAM, ProgramTest, ROOT, TUTORIAL, main

CATALOG = TUTORIAL.parent.parent
COMMANDS = ("run", "explain", "check", "show", "list", "schema", "import", "interop", "compare")
# The tutorial's world without its steps' expectations: lists of a file replace those of its base.
BASE = f"base: {TUTORIAL}\nexpect: []\n"


class Tutorial(ProgramTest):
    """Issue's core: the tutorial, step by step."""

    def test_built_in_and_file_are_the_same(self):
        """`run` without a file plays the file of the catalog."""
        self.run_scenario()
        built_in = self.result()
        self.run_scenario(TUTORIAL)
        from_file = self.result()
        for result in (built_in, from_file):
            result.pop("wallTime")
            result.pop("file")
        self.assertEqual(built_in, from_file)

    def test_pings_are_as_the_tutorial_tells(self):
        """Own gateway 3 of 3; across 0 of 3 with routes on one side; all 3 of 3 at the end."""
        self.run_scenario()
        pings = [step for step in self.result()["steps"] if step["verb"] == "ping"]
        own = [p for p in pings if p["to"].endswith("-gw")]
        self.assertEqual({p["from"] for p in own} & {"txl-host1", "lhr-host1"}, {"txl-host1", "lhr-host1"})
        self.assertTrue(all(p["received"] == 3 for p in own))
        across = [p for p in pings if p not in own]
        self.assertEqual(across[0]["received"], 0)
        answered = {(p["from"], p["to"]) for p in across if p["received"] == 3 and p["sent"] == 3}
        txl, lhr = ["txl-host1", "txl-host2"], ["lhr-host1", "lhr-host2"]
        self.assertEqual(answered, {(a, b) for a in txl for b in lhr} | {(b, a) for a in txl for b in lhr})

    def test_screen_tells_all(self):
        """Topology, tunnel, ping's own lines, expectation, verdict, captures."""
        text = self.run_scenario().stdout
        for words in ("LAN 1  192.168.1.0/24", "IKE_SA established 203.0.113.", "192.168.1.0/24 === 192.168.2.0/24",
                      "PING 192.168.1.5 (192.168.1.5) 56(84) bytes of data.",
                      "64 bytes from 192.168.2.11: icmp_seq=3 ttl=62 time=",
                      "3 packets transmitted, 0 received, 100% packet loss", "rtt min/avg/max/mdev = ",
                      "txl-host1# ip route add 192.168.2.0/24 via 192.168.1.5", "expected received 3, found 3",
                      "capture.pcapng", "vdc-to-vdc: pass"):
            self.assertIn(words, text)
        self.assertNotIn("\x1b", text)
        self.assertIn("\x1b[32m", self.run_scenario("--color", "always").stdout)

    def test_screen_tells_retransmissions(self):
        """Requests that are sent again, as in charon's log; answers that are repeated are none. No heading stands alone."""
        text = self.run_scenario(CATALOG / "impaired/ike-auth-response-lost.yaml").stdout
        self.assertEqual(re.findall(r"\] (.*retransmit.*)", text),
                         ["lhr-gw txl-tunnel: retransmit 1 of request with message ID 1, IKE_AUTH"])
        text = self.run_scenario(CATALOG / "blocked/ike-blocked-outbound.yaml").stdout
        self.assertEqual(re.findall(r"\] txl-gw lhr-tunnel: retransmit (\d) of request with message ID 0", text),
                         list("12345"))
        alone = self.write("alone.yaml", "vdcs: {txl: {lans: {1: {subnet: 10.1.0.0/24}}, gateway: {name: a, gatewayIP: "
                           "203.0.113.2, connections: [{lanId: 1, ipv4CIDR: 10.1.0.5/24}]}}}\n")
        text = self.run_scenario(alone).stdout
        self.assertNotIn("Tunnels", text)
        self.assertEqual([line for line in text.splitlines() if line.endswith(" ")], [])

    def test_routers_have_no_gateways_address(self):
        """A gateway that has what would be the third router's address is told by that router what is wrong."""
        path = self.write("third.yaml", f"base: {CATALOG}/_two-vdcs.yaml\ninternet: {{mtu: 1400}}\n"
                          "vdcs: {txl: {gateway: {gatewayIP: 198.51.100.3}}, lhr: {gateway: {tunnels: {txl-tunnel: {remoteHost: "
                          "198.51.100.3}}}}}\nsteps:\n  - ping: {from: txl-gw, to: 203.0.113.20, ttl: 3, count: 1}\n"
                          "  - ping: {from: txl-gw, to: 203.0.113.20, size: 1400, dontFragment: true, count: 1}\n"
                          "  - ping: {from: txl-host1, to: lhr-host1, ttl: 1, count: 1}\n")
        text = self.run_scenario(path).stdout
        self.assertIn("\nFrom 192.0.2.3 icmp_seq=1 Time to live exceeded\n", text)
        self.assertIn("\nFrom 192.0.2.3 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n", text)
        told = self.call("explain", path).stdout
        self.assertIn("is used up at 192.0.2.3, hop 3", told)

    def test_what_is_said_at_a_steps_end_stands_below_its_line(self):
        """Where the engines had their say in between, the step is named once more."""
        path = self.write("rekey.yaml", f"base: {CATALOG}/_two-vdcs.yaml\nsteps:\n  - wait: 3s\n"
                          "  - rekey: {on: txl-gw}\n    expect: {state: established}\n"
                          "  - traffic: {from: txl-host1, to: lhr-host1, for: 1s}\n")
        text = self.run_scenario(path).stdout
        self.assertRegex(text, r"\] rekey \{on: txl-gw\}\n.*CHILD_SA rekeyed[^\0]*\n\[    3.024000\] rekey \{on: txl-gw\} has ended\n"
                               r"  pass +expected state established")
        self.assertRegex(text, r"\] traffic \{from: txl-host1, to: lhr-host1, for: 1s\}\n\d+ datagrams sent")

    def test_help_fits_a_terminal(self):
        """80 columns; the topology of the tutorial likewise."""
        for arguments in (*((command, "--help") for command in COMMANDS), ("help",), ("show",)):
            for line in self.call(*arguments).stdout.splitlines():
                self.assertLess(len(line), 80, arguments)

    def test_a_mistyped_command(self):
        """The nearest one is named."""
        for arguments in (("chekc",), ("help", "chekc")):
            self.assertEqual(self.call(*arguments, status=2).stderr, "tunnelbed: there is no command 'chekc'; did you mean 'check'?\n")
        self.assertEqual(self.call("qqq", status=2).stderr, "tunnelbed: there is no command 'qqq'; `tunnelbed help` lists them\n")

    def test_explain_tells_the_mtu(self):
        """In the words of ping."""
        text = self.call("explain", CATALOG / "blocked/path-mtu-icmp-filtered.yaml").stdout
        self.assertIn("ICMP error from 198.51.100.3: Frag needed and DF set (mtu = 1400)\n", text)

    def test_no_key_is_told(self):
        """Logs of CI are read by many: a key that is changed, or that repairs a tunnel, is shown nowhere."""
        key = "another key that has 32 characters"
        path = self.write("key.yaml", f"base: {CATALOG}/_two-vdcs.yaml\nsteps:\n  - wait: 3s\n  - change: {{vdcs: {{lhr: {{gateway: "
                          f"{{tunnels: {{txl-tunnel: {{auth: {{psk: {{key: {key}}}}}}}}}}}}}}}}}\n"
                          "  - wait: 40s\n  - ping: {from: txl-host1, to: lhr-host1}\n")
        told = [self.call("run", "--out", self.out, "--format", f, path, status=1) for f in ("text", "tap", "junit", "json")]
        told += [self.call("explain", "--format", f, path, status=1) for f in ("text", "json")]
        for done in told:
            self.assertNotRegex(done.stdout + done.stderr, key + "|Zq3vT8mX")
        self.assertIn("txl-tunnel: {auth: {psk: ...}}", told[0].stdout)
        place = "steps.1.change.vdcs.lhr.gateway.tunnels.txl-tunnel.auth.psk.key=@vdcs.txl.gateway.tunnels.lhr-tunnel.auth.psk.key"
        self.assertIn("--set " + place, told[4].stdout)
        self.run_scenario("--set", place, path)

    def test_requests_reach_the_far_host_before_it_has_routes(self):
        """The echo requests are seen at lhr-host1, decrypted by the gateway, and nothing comes back."""
        self.run_scenario()
        seen = self.tshark("-r", self.out / "vdc-to-vdc/lhr-host1-eth0.pcap", "-Y",
                           "icmp.type == 8 && ip.src == 192.168.1.11 && frame.time_relative < 30")
        self.assertGreaterEqual(len(seen.splitlines()), 3)

    def test_tshark_decrypts_everything(self):
        """With the key tables of the run, every IKE message and every ESP packet opens, and ICVs are right."""
        self.run_scenario()
        folder = self.out / "vdc-to-vdc"
        rows = self.tshark("-r", folder / "internet.pcap", "-T", "fields", "-e", "isakmp.exchangetype", "-e",
                           "isakmp.typepayload", "-e", "esp.spi", "-e", "icmp.type", "-e", "esp.icv_good",
                           profile=folder / "wireshark").splitlines()
        esp = [row.split("\t") for row in rows if row.split("\t")[2]]
        self.assertGreaterEqual(len(esp), 3 + 8 * 6)
        self.assertTrue(all(row[3] in ("8", "0") for row in esp), esp[:3])
        self.assertTrue(all(row[4] in ("1", "True") for row in esp), esp[:3])
        auth = [row.split("\t") for row in rows if row.startswith("35")]
        self.assertEqual(len(auth), 2)
        for row in auth:  # 46 is SK; 39 AUTH, 44 and 45 TSi and TSr inside of it
            self.assertLessEqual({"46", "39", "44", "45"}, set(row[1].split(",")))

    def test_pcapng_holds_every_point(self):
        """One interface a capture point, named as the language names it, nanoseconds."""
        self.run_scenario()
        result = self.result()
        names = set(self.tshark("-r", self.out / "vdc-to-vdc/capture.pcapng", "-T", "fields", "-e",
                                "frame.interface_name").split())
        self.assertLessEqual({"internet", "txl-host1:eth0", "txl-gw:lan1", "txl-gw:wan", "txl-gw:lhr-tunnel"}, names)
        self.assertEqual({c["point"] for c in result["captures"] if c["packets"]}, names)
        first = self.tshark("-r", self.out / "vdc-to-vdc/internet.pcap", "-c", "1", "-T", "fields", "-e",
                            "frame.time_epoch").strip()
        self.assertTrue(first.startswith("17672256"), first)
        self.assertEqual(len(first.split(".")[1]), 9)


class Determinism(ProgramTest):
    """Equal seeds give equal bytes."""

    IMPAIRED = ("--set", "internet.loss=5%", "--set", "internet.jitter=3ms", "--set", "internet.duplicate=2%",
                "--set", "internet.reorder=5%", "--set", "internet.corrupt=1%", "--allow-inconclusive")

    def play(self, folder, *arguments):
        """Files and their bytes of a run, without the clock's figure."""
        done = self.call("run", "--out", folder, "--format", "json", *self.IMPAIRED, *arguments, status=1)
        files = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        self.assertGreater(len(files), 8)
        result = json.loads(done.stdout)
        result.pop("wallTime")
        for path in [p for p in files if p.name == "result.json"]:
            files.pop(path)
        return files, result

    def test_same_seed_same_bytes(self):
        """A lossy, jittered scenario twice."""
        scenario = self.write("lossy.yaml", BASE + "steps:\n"
                              "  - route: {on: txl-host1, add: {192.168.2.0/24: 192.168.1.5}}\n"
                              "  - route: {on: lhr-host1, add: {192.168.1.0/24: 192.168.2.5}}\n"
                              "  - ping: {from: txl-host1, to: lhr-host1, count: 200, interval: 50ms}\n"
                              "    at: 1m\n"
                              "    expect: {received: 999}\n")
        one, two = self.out / "one", self.out / "two"
        first, second = self.play(one, scenario), self.play(two, scenario)
        self.assertEqual(first[0].keys(), second[0].keys())
        for path, content in first[0].items():
            self.assertEqual(content, second[0][path], path)
        self.assertEqual(first[1], second[1])
        other = self.play(self.out / "three", scenario, "--seed", "2")
        self.assertNotEqual([v for k, v in first[0].items() if k.name == "internet.pcap"],
                            [v for k, v in other[0].items() if k.name == "internet.pcap"])

    def test_jobs_change_nothing(self):
        """Several at a time print the same, in the same order."""
        for name in ("c", "a", "b"):
            self.write(f"set/{name}.yaml", BASE + f"title: {name}\n")
        folder = self.out.parent / "set"
        alone = self.call("run", "--out", self.out / "1", "--format", "tap", folder).stdout
        together = self.call("run", "--out", self.out / "2", "--format", "tap", "--jobs", "3", folder).stdout
        self.assertEqual(alone, together)
        self.assertLess(together.index("- a"), together.index("- b"))


class Verdicts(ProgramTest):
    """Exit status and what stands in the result."""

    def test_a_failed_expectation_is_status_1(self):
        """And its captures are kept."""
        scenario = self.write("bad.yaml", BASE + "steps:\n  - ping: {from: txl-host1, to: txl-gw}\n"
                              "    expect: {received: 2}\n")
        done = self.run_scenario(scenario, status=1)
        self.assertIn("expected received 2, found 3", done.stdout)
        self.assertEqual(self.result("bad")["verdict"], "fail")
        self.assertTrue((self.out / "bad/capture.pcapng").exists())

    def test_a_step_that_fails_says_why(self):
        """A route that Linux would refuse: File exists is another mistake than a next hop that is not on link."""
        scenario = self.write("routes.yaml", BASE + "steps:\n"
                              "  - route: {on: txl-host1, add: {192.168.2.0/24: 192.168.1.5}}\n"
                              "  - route: {on: txl-host1, add: {192.168.2.0/24: 192.168.1.5}}\n"
                              "  - route: {on: txl-host1, add: {192.168.3.0/24: 192.168.7.5}}\n")
        done = self.run_scenario("--quiet", scenario, status=1)
        cannot = "the step itself, found txl-host1 cannot take the route to"
        self.assertIn(f"{cannot} 192.168.2.0/24: it has one already ({scenario}:5)", done.stdout)
        self.assertIn(f"{cannot} 192.168.3.0/24: its next hop is not on link ({scenario}:6)", done.stdout)

    def test_what_was_not_to_be_seen_is_pointed_at(self):
        """A capture that has too many names the first one, as Wireshark counts."""
        scenario = self.write("seen.yaml", f"base: {TUTORIAL}\nexpect:\n  - capture: {{at: internet, filter: esp, count: 0}}\n")
        text = self.run_scenario(scenario, status=1).stdout
        number, at = re.search(r"found 51, the first is frame (\d+) at ([\d.]+) s", text).groups()
        row = self.tshark("-r", self.out / "seen/capture.pcapng", "-Y", f"frame.number == {number}", "-T", "fields", "-e",
                          "frame.interface_name", "-e", "frame.time_epoch", "-e", "esp.sequence").strip().split("\t")
        self.assertEqual((row[0], row[2]), ("internet", "1"))
        self.assertAlmostEqual(float(row[1]) % 86400, float(at), 5)
        first = self.tshark("-r", self.out / "seen/capture.pcapng", "-Y", "esp and frame.interface_name == internet", "-T",
                            "fields", "-e", "frame.number").split()[0]
        self.assertEqual(first, number)

    def test_nothing_to_judge_is_inconclusive(self):
        """A filter over a point that saw no packet fails the run unless it is allowed."""
        scenario = self.write("quiet.yaml", f"base: {TUTORIAL}\n" "vdcs: {txl: {gateway: {behaviour: {start: by-hand}}}, "
                              "lhr: {gateway: {behaviour: {start: by-hand}}}}\n"
                              "steps: []\nexpect:\n  - capture: {at: internet, filter: icmp, count: 0}\n")
        self.run_scenario(scenario, status=1)
        self.assertEqual(self.result("quiet")["verdict"], "inconclusive")
        self.run_scenario("--allow-inconclusive", scenario)

    def test_prove_finds_what_cannot_fail(self):
        """An expectation that holds whatever happens is reported; a real one is not."""
        scenario = self.write("empty.yaml", BASE + "steps:\n  - ping: {from: txl-host1, to: txl-gw}\n"
                              "    expect: {received: '>= 0'}\n")
        self.run_scenario(scenario)
        done = self.run_scenario("--prove", scenario, status=1)
        self.assertIn("proves nothing", done.stdout)
        self.run_scenario("--prove", TUTORIAL)

    def test_a_leak_in_clear_is_seen(self):
        """A gateway with a default route and no policy yet leaks, and the check that is always on says so."""
        scenario = self.write("leak.yaml", BASE + "vdcs: {txl: {gateway: {behaviour: {start: by-hand}}}, "
                              "lhr: {gateway: {behaviour: {start: by-hand}}}}\n"
                              "steps:\n  - route: {on: [txl-host1], add: {192.168.2.0/24: 192.168.1.5}}\n"
                              "  - ping: {from: txl-host1, to: lhr-host1}\n")
        done = self.run_scenario(scenario, status=1)
        self.assertIn("first from 192.168.1.11 to 192.168.2.11", done.stdout)
        allowed = self.write("allowed.yaml", f"base: {scenario}\ncleartext: allowed\n")
        self.run_scenario(allowed)


class Formats(ProgramTest):
    """Machine formats are clean on standard output."""

    def test_json_is_one_object_a_line(self):
        """And is what result.json holds."""
        done = self.run_scenario("--format", "json", TUTORIAL)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertEqual(json.loads(done.stdout), self.result())

    def test_tap(self):
        """Plans and numbers fit; a failure carries its details."""
        scenario = self.write("bad.yaml", BASE + "steps:\n  - ping: {from: txl-host1, to: txl-gw}\n"
                              "    expect: {received: 2}\n")
        lines = self.run_scenario("--format", "tap", TUTORIAL, scenario, status=1).stdout.splitlines()
        self.assertEqual(lines[:2], ["TAP version 14", "1..2"])
        self.assertIn("ok 1 - vdc-to-vdc", lines)
        self.assertIn("not ok 2 - bad", lines)
        self.assertIn('      found: "3"', lines)

    def test_junit(self):
        """Well-formed, counts right."""
        scenario = self.write("bad.yaml", BASE + "steps:\n  - ping: {from: txl-host1, to: txl-gw}\n"
                              "    expect: {received: 2}\n")
        root = xml.fromstring(self.run_scenario("--format", "junit", TUTORIAL, scenario, status=1).stdout)
        self.assertEqual([s.get("name") for s in root], ["vdc-to-vdc", "bad"])
        self.assertEqual(int(root.get("tests")), len(root.findall(".//testcase")))
        self.assertEqual(root.get("failures"), "1")
        self.assertEqual(len(root.findall(".//failure")), 1)

    def test_cases_of_junit_have_names_of_their_own(self):
        """A server takes cases of one name for one case: the tutorial pings the same way twice."""
        root = xml.fromstring(self.run_scenario("--format", "junit", TUTORIAL).stdout)
        names = [case.get("name") for case in root.findall(".//testcase")]
        self.assertEqual(len(names), len(set(names)))
        self.assertIn("ping {from: txl-host1, to: lhr-host1, count: 3}: received (2)", names)


class Trouble(ProgramTest):
    """Wrong calls, wrong files, a full disk."""

    def test_wrong_calls_are_status_2(self):
        """With a message on standard error and nothing run."""
        for arguments in ((), ("fly",), ("run", "--sed", "1"), ("run", "--seed", "x"), ("run", "--jobs", "0"),
                          ("run", "--format", "html"), ("run", "no-such-file.yaml"), ("check",), ("show", "a", "b"),
                          ("run", "--set", "nonsense"), ("run", "--set", "internet.los=5%"), ("run", "--out", ""),
                          ("run", "--seed", str(2 ** 64)), ("schema", "a"), ("show", CATALOG), ("explain", CATALOG)):
            done = self.call(*arguments, status=2, cwd=self.folder.name)
            self.assertTrue(done.stderr, arguments)
            self.assertFalse(done.stdout, arguments)

    def test_one_wrong_file_stops_all(self):
        """Nothing is run where one of the files is wrong."""
        wrong = self.write("wrong.yaml", BASE + "internet: {los: 5%}\n")
        done = self.run_scenario(TUTORIAL, wrong, status=2)
        self.assertIn("wrong.yaml:3:12: error: ", done.stderr)
        self.assertIn("'loss'", done.stderr)
        self.assertFalse(self.out.exists())

    def test_unwritable_out(self):
        """A file where the folder should be."""
        target = self.write("file", "")
        done = self.call("run", "--out", target, status=2)
        self.assertIn(str(target), done.stderr)

    def test_full_disk_leaves_no_result(self):
        """Writes fail past a limit: an error, and no result.json."""

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))

        done = self.call("run", "--quiet", "--out", self.out, status=2, preexec_fn=limit)
        self.assertIn("File too large", done.stderr)
        left = [p.name for p in (self.out / "vdc-to-vdc").rglob("*") if p.is_file()]
        self.assertNotIn("result.json", left)
        self.assertNotIn("capture.pcapng", left)

    def test_an_earlier_run_leaves_nothing(self):
        """A folder that is used again holds this run's files, and what others put there."""
        self.run_scenario(TUTORIAL)
        folder = self.out / "vdc-to-vdc"
        (folder / "mine.pcap").write_text("", encoding="utf-8")
        tunnel = ("vdcs.txl.gateway.tunnels.to-london={remoteHost: 203.0.113.20, auth: {psk: {key: "
                  "Zq3vT8mXw2Lr9Kc5HsYd7Nf1Gb4Jp6Ua}}, ike: {}, esp: {}, cloudNetworkCIDRs: [192.168.1.0/24], "
                  "peerNetworkCIDRs: [192.168.2.0/24]}")
        self.run_scenario("--set", tunnel, "--set", "vdcs.txl.gateway.tunnels.lhr-tunnel=null", "--set", "expect=[]",
                          "--set", "steps=[]", TUTORIAL)
        names = {p.name for p in folder.iterdir()}
        self.assertIn("txl-gw-to-london.pcap", names)
        self.assertNotIn("txl-gw-lhr-tunnel.pcap", names)
        done = self.run_scenario("--no-captures", TUTORIAL)
        self.assertEqual({p.name for p in folder.rglob("*") if p.is_file()}, {"mine.pcap", "result.json"})
        self.assertNotIn("capture.pcapng", done.stdout)
        self.assertNotIn("(null)", done.stdout)

    def test_help_and_version(self):
        """Each command explains itself on standard output."""
        for command in COMMANDS:
            self.assertIn(f"usage: tunnelbed {command}", self.call(command, "--help").stdout)
            self.assertIn(f"usage: tunnelbed {command}", self.call("help", command).stdout)
        self.assertRegex(self.call("--version").stdout, r"^tunnelbed \d+\.\d+\.\d+$")

    def test_man_page(self):
        """It has each command, in the synopsis and below, and each option of their helps; mandoc finds nothing."""
        file = ROOT / "docs/tunnelbed.1"
        page = file.read_text(encoding="utf-8")
        synopsis, text = page.split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")
        for command in COMMANDS:
            self.assertIn(f".Nm\n.Cm {command}\n", synopsis)
            self.assertIn(f".It Cm {command}\n", text)
            for option in re.findall(r"--([a-z-]+)", self.call(command, "--help").stdout):
                self.assertIn(f"Fl Fl {option}", text, command)
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", file], capture_output=True, text=True, check=False)
        self.assertEqual((lint.returncode, lint.stdout), (0, ""))

    def test_options_are_those_of_the_help(self):
        """A command takes what its help lists, and no other command's option."""
        commands = re.findall(r"^  ([a-z]+)  ", self.call("--help").stdout, re.MULTILINE)
        listed = {name: set(re.findall(r"--[a-z][a-z-]*", self.call(name, "--help").stdout)) for name in commands}
        for command, own in listed.items():
            for option in set().union(*listed.values()) - own - {"--format"}:  # every command's, of one format or several
                if not any(name.startswith(option) for name in own):
                    self.assertIn("unrecognized option", self.call(command, option, status=2).stderr, (command, option))


class Views(ProgramTest):
    """check, show, list, schema."""

    def test_check_tells_warnings_and_passes(self):
        """A warning is no error."""
        scenario = self.write("w.yaml", BASE + "vdcs: {txl: {gateway: {tunnels: {lhr-tunnel: "
                              "{auth: {psk: {key: 'another key, which is long enough as well'}}}}}}}\n")
        done = self.call("check", scenario)
        self.assertIn("warning", done.stdout)
        self.assertIn("[keys-differ]", done.stdout)
        listed = json.loads(self.call("check", "--format", "json", scenario).stdout)
        self.assertIn("keys-differ", [p["code"] for p in listed])

    def test_show(self):
        """Text and well-formed SVG of the tutorial."""
        self.assertIn("lhr-tunnel", self.call("show").stdout)
        svg = xml.fromstring(self.call("show", "--format", "svg").stdout)
        self.assertIn("txl-gw", [node.text for node in svg.iter("{http://www.w3.org/2000/svg}text")])

    def test_show_tells_a_prefix_length_that_a_host_has_itself(self):
        """It is what a wrong mask is seen by; the LAN's own stands with the LAN."""
        path = self.write("mask.yaml", BASE + "vdcs: {txl: {hosts: {txl-host1: {address: 192.168.1.11/25}}}}\n")
        for form, ends in (("text", (" 192.168.1.11/25\n", " 192.168.1.12\n")), ("svg", (">192.168.1.11/25<", ">192.168.1.12<"))):
            text = self.call("show", "--format", form, path).stdout
            for end in ends:
                self.assertIn(end, text)

    def test_lines_are_drawn_as_the_locale_can(self):
        """Boxes in UTF-8 and where nothing is set, else ASCII, as lsblk and systemctl; a title stays as it is written."""
        path = self.write("title.yaml", BASE + "title: Gr\u00fc\u00dfe\n")
        for variables, drawn in (({}, True), ({"LANG": "C.UTF-8"}, True), ({"LANG": "C"}, False), ({"LANG": "POSIX"}, False),
                                 ({"LANG": ""}, True), ({"LANG": "C.UTF-8", "LC_ALL": "C"}, False),
                                 ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True), ({"LANG": "xx_XX.utf8"}, True),
                                 ({"LANG": "xx_XX.ISO-8859-1"}, False)):
            environment = {name: value for name, value in os.environ.items() if name != "LANG" and not name.startswith("LC_")}
            for arguments in (("show",), ("run", "--out", self.out)):
                done = subprocess.run([PROGRAM, *arguments, path], capture_output=True, check=True, env={**environment, **variables})
                text = done.stdout.decode()
                self.assertIn("Gr\u00fc\u00dfe", text)
                for lines, expected in ((("\u251c\u2500 LAN 1", "\u2502  \u2514\u2500 txl-gw ", "tunnel  192.168.1.0/24 \u2550\u2550\u2550 192"), drawn),
                                        (("|- LAN 1", "|  `- txl-gw ", "tunnel  192.168.1.0/24 === 192"), not drawn)):
                    for line in lines:
                        self.assertEqual(line in text, expected, (variables, line, text[:1000]))
                if not drawn:
                    self.assertTrue(text.replace("\u00fc", "").replace("\u00df", "").isascii())

    def test_show_says_whom_a_tunnel_leads_to(self):
        """The peer and its address, each once, whatever remoteHost says."""
        for host, told in (("203.0.113.20", "to lhr-gw 203.0.113.20\n"), ("lhr-gw", "to lhr-gw 203.0.113.20\n"),
                           ("203.0.113.99", "to 203.0.113.99\n")):
            text = self.call("show", "--set", "vdcs.txl.gateway.tunnels.lhr-tunnel.remoteHost=" + host, "--set",
                             "vdcs.lhr.gateway.tunnels.txl-tunnel.remoteId=txl", TUTORIAL).stdout
            self.assertIn("  " + told, text)
        text = self.call("show", "--set", "vdcs.lhr.gateway.name=berlin", "--set",
                         "vdcs.txl.gateway.tunnels.lhr-tunnel.remoteHost=berlin", TUTORIAL).stdout
        self.assertIn("  to lhr-gw 203.0.113.20 as 'berlin'\n", text)

    def test_show_a_mesh(self):
        """A line a tunnel, dashed where one end is missing or nobody is there; a name at each end."""
        mesh = TUTORIAL.parents[1] / "mesh/three-vdcs.yaml"
        space = "{http://www.w3.org/2000/svg}"
        for sets, lines, dashed in (((), 3, 0), (("vdcs.fra.gateway.tunnels.lhr-tunnel=null",), 3, 1),
                                    (("vdcs.lhr.gateway.tunnels.fra-tunnel.remoteHost=203.0.113.99",
                                      "vdcs.fra.gateway.tunnels.lhr-tunnel=null"), 3, 1)):
            arguments = [part for value in (*sets, "steps=[]", "expect=[]") for part in ("--set", value)]
            svg = xml.fromstring(self.call("show", "--format", "svg", *arguments, mesh).stdout)
            kinds = [path.get("class") for path in svg.iter(f"{space}path")]
            self.assertEqual((len(kinds), kinds.count("tunnel one-sided")), (lines, dashed), sets)
            names = [node.text for node in svg.iter(f"{space}text") if node.get("class").startswith("label")]
            self.assertEqual(names.count("txl-tunnel"), 2)
            self.assertEqual(any("203.0.113.99" in name for name in names), len(sets) == 2)

    def test_show_nat(self):
        """A NAT router is between its gateway and the tunnel's end, with both addresses; the tunnel runs through it."""
        nat = TUTORIAL.parents[1] / "blocked/nat-both-gateways.yaml"
        space = "{http://www.w3.org/2000/svg}"
        svg = xml.fromstring(self.call("show", "--format", "svg", "--set", "internet.nat.lhr-gw.type=address-restricted",
                                       nat).stdout)
        boxes = {kind: [rect for rect in svg.iter(f"{space}rect") if rect.get("class") == kind]
                 for kind in ("nat", "gateway")}
        words = [node.text for node in svg.iter(f"{space}text")]
        for word in ("txl-gw-nat", "203.0.113.30", "lhr-gw-nat", "203.0.113.40", "NAT, port-restricted",
                     "NAT, address-restricted", "10.0.0.10, policy-based", "10.1.0.20, policy-based"):
            self.assertIn(word, words)
        places = [[(int(box.get("x")), int(box.get("x")) + int(box.get("width"))) for box in boxes[kind]]
                  for kind in ("nat", "gateway")]
        (left_nat, right_nat), (left, right) = places
        self.assertTrue(left[1] < left_nat[0] < left_nat[1] < right_nat[0] < right_nat[1] < right[0], places)
        ends = [(int(path.get("d")[1:].split()[0]), int(path.get("d").rpartition("H")[2])) for path in svg.iter(f"{space}path")]
        self.assertCountEqual(ends, [(left_nat[1], right_nat[0]), (left[1], left_nat[1]), (right[0], right_nat[0])])

    def test_what_is_to_be_typed_is_quoted(self):
        """A file and a folder with blanks, in lines that are made to be copied."""
        path = self.write("it's one.yaml", TUTORIAL.read_text(encoding="utf-8"))
        text = self.run_scenario(path).stdout
        line = re.search(r"WIRESHARK_CONFIG_DIR=.*", text).group()
        words = shlex.split(line)
        self.assertEqual(words[0], f"WIRESHARK_CONFIG_DIR={self.out}/it's one/wireshark")
        self.assertEqual(words[3], f"{self.out}/it's one/capture.pcapng")
        line = re.search(r"try: +(.*)", self.call("explain", path).stdout).group(1)
        self.assertEqual(shlex.split(line)[2], str(path))
        path = TUTORIAL.parents[1] / "misconfigured/keys-differ.yaml"
        line = re.search(r"try: +(.*)", self.call("explain", path).stdout).group(1)
        told = json.loads(self.call("explain", "--format", "json", path).stdout)
        self.assertEqual(shlex.split(line)[3:], ["--set", *told["causes"][0]["set"]])

    def test_explain_nat(self):
        """A NAT router is a node on the way: it takes in, routes, translates and forwards."""
        told = self.call("explain", "--ping", "1", TUTORIAL.parents[1] / "blocked/nat-one-gateway.yaml").stdout
        lines = [line.split("  ")[-1].strip() for line in told.splitlines()]
        start = next(i for i, line in enumerate(lines) if line == "in by inside")
        self.assertEqual(lines[start + 1:start + 4],
                         ["route to 203.0.113.20: 0.0.0.0/0 via 100.64.0.1 dev outside (table main)",
                          "translated by NAT: 10.0.0.10:4500 to 203.0.113.30:4500", "forwarded: TTL 63"])
        self.assertIn("in by outside", lines)

    def test_list(self):
        """Built-in ones, and a folder's."""
        self.assertEqual(self.call("list").stdout.split("  ")[:2], ["(built in)", "Site-to-site tunnel between two VDCs"])
        self.assertIsNone(json.loads(self.call("list", "--format", "json").stdout)[0]["file"])
        listed = json.loads(self.call("list", "--format", "json", TUTORIAL.parents[1]).stdout)
        self.assertIn("vdc-to-vdc", [s["scenario"] for s in listed])

    def test_schema_is_json(self):
        """And says what it is."""
        self.assertIn("$schema", json.loads(self.call("schema").stdout))


if __name__ == "__main__":
    main()
