#!/usr/bin/env python3
"""`check --format sarif`: the essential structure of SARIF 2.1.0, what code hosts ask for beyond it, and standard input."""
import json
import os
import subprocess

import jsonschema

from harness import PROGRAM, ProgramTest, ROOT, TUTORIAL, main

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
# The parts of the OASIS schema that these files use, with its required properties and types, closed: nothing else is there.
SCHEMA = {
    "type": "object", "required": ["$schema", "version", "runs"], "additionalProperties": False,
    "properties": {
        "$schema": {"const": "https://json.schemastore.org/sarif-2.1.0.json"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "maxItems": 1, "items": {
            "type": "object", "required": ["tool", "results"], "additionalProperties": False,
            "properties": {
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "tool": {"type": "object", "required": ["driver"], "additionalProperties": False, "properties": {
                    "driver": {"$ref": "#/definitions/driver"}}},
                "results": {"type": "array", "maxItems": 5000, "items": {"$ref": "#/definitions/result"}}}}}},
    "definitions": {
        "driver": {
            "type": "object", "required": ["name", "version", "rules"], "additionalProperties": False,
            "properties": {
                "name": {"const": "tunnelbed"}, "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
                "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
                "rules": {"type": "array", "items": {"$ref": "#/definitions/rule"}}}},
        "rule": {
            "type": "object", "additionalProperties": False,
            "required": ["id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"],
            "properties": {
                "id": {"type": "string", "pattern": "^[a-z0-9-]+$", "maxLength": 255},
                "name": {"type": "string", "pattern": "^[A-Z][A-Za-z0-9]+$", "maxLength": 255},
                "shortDescription": {"allOf": [TEXT, {"properties": {"text": {"maxLength": 1024}}}]},
                "fullDescription": {"allOf": [TEXT, {"properties": {"text": {"maxLength": 1024}}}]},
                "help": {"allOf": [TEXT, {"required": ["markdown"]}]},
                "defaultConfiguration": {"type": "object", "required": ["level"], "additionalProperties": False,
                                         "properties": {"level": {"enum": ["error", "warning"]}}}}},
        "result": {
            "type": "object", "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"enum": ["error", "warning"]}, "message": TEXT,
                "locations": {"type": "array", "minItems": 1, "maxItems": 1, "items": {
                    "type": "object", "required": ["physicalLocation"], "additionalProperties": False, "properties": {
                        "physicalLocation": {
                            "type": "object", "required": ["artifactLocation", "region"], "additionalProperties": False,
                            "properties": {
                                "artifactLocation": {
                                    "type": "object", "required": ["uri"], "additionalProperties": False,
                                    "properties": {"uri": {"type": "string", "pattern": r"^([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"},
                                                   "uriBaseId": {"const": "%SRCROOT%"}}},
                                "region": {
                                    "type": "object", "required": ["startLine", "startColumn"],
                                    "additionalProperties": False,
                                    "properties": {"startLine": {"type": "integer", "minimum": 1},
                                                   "startColumn": {"type": "integer", "minimum": 1}}}}}}}}}}}}


