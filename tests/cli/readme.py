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
BLOCK = re.compile(r"(<summary><code>\./dev demo</code></summary>\n\n```\n)(.*?)(\n```\n)", re.S)


def demo():
    """The demo's output; the time that it really took is the one thing that differs from run to run."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([PROGRAM, "run"], capture_output=True, text=True, check=True, cwd=folder)
    return done.stdout.rstrip("\n")


def without_clock(text):
    """The last line says how long it took."""
    return re.sub(r"virtual time in [0-9.e-]+ s\)", "virtual time in … s)", text)


def main():
    """Compares or writes."""
    text = README.read_text(encoding="utf-8")
    shown = BLOCK.search(text)
    if not shown:
        sys.exit("README.md shows no demo")
    real = demo()
    if "--write" in sys.argv:
        README.write_text(text[:shown.start(2)] + real + text[shown.end(2):], encoding="utf-8")
        return
    if without_clock(shown.group(2)) != without_clock(real):
        sys.exit("README.md shows another output than the demo's: tests/cli/readme.py --write mends it")
    print("1 passed, 0 failed")


main()
