"""functions.py FP32_PACK INT8_PACK OUT.json: both functions under the Lambda emulator beside the Python pipeline's.

The default pack is the tests' (FACEPIPE_TEST_PACK). Cold: from the invoke that makes the emulator start the function to its
answer, files in the page cache. Warm: later invokes of the same process. Sides take turns. Memory: the process's largest
resident set (VmHWM). Runs with the interpreter of .cache/venv-aws and the settings of tests/lambda; the Python functions with
that of .cache/venv-bench."""
import contextlib
import json
import pathlib
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time

BENCH = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / "tests" / "lambda"))

from aws_harness import (CACHE, INVOKE_S, KEY, PACK, REGION, ElasticMq, Function, Process, base64_of, clean_environment, enrol,
                         free_ports)  # noqa: E402
from measure import packs_of  # noqa: E402

FRAMES = BENCH.parent / "build" / "bench" / "frames"
ORIGINAL = BENCH.parent / "build" / "bench" / "original"
COLD_RUNS = {"ours": 7, "original": 2}
WARM_RUNS = 9
QUEUE_WARM_UP = 150
QUEUE_KEEP_WARM = 10


class OriginalFunction(Function):
    """One of the Python functions under the emulator."""

    def __init__(self, handler, **environment):
        self.port, runtime_port = free_ports(2)
        Process.__init__(
            self,
            [CACHE / "aws" / "rie", "--runtime-interface-emulator-address", f"127.0.0.1:{self.port}",
             "--runtime-api-address", f"127.0.0.1:{runtime_port}", CACHE / "venv-bench" / "bin" / "python",
             BENCH / "original" / "runtime.py", handler],
            clean_environment(AWS_LAMBDA_FUNCTION_TIMEOUT=str(INVOKE_S), AWS_LAMBDA_FUNCTION_NAME="face", REGION=REGION,
                              AWS_REGION=REGION, **(KEY | environment)), cwd=BENCH / "original")
        self.url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations"
        self.lock = threading.Lock()


def timed_invoke(function, event):
    start = time.perf_counter()
    function.invoke(event)
    return (time.perf_counter() - start) * 1e3


def descendants(pid):
    """Processes below `pid`."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found, front = [], [pid]
    while front:
        front = [child for child, parent in parents.items() if parent in front]
        found += front
    return found


def peak_mb(function):
    """The largest resident set of the function's process."""
    peaks = [0]
    for pid in descendants(function.process.pid):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                peaks.append(int(line.split()[1]) / 1024)
    return max(peaks)


def cpu_ms(function):
    """Processor time so far of the threads that the function's process has now."""
    spent = [0]
    for pid in descendants(function.process.pid):
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            spent.append(int(task.read_text().split()[0]) / 1e6)
    return sum(spent)


class Medians:
    """Figures of sides that take turns: {unit: {side: values}}."""

    def __init__(self):
        self.values = {}

    def add(self, side, **figures):
        for unit, value in figures.items():
            self.values.setdefault(unit, {}).setdefault(side, []).append(value)

    def of(self, unit):
        return {side: statistics.median(values) for side, values in self.values[unit].items()}


def cold(makes, event, runs, keep_warm):
    """First invokes of functions that take turns: {side: median} as "ms", "cpu_ms" and "mb". One more before them brings the files
    into the page cache. `keep_warm` is called before each."""
    medians = Medians()
    for run in range(1 + runs):
        for side, make in makes.items():
            with make() as function:
                keep_warm()
                wall = timed_invoke(function, event)
                if run > 0:
                    medians.add(side, ms=wall, cpu_ms=cpu_ms(function), mb=peak_mb(function))
    return medians


def warm(functions, events, keep_warm):
    """Invokes that take turns, as cold(), each after another one of the same function: what has not been used for some turns is
    not warm. Each side's memory is the largest of all."""
    medians = Medians()
    for run in range(1 + WARM_RUNS):
        for side, function in functions.items():
            keep_warm()
            function.invoke(events[side])
            before = cpu_ms(function)
            wall = timed_invoke(function, events[side])
            if run > 0:
                medians.add(side, ms=wall, cpu_ms=cpu_ms(function) - before)
    for side, function in functions.items():
        medians.add(side, mb=peak_mb(function))
    return medians


def named(prefix, medians, units):
    """{figure's name: value}, a side's name between `prefix` and the unit."""
    return {f"{prefix}{side}_{unit}": value for unit in units for side, value in medians.of(unit).items()}


def frame_event(file):
    return {"body": json.dumps({"request_id": "bench", "filename": file.name, "content": base64_of(file)})}


def face_event(body):
    return {"Records": [{"messageId": "m", "receiptHandle": "r", "body": body, "attributes": {}, "messageAttributes": {},
                         "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q",
                         "awsRegion": REGION}]}


def as_another_cpu_finds(pack, folder):
    """A copy of the pack without what was laid out for one kind of CPU: every other kind has no use for it. Returns its path."""
    shutil.copytree(pack, folder)
    file = pathlib.Path(folder) / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["files"] = {role: what for role, what in manifest["files"].items() if "@" not in role}
    del manifest["manifest_sha256"]
    file.write_text(json.dumps(manifest))
    return folder


