"""functions.py OUT.json [INT8_PACK]: both functions under the Lambda emulator beside the Python pipeline's.

Cold: from the invoke that makes the emulator start the function to its answer, files in the page cache. Warm: later
invokes of the same process, taking turns. Memory: the process's largest resident set (VmHWM). Runs with the interpreter
of .cache/venv-aws and the settings of tests/lambda; the Python functions with that of .cache/venv-bench."""
import json
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import threading
import time

BENCH = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / "tests" / "lambda"))

from aws_harness import (CACHE, INVOKE_S, KEY, REGION, ElasticMq, Function, Process, base64_of, clean_environment, enrol,
                         free_ports)  # noqa: E402

FRAMES = BENCH.parent / "build" / "bench" / "frames"
ORIGINAL = BENCH.parent / "build" / "bench" / "original"
COLD_RUNS = {"ours": 5, "original": 2}
WARM_RUNS = 9


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


def cold(make, event, runs):
    """The median of first invokes. One more before them brings the files into the page cache."""
    times = []
    for _ in range(1 + runs):
        with make() as function:
            times.append(timed_invoke(function, event))
    return statistics.median(times[1:])


def warm(functions, events):
    """Medians of invokes that take turns, and each one's largest resident set."""
    times = {name: [] for name in functions}
    for name, function in functions.items():
        timed_invoke(function, events[name])
    for _ in range(WARM_RUNS):
        for name, function in functions.items():
            times[name].append(timed_invoke(function, events[name]))
    return ({name: statistics.median(values) for name, values in times.items()},
            {name: peak_mb(function) for name, function in functions.items()})


def frame_event(file):
    return {"body": json.dumps({"request_id": "bench", "filename": file.name, "content": base64_of(file)})}


def face_event(body):
    return {"Records": [{"messageId": "m", "receiptHandle": "r", "body": body, "attributes": {}, "messageAttributes": {},
                         "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q",
                         "awsRegion": REGION}]}


def drained(server, url):
    """One message of the queue, which is empty afterwards."""
    sqs, last = server.client(), None
    while got := server.receive(sqs, url, wait=0):
        last = got[-1]["Body"]
    return last


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that every process is ended
    results = {}

    def add(**more):
        """Written at once: what was measured is kept if a later part fails."""
        results.update(more)
        pathlib.Path(sys.argv[1]).write_text(json.dumps(results, indent=1))

    packs = {"fp32": os.environ["FACEPIPE_TEST_PACK"]}
    if len(sys.argv) > 2:
        packs["int8"] = sys.argv[2]
    with ElasticMq() as server, tempfile.TemporaryDirectory(prefix="facepipe-bench-") as folder:
        requests, answers = server.make_queue("requests"), server.make_queue("answers")
        original_requests = server.make_queue("original-requests")
        gallery = str(enrol(folder, "--mode", "standard"))

        def detect_ours():
            return Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=requests, **KEY)

        def detect_original():
            return OriginalFunction("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=original_requests,
                                    AWS_ENDPOINT_URL_SQS=server.url)

        def recognize_ours(pack):
            return Function("fr_lambda.lambda_handler", SQS_RESPONSE_QUEUE_URL=answers, FACEPIPE_GALLERY=gallery,
                            FACEPIPE_PACK=pack, **KEY)

        def recognize_original():
            return OriginalFunction("fr_lambda.lambda_handler", SQS_RESPONSE_QUEUE_URL=answers,
                                    AWS_ENDPOINT_URL_SQS=server.url, MODEL_PATH=str(ORIGINAL / "resnetV1.pt"),
                                    MODEL_WT_PATH=str(ORIGINAL / "resnetV1_video_weights.pt"))

        frame = frame_event(FRAMES / "vga-0.jpg")
        ours = cold(detect_ours, frame, COLD_RUNS["ours"])
        original = cold(detect_original, frame, COLD_RUNS["original"])
        add(cold_detect_ms=ours, cold_detect_original_ms=original, cold_detect_speedup=original / ours)
        with detect_ours() as one, detect_original() as other:
            times, peaks = warm({"ours": one, "original": other}, {"ours": frame, "original": frame})
        add(warm_detect_vga_ms=times["ours"], warm_detect_vga_original_ms=times["original"],
            warm_detect_vga_speedup=times["original"] / times["ours"], rss_detect_vga_mb=peaks["ours"],
            rss_detect_vga_original_mb=peaks["original"])

        # Each recogniser gets what its own detector sent.
        ours_face = face_event(drained(server, requests))
        original_face = face_event(drained(server, original_requests))
        original = cold(recognize_original, original_face, COLD_RUNS["original"])
        add(cold_recognize_original_ms=original)
        for name, pack in packs.items():
            mark = "" if name == "fp32" else f"_{name}"
            ours = cold(lambda pack=pack: recognize_ours(pack), ours_face, COLD_RUNS["ours"])
            add(**{f"cold_recognize{mark}_ms": ours, f"cold_recognize{mark}_speedup": original / ours})
            with recognize_ours(pack) as one, recognize_original() as other:
                times, peaks = warm({"ours": one, "original": other}, {"ours": ours_face, "original": original_face})
            add(**{f"warm_recognize{mark}_ms": times["ours"], "warm_recognize_original_ms": times["original"],
                   f"recognize{mark}_vs_original_speedup": times["original"] / times["ours"],
                   f"rss_recognize_{name}_mb": peaks["ours"], "rss_recognize_original_mb": peaks["original"]})


if __name__ == "__main__":
    main()
