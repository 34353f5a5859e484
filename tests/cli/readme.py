#!/usr/bin/env python3
"""Checks that README shows what the demo really prints; with --write, puts it there."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PROGRAM = os.environ.get("TUNNELBED", str(ROOT / "build/release/tunnelbed"))
DRAWN = {**os.environ, "LC_ALL": "C.UTF-8"}  # README is UTF-8
BLOCK = re.compile(r"(<summary><code>\./dev demo</code></summary>\n\n```\n)(.*?)(\n```\n)", re.S)
EXPLAIN = re.compile(r"(\n```\n\$ tunnelbed (explain [^\n]*)\n)(.*?)(\n```\n)", re.S)


def demo():
    """The demo's output; the time that it really took is the one thing that differs from run to run."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([PROGRAM, "run"], capture_output=True, text=True, check=True, cwd=folder, env=DRAWN)
    return done.stdout.rstrip("\n")


def without_clock(text):
    """The last line says how long it took."""
    return re.sub(r"virtual time in [0-9.e-]+ s\)", "virtual time in … s)", text)


def explained(command):
    """What the shown call of `explain` prints."""
    done = subprocess.run([PROGRAM, *command.split()], capture_output=True, text=True, check=True, cwd=ROOT, env=DRAWN)
    return done.stdout.rstrip("\n")


def main():
    """Compares or writes."""
    text = README.read_text(encoding="utf-8")
    shown = BLOCK.search(text)
    explain = EXPLAIN.search(text)
    if not shown or not explain:
        sys.exit("README.md shows no demo, or no explanation")
    real = demo()
    told = explained(explain.group(2))
    if "--write" in sys.argv:
        assert shown.end(2) < explain.start(3)
        README.write_text(text[:shown.start(2)] + real + text[shown.end(2):explain.start(3)] + told + text[explain.end(3):],
                          encoding="utf-8")
        return
    if without_clock(shown.group(2)) != without_clock(real) or explain.group(3) != told:
        sys.exit("README.md shows another output than the program's: tests/cli/readme.py --write mends it")
    print("1 passed, 0 failed")


main()
