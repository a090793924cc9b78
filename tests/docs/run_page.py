#!/usr/bin/env python3
"""Executes a page of the documentation as a reader would: run_page.py PROGRAM SOURCE PAGE.

In order, in one empty directory: a fenced block `LANGUAGE file=NAME` is written to that file; a fenced block `sh` is run line by line by a
shell in which `codecosim` is PROGRAM, with SOURCE's scenarios/, examples/, tests/data/ and headers beside it. A line ending in `# exit N` must end with that status, every
other with 0. Other blocks (`console`, `json`, ...) only show something. Exit status 77: something that the page needs is not here.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def blocks(text):
    """(line number, info string, contents) of each fenced block."""
    for found in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.M | re.S):
        yield text.count("\n", 0, found.start()) + 1, found.group(1).strip(), found.group(2)


def commands(block):
    """The commands of a block: a line each, but for lines that end in a backslash."""
    command = ""
    for line in block.splitlines():
        command += line.rstrip("\\") if line.endswith("\\") else line
        if line.endswith("\\"):
            continue
        if command.strip() and not command.lstrip().startswith("#"):
            yield command.strip()
        command = ""


def main():
    program, source, page = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    count = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "bin").mkdir()
        (folder / "bin" / "codecosim").symlink_to(program)
        work = folder / "work"
        work.mkdir()
        for name in ["scenarios", "examples", "python", "sim", "models", "policies"]:
            (work / name).symlink_to(source / name)
        (work / "tests").mkdir()
        (work / "tests" / "data").symlink_to(source / "tests" / "data")
        environment = dict(os.environ, PATH=f"{folder}/bin:{os.environ['PATH']}", PYTHONPATH=str(source / "python"), PYTHONDONTWRITEBYTECODE="1")
        for line, info, contents in blocks(page.read_text(encoding="utf-8")):
            words = info.split()
            for word in words[1:]:
                if word.startswith("file="):
                    (work / word[5:]).write_text(contents, encoding="utf-8")
                elif word.startswith("needs=") and subprocess.run(["which", word[6:]], stdout=subprocess.DEVNULL).returncode != 0:
                    print(f"{page.name}:{line}: skipped, {word[6:]} is not installed")
                    sys.exit(77)
            if words[:1] != ["sh"]:
                continue
            for command in commands(contents):
                wanted = re.search(r"# exit (\d+)$", command)
                ran = subprocess.run(["bash", "-c", command], cwd=work, env=environment, stdin=subprocess.DEVNULL, text=True, capture_output=True)
                count += 1
                print(f"$ {command}\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
                if ran.returncode != int(wanted.group(1) if wanted else 0):
                    sys.exit(f"{page.name}:{line}: exit status {ran.returncode}: {command}")
    if count == 0:
        sys.exit(f"{page.name}: no command was found in it")
    print(f"{page.name}: {count} commands")


if __name__ == "__main__":
    main()
