"""What the tests of the program share: they run it as a user does, in a folder of their own."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("TUNNELBED", str(ROOT / "build/release/tunnelbed"))
TUTORIAL = ROOT / "scenarios/catalog/tutorial/vdc-to-vdc.yaml"


class ProgramTest(unittest.TestCase):
    """A temporary folder for results, and ways to call the program."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tunnelbed-test-")
        self.out = pathlib.Path(self.folder.name) / "out"

    def tearDown(self):
        self.folder.cleanup()

    def call(self, *arguments, status=0, **options):
        """Runs it and checks the exit status (None: any); returns the finished process."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300,
                              stdin=subprocess.DEVNULL, check=False, **options)
        if status is not None and done.returncode != status:
            self.fail(f"tunnelbed {' '.join(map(str, arguments))}: status {done.returncode}, not {status}\n"
                      f"{done.stdout}\n{done.stderr}")
        return done

    def run_scenario(self, *arguments, status=0):
        """`run --out` of the test's own folder."""
        return self.call("run", "--out", self.out, *arguments, status=status)

    def write(self, name, text):
        """A scenario file of this test."""
        path = pathlib.Path(self.folder.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def result(self, name="vdc-to-vdc"):
        """What the run left in result.json."""
        return json.loads((self.out / name / "result.json").read_text(encoding="utf-8"))

    def tshark(self, *arguments, profile=None):
        """tshark's standard output, with a run's key tables where `profile` names them."""
        environment = dict(os.environ)
        if profile:
            environment["WIRESHARK_CONFIG_DIR"] = str(profile)
        done = subprocess.run(["tshark", *map(str, arguments)], capture_output=True, text=True, timeout=300,
                              check=False, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


def main():
    """Runs the tests of the calling file and closes with a line that CI servers read."""
    program = unittest.main(exit=False, verbosity=2, module="__main__")
    result = program.result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
