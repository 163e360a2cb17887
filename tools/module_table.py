#!/usr/bin/env python3
"""The table of src/README.md, from the CMakeLists.txt files: a module's folder, its PURPOSE and its DEPS, in the order in
which src/CMakeLists.txt adds them.

module_table.py [--write]: prints the table, or puts it between the two marks of src/README.md. tools/check_docs.py compares.
"""
import pathlib
import re
import sys

import check_layers

BEGIN = "<!-- written by tools/module_table.py -->\n"
END = "<!-- end -->\n"


def table(source):
    """`source`: the folder src."""
    check_layers.SRC = source
    calls = {folder: (name, sections) for folder, name, sections in check_layers.read_calls("facepipe_module")}
    folder_of = {name: folder for folder, (name, _) in calls.items()}
    order = re.findall(r"add_subdirectory\((\S+)\)", (source / "CMakeLists.txt").read_text())
    missing = sorted(calls.keys() ^ set(order))
    if missing:
        sys.exit(f"module_table: src/CMakeLists.txt and the modules differ: {' '.join(missing)}")
    lines = ["| module | what it does | depends on |", "| --- | --- | --- |"]
    for folder in order:
        sections = calls[folder][1]
        deps = " ".join(folder_of.get(dep, dep) for dep in sections.get("DEPS", []))
        lines.append(f"| `{folder}` | {' '.join(sections.get('PURPOSE', []))} | {deps} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def split(text):
    """README's text before, between and after the marks."""
    before, begin, rest = text.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"module_table: src/README.md: expected the marks {BEGIN.strip()} and {END.strip()}")
    return before, between, after


def main():
    source = pathlib.Path(__file__).resolve().parent.parent / "src"
    if sys.argv[1:] != ["--write"]:
        print(table(source), end="")
        return
    readme = source / "README.md"
    before, _, after = split(readme.read_text())
    readme.write_text(before + BEGIN + table(source) + END + after)


if __name__ == "__main__":
    main()