class Sarif(ProgramTest):
    """A code host takes what `check` says."""

    def sarif(self, *arguments, status=0, **options):
        """The only run of the log, valid."""
        log = json.loads(self.call("check", "--format", "sarif", *arguments, status=status, **options).stdout)
        jsonschema.Draft7Validator(SCHEMA).validate(log)
        run = log["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        self.assertEqual(len(rules), len({rule["id"] for rule in rules}))
        for result in run["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            self.assertEqual(rules[result["ruleIndex"]]["defaultConfiguration"]["level"], result["level"])
        return run

    def test_nothing_wrong(self):
        """All rules are there, no result."""
        run = self.sarif(TUTORIAL)
        self.assertEqual(run["results"], [])
        self.assertGreater(len(run["tool"]["driver"]["rules"]), 50)

    def test_warning_at_its_place(self):
        """The same code, place and words as text has."""
        path = self.write("under score/a b.yaml", TUTORIAL.read_text(encoding="utf-8").replace(
            "cloudNetworkCIDRs: [192.168.1.0/24]", "cloudNetworkCIDRs: [0.0.0.0/0]").replace(
            "cloudNetworkCIDRs: [192.168.2.0/24]", "cloudNetworkCIDRs: [0.0.0.0/0]"))
        run = self.sarif("under score/../under score/a b.yaml", cwd=self.folder.name)
        result = next(result for result in run["results"] if result["ruleId"] == "both-sides-any")
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"], {"uri": "under%20score/a%20b.yaml", "uriBaseId": "%SRCROOT%"})
        text = self.call("check", path).stdout
        region = place["region"]
        self.assertIn(f"a b.yaml:{region['startLine']}:{region['startColumn']}: warning: {result['message']['text']} "
                      "[both-sides-any]", text)
        self.assertEqual(self.sarif("-q", path)["results"], [])

    def test_absolute_path_below_the_folder_is_relative(self):
        """And one elsewhere is a file: URI."""
        wrong = self.write("x/wrong.yaml", "vdcs: 3\n")
        uri = lambda run: run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        inside = self.sarif(wrong.resolve(), status=2, cwd=pathlib_real(self.folder.name))
        self.assertEqual(uri(inside)["uri"], "x/wrong.yaml")
        outside = json.loads(self.call("check", "--format", "sarif", wrong.resolve(), status=2, cwd=ROOT).stdout)["runs"][0]
        self.assertTrue(uri(outside)["uri"].startswith("file:///"))
        self.assertNotIn("uriBaseId", uri(outside))

    def test_errors_without_a_line(self):
        """A file that is none, and --set, are told at line 1 of the file that was checked."""
        empty = self.write("empty.yaml", "")
        result = self.sarif(empty, status=2, cwd=self.folder.name)["results"][0]
        self.assertEqual((result["ruleId"], result["level"]), ("not-a-scenario", "error"))
        result = self.sarif("--set", "seed", TUTORIAL, status=2, cwd=ROOT)["results"][0]
        self.assertEqual(result["ruleId"], "bad-override")
        self.assertIn("--set seed: ", result["message"]["text"])
        self.assertEqual(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
                         str(TUTORIAL.relative_to(ROOT)))

    def test_what_a_base_has_is_told_once(self):
        """Two scenarios over one base with a warning."""
        self.write("_base.yaml", TUTORIAL.read_text(encoding="utf-8").replace("192.168.1.5/24", "192.168.1.50/24"))
        for name in ("a.yaml", "b.yaml"):
            self.write(name, "base: _base.yaml\n")
        results = self.sarif(".", cwd=self.folder.name)["results"]
        self.assertEqual([r["ruleId"] for r in results].count("gateway-address-outside-2-9"), 1)
        self.assertEqual(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "_base.yaml")

    def test_same_bytes(self):
        """Twice the same call."""
        wrong = self.write("wrong.yaml", "vdcs: {a: {}, b: 3}\nsteps: [{}]\n")
        one, two = (self.call("check", "--format", "sarif", wrong, status=2).stdout for _ in range(2))
        self.assertEqual(one, two)


class StandardInput(ProgramTest):
    """`-` for check, show and run."""

    def pipe(self, text, *arguments, status=0):
        """Runs with `text` on standard input."""
        done = subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=300,
                              check=False, cwd=self.folder.name)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_check_show_run(self):
        """As a file of the name stdin."""
        text = TUTORIAL.read_text(encoding="utf-8")
        self.assertIn("1 file checked, 0 errors", self.pipe(text, "check", "-").stdout)
        self.assertIn("txl-host1", self.pipe(text, "show", "-").stdout)
        self.assertIn("stdin: pass", self.pipe(text, "run", "-").stdout)
        self.assertTrue(os.path.exists(os.path.join(self.folder.name, "out/stdin/result.json")))
        self.assertIn("stdin:1:1:", self.pipe("vdcs:\n", "check", "-", status=2).stdout)
        self.assertIn("read once", self.pipe(text, "check", "-", "-", status=2).stderr)
        self.assertIn("too-large", self.pipe("#" * (5 << 20), "check", "-", status=2).stdout)
        self.assertIn("not-yaml", self.pipe("a: \0", "check", "-", status=2).stdout)


def pathlib_real(path):
    """The folder without symbolic links, as getcwd tells it."""
    return os.path.realpath(path)


main()
