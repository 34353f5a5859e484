"""Names of tests in pages of docs/, and whether they exist: `ike/hostile` window, notify_in_clear."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
# `program` and the cases behind it, up to what is no list of names.
TESTS = re.compile(r"`([a-z]+)/([a-z0-9_]+)` ((?:[a-z][a-z0-9_]*, )*[a-z][a-z0-9_]*)")


def cases_of(folder, program):
    path = ROOT / "tests" / folder / f"test_{program}.c"
    if not path.exists():
        return None
    names = re.findall(r"cmocka_unit_test\w*\(\s*(\w+)", path.read_text(encoding="utf-8"))
    return {name.removeprefix("test_") for name in names}


def problems_of_tests(text):
    """Problems, and how many cases were named."""
    found, count = [], 0
    for folder, program, names in TESTS.findall(text):
        cases = cases_of(folder, program)
        if cases is None:
            found.append(f"no tests/{folder}/test_{program}.c")
            continue
        for name in names.split(", "):
            count += 1
            if name not in cases:
                found.append(f"tests/{folder}/test_{program}.c has no case {name}")
    return found, count
