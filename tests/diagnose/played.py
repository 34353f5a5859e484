"""What the tests of causes share: calls of the program, and what becomes of pings when remedies are applied."""
import json
import os
import subprocess

PROGRAM = os.environ["TUNNELBED"]
GOT = {"ping": "received", "traffic": "delivered"}  # by the step's verb


def call(*arguments):
    """The JSON of a call that could be made; a failed expectation is as good as none."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(f"status {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def explained(path):
    """What `explain` says about a scenario."""
    return call("explain", "--format", "json", str(path))


def settings(told):
    """The values of `--set` of all remedies, in their order, each once."""
    return list(dict.fromkeys(part for cause in told["causes"] for part in cause["set"]))


def lost(path, sets, folder):
    """What did not get through when the scenario is played with these settings; None: all did, to whom
    it was meant for, and something was sent."""
    arguments = [word for part in sets for word in ("--set", part)]
    result = call("run", "--no-captures", "--format", "json", "-o", str(folder), *arguments, str(path))
    steps = [(step, GOT[step["verb"]]) for step in result["steps"] if step["verb"] in GOT]
    for step, got in steps:
        if step[got] != step["sent"] or not step["sent"]:
            return f"with {sets}: line {step['line']}, {step[got]} of {step['sent']}; {result['causes']}"
    if result["causes"]:  # all came back, but not from whom it was meant for
        return f"with {sets}: {result['causes']}"
    return None if steps else f"with {sets}: no step sends anything"
