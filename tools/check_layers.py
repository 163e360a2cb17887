#!/usr/bin/env python3
"""Compares the #includes of every module with the DEPS that its CMakeLists.txt declares.

A module is a folder under src/ whose CMakeLists.txt calls facepipe_module(NAME ... DEPS ...). A file may include its own
module and the declared ones, directly: nothing through a neighbour; its TESTS those of TEST_DEPS as well. A test program of
its own (facepipe_test) may include what its MODULES name and what those declare. Cycles are refused. Every header stands in a
header set: HEADERS, INTERNAL or TESTS. What APART keeps from each other must not meet over any chain of DEPS either. Prints
each violation; exit 1.
"""
import pathlib
import re
import sys

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"
KEYWORDS = {"HOT", "COLD", "PURPOSE", "SOURCES", "HEADERS", "INTERNAL", "DEPS", "LIBS", "TESTS", "TEST_DEPS", "MODULES", "LABEL", "TIMEOUT", "ARGS"}

# What must work without the other, and be linked without it (tests/tools/program_contents.py looks at the programs).
SERVERS_ONLY = {"http_server", "sqlite", "queue_store", "faces_store"}
APART = {"stage_recognition": SERVERS_ONLY, "stage_detection": SERVERS_ONLY, "lambda_events": SERVERS_ONLY,
         "facepipe_app": SERVERS_ONLY, "facepipe_lambda_app": SERVERS_ONLY}


def read_calls(function):
    """Of every call in a CMakeLists.txt under src/: (folder relative to src, its name, section -> words)."""
    for cmake in sorted(SRC.rglob("CMakeLists.txt")):
        text = re.sub(r"(?m)#.*", "", cmake.read_text())
        for call in re.findall(function + r"\(([^)]*)\)", text):
            words = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', call)]
            sections, section = {}, None
            for word in words[1:]:
                if word in KEYWORDS:
                    section = word
                sections.setdefault(section, []).extend([word] if word not in KEYWORDS else [])
            yield cmake.parent.relative_to(SRC).as_posix(), words[0], sections


def read_modules():
    """Folder (relative to src) -> (name, declared dependencies)."""
    return {folder: (name, sections.get("DEPS", [])) for folder, name, sections in read_calls("facepipe_module")}


def tests_modules(deps):
    """File of a test -> the modules it may include."""
    allowed = {}
    for folder, name, sections in read_calls("facepipe_module"):
        for source in sections.get("TESTS", []):
            allowed[f"{folder}/{source}"] = {*deps[name], *sections.get("TEST_DEPS", [])}
    for folder, _, sections in read_calls("facepipe_test"):
        for source in sections.get("SOURCES", []):
            allowed[f"{folder}/{source}"] = {reached for module in sections.get("MODULES", [])
                                             for reached in [module, *deps.get(module, [])]}
    return allowed


def headers_in_no_set():
    listed = {f"{folder}/{name}" for folder, _, sections in read_calls("facepipe_module")
              for section in ("HEADERS", "INTERNAL", "TESTS") for name in sections.get(section, [])}
    # A *_inl.h is compiled as a part of the source that includes it once for each instruction set.
    listed |= {f"{folder}/{name}" for folder, _, sections in read_calls("facepipe_module")
               for name in sections.get("SOURCES", []) if name.endswith("_inl.h")}
    headers = {path.relative_to(SRC).as_posix() for path in SRC.rglob("*.h")}
    return sorted(headers - listed)


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


def read_apps():
    """Library of a program -> the modules that it links."""
    apps = {}
    for cmake in sorted((SRC.parent / "apps").rglob("CMakeLists.txt")):
        text = re.sub(r"(?m)#.*", "", cmake.read_text())
        for name, words in re.findall(r"target_link_libraries\(\s*(\w+_app)\b([^)]*)\)", text):
            apps.setdefault(name, []).extend(re.findall(r"facepipe::(\w+)", words))
    return apps


def meetings(deps):
    """The chains by which one that APART names reaches what it must not."""
    found = []
    for name, forbidden in APART.items():
        if name not in deps:
            found.append(f"APART names {name}, which is neither a module nor a program's library")
            continue
        came_from, queue = {name: None}, [name]
        for room in queue:
            for dep in deps.get(room, []):
                if dep not in came_from:
                    came_from[dep] = room
                    queue.append(dep)
        for reached in sorted(forbidden & came_from.keys()):
            chain = [reached]
            while came_from[chain[-1]]:
                chain.append(came_from[chain[-1]])
            found.append(f"{name} must not reach {reached}: " + " -> ".join(reversed(chain)))
        found += [f"APART keeps {name} from {other}, which is no module" for other in sorted(forbidden - deps.keys())]
    return found


def main():
    modules = read_modules()
    deps = {name: declared for name, declared in modules.values()}
    problems, includes = [], 0
    for name, declared in deps.items():
        problems += [f"module {name}: DEPS names {dep}, which is no module" for dep in declared if dep not in deps]
    if cycle := find_cycle(deps):
        problems.append("cycle: " + " -> ".join(cycle))
    problems += [f"src/{header}: is in no header set" for header in headers_in_no_set()]
    problems += meetings({**deps, **read_apps()})
    tests = tests_modules(deps)
    for path in sorted(SRC.rglob("*.h")) + sorted(SRC.rglob("*.cc")):
        relative = path.relative_to(SRC).as_posix()
        own = owner(relative, modules)
        if own is None:
            problems.append(f"src/{relative}: belongs to no module")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            includes += 1
            target = owner(match[1], modules)
            if target is None:
                problems.append(f'src/{relative}:{number}: "{match[1]}" is in no module')
            elif target != own and target not in tests.get(relative, deps[own]):
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
