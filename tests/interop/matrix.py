#!/usr/bin/env python3
"""Plays `tunnelbed interop` and compares its matrix with docs/interop.md; --write writes that file anew.

Usage: matrix.py TUNNELBED [--write]
"""
import subprocess
import sys

sys.path.insert(0, "tests/netns")
from missing import SKIPPED, namespaces_missing  # noqa: E402

DOCUMENT = "docs/interop.md"


def cases(text):
    """The first column of every table."""
    return [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")]


def play(tool, *options):
    return subprocess.run([tool, "interop", *options], capture_output=True, text=True, timeout=140)


def main():
    tool = sys.argv[1]
    if namespaces_missing():
        print("interop: SKIPPED:", namespaces_missing())
        return SKIPPED
    run = play(tool, "--format", "markdown")
    print(run.stderr, end="")
    if run.returncode == 2 and "not installed" in run.stderr:
        print("interop: SKIPPED")
        return SKIPPED
    if run.returncode != 0:
        print("\n".join(line for line in run.stdout.splitlines() if "**no**" in line or ": step " in line))
        print("a second time, with the logs of what fails:")
        print(play(tool, "--color", "never").stdout.split("Death and rebirth", 1)[-1])
        return 1
    if sys.argv[2:] == ["--write"]:
        with open(DOCUMENT, "w", encoding="utf-8") as out:
            out.write(run.stdout)
        return 0
    with open(DOCUMENT, encoding="utf-8") as document:
        written = document.read()
    if written.splitlines()[1] == run.stdout.splitlines()[1]:
        same = written == run.stdout
    else:
        print("another strongSwan or data plane than the document's: only the cases are compared")
        same = cases(written) == cases(run.stdout)
    if not same:
        print(run.stdout)
        print(f"{DOCUMENT} says something else; see the top of {__file__}")
    return 0 if same else 1


sys.exit(main())
