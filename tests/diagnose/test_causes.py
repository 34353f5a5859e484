#!/usr/bin/env python3
"""Plays each case of cases.py and holds what `explain` says against it: the codes in their order, the place in the file,
no key shown; where the remedy is one that can be applied by itself, applies it and sees every ping pass. TAP."""
import json
import pathlib
import re
import sys
import tempfile

import cases
import elsewhere
import further
import single
from played import explained, lost, settings

KEYS = re.compile("Zq3vT8mX|another key that|one key that")  # what is told ends in logs of CI
CATALOG = pathlib.Path("scenarios/catalog").resolve()


def line_of(where, base, path):
    name, _, line = where.rpartition(":")
    file = base if name == base.name else pathlib.Path(path)
    return file.read_text(encoding="utf-8").splitlines()[int(line) - 1]


def repaired(path, told, folder):
    """Whether all gets through with every remedy applied."""
    sets = settings(told)
    return lost(path, sets, folder) if sets else "no remedy can be applied"


def judge(case, folder):
    """What is wrong with a case, or None."""
    base, _, text, codes, place, words, remedy = case
    base = CATALOG / base
    path = str(pathlib.Path(folder) / "case.yaml")
    pathlib.Path(path).write_text(f"base: {base}\n{text}", encoding="utf-8")
    told = explained(path)
    found = [cause["code"] for cause in told["causes"]]
    texts = [f"{cause['text']} Remedy: {cause['remedy']}" for cause in told["causes"]]
    if KEYS.search(json.dumps(told)):
        return f"shows a key: {told['causes']}"
    if codes is not None and (found if words else list(dict.fromkeys(found))) != codes:
        return f"expected {codes}, found {list(zip(found, texts))} {told['withoutCause']}"
    if words and (words not in " ".join(texts) or told["withoutCause"]):
        return f"{words!r} is not said: {texts}, {told['withoutCause']}"
    if place and place not in line_of(told["causes"][0]["where"], base, path):
        return f"{told['causes'][0]['where']} is {line_of(told['causes'][0]['where'], base, path)!r}"
    return repaired(path, told, folder) if remedy else None


def main():
    bad = 0
    todo = [("_two-vdcs.yaml", *case[:4], None, case[4]) for case in cases.CASES]
    todo += [(base, name, *rest, None, remedy) for name, base, *rest, remedy in elsewhere.CASES]
    todo += [(base, name, text, codes, None, words, remedy) for name, base, text, codes, words, remedy in single.CASES]
    todo += [(base, name, *rest) for name, base, *rest in further.CASES]
    print(f"1..{len(todo)}")
    for number, case in enumerate(todo, 1):
        with tempfile.TemporaryDirectory() as folder:
            problem = judge(case, folder)
        bad += problem is not None
        print(f"{'not ok' if problem else 'ok'} {number} - {case[1]}" + (f"\n# {problem}" if problem else ""))
    sys.exit(1 if bad else 0)


main()
