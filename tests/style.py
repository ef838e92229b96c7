#!/usr/bin/env python3
"""What every source file has to be: formatted as .clang-format says, and short.

style.py ROOT format | length | names | tidy [BUILD]. Without clang-format or clang-tidy the check exits 77: skipped.
`names` holds the names of operators in the few files that may say them. `tidy` judges the lines that differ from the commit before,
or whole files that NOISEFLOOR_TIDY names.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77
MOST_TIDIED = 8  # half a minute each; what differs is one commit
MOST_LINES = {"tests": 450, "app/gui": 300}  # of a folder; else 400

# Facts about operators stand in core/graph/operator_traits; how they run, in core/execution/forms. Who names operators
# besides, how often, and why. A count may only fall: then it falls here, too.
NAMES_HOME = ("core/graph/ops/", "core/graph/expansions/", "core/graph/operator_traits.cpp", "core/execution/forms/")
NAMES = {
    # what a quantized or an old model writes
    "core/graph/code_flow.cpp": 1,
    "core/graph/code_params.cpp": 3,
    "core/graph/dynamic_products.cpp": 6,
    "core/graph/legacy_form.cpp": 14,
    "core/graph/q_operator.cpp": 17,
    "core/graph/written_quantization.cpp": 4,
    # binding: subgraphs, constants of shape, masks; a normalization without a finite factor
    "core/graph/bind_shapes.cpp": 1,
    "core/graph/graph_binder.cpp": 4,
    "core/graph/graph_binder_bodies.cpp": 2,
    # the nodes that every fused operator needs
    "core/graph/expansion.cpp": 6,
    # what other tools call quantization
    "core/graph/plain_products.cpp": 19,
    "core/graph/plain_quantization.cpp": 23,
    "core/graph/quantization_rewriter.cpp": 5,
    # patterns of several nodes
    "core/network/fusion.cpp": 3,
    "core/network/group_names.cpp": 13,
    "core/network/patterns.cpp": 31,
    # which words an attribute may hold
    "core/graph/checked_inference.cpp": 21,
    # one operator's own rule
    "app/cli/inspect_command.cpp": 1,
    "core/diagnosis/rules/structure.cpp": 1,
    "core/execution/executable_support.cpp": 2,
    "core/measure/output_analysis.cpp": 2,
    "core/plan/plan.cpp": 2,  # what every plan leaves in FP32
    "core/quantization/quantized_kind.cpp": 4,
    "core/quantization/scheme.cpp": 5,  # DNNLOWP's own tables
    "core/sensitivity/reverse_elementwise.cpp": 2,
    "core/sensitivity/reverse_movement.cpp": 3,
    # nodes that a format knows, writes or reads
    "io/exports/caffe2.cpp": 2,
    "io/exports/ncnn.cpp": 3,
    "io/exports/qdq/bounds.cpp": 2,
    "io/exports/qdq/constants.cpp": 3,
    "io/exports/qdq/context.cpp": 3,
    "io/exports/qdq/native.cpp": 3,
    "io/exports/qdq/operators.cpp": 13,
    "io/exports/qlinear_form.cpp": 18,
    "io/exports/read_quantized_model.cpp": 10,
    "io/onnx/expose_outputs.cpp": 2,
    "io/onnx/local_functions.cpp": 1,
    "io/onnx/onnx_graph_reader.cpp": 6,
    "io/onnx/onnx_writer.cpp": 3,
    "io/onnx/opset13.cpp": 33,
}


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


def check_names(root):
    row = re.compile(r'\{\s*(?:"[a-z.]*"|k\w+),\s*"([A-Z]\w*)",')
    known = {name for file in (root / "core/graph/ops").glob("*.cpp") for name in row.findall(file.read_text())}
    if "Conv" not in known:
        return ["core/graph/ops: found no operators"]
    wrong, left = [], dict(NAMES)
    for file in sources(root):
        path = file.relative_to(root).as_posix()
        if path.startswith(("tests/", *NAMES_HOME)):
            continue
        said = [name for name in re.findall(r'(?<!tr\()"([A-Z]\w*)"', file.read_text()) if name in known]
        allowed = left.pop(path, 0)
        if len(said) > allowed:
            wrong.append(f"{path}: names operators {len(said)} times, {allowed} at most ({', '.join(sorted(set(said)))}): "
                         "ask core/graph/operator_traits.h")
        elif len(said) < allowed:
            wrong.append(f"{path}: names operators {len(said)} times: lower the {allowed} in tests/style.py")
    return wrong + [f"{path}: is no more: take it out of tests/style.py" for path in left]


def changed(root):
    """The lines that differ from the commit before, by file: {path: [[first, last], ...]}; of files in NOISEFLOOR_TIDY, all."""
    if "NOISEFLOOR_TIDY" in os.environ:
        return {file: [[1, 100000]] for file in os.environ["NOISEFLOOR_TIDY"].split()}
    done = subprocess.run(["git", "diff", "--unified=0", "--diff-filter=AM", "HEAD~1", "--", "*.cpp"], capture_output=True,
                          text=True, cwd=root)
    lines, path = {}, ""
    for line in done.stdout.splitlines() if done.returncode == 0 else []:
        if line.startswith("+++ b/"):
            path = line[6:]
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            if count:
                lines.setdefault(path, []).append([first, first + count - 1])
    return lines


def tidy_database(build, files):
    """How each of `files` is compiled, as clang can read it: members of unity sources by themselves, and the precompiled
    headers as text, since GCC's own are of no use to it. Returns the folder of the database."""
    folder = build / "tidy"
    folder.mkdir(exist_ok=True)
    database = []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        members = [source]
        if source.parent.name == "Unity" and source.exists():
            members = [pathlib.Path(name) for name in re.findall(r'#include "([^"]+)"', source.read_text())]
        command = entry["command"]
        for header in re.findall(r"-include (\S+cmake_pch\.hxx)", command):
            copy = folder / (pathlib.Path(header).parent.name + ".hxx")
            copy.write_text(pathlib.Path(header).read_text())
            command = command.replace(header, str(copy))
        for member in members:
            if str(member) in files:
                database.append({"directory": entry["directory"], "file": str(member),
                                 "command": command.replace("-Winvalid-pch", "").replace(f"-c {source}", f"-c {member}")})
    (folder / "compile_commands.json").write_text(json.dumps(database))
    return folder, {entry["file"] for entry in database}


