#!/usr/bin/env python3
"""scenarios/codes.def has every code that the sources make, and no other; docs/diagnostics.md is what the table says.
Usage: codes.py TOOL [--write]"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "diagnostics.md"
# The functions that take a code, and the first literals of their calls that look like one.
MAKERS = re.compile(r"\b(?:base_diagnostics_add|scn_bind_error|import_error|import_warn|fail)\(([^;]*?);", re.S)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+|unreadable")


def made():
    """Code to the files that make it."""
    codes = {}
    for folder in ("base", "topology", "scenarios", "import"):
        for path in sorted((ROOT / folder).glob("*.c")):
            text = path.read_text(encoding="utf-8")
            for call in MAKERS.finditer(text):
                for literal in LITERAL.findall(call.group(1))[:2]:
                    if WORD.fullmatch(literal):
                        codes.setdefault(literal, set()).add(path.name)
            for literal in re.findall(r'item\.code = "([^"]+)"', text):
                codes.setdefault(literal, set()).add(path.name)
    return codes


def main():
    table = re.findall(r'^(?:ERROR|WARNING)\(\w+, "([^"]+)"', (ROOT / "scenarios/codes.def").read_text(), re.M)
    text = subprocess.run([sys.argv[1], "codes"], check=True, capture_output=True, text=True).stdout
    if "--write" in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    codes = made()
    assert len(table) == len(set(table)), "a code stands twice in the table"
    assert len(codes) > 50, "the sources were not found"
    missing = {code: files for code, files in codes.items() if code not in table}
    assert not missing, f"not in scenarios/codes.def: {missing}"
    sources = "".join(path.read_text(encoding="utf-8") for folder in ("base", "topology", "scenarios", "import")
                      for path in (ROOT / folder).glob("*.c"))
    unused = [code for code in table if f'"{code}"' not in sources]
    assert not unused, f"in scenarios/codes.def, but never said: {unused}"
    assert FILE.read_text(encoding="utf-8") == text, "docs/diagnostics.md is old: tests/scenarios/codes.py TOOL --write"
    print(f"{len(table)} codes")


main()
