"""What the tests of causes share: calls of the program, and what becomes of pings when remedies are applied."""
import json
import os
import subprocess

PROGRAM = os.environ["TUNNELBED"]


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
    """What did not get through when the scenario is played with these settings; None: all did."""
    arguments = [word for part in sets for word in ("--set", part)]
    result = call("run", "--no-captures", "--format", "json", "-o", str(folder), *arguments, str(path))
    for step in result["steps"]:
        got = {"ping": "received", "traffic": "delivered"}.get(step["verb"])
        if got and (step[got] != step["sent"] or not step["sent"]):
            return f"with {sets}: line {step['line']}, {step[got]} of {step['sent']}; {result['causes']}"
    return None
