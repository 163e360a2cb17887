#!/usr/bin/env python3
"""program_contents.py PROGRAM REFERENCE MAX_BYTES PART...: what a program must not carry, by `nm` and `ldd`.

PROGRAM, as it is built, has no symbol and no library of any PART named, and at most MAX_BYTES as it is installed (stripped).
REFERENCE is a program that has every part: a pattern that finds nothing there has become blind, which is a failure, too.
Prints the size and the number of shared libraries.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

# Part -> what its names look like in `nm -C` and `ldd`.
PARTS = {
    "sqlite": r"\bsqlite3_\w|libsqlite3|\bStoreEngine\b",
    "http-server": r"\bAsioServer\b",
    "hdf5": r"\bHdf5File\b|libhdf5",
    "pickle-writing": r"\bGalleryPickler\b|\bwrite_torch_gallery\(|\bwrite_zip\(",
    "packs": r"facepipe::packs::",
    "enrolment": r"facepipe::people::",
}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def contents(program):
    """Demangled symbols without their addresses, and the libraries that are loaded."""
    symbols = [line[17:] for line in output_of("nm", "-C", program)]
    if not symbols:
        sys.exit(f"{program}: stripped: nothing to read")
    return symbols, output_of("ldd", program)


def installed_bytes(program):
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "program"
        subprocess.run(["strip", "-o", stripped, program], check=True)
        return stripped.stat().st_size


def main():
    program, reference, max_bytes, *parts = sys.argv[1:]
    symbols, libraries = contents(program)
    reference_lines = sum(contents(reference), [])
    problems = []
    for part in parts:
        pattern = re.compile(PARTS[part])
        if found := [line for line in symbols + libraries if pattern.search(line)]:
            problems.append(f"{part}: {len(found)} found, such as {found[0].strip()}")
        if not any(map(pattern.search, reference_lines)):
            problems.append(f"{part}: {pattern.pattern} finds nothing in {reference}, which should have it")
    size = installed_bytes(program)
    print(f"{program}: {size:,} bytes installed, {len(libraries)} shared libraries, {len(symbols):,} symbols")
    if size > int(max_bytes):
        problems.append(f"{size:,} bytes, expected at most {int(max_bytes):,}")
    if not parts or problems:
        sys.exit("\n".join(problems) or "no part named: nothing was checked")


if __name__ == "__main__":
    main()
