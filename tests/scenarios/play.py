#!/usr/bin/env python3
"""Plays a scenario file through the program, with --prove, and then shows that its expectations can fail.

usage: play.py PROGRAM FILE

In the file, a comment `# fails with: ARGUMENTS` names a call that takes away what the scenario is about (a fault,
a step, a behaviour): `tunnelbed run ARGUMENTS FILE` has to end with status 1, a failed expectation. More words after
`because: ` must then stand in what is printed.
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile


def run(program, arguments, folder):
    """The finished process."""
    return subprocess.run([program, "run", "--out", folder, *arguments], capture_output=True, text=True, timeout=300,
                          stdin=subprocess.DEVNULL, check=False)


def main(program, path):
    """Prints one TAP line a call; status 1 where one went otherwise."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    calls = [("--prove", 0, "")]
    for line in re.findall(r"^# fails with: (.*)$", text, re.MULTILINE):
        arguments, _, because = line.partition(" because: ")
        calls.append((arguments, 1, because))
    bad = 0
    print(f"1..{len(calls)}")
    for number, (arguments, status, because) in enumerate(calls, 1):
        with tempfile.TemporaryDirectory(prefix="tunnelbed-test-") as folder:
            done = run(program, [*shlex.split(arguments), path], folder)
        good = done.returncode == status and because in done.stdout
        bad += not good
        print(f"{'ok' if good else 'not ok'} {number} - {pathlib.Path(path).stem} {arguments}")
        if not good:
            print(f"# tunnelbed run {arguments} {path}: status {done.returncode}, expected {status} {because}")
            print("\n".join("# " + line for line in (done.stdout + done.stderr).splitlines()))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
