#!/usr/bin/env python3
"""Plays tutorial.yaml in namespaces with strongSwan on either side and on both, side by side.

Usage: play.py TUNNELBED
"""
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "netns"))
from missing import SKIPPED, namespaces_missing  # noqa: E402

SCENARIO = "tests/strongswan/data/tutorial.yaml"
ENGINES = [("strongswan", "strongswan"), ("strongswan", "builtin"), ("builtin", "strongswan")]


@contextlib.contextmanager
def started(tool, engines, out):
    """A run; where it is not over at the end, it is told to end, which takes its namespaces and daemons away."""
    sets = [f"vdcs.{vdc}.gateway.behaviour.engine={engine}" for vdc, engine in zip(("txl", "lhr"), engines)]
    run = subprocess.Popen([tool, "run", "--world", "namespaces", "-o", out, "--color", "never", SCENARIO,
                            *(word for value in sets for word in ("--set", value))],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield run
    finally:
        if run.poll() is None:
            run.terminate()
        try:
            run.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()


def problems_of(engines, run, out):
    text, _ = run.communicate(timeout=100)
    if run.returncode == 2 and "not installed" in text:
        print("strongswan_play: SKIPPED:", text.strip())
        sys.exit(SKIPPED)
    if run.returncode != 0:
        yield "\n".join(line for line in text.splitlines() if "FAIL" in line or "tunnelbed:" in line or "fail" in line)
    folder = pathlib.Path(out) / "tutorial"
    if not (folder / "result.json").exists():
        yield "no result.json\n" + text
        return
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    for name in ("esp_sa", "ikev2_decryption_table"):
        if len((folder / "wireshark" / name).read_text(encoding="utf-8").splitlines()) < 4:
            yield f"no keys in {name}"
    for row, engine in zip(result["tunnels"], engines):
        if row.get("engine", "builtin") != engine:
            yield f"{row['gateway']} was played by {row.get('engine')}"
        if engine == "builtin":
            continue
        if row["dataPlane"] not in ("XFRM", "kernel-libipsec"):
            yield f"data plane {row['dataPlane']}"
        for name in ("charon.log", "swanctl.conf", "strongswan.conf"):
            file = folder / f"{row['gateway']}.{name}"
            if not file.exists() or file.stat().st_size < 200:
                yield f"{file.name} is not there"


def main():
    tool = sys.argv[1]
    if namespaces_missing():
        print("strongswan_play: SKIPPED:", namespaces_missing())
        return SKIPPED
    failed = False
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ends:
        outs = [f"{folder}/{i}" for i in range(len(ENGINES))]
        runs = [ends.enter_context(started(tool, engines, out)) for engines, out in zip(ENGINES, outs)]
        for engines, run, out in zip(ENGINES, runs, outs):
            for problem in problems_of(engines, run, out):
                print(" and ".join(engines) + ":", problem)
                failed = True
    return 1 if failed else 0


sys.exit(main())
