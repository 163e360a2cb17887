#!/usr/bin/env python3
"""Compares the #includes of every module with the DEPS that its CMakeLists.txt declares.

A module is a folder under src/ whose CMakeLists.txt calls facepipe_module(NAME ... DEPS ...). A file may include its own
module and the declared ones, directly: nothing through a neighbour; a test and its helpers (NAME_test.cc, test_NAME,
fake_NAME) those of TEST_DEPS as well. Cycles are refused. Golden tests are programs of
their own that name the modules they link, so they are left out. Prints each violation; exit 1.
"""
import pathlib
import re
import sys

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"
KEYWORDS = {"SOURCES", "HEADERS", "DEPS", "LIBS", "TESTS", "TEST_DEPS"}


def read_modules():
    """Folder (relative to src) -> (name, declared dependencies, those of its tests)."""
    modules = {}
    for cmake in sorted(SRC.rglob("CMakeLists.txt")):
        text = re.sub(r"#.*", "", cmake.read_text())
        for call in re.findall(r"facepipe_module\(([^)]*)\)", text):
            words = call.split()
            deps, test_deps, section = [], [], None
            for word in words[1:]:
                if word in KEYWORDS:
                    section = word
                elif section == "DEPS":
                    deps.append(word)
                elif section == "TEST_DEPS":
                    test_deps.append(word)
            modules[cmake.parent.relative_to(SRC).as_posix()] = (words[0], deps, test_deps)
    return modules


def owner(path, modules):
    """The module whose folder holds `path` most closely, or None."""
    parts = pathlib.PurePosixPath(path).parts[:-1]
    for length in range(len(parts), 0, -1):
        folder = "/".join(parts[:length])
        if folder in modules:
            return modules[folder][0]
    return None


def find_cycle(deps):
    done, stack = set(), []

    def visit(name):
        if name in stack:
            return stack[stack.index(name):] + [name]
        if name in done:
            return None
        stack.append(name)
        for dep in deps.get(name, []):
            cycle = visit(dep)
            if cycle:
                return cycle
        stack.pop()
        done.add(name)
        return None

    for name in deps:
        cycle = visit(name)
        if cycle:
            return cycle
    return None


def main():
    modules = read_modules()
    deps = {name: declared for name, declared, _ in modules.values()}
    test_deps = {name: declared + tests for name, declared, tests in modules.values()}
    problems, includes = [], 0
    for name, declared in test_deps.items():
        problems += [f"module {name}: DEPS names {dep}, which is no module" for dep in declared if dep not in deps]
    if cycle := find_cycle(deps):
        problems.append("cycle: " + " -> ".join(cycle))
    for path in sorted(SRC.rglob("*.h")) + sorted(SRC.rglob("*.cc")):
        if path.name.endswith("_golden_test.cc"):
            continue
        relative = path.relative_to(SRC).as_posix()
        own = owner(relative, modules)
        if own is None:
            problems.append(f"src/{relative}: belongs to no module")
            continue
        test = path.stem.endswith("_test") or path.name.startswith(("test_", "fake_"))
        allowed = (test_deps if test else deps)[own]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            includes += 1
            target = owner(match[1], modules)
            if target is None:
                problems.append(f'src/{relative}:{number}: "{match[1]}" is in no module')
            elif target != own and target not in allowed:
                problems.append(f'src/{relative}:{number}: {own} includes "{match[1]}" but does not declare {target}')
    for problem in problems:
        print(problem, file=sys.stderr)
    if not modules or not includes:
        sys.exit("check_layers: nothing was checked")
    if problems:
        sys.exit(f"check_layers: {len(problems)} problems")
    print(f"check_layers: {len(modules)} modules, {includes} includes, no violation")


if __name__ == "__main__":
    main()
