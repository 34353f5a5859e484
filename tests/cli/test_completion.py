#!/usr/bin/env python3
"""completions/tunnelbed.bash in a bash of its own, without the package bash-completion."""
import pathlib
import re
import subprocess

from harness import ProgramTest, ROOT, main

ASK = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_tunnelbed
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Completion(ProgramTest):
    """What is offered for the last word of a line."""

    def offered(self, *words):
        """The words are as bash splits them: `--format=x` is three."""
        done = subprocess.run(["bash", "--norc", "-c", ASK, "ask", ROOT / "completions/tunnelbed.bash", "tunnelbed", *words],
                              capture_output=True, text=True, check=True, cwd=self.folder.name)
        self.assertEqual(done.stderr, "")
        return {line for line in done.stdout.splitlines() if line}

    def test_commands(self):
        """All of them, `help`'s too."""
        commands = set(re.findall(r"^  ([a-z]+)  ", self.call("--help").stdout, re.MULTILINE))
        self.assertEqual(self.offered(""), commands | {"help", "version"})
        self.assertEqual(self.offered("ex"), {"explain"})
        self.assertEqual(self.offered("help", ""), commands)

    def test_options_are_those_of_the_help(self):
        """Each command's own."""
        for command in self.offered("help", "") - {"schema"}:
            rows = re.findall(r"^  (-.*?)(?:  |$)", self.call(command, "--help").stdout, re.MULTILINE)
            listed = set(re.findall(r"--[a-z][a-z-]*", " ".join(rows)))
            self.assertEqual(self.offered(command, "--"), listed, command)

    def test_values(self):
        """With a blank and with `=`."""
        self.assertEqual(self.offered("run", "--format", "j"), {"junit", "json"})
        self.assertEqual(self.offered("run", "--format", "=", "j"), {"junit", "json"})
        self.assertEqual(self.offered("show", "--format", "="), {"text", "svg"})
        self.assertEqual(self.offered("run", "--world", ""), {"simulated", "namespaces"})
        self.assertEqual(self.offered("run", "--seed", ""), set())

    def test_files(self):
        """Scenarios and folders, blanks in their names and all; answers of the API for import."""
        folder = pathlib.Path(self.folder.name)
        for name in ("a b.yaml", "c.yml", "d.json", "e.txt"):
            (folder / name).write_text("", encoding="utf-8")
        (folder / "sub.yaml").mkdir()
        self.assertEqual(self.offered("run", ""), {"a b.yaml", "c.yml", "d.json", "sub.yaml"})
        self.assertEqual(self.offered("check", "--quiet", "a"), {"a b.yaml"})
        self.assertEqual(self.offered("import", ""), {"d.json", "sub.yaml"})
        self.assertEqual(self.offered("run", "--out", ""), {"sub.yaml"})
        self.assertEqual(self.offered("import", "--psk-file", "e"), {"e.txt"})


main()
