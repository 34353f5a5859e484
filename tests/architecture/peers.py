#!/usr/bin/env python3
"""Checks that each test and each scenario that docs/peers.md and docs/likeness.md name exists."""
import re
import sys

from test_names import ROOT, problems_of_tests

SCENARIO = re.compile(r"`([a-z]+/[a-z0-9-]+\.yaml)`")
FILE = re.compile(r"`((?:tests|fuzz|sim|ipsec|docs)/[\w/.-]+\.\w+)`")


def problems_of_line(line):
    """Problems, and how many names there were."""
    found, count = problems_of_tests(line)
    for name in SCENARIO.findall(line):
        count += 1
        if not (ROOT / "scenarios" / "catalog" / name).exists():
            found.append(f"no scenario {name}")
    for name in FILE.findall(line):
        count += 1
        if not (ROOT / name).exists():
            found.append(f"no file {name}")
    return found, count


def check(page, each_row_names):
    """True where all is well; each_row_names: no row of a table is without a name."""
    bad, named = 0, 0
    lines = page.read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("## "))  # before: the notation
    for number, line in list(enumerate(lines, 1))[first:]:
        problems, count = problems_of_line(line)
        heading = line.startswith("|---") or (number < len(lines) and lines[number].startswith("|---"))
        if each_row_names and line.startswith("|") and not heading and not count:
            problems.append("a row that names no test")
        named += count
        for problem in problems:
            bad += 1
            print(f"{page.name}:{number}: {problem}")
    print(f"{page.name}: {named} names, {bad} problems")
    return named > 0 and not bad


def main():
    docs = ROOT / "docs"
    good = [check(docs / "peers.md", True), check(docs / "likeness.md", False)]
    sys.exit(0 if all(good) else 1)


main()
