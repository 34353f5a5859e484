#!/usr/bin/env python3
"""Takes every scenario of the catalog's misconfigured/, asks `explain` for the causes, applies the remedies that it
proposes to the configuration, all by itself, and plays the scenario again: every ping and every datagram gets
through. A file in which something was lost has to have a cause for each loss, and each cause a remedy. Nothing is lost in
the files that expect no cause: they show that something does no harm. In the others something is. TAP."""
import pathlib
import re
import sys
import tempfile

from played import explained, lost, settings

FOLDER = pathlib.Path("scenarios/catalog/misconfigured")


def judge(path, folder):
    """What is wrong, or None."""
    problem = lost(path, [], folder)
    if not re.search(r"^  - cause:", path.read_text(encoding="utf-8"), re.MULTILINE):
        return problem
    if not problem:
        return "nothing is lost"
    told = explained(path)
    if told["withoutCause"]:
        return f"no cause for {told['withoutCause']}"
    without = [cause["code"] for cause in told["causes"] if not cause["set"]]
    if without:
        return f"no remedy to apply for {without}"
    return lost(path, settings(told), folder)


def main():
    """One TAP line a file."""
    files = sorted(FOLDER.glob("[a-z0-9]*.yaml"))
    bad = 0
    print(f"1..{len(files)}")
    for number, path in enumerate(files, 1):
        with tempfile.TemporaryDirectory(prefix="tunnelbed-test-") as folder:
            problem = judge(path, folder)
        bad += problem is not None
        print(f"{'not ok' if problem else 'ok'} {number} - {path.stem}" + (f"\n# {problem}" if problem else ""))
    sys.exit(1 if bad or not files else 0)


main()
