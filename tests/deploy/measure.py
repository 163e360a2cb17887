#!/usr/bin/env python3
"""measure.py FRAME.jpg...: what an invocation of each function costs, warm, under the Lambda emulator, one thread as with 1769 MB.

Prints for each frame the processor time an invocation takes (which a busy machine does not change), its median time by the
clock and the function's largest memory; for the recogniser a batch of one face and one of ten. The figures of docs/deploy.md
are made with it. Needs the environment of the deployment tests (tests/deploy/CMakeLists.txt).
"""
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

from deploy_harness import Function, Moto, base64_of, enrol

TIMES = 20
TICK = os.sysconf("SC_CLK_TCK")


def child_of(pid):
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(words[1]) == pid:
            return int(stat.parent.name)
    raise AssertionError("the emulator has not started the function")


def processor_s(pid):
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICK


def peak_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1e3


def measure(what, function, event):
    began = time.monotonic()
    answer = function.invoke(event)
    cold = time.monotonic() - began
    pid = child_of(function.process.pid)
    before, durations = processor_s(pid), []
    for _ in range(TIMES):
        began = time.monotonic()
        function.invoke(event)
        durations.append(time.monotonic() - began)
    print(f"{what}: processor {(processor_s(pid) - before) / TIMES * 1e3:.1f} ms, clock {statistics.median(durations) * 1e3:.1f} ms, "
          f"first {cold * 1e3:.0f} ms, peak {peak_mb(pid):.0f} MB")
    return answer


def main(frames):
    with tempfile.TemporaryDirectory() as folder, Moto() as server:
        requests, answers = server.make_queue("requests"), server.make_queue("answers")
        settings = server.credentials | {"FACEPIPE_THREADS": "1"}
        for frame in frames:
            with Function("face-detection", SQS_REQUEST_QUEUE_URL=requests, **settings) as function:
                answer = measure(f"detection {pathlib.Path(frame).name}", function,
                                 {"body": {"request_id": "1", "filename": "f.jpg", "content": base64_of(frame)}})
                assert "enqueued" in answer["body"], answer
        message = server.client().receive_message(QueueUrl=requests)["Messages"][0]
        print(f"a face's message: {len(message['Body'])} bytes, {sorted(json.loads(message['Body']))}")
        record = {"messageId": "1", "receiptHandle": "r", "body": message["Body"], "attributes": {},
                  "messageAttributes": {}, "eventSource": "aws:sqs", "eventSourceARN": "a", "awsRegion": "us-east-1"}
        gallery = enrol(folder)
        for count in (1, 10):
            with Function("face-recognition", SQS_RESPONSE_QUEUE_URL=answers, FACEPIPE_GALLERY=str(gallery),
                          **settings) as function:
                event = {"Records": [record | {"messageId": str(i)} for i in range(count)]}
                assert measure(f"recognition of {count}", function, event) == {"batchItemFailures": []}


if __name__ == "__main__":
    main(sys.argv[1:])
