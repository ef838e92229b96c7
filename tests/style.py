#!/usr/bin/env python3
"""What every source file has to be: formatted as .clang-format says, and short.

style.py ROOT format | length | tidy [BUILD]. Without clang-format or clang-tidy the check exits 77: skipped.
`tidy` looks at the sources that differ from the last commit of main's first parent, or NOISEFLOOR_TIDY names them.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77
MOST_LINES = {"tests": 450, "app/gui": 300}  # of a folder; else 400


def sources(root):
    folders = ("app", "core", "io", "kernels", "tests", "views")
    return [file for folder in folders for file in sorted((root / folder).rglob("*"))
            if file.suffix in (".h", ".cpp")]


def check_length(root):
    wrong = []
    for file in sources(root):
        path = file.relative_to(root).as_posix()
        lines = file.read_text().count("\n")
        most = next((most for folder, most in MOST_LINES.items() if path.startswith(folder + "/")), 400)
        if lines > most:
            wrong.append(f"{path}: {lines} lines; {most} at most: one concept per file")
    return wrong


def check_format(root):
    tool = shutil.which("clang-format") or shutil.which("clang-format-14")
    if not tool:
        return None
    files = [str(file) for file in sources(root)]
    wrong = []
    for i in range(0, len(files), 100):
        done = subprocess.run([tool, "--dry-run", "-Werror", *files[i:i + 100]], capture_output=True, text=True, cwd=root)
        wrong += sorted({match[1] + ": not as .clang-format says" for match in
                         re.finditer(r"^(\S+?):\d+:\d+: error:", done.stderr, re.M)})
        if done.returncode and not wrong:
            wrong.append(done.stderr.strip())
    return wrong


def changed(root):
    if "NOISEFLOOR_TIDY" in os.environ:
        return os.environ["NOISEFLOOR_TIDY"].split()
    done = subprocess.run(["git", "diff", "--name-only", "--diff-filter=AM", "HEAD~1", "--", "*.cpp"], capture_output=True,
                          text=True, cwd=root)
    return done.stdout.split() if done.returncode == 0 else []


def check_tidy(root, build):
    tool = shutil.which("clang-tidy") or shutil.which("clang-tidy-14")
    if not tool or not (pathlib.Path(build) / "compile_commands.json").exists():
        return None
    files = [file for file in changed(root) if not file.startswith("tests/")][:20]
    if not files:
        return []
    done = subprocess.run([tool, "-p", build, "--quiet", "--warnings-as-errors=*", *files], capture_output=True, text=True,
                          cwd=root)
    return [line for line in done.stdout.splitlines() if " error: " in line or " warning: " in line]


def main():
    root, what = pathlib.Path(sys.argv[1]), sys.argv[2]
    if not sources(root):
        sys.exit(f"{root} has no sources")
    wrong = {"length": check_length, "format": check_format}[what](root) if what != "tidy" else check_tidy(root, sys.argv[3])
    if wrong is None:
        print(f"skipped: the tool of '{what}' is not installed")
        sys.exit(SKIPPED)
    print("\n".join(wrong) if wrong else f"{what}: {len(sources(root))} files are as they should be")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
