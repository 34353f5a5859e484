#!/usr/bin/env python3
"""Checks that each source file and each test that docs/rfc-coverage.md names exists."""
import re
import sys

from test_names import ROOT, problems_of_tests

PAGE = ROOT / "docs" / "rfc-coverage.md"
FOLDERS = {"ike": "ipsec/ike", "esp": "ipsec/esp", "crypto": "ipsec/crypto", "gateway": "sim/gateway", "net": "net", "sim": "sim"}
STATES = {"yes", "part", "no", "n/a"}


def source_exists(name):
    folder, file = name.split("/")
    stem = ROOT / FOLDERS.get(folder, folder) / file
    return stem.with_suffix(".c").exists() or stem.with_suffix(".h").exists()


def problems_of_row(cells):
    if cells[1] not in STATES:
        return [f'"{cells[1]}" is none of {sorted(STATES)}'], 0
    found = [f"no file {name}" for name in re.findall(r"`([a-z]+/[a-z0-9_]+)`", cells[2]) if not source_exists(name)]
    tests, count = problems_of_tests(cells[3])
    if cells[1] in ("yes", "part") and not cells[3]:
        tests.append("neither a test nor a reason")
    return found + tests, count


def main():
    text = PAGE.read_text(encoding="utf-8")
    rows, named, bad = 0, 0, 0
    head = text[: text.index("\n## ") + 1].count("\n")  # explains the notation, and names nothing
    for number, line in list(enumerate(text.splitlines(), 1))[head:]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and not line.startswith("|---") and cells[2] != "where":
            problems, count = problems_of_row(cells)
            rows += 1
        else:
            problems, count = problems_of_tests(line)
        named += count
        for problem in problems:
            bad += 1
            print(f"{PAGE.name}:{number}: {problem}")
    print(f"{rows} rows, {named} tests named, {bad} problems")
    sys.exit(1 if bad or not rows or not named else 0)


main()
