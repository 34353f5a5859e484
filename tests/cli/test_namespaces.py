#!/usr/bin/env python3
"""--world namespaces: real hosts on our links, the verdicts that virtual time gives, and nothing left behind whatever
happens. Needs root and /dev/net/tun; says so and counts as skipped elsewhere."""
import glob
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from harness import PROGRAM, ProgramTest, ROOT, TUTORIAL, main

sys.path.insert(0, str(ROOT / "tests/netns"))
from missing import SKIPPED, namespaces_missing  # noqa: E402

BASE = ROOT / "scenarios/catalog/_two-vdcs.yaml"
TUTORIAL_RUN = {}

FAULTS = f"""
base: {BASE}
title: Faults on links between real hosts
steps:
  - wait: 1500ms
  - ping: {{from: txl-host1, to: lhr-host1, count: 2, interval: 200ms}}
    expect: {{received: 2, rtt: "24ms..60ms"}}
  - fault: {{on: internet, loss: 100%}}
  - ping: {{from: txl-host1, to: lhr-host1, count: 2, interval: 200ms, timeout: 300ms}}
    name: lossy
    expect: {{received: 0}}
  - heal: {{all: true}}
  - fault: {{on: txl/1, match: "icmp[icmptype] == icmp-echo", packets: 1, hold: one}}
  - ping: {{from: txl-host1, to: lhr-host2, count: 2, interval: 200ms, timeout: 2s}}
    background: true
    expect: {{received: 2, rtt: ">= 24ms"}}
  - wait: 600ms
  - release: one
  - wait: 600ms
  - traffic: {{from: txl-host2, to: lhr-host2, rate: 1Mbit, for: 300ms}}
    expect: {{sent: 27, lost: 0, reordered: 0, latency: "12ms..40ms"}}
  - traffic: {{from: lhr-gw, to: lhr-host1, rate: 1Mbit, for: 100ms}}
    expect: {{lost: 0}}
  - ping: {{from: lhr-host2, to: lhr-gw, count: 1, size: 4000}}
    expect: {{received: 1}}
  - ping: {{from: txl-host1, to: 192.168.2.77, count: 1, timeout: 300ms}}
    expect: {{received: 0}}
  - ping: {{from: txl-host1, to: 10.9.9.9, count: 1}}
    expect: {{received: 0, errors: 1}}
  - route: {{on: [lhr-host1], remove: {{192.168.1.0/24: 192.168.2.5}}}}
  - ping: {{from: txl-host1, to: lhr-host1, count: 1, timeout: 300ms}}
    expect: {{received: 0, errors: 0}}
  - stop: lhr-host2
  - ping: {{from: txl-host1, to: lhr-host2, count: 1, timeout: 300ms}}
    expect: {{received: 0}}
  - start: lhr-host2
  - ping: {{from: txl-host1, to: lhr-host2, count: 1}}
    expect: {{received: 1}}
expect:
  - capture: {{at: txl-host1:eth0, filter: "icmp[icmptype] == icmp-echo", count: 10}}
  - capture: {{at: internet, filter: icmp, count: 0}}
  - capture: {{at: "txl-gw:lhr-tunnel", filter: "icmp[icmptype] == icmp-echo", count: 10}}
  - capture: {{at: internet, filter: esp, during: lossy, count: 2}}
  - capture: {{at: [txl-host1:eth0, lhr-host1:eth0], filter: ip6, count: 0}}
  - drops: {{on: lhr-host1, reason: no-route, count: 1}}
  - cause: missing-host-route
"""

LONG = f"""
base: {BASE}
title: A long ping
steps:
  - ping: {{from: txl-host1, to: lhr-host1, count: 1000, interval: 100ms}}
    background: true
  - ping: {{from: txl-host2, to: txl-gw, count: 1000, interval: 100ms}}
"""


def leftovers(pid):
    """What a run of that process has in the kernel and the file system."""
    return glob.glob(f"/run/netns/tb-{pid}-*") + glob.glob(f"/run/tunnelbed/{pid}.*")


