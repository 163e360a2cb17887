#!/usr/bin/env python3
"""clang-format and clang-tidy over the project's C++ files; any finding fails.

clang-tidy is slow, so a file whose text, flags and project headers have not changed since it last passed is not read
again: the stamps lie in BUILD/tidy.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLANG_FORMAT = "clang-format-19"
CLANG_TIDY = ROOT / ".cache" / "venv" / "bin" / "clang-tidy"  # 23: does not match in system headers, so twice as fast as 19
ANALYZER = ",".join(f"clang-analyzer-{family}.*" for family in ("core", "cplusplus", "deadcode", "unix"))
FOLDERS = ["src", "apps", "tests", "bench", "fuzz"]


def tracked_sources():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *FOLDERS], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.split("\n")
    return sorted(name for name in listed if name.endswith((".cc", ".h")) and (ROOT / name).exists())


def check_format(files):
    done = subprocess.run([CLANG_FORMAT, "--dry-run", "--Werror", *files], cwd=ROOT)
    return done.returncode == 0


def tidy_stamp(command, settings_digest):
    digest = hashlib.sha256(settings_digest)
    digest.update(json.dumps(command, sort_keys=True).encode())
    digest.update(pathlib.Path(command["file"]).read_bytes())
    return digest.hexdigest()


def run_tidy(build, checks, command):
    done = subprocess.run([CLANG_TIDY, "-quiet", "-p", str(build), f"--checks={checks}",
                           "--extra-arg=-Wno-unknown-warning-option",
                           "--extra-arg=-Wno-deprecated-declarations",  # in libstdc++ itself: std::stable_sort
                           command["file"]],
                          cwd=ROOT, capture_output=True, text=True)
    return done.returncode == 0, done.stdout


def check_tidy(build, jobs, checks):
    """Sources of the programs and the library; tests and benchmarks are compiled with warnings as errors, but clang-tidy does
    not read them: their macros are other projects' code."""
    commands = [c for c in json.loads((build / "compile_commands.json").read_text())
                if pathlib.Path(c["file"]).is_relative_to(ROOT) and not c["file"].endswith("_test.cc")
                and "/build/" not in c["file"] and "/tests/" not in c["file"] and "/bench/" not in c["file"]]
    settings = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + checks.encode())
    for name in tracked_sources():
        if name.endswith(".h"):
            settings.update((ROOT / name).read_bytes())
    stamps = build / "tidy"
    stamps.mkdir(exist_ok=True)
    waiting = []
    for command in {c["file"]: c for c in commands}.values():
        stamp = stamps / tidy_stamp(command, settings.digest())
        if not stamp.exists():
            waiting.append((command, stamp))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(run_tidy, build, checks, command): stamp for command, stamp in waiting}
        for done in concurrent.futures.as_completed(running):
            passed, output = done.result()
            if passed:
                running[done].touch()
            else:
                failed += 1
                print(output, flush=True)
    print(f"clang-tidy: {len(commands)} files, {len(waiting)} read, {failed} with findings")
    return bool(commands) and failed == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--analyzer", action="store_true", help="clang's static analyzer too: thrice the time")
    arguments = parser.parse_args()
    files = tracked_sources()
    if not files:
        sys.exit("lint: no file found")
    formatted = check_format(files)
    print(f"clang-format: {len(files)} files, {'no finding' if formatted else 'findings above'}")
    tidy = check_tidy((ROOT / arguments.build).resolve(), arguments.jobs,
                      ANALYZER if arguments.analyzer else "")
    sys.exit(0 if formatted and tidy else 1)


if __name__ == "__main__":
    main()
