#!/usr/bin/env python3
"""Checks what documents and comments say against the tree:
  - src/README.md's table of modules is the one that tools/module_table.py writes;
  - src/README.md has a word on every room: a module, or a folder around it, in bold behind a dash;
  - every file that a "Tested by" comment names exists;
  - every --option is one of the programs' or tools' own, or of FOREIGN;
  - every FACEPIPE_NAME is read somewhere;
  - every relative link of a *.md leads to a file, and its #anchor to a heading;
  - every `make TARGET` of a *.md is in the Makefile;
  - every parser that PARSERS names has a fuzz target, with seeds.
check_docs.py [ROOT]. Prints each problem; exit 1. Tested by tests/tools/test_checks.py.
"""
import pathlib
import re
import subprocess
import sys

import module_table

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Options of other programs that documents show: curl, the aws CLI, docker, systemctl.
FOREIGN = set("""as-needed aws-sigv4 build-arg capabilities data-binary endpoint-url function-name gc-sections header image-uri isolation now
    parameter-overrides platform policy-arn profile query queue-url repository-name source-arn stack-name target template-file
    user user-name wait-time-seconds""".split())


def tracked(root, *suffixes):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True, check=True)
    return [root / name for name in listed.stdout.splitlines() if name.endswith(suffixes) and (root / name).is_file()]


def modules_table(root):
    if module_table.split((root / "src" / "README.md").read_text())[1] != module_table.table(root / "src"):
        yield "src/README.md: the table of modules is not what `tools/module_table.py --write` makes of the CMakeLists.txt"


def rooms(root):
    text = (root / "src" / "README.md").read_text()
    said = {name for names in re.findall(r"(?m)^- \*\*([^*]+)\*\*:", text) for name in names.split(", ")}
    for folder in re.findall(r"(?m)^\| `([^`]+)` \|", module_table.split(text)[1]):
        if not said & {folder, *map(str, pathlib.PurePosixPath(folder).parents)}:
            yield f"src/README.md: no word on the room {folder}"


def tested_by(root):
    names = {path.name for path in tracked(root, ".cc", ".py", ".h", ".sh")}
    paths = [path.relative_to(root).as_posix() for path in tracked(root, ".cc", ".py", ".h", ".sh")]
    for path in tracked(root, ".cc", ".h"):
        text = re.sub(r"\n\s*(//|#) ?", " ", path.read_text())
        for claim in re.finditer(r"[Tt]ested (?:[\w ]{0,30} )?by ([^\n]*)", text):
            for name in re.findall(r"[\w/]+\.(?:cc|py|sh)\b", claim[1]):
                known = any(one == name or one.endswith("/" + name) for one in paths) if "/" in name else name in names
                if not known:
                    yield f"{path.relative_to(root)}: tested by {name}, which does not exist"


def options(root):
    own = set()
    for path in tracked(root, ".cc", ".h", ".py", ".sh", "Makefile"):
        if path.relative_to(root).parts[0] in ("apps", "tools", "bench", "fuzz", "tests") and path.name != "check_docs.py":
            own |= set(re.findall(r"""["',!](?:-\w,)?--([a-z][\w-]+)""", path.read_text()))
    for path in tracked(root, ".md", ".cc", ".h"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            text = line if path.suffix == ".md" else (re.search(r"//(?!/).*", line) or [""])[0]
            for name in re.findall(r"(?<![\w-])--([a-z][a-z0-9_-]+)", text):
                if name not in own and name not in FOREIGN:
                    yield f"{path.relative_to(root)}:{number}: --{name} is no option of this project's programs"


def environment_names(root):
    known = set()
    for path in tracked(root, ".cc", ".h", ".py", ".sh", ".txt", ".cmake", ".yaml", "Makefile", "Dockerfile"):
        known |= set(re.findall(r"\bFACEPIPE_[A-Z0-9_]+", path.read_text()))
    for path in tracked(root, ".md"):
        for name in sorted(set(re.findall(r"\bFACEPIPE_[A-Z0-9_]+", path.read_text())) - known):
            yield f"{path.relative_to(root)}: nothing reads {name}"


def anchors(path):
    headings = re.findall(r"^#+ +(.*)$", re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links(root):
    for path in tracked(root, ".md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = (path.parent / name) if name else path
            if not file.exists():
                yield f"{path.relative_to(root)}: the link {target} leads nowhere"
            elif anchor and file.suffix == ".md" and anchor not in anchors(file):
                yield f"{path.relative_to(root)}: the link {target} names no heading"


def make_targets(root):
    makefile = (root / "Makefile").read_text()
    known = set(re.findall(r"^([a-z][\w-]*):", makefile, re.M))
    for path in tracked(root, ".md"):
        for name in re.findall(r"`make ([a-z][\w-]*)", path.read_text()):
            if name not in known:
                yield f"{path.relative_to(root)}: `make {name}` is no target of the Makefile"


def fuzz_targets(root):
    """Every parser of text or bytes that come from outside (parse_..., by its declaration) is called by a target; a
    target is built and has seeds."""
    built = set(re.findall(r"facepipe_fuzz\((\w+)", (root / "fuzz" / "CMakeLists.txt").read_text()))
    seeds = (root / "fuzz" / "make_seeds.py").read_text()
    sources = {path.stem: path.read_text() for path in (root / "fuzz").glob("*_fuzz.cc")}
    for name in sorted(sources):
        if name not in built:
            yield f"fuzz/{name}.cc: not in fuzz/CMakeLists.txt"
        if f'"{name}"' not in seeds:
            yield f"fuzz/{name}.cc: no seeds in fuzz/make_seeds.py"
    everything = "\n".join(sources.values())
    for path in tracked(root, ".h"):
        if path.relative_to(root).parts[0] != "src":
            continue
        for name in re.findall(r"^\[\[nodiscard\]\] Result<.*?> (parse_\w+)\(", path.read_text(), re.M):
            if name not in everything and name not in INSIDE:
                yield f"{path.relative_to(root)}: {name} has no fuzz target"


# Parsers that a target reaches through another function.
INSIDE = {
    "parse_csv": "lists_fuzz, by parse_pairs",
    "parse_object": "lambda_event_fuzz, by parse_proxy_event",
    "parse_normalisation": "manifest_fuzz, by ModelPack::open",
    "parse_json": "sqs_api_fuzz, by SqsApi::handle",
    "parse_form": "sqs_api_fuzz, by SqsApi::handle",
    "parse_dataspace": "keras_hdf5_fuzz, by the reader of the file",
    "parse_is_double": "keras_hdf5_fuzz, by the reader of the file",
    "parse_storage_reference": "torch_file_fuzz, by the reader of the file",
}

CHECKS = (modules_table, rooms, tested_by, options, environment_names, links, make_targets, fuzz_targets)


def main():
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    problems = [problem for check in CHECKS for problem in check(root)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"check_docs: {len(problems)} problems")
    print(f"check_docs: {len(CHECKS)} checks, no problem")


if __name__ == "__main__":
    main()
