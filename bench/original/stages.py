"""stages.py COUNT FRAME.jpg...: both functions one after the other in this process, without queues; prints frames a
second and CPU time a frame over COUNT rounds of the frames, after one round that warms up."""
import base64
import json
import pathlib
import sys
import time


class Kept:
    """Stands for the SQS client: keeps the last message."""

    def send_message(self, QueueUrl, MessageBody):
        self.body = MessageBody


def main():
    import fd_lambda
    import fr_lambda
    fd_lambda.sqs = fr_lambda.sqs = kept = Kept()
    events = [{"body": json.dumps({"request_id": "1", "filename": name,
                                   "content": base64.b64encode(pathlib.Path(name).read_bytes()).decode()})}
              for name in sys.argv[2:]]

    def one_round():
        for event in events:
            kept.body = None
            fd_lambda.lambda_handler(event, None)
            if kept.body is not None:
                fr_lambda.lambda_handler({"Records": [{"body": kept.body}]}, None)

    one_round()
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(int(sys.argv[1])):
        one_round()
    frames = int(sys.argv[1]) * len(events)
    print(json.dumps({"fps": frames / (time.perf_counter() - start),
                      "cpu_ms": (time.process_time() - cpu) * 1e3 / frames}))


if __name__ == "__main__":
    main()
