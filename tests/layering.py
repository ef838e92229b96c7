#!/usr/bin/env python3
"""The floor plan, held against every include: layering.py ROOT [--dot FILE].

cmake/rooms.txt lists the rooms and what each may read of its own folder; here stand the arrows between folders and the
libraries that only some places may know. With --dot it draws the rooms and the arrows that the includes make.
"""
import pathlib
import re
import sys

FOLDERS = {  # what a folder may read besides itself
    "kernels": (),
    "core": ("kernels",),
    "io": ("core", "kernels"),
    "views": ("core", "kernels"),
    "app": ("views", "io", "core", "kernels"),
}
LIBRARIES = [  # what is included, where that is allowed, and what to say
    (r"<(Q[A-Z]|qcustomplot)", r"(views|app/gui|tests/(views|gui|support))/", "Qt below views"),
    (r"<(oneapi/|dnnl)", r"(tests/)?kernels/.*\.cpp$", "oneDNN outside kernels/*.cpp"),
    (r"<(hdf5|onnx/|google/protobuf)", r"(tests/)?io/.*\.cpp$", "HDF5, protobuf or ONNX header outside io/*.cpp"),
    (r"<qcustomplot", r".*\.cpp$", "qcustomplot.h belongs into .cpp files of plots"),
    (r"<CLI/", r"app/cli/command_line\.cpp$", "CLI11 outside app/cli/command_line.cpp"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|(<[^>]+>))', re.M)


def room_of(path):
    parts = path.split("/")
    return "/".join(parts[: 3 if parts[:2] == ["app", "gui"] else 2])


def read_rooms(path):
    """Room → rooms it may read, in the order of the file; complains of an arrow that runs up."""
    rooms, problems = {}, []
    for line in path.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        room, reads = line.split(":")
        folder = room.rsplit("/", 1)[0]
        rooms[room] = {f"{folder}/{name}" for name in reads.split()}
        problems += [f"{path.name}: {room} reads {other}, which does not stand above it"
                     for other in rooms[room] if other not in list(rooms)[:-1]]
    return rooms, problems


def circles(includes):
    """Files that include each other in a circle."""
    state, found = {}, []

    def visit(file, trail):
        state[file] = "open"
        for other in includes.get(file, ()):
            if state.get(other) == "open":
                found.append(" → ".join(trail[trail.index(other):] + [other]) if other in trail else other)
            elif other not in state and other in includes:
                visit(other, trail + [other])
        state[file] = "done"

    for file in includes:
        if file not in state:
            visit(file, [file])
    return found


def main(root, dot):
    rooms, problems = read_rooms(root / "cmake/rooms.txt")
    arrows, includes = {room: set() for room in rooms}, {}
    files = [file for folder in (*FOLDERS, "tests") for file in sorted((root / folder).rglob("*"))
             if file.suffix in (".h", ".cpp")]
    if not files:
        problems.append(f"{root} has no sources")
    for file in files:
        path = file.relative_to(root).as_posix()
        top = path.split("/")[0]
        own = [match for match in INCLUDE.finditer(file.read_text())]
        includes[path] = [match[1] for match in own if match[1]]
        for match in own:
            if match[2]:
                problems += [f"{path}: {text}: {match[2]}" for pattern, allowed, text in LIBRARIES
                             if re.match(pattern, match[2]) and not re.match(allowed, path)]
                continue
            other = room_of(match[1])
            if top == "tests" or match[1].count("/") < 2 or other == room_of(path):
                continue
            arrows.setdefault(room_of(path), set()).add(other)
            if other.split("/")[0] != top:
                if other.split("/")[0] not in FOLDERS[top]:
                    problems.append(f"{path}: {top} must not include {match[1]}")
            elif other not in rooms.get(room_of(path), set()) and not (
                    room_of(path).startswith("app/gui/") and other in ("app/common",)):
                problems.append(f"{path}: {room_of(path)} must not read {other} ({match[1]})")
        if top != "tests" and room_of(path) not in rooms:
            problems.append(f"{path}: stands in no room")
    problems += [f"circle of files: {circle}" for circle in circles(includes)]
    if dot:
        dot.write_text(drawing(rooms, arrows))
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(rooms)} rooms, {sum(len(reads) for reads in arrows.values())} arrows, none up; no circle of files")
    return 1 if problems else 0


def drawing(rooms, arrows):
    """Inside a folder every arrow; between folders one for all."""
    lines = ["digraph rooms {", "  rankdir=BT; node [shape=box, style=rounded, fontname=\"DejaVu Sans\"];"]
    folders = {}
    for room in rooms:
        folders.setdefault(room.rsplit("/", 1)[0], []).append(room)
    for folder, members in folders.items():
        lines.append(f'  subgraph "cluster_{folder}" {{ label="{folder}";')
        lines += [f'    "{room}" [label="{room.rsplit("/", 1)[1]}"];' for room in members]
        lines.append("  }")
    for room, reads in arrows.items():
        lines += [f'  "{room}" -> "{other}";' for other in sorted(reads)
                  if other in rooms and other.rsplit("/", 1)[0] == room.rsplit("/", 1)[0]]
    return "\n".join(lines + ["}", ""])


if __name__ == "__main__":
    picture = pathlib.Path(sys.argv[3]) if len(sys.argv) == 4 and sys.argv[2] == "--dot" else None
    sys.exit(main(pathlib.Path(sys.argv[1]), picture))
