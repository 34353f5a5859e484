#!/usr/bin/env python3
"""docs/results.md names every key that is written, and none that is not."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ("report/json.c", "report/causes_json.c", "cli/check.c", "cli/list.c")
KEY = re.compile(r'\b(?:set|set_count|json_object_set_new)\(\w+, "(\w+)"')
OTHER = {  # what stands in quotes there and is no key: values, verbs of steps, places of the language
    "always", "always checked", "error", "expect", "fail", "inconclusive", "initiate", "inject", "namespaces", "pass", "ping",
    "rekey", "simulated", "terminate", "traffic", "warning",
}


def main():
    written = set()
    for name in SOURCES:
        found = KEY.findall((ROOT / name).read_text(encoding="utf-8"))
        assert found, name
        written.update(found)
    text = (ROOT / "docs/results.md").read_text(encoding="utf-8")
    named = {word.split(":")[0] for word in re.findall(r"`([^`]+)`", text)}
    missing = written - named
    assert not missing, f"docs/results.md does not tell of {sorted(missing)}"
    unknown = {word for word in named if re.fullmatch(r"[a-z]+[A-Za-z]*", word)} - written - OTHER
    assert not unknown, f"docs/results.md tells of {sorted(unknown)}, which nobody writes"
    print(f"{len(written)} keys")


main()
