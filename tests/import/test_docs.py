#!/usr/bin/env python3
"""The example of docs/import.md is what the program prints."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))
from harness import PROGRAM  # noqa: E402


def main():
    text = (ROOT / "docs/import.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="tunnelbed-test-") as folder:
        shutil.copy(ROOT / "tests/import/data/mismatch.json", folder)
        words = ["import", "--run", "-q", "mismatch.json"]
        quiet = subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
        told = subprocess.run([PROGRAM, "import", "mismatch.json"], cwd=folder, capture_output=True, text=True, check=True,
                              timeout=60)
        why = subprocess.run([PROGRAM, "import", "-q", "--explain", "mismatch.json"], cwd=folder, capture_output=True, text=True,
                             check=False, timeout=60)
    assert quiet.returncode == 1, quiet.stderr
    causes = why.stdout[why.stdout.index("Why packets"):].splitlines()[:5]
    assert "\n".join(causes) in text, f"not in docs/import.md: {causes}"
    for line in quiet.stdout.splitlines()[:2] + told.stderr.splitlines():
        assert line in text, f"not in docs/import.md: {line}"
    print("docs/import.md is as the program prints")


main()