def children(pid):
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        found += [int(word) for word in pathlib.Path(path).read_text().split()]
    return found


def is_alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def eventually(condition, seconds=10.0):
    """Whether it comes true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def setUpModule():
    """The tutorial takes its real time: it runs beside the other tests."""
    folder = tempfile.TemporaryDirectory(prefix="tunnelbed-test-")
    process = subprocess.Popen([PROGRAM, "run", "--world", "namespaces", "--format", "json", "-o", folder.name, TUTORIAL],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    TUTORIAL_RUN.update(folder=folder, process=process)


def tearDownModule():
    TUTORIAL_RUN["process"].kill()
    TUTORIAL_RUN["process"].wait()
    TUTORIAL_RUN["folder"].cleanup()


class Namespaces(ProgramTest):
    """Each test has its own namespaces, as each run has."""

    def start_long(self, text=LONG):
        """A run that will not end by itself, once its pings run: the process and what it started."""
        path = self.write("long.yaml", text)
        process = subprocess.Popen([PROGRAM, "run", "--world", "namespaces", "-q", "-o", self.out, path],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.assertTrue(eventually(lambda: len(children(process.pid)) >= 3), "two pings and the keeper")
        return process, children(process.pid)

    def test_faults_captures_and_routes(self):
        path = self.write("faults.yaml", FAULTS)
        real = self.call("run", "--world", "namespaces", "-o", self.out, path, status=None)
        self.assertEqual(real.returncode, 0, real.stdout + real.stderr)
        self.assertEqual(self.result("faults")["world"], "namespaces")
        packets = {row["point"]: row["packets"] for row in self.result("faults")["captures"]}
        virtual = self.run_scenario(path)
        self.assertEqual(virtual.returncode, 0)
        self.assertEqual(self.result("faults")["world"], "simulated")
        for row in self.result("faults")["captures"]:
            self.assertAlmostEqual(packets[row["point"]], row["packets"], delta=8, msg=row["point"])

    def test_explained(self):
        """Causes as in virtual time; the ways, as far as they are seen from outside of the kernels; how to try it there."""
        path = self.write("explained.yaml", f"base: {BASE}\nvdcs: {{lhr: {{hosts: {{lhr-host1: {{routes: null}}}}}}}}\n"
                          "steps:\n  - wait: 1500ms\n  - ping: {from: txl-host1, to: lhr-host1, count: 1, timeout: 300ms}\n")
        real = self.call("explain", "--world", "namespaces", path)
        for words in ("request 1: the reply was dropped: no route to the destination (IP_INNOROUTES) at lhr-host1",
                      "txl-gw         in by lan1", "    missing-host-route (", "tunnelbed run --world namespaces "):
            self.assertIn(words, real.stdout)
        self.assertNotIn("who has 192.168.1.5", real.stdout)  # asked inside of txl-host1
        simulated = json.loads(self.call("explain", "--format", "json", path).stdout)
        told = json.loads(self.call("explain", "--world", "namespaces", "--format", "json", path).stdout)
        self.assertEqual(told["causes"], simulated["causes"])
        silent = self.write("silent.yaml", f"base: {BASE}\nvdcs: {{lhr: {{gateway: {{behaviour: {{engine: external}}}}}}}}\n"
                            "steps:\n  - ping: {from: lhr-host1, to: txl-host1, count: 1, timeout: 300ms}\n")
        self.assertIn("the request went into lhr-gw, and nothing of it came out",
                      self.call("explain", "--world", "namespaces", silent, status=None).stdout)
        refused = self.call("explain", "--world", "namespaces", "--set", "expect=[{drops: {on: txl-host1, reason: martian}}]", path,
                            status=2)
        self.assertIn("[not-yet-supported]", refused.stderr)
        self.assertIn("[needs-namespaces]", self.call("explain", "--set", "vdcs.lhr.gateway.behaviour.engine=strongswan", path,
                                                      status=2).stderr)

    def test_a_ping_that_its_host_takes_along(self):
        """Its last lines are those of virtual time: all that was sent, answered or not, until the last request."""
        path = self.write("cut.yaml", f"base: {BASE}\nsteps:\n"
                          "  - ping: {from: txl-host1, to: txl-gw, count: 100, interval: 200ms}\n    background: true\n"
                          "  - wait: 500ms\n  - fault: {on: txl/1, drop: icmp}\n  - wait: 600ms\n  - stop: txl-host1\n")
        for world in ("simulated", "namespaces"):
            said = self.call("run", "--world", world, "--no-captures", "-o", self.out, path).stdout
            found = re.search(r"\n(\d+) packets transmitted, (\d+) received, .* packet loss, time (\d+)ms\n"
                              r"rtt min/avg/max/mdev = ([0-9.]+)/([0-9.]+)/([0-9.]+)/([0-9.]+) ms", said)
            self.assertIsNotNone(found, said)
            sent, received, milliseconds = (int(text) for text in found.group(1, 2, 3))
            if world == "simulated":
                self.assertEqual((sent, received, milliseconds), (6, 3, 1000), said)
            self.assertTrue(1 <= received <= sent - 2, said)
            self.assertAlmostEqual(milliseconds, (sent - 1) * 200, delta=90, msg=said)  # it starts as soon as it can
            times = [float(text) for text in found.group(4, 5, 6)]
            self.assertTrue(0.2 <= times[0] <= times[1] <= times[2] < 100, said)

    def test_names_are_there_for_others_to_look_into(self):
        process, _ = self.start_long()
        names = [os.path.basename(path) for path in glob.glob(f"/run/netns/tb-{process.pid}-*")]
        self.assertEqual(sorted(name.rsplit("-", 2)[-2] + "-" + name.rsplit("-", 1)[-1] for name in names),
                         ["lhr-host1", "lhr-host2", "txl-host1", "txl-host2"])
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process, started = self.start_long()
            began = time.monotonic()
            process.send_signal(number)
            _, said = process.communicate(timeout=20)
            self.assertLess(time.monotonic() - began, 3)
            self.assertEqual(process.returncode, -number, "as a program that is ended by it")
            self.assertIn("interrupted", said)
            self.assertEqual(leftovers(process.pid), [])
            self.assertEqual([pid for pid in started if is_alive(pid)], [])

    def test_killed(self):
        process, started = self.start_long()
        process.kill()
        process.wait()
        self.assertTrue(eventually(lambda: leftovers(process.pid) == []), leftovers(process.pid))
        self.assertTrue(eventually(lambda: not any(is_alive(pid) for pid in started)))

    def test_killed_with_its_keeper(self):
        process, started = self.start_long()
        keeper = [pid for pid in started if pathlib.Path(f"/proc/{pid}/comm").read_text() == "tunnelbed-keep\n"]
        self.assertEqual(len(keeper), 1)
        os.kill(keeper[0], signal.SIGKILL)
        process.kill()
        process.wait()
        self.assertNotEqual(leftovers(process.pid), [], "or this shows nothing")
        self.call("run", "--world", "namespaces", "-q", "-o", self.out,
                  self.write("short.yaml", f"base: {BASE}\nsteps:\n  - wait: 10ms\n"), status=None)
        self.assertEqual(leftovers(process.pid), [])
        self.assertEqual([pid for pid in started if is_alive(pid)], [])

    def test_two_at_once(self):
        path = self.write("faults.yaml", FAULTS)
        both = [subprocess.Popen([PROGRAM, "run", "--world", "namespaces", "-q", "-o", self.out / str(i), path],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for i in range(2)]
        for process in both:
            said, _ = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, said)
            self.assertEqual(leftovers(process.pid), [])

    def test_jobs(self):
        paths = [self.write(f"{name}.yaml", FAULTS) for name in ("one", "two", "three")]
        self.call("run", "--world", "namespaces", "--jobs", "3", "-o", self.out, *paths)

    def test_what_fails_leaves_nothing(self):
        path = self.write("fails.yaml", f"base: {BASE}\nsteps:\n  - ping: {{from: txl-host1, to: txl-gw, count: 1}}\n"
                                        "    expect: {received: 0}\n")
        process = subprocess.Popen([PROGRAM, "run", "--world", "namespaces", "-q", "-o", self.out, path],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertEqual(process.wait(timeout=20), 1)
        self.assertEqual(leftovers(process.pid), [])

    @unittest.skipUnless(os.path.exists("/usr/lib/ipsec/charon") and shutil.which("swanctl"),
                         "SKIPPED: it needs strongSwan (Debian: charon-systemd or strongswan-starter, swanctl)")
    def test_an_external_peer_as_documented(self):
        """The files and commands of docs/namespaces.md."""
        page = (ROOT / "docs/namespaces.md").read_text(encoding="utf-8")
        blocks = dict(re.findall(r"^```\w*\n# (\S+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))
        self.assertEqual(sorted(blocks), ["etc/strongswan.conf", "etc/swanctl.conf", "peer.sh", "peer.yaml"])
        for name, text in blocks.items():
            self.write(name, text.replace("base: scenarios", f"base: {ROOT}/scenarios"))
        folder = self.out.parent
        run = subprocess.Popen([PROGRAM, "run", "--world", "namespaces", "-o", self.out, folder / "peer.yaml"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        peer = subprocess.Popen(["sh", "peer.sh", str(run.pid)], cwd=folder, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        said, _ = run.communicate(timeout=60)
        log, _ = peer.communicate(timeout=20)
        self.assertEqual(run.returncode, 0, said + log)
        self.assertEqual(leftovers(run.pid), [])

    def test_refused(self):
        path = self.write("sw.yaml", f"base: {BASE}\nvdcs:\n  lhr: {{gateway: {{behaviour: {{engine: strongswan}}}}}}\n"
                                     "steps:\n  - wait: 1s\n")
        done = self.run_scenario(path, status=2)
        self.assertRegex(done.stderr, r"sw\.yaml:3:\d+: error: .*--world namespaces.*\[needs-namespaces\]")
        path = self.write("kernel.yaml", f"base: {BASE}\nsteps:\n  - wait: 1s\n"
                                         "expect:\n  - drops: {on: txl-host1, reason: martian}\n")
        done = self.call("run", "--world", "namespaces", "-o", self.out, path, status=2)
        self.assertRegex(done.stderr, r"kernel\.yaml:5:\d+: error: .*not yet supported with --world namespaces")
        self.call("run", "--world", "elsewhere", status=2)

    def test_without_root(self):
        program = self.out.parent / "tunnelbed"
        program.write_bytes(pathlib.Path(PROGRAM).read_bytes())
        program.chmod(0o755)
        self.out.parent.chmod(0o777)
        done = subprocess.run([program, "run", "--world", "namespaces", "-o", self.out], user=65534, group=65534,
                              extra_groups=[], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("need root", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_tutorial(self):
        """Last: its verdicts, step by step, are those of virtual time."""
        said, complaint = TUTORIAL_RUN["process"].communicate(timeout=120)
        self.assertEqual(TUTORIAL_RUN["process"].returncode, 0, said + complaint)
        real = json.loads(said)
        self.run_scenario(TUTORIAL)
        virtual = self.result()
        self.assertEqual(len(real["steps"]), len(virtual["steps"]))
        for there, here in zip(real["steps"], virtual["steps"]):
            for key in ("verb", "line", "sent", "received", "errors", "verdict"):
                self.assertEqual(there.get(key), here.get(key), f"line {here['line']}")
        for key in ("verdict", "causes"):
            self.assertEqual(real[key], virtual[key])
        self.assertEqual([(row["point"], row["file"]) for row in real["captures"]],
                         [(row["point"], row["file"]) for row in virtual["captures"]])
        self.assertEqual(leftovers(TUTORIAL_RUN["process"].pid), [])


if namespaces_missing():
    print("test_namespaces.py: SKIPPED:", namespaces_missing(), file=sys.stderr)
    sys.exit(SKIPPED)
main()
