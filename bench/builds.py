"""builds.py BEFORE AFTER PACK OUT.json: two builds of facepipe, taking turns in one run.

BEFORE and AFTER are build folders of the release preset with bin/ and bench/stage_runner; PACK is one that both read. Medians,
and after / before of each: whole stages (1 thread), cold and warm functions under the Lambda emulator and their largest
resident sets, frames a second of `facepipe serve`. Runs with the interpreter of .cache/venv-aws and the settings of
tests/lambda. Prints a table."""
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / "tests" / "lambda"))

import aws_harness  # noqa: E402
import frames  # noqa: E402
from functions import drained, face_event, frame_event, peak_mb, timed_invoke  # noqa: E402
from measure import Runner, take_turns  # noqa: E402
from serve_load import cpu_seconds, make_load_frames, send_all, serving  # noqa: E402

REPETITIONS = 15
COLD_RUNS = 11
WARM_RUNS = 15
SERVE_ROUNDS = 5


def stages(builds, pack, results):
    runners = {name: Runner(build / "bench" / "stage_runner") for name, build in builds.items()}
    made = frames.make_frames()
    for runner in runners.values():
        runner.__enter__()
    try:
        lines = {f"detect_{size}": ("detect", 1, *pictures[0]) for size, pictures in made.items()}
        lines |= {f"detect_{size}_crowd": ("detect", 1, *pictures[3]) for size, pictures in made.items()}
        lines["embed"] = ("embed", pack, "standard", 1, 1)
        for name, words in lines.items():
            times = take_turns({side: lambda runner=runner: runner.run(*words) for side, runner in runners.items()}, REPETITIONS)
            results[f"{name}_cpu_ms"] = {side: value["cpu_ms"] for side, value in times.items()}
    finally:
        for runner in runners.values():
            runner.__exit__()


def functions(builds, pack, results):
    with aws_harness.ElasticMq() as server, tempfile.TemporaryDirectory(prefix="facepipe-bench-") as folder:
        requests, answers = server.make_queue("requests"), server.make_queue("answers")
        aws_harness.FACEPIPE = str(builds["before"] / "bin" / "facepipe")  # a gallery that both read
        for person in ("madonna", "elton_john"):
            aws_harness.facepipe("people", "--data", folder, "add", person, "--largest", "--mode", "standard",
                                 *aws_harness.photographs("train", person))
        gallery = f"{folder}/gallery.fpg"

        def start(side, stage):
            aws_harness.FUNCTION = str(builds[side] / "bin" / "facepipe-lambda")
            if stage == "detect":
                return aws_harness.Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=requests, **aws_harness.KEY)
            return aws_harness.Function("fr_lambda.lambda_handler", SQS_RESPONSE_QUEUE_URL=answers, FACEPIPE_GALLERY=gallery,
                                        FACEPIPE_PACK=pack, **aws_harness.KEY)

        event = frame_event(frames.FRAMES / "vga-0.jpg")
        for stage in ("detect", "recognize"):
            times = {side: {"cold": [], "warm": [], "rss": []} for side in builds}
            for turn in range(1 + COLD_RUNS):
                for side in builds:
                    with start(side, stage) as function:
                        cold = timed_invoke(function, event)
                        if turn > 0:  # the first brings the files into the page cache
                            times[side]["cold"].append(cold)
            with start("before", stage) as before, start("after", stage) as after:
                running = {"before": before, "after": after}
                for turn in range(1 + WARM_RUNS):
                    for side, function in running.items():
                        warm = timed_invoke(function, event)
                        if turn > 0:
                            times[side]["warm"].append(warm)
                for side, function in running.items():
                    times[side]["rss"].append(peak_mb(function))
            for kind, unit in (("cold", "ms"), ("warm", "ms"), ("rss", "mb")):
                results[f"{kind}_{stage}_{unit}"] = {side: statistics.median(values[kind]) for side, values in times.items()}
            if stage == "detect":
                event = face_event(drained(server, requests))


def serve(builds, pack, results):
    with tempfile.TemporaryDirectory(prefix="facepipe-bench-") as name:
        folder = pathlib.Path(name)
        sent = make_load_frames(folder / "frames")
        rates, cpu = {side: [] for side in builds}, {side: [] for side in builds}
        for side, build in builds.items():
            (folder / side).mkdir()
        for turn in range(1 + SERVE_ROUNDS):
            for side, build in builds.items():
                program = str(build / "bin" / "facepipe")
                with serving(program, pack, folder / side) as (process, ports):
                    send_all(program, ports, folder / "frames")  # warms up
                    start, before = time.perf_counter(), cpu_seconds(process.pid)
                    send_all(program, ports, folder / "frames")
                    if turn > 0:
                        rates[side].append(sent / (time.perf_counter() - start))
                        cpu[side].append((cpu_seconds(process.pid) - before) * 1e3 / sent)
        results["serve_vga_fps"] = {side: statistics.median(values) for side, values in rates.items()}
        results["serve_vga_cpu_ms"] = {side: statistics.median(values) for side, values in cpu.items()}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that every process is ended
    for name in [name for name in os.environ if name.startswith("FACEPIPE_")]:
        del os.environ[name]  # those of the tests are no settings of the program
    before, after, pack, out = sys.argv[1:5]
    builds = {"before": pathlib.Path(before).resolve(), "after": pathlib.Path(after).resolve()}
    results = {"program_bytes": {side: (build / "bin" / "facepipe-lambda").stat().st_size for side, build in builds.items()}}
    for part in (stages, functions, serve):
        part(builds, pack, results)
        pathlib.Path(out).write_text(json.dumps(results, indent=1))  # what was measured is kept if a later part fails
    print("| | before | after | after / before |\n| --- | --- | --- | --- |")
    for name, values in results.items():
        print(f"| {name} | {values['before']:.4g} | {values['after']:.4g} | {values['after'] / values['before']:.3f} |")


if __name__ == "__main__":
    main()
