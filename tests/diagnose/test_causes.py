#!/usr/bin/env python3
"""Plays each case of cases.py and holds what `explain` says against it: the codes in their order, the place in the
file; where the remedy is one that can be applied by itself, applies it and sees every ping pass. TAP."""
import pathlib
import sys
import tempfile

import cases
from played import explained, lost, settings

BASE = pathlib.Path("scenarios/catalog/_two-vdcs.yaml").resolve()


def line_of(where, path):
    name, _, line = where.rpartition(":")
    file = BASE if name == BASE.name else pathlib.Path(path)
    return file.read_text(encoding="utf-8").splitlines()[int(line) - 1]


def repaired(path, told, folder):
    """Whether all gets through with every remedy applied."""
    sets = settings(told)
    return lost(path, sets, folder) if sets else "no remedy can be applied"


def judge(case, folder):
    name, text, codes, place, remedy = case
    path = str(pathlib.Path(folder) / "case.yaml")
    pathlib.Path(path).write_text(f"base: {BASE}\n{text}", encoding="utf-8")
    told = explained(path)
    found = [cause["code"] for cause in told["causes"]]
    if codes is not None and list(dict.fromkeys(found)) != codes:
        return f"expected {codes}, found {[(c['code'], c['text']) for c in told['causes']]} {told['withoutCause']}"
    if place and place not in line_of(told["causes"][0]["where"], path):
        return f"{told['causes'][0]['where']} is {line_of(told['causes'][0]['where'], path)!r}"
    return repaired(path, told, folder) if remedy else None


def main():
    bad = 0
    print(f"1..{len(cases.CASES)}")
    for number, case in enumerate(cases.CASES, 1):
        with tempfile.TemporaryDirectory() as folder:
            problem = judge(case, folder)
        bad += problem is not None
        print(f"{'not ok' if problem else 'ok'} {number} - {case[0]}" + (f"\n# {problem}" if problem else ""))
    sys.exit(1 if bad else 0)


main()