def drained(server, url):
    """One message of the queue, which is empty afterwards."""
    sqs, last = server.client(), None
    while got := server.receive(sqs, url, wait=0):
        last = got[-1]["Body"]
    return last


def warm_queue_up(server, url, sends=QUEUE_KEEP_WARM):
    """Sends over connections of their own, as a function that starts does. ElasticMQ takes some 30 ms for one before the JVM has
    compiled what it runs, and as long when nobody has asked it for a third of a second and the machine has taken its idle
    memory away. The service never idles."""
    for _ in range(sends):
        client = server.client()
        client.send_message(QueueUrl=url, MessageBody="warm-up")
        client.close()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that every process is ended
    results = {}

    def add(**more):
        """Written at once: what was measured is kept if a later part fails."""
        results.update(more)
        pathlib.Path(sys.argv[3]).write_text(json.dumps(results, indent=1))

    packs = packs_of([str(PACK), *sys.argv[1:3]])
    with ElasticMq() as server, tempfile.TemporaryDirectory(prefix="facepipe-bench-") as folder:
        requests, answers = server.make_queue("requests"), server.make_queue("answers")
        original_requests = server.make_queue("original-requests")
        warm_up = server.make_queue("warm-up")
        warm_queue_up(server, warm_up, QUEUE_WARM_UP)

        def keep_warm():
            warm_queue_up(server, warm_up)

        own = str(enrol(f"{folder}/own"))
        standard = str(enrol(f"{folder}/standard", "--mode", "standard", "--pack", packs["_fp32"]))
        galleries = {mark: standard if mark else own for mark in packs}

        def detect_ours():
            return Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=requests, **KEY)

        def detect_original():
            return OriginalFunction("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=original_requests,
                                    AWS_ENDPOINT_URL_SQS=server.url)

        def recognize_ours(pack, gallery):
            return lambda: Function("fr_lambda.lambda_handler", SQS_RESPONSE_QUEUE_URL=answers, FACEPIPE_GALLERY=gallery,
                                    FACEPIPE_PACK=pack, **KEY)

        def recognize_original():
            return OriginalFunction("fr_lambda.lambda_handler", SQS_RESPONSE_QUEUE_URL=answers,
                                    AWS_ENDPOINT_URL_SQS=server.url, MODEL_PATH=str(ORIGINAL / "resnetV1.pt"),
                                    MODEL_WT_PATH=str(ORIGINAL / "resnetV1_video_weights.pt"))

        frame = frame_event(FRAMES / "vga-0.jpg")
        first = cold({"": detect_ours}, frame, COLD_RUNS["ours"], keep_warm)
        original = cold({"_original": detect_original}, frame, COLD_RUNS["original"], keep_warm)
        add(**named("cold_detect", first, ("ms", "cpu_ms")), **named("cold_detect", original, ("ms", "cpu_ms")),
            cold_detect_speedup=original.of("ms")["_original"] / first.of("ms")[""])
        with detect_ours() as one, detect_original() as other:
            later = warm({"": one, "_original": other}, {"": frame, "_original": frame}, keep_warm)
        times = later.of("ms")
        add(**named("warm_detect_vga", later, ("ms", "cpu_ms")), **named("rss_detect_vga", later, ("mb",)),
            warm_detect_vga_speedup=times["_original"] / times[""])

        # Each recogniser gets what its own detector sent.
        ours_face = face_event(drained(server, requests))
        original_face = face_event(drained(server, original_requests))
        recognizers = {mark: recognize_ours(pack, galleries[mark]) for mark, pack in packs.items()}
        recognizers["_other_cpu"] = recognize_ours(as_another_cpu_finds(PACK, f"{folder}/other-cpu"), own)
        original = cold({"_original": recognize_original}, original_face, COLD_RUNS["original"], keep_warm)
        first = cold(recognizers, ours_face, COLD_RUNS["ours"], keep_warm)
        times, cpu = first.of("ms"), first.of("cpu_ms")
        add(**named("cold_recognize", first, ("ms", "cpu_ms")), **named("cold_recognize", original, ("ms", "cpu_ms")),
            **{f"cold_recognize{mark}_speedup": original.of("ms")["_original"] / ms for mark, ms in times.items()},
            cold_recognize_other_cpu_more_ms=times["_other_cpu"] - times[""],
            cold_recognize_other_cpu_more_cpu_ms=cpu["_other_cpu"] - cpu[""],
            rss_recognize_other_cpu_mb=first.of("mb")["_other_cpu"])
        with contextlib.ExitStack() as running:
            functions = {mark: running.enter_context(recognizers[mark]()) for mark in packs}
            functions["_original"] = running.enter_context(recognize_original())
            later = warm(functions, {mark: ours_face for mark in packs} | {"_original": original_face}, keep_warm)
        times = later.of("ms")
        add(**named("warm_recognize", later, ("ms", "cpu_ms")), **named("rss_recognize", later, ("mb",)),
            **{f"recognize{mark}_vs_original_speedup": times["_original"] / times[mark] for mark in packs},
            warm_recognize_speedup=times["_original"] / times[""])  # the same figure, named as the others are


if __name__ == "__main__":
    main()
