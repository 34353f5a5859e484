#!/usr/bin/env python3
"""Checks that includes point one way, that the house's size limits hold, and that no header of
ours has the name of a system header. docs/architecture.md draws the same arrows."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A folder may include itself and what stands here. The longest matching folder name decides.
ALLOWED = {
    "base": [],
    "net": ["base"],
    "netns": ["base", "net"],
    "ipsec/crypto": ["base"],
    "ipsec/esp": ["base", "net", "ipsec/crypto"],
    "ipsec/ike": ["base", "net", "ipsec/crypto", "ipsec/esp"],
    "sim": ["base", "net"],
    "sim/gateway": ["base", "net", "ipsec/crypto", "ipsec/esp", "ipsec/ike", "sim"],
    "pcap": ["base", "net", "ipsec/crypto", "ipsec/esp", "ipsec/ike", "sim"],
    "topology": ["base", "net", "netns", "ipsec/crypto", "ipsec/esp", "ipsec/ike", "sim", "sim/gateway", "pcap"],
    "strongswan": ["base", "net", "netns", "ipsec/crypto", "ipsec/esp", "ipsec/ike", "sim", "topology"],
    "diagnose": ["base", "net", "ipsec/crypto", "ipsec/esp", "ipsec/ike", "sim", "sim/gateway", "topology"],
    "scenarios": ["base", "net", "ipsec/crypto", "ipsec/esp", "ipsec/ike", "sim", "sim/gateway", "pcap", "topology", "diagnose"],
    "report": ["base", "net", "ipsec/crypto", "ipsec/esp", "ipsec/ike", "sim", "sim/gateway", "pcap", "topology",
               "diagnose", "scenarios"],
    "interop": ["base", "net", "netns", "ipsec/crypto", "ipsec/esp", "ipsec/ike", "sim", "sim/gateway", "topology",
                "strongswan"],
    "compare": ["base", "net", "ipsec/crypto", "ipsec/esp", "ipsec/ike", "pcap", "topology", "diagnose", "scenarios", "report"],
    "import": ["base", "net", "topology", "scenarios"],
}
ANYTHING = ["cli", "tests", "bench", "fuzz"]
LINES_MAX = 600


def folder_of(path):
    best = None
    for folder in list(ALLOWED) + ANYTHING:
        if (path == folder or path.startswith(folder + "/")) and (best is None or len(folder) > len(best)):
            best = folder
    return best


def problems_of(path):
    name = path.relative_to(ROOT).as_posix()
    mine = folder_of(name)
    text = path.read_text(encoding="utf-8")
    count = text.count("\n")
    if count > LINES_MAX:
        yield f"{name}: {count} lines, the limit is {LINES_MAX}"
    if mine is None:
        yield f"{name}: stands in no folder of the architecture"
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        target = match.group(1)
        if "/" not in target:
            yield f'{name}:{number}: include "{target}" from the root, as "folder/{target}"'
            continue
        if not (ROOT / target).exists():
            continue  # generated at build time
        if mine in ANYTHING:
            continue
        theirs = folder_of(target)
        if theirs != mine and theirs not in ALLOWED[mine]:
            yield f"{name}:{number}: {mine}/ may not include {theirs}/ ({target})"


def main():
    files = [p for p in ROOT.rglob("*.[ch]") if "build" not in p.relative_to(ROOT).parts]
    found = [problem for path in sorted(files) for problem in problems_of(path)]
    for problem in found:
        print(problem)
    print(f"{len(files)} files, {len(found)} problems")
    if not files:
        sys.exit("no source files found")
    sys.exit(1 if found else 0)


main()