def check_tidy(root, build):
    tool = shutil.which("clang-tidy") or shutil.which("clang-tidy-14")
    build = pathlib.Path(build).resolve()
    if not tool or not (build / "compile_commands.json").exists():
        return None
    lines = {str(root.resolve() / path): spans for path, spans in changed(root).items() if not path.startswith("tests/")}
    database, known = tidy_database(build, lines)
    files = sorted(known)
    if len(files) > MOST_TIDIED:
        print(f"{len(files)} sources differ from the commit before, more than {MOST_TIDIED}: name them in NOISEFLOOR_TIDY")
        return None
    if not files:
        return []
    spans = json.dumps([{"name": file, "lines": lines[file]} for file in files])
    done = subprocess.run([tool, "-p", str(database), "--quiet", "--warnings-as-errors=*", "--line-filter=" + spans, *files],
                          capture_output=True, text=True, cwd=root)
    return [line for line in done.stdout.splitlines() if " error: " in line or " warning: " in line]


def main():
    root, what = pathlib.Path(sys.argv[1]), sys.argv[2]
    if not sources(root):
        sys.exit(f"{root} has no sources")
    wrong = {"length": check_length, "format": check_format, "names": check_names}[what](root) if what != "tidy" else check_tidy(root, sys.argv[3])
    if wrong is None:
        print(f"skipped: '{what}' was not looked at (its tool is missing, or the change too large)")
        sys.exit(SKIPPED)
    print("\n".join(wrong) if wrong else f"{what}: {len(sources(root))} files are as they should be")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
