"""Queues that do not answer, so that a worker can be met between receiving and answering for as long as the test likes."""
import http.server
import json
import threading


class SilentQueues:
    """An SQS endpoint that gives out the one face message that it is given, if any, and answers nothing else; `asked` is set
    by the first call that is no receive: answers that are sent, or a heartbeat. A context manager."""

    def __init__(self, face=None):
        self.face = face
        self.given, self.asked, self.over = threading.Event(), threading.Event(), threading.Event()

    def __enter__(self):
        queues = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers["X-Amz-Target"] != "AmazonSQS.ReceiveMessage":
                    queues.asked.set()
                elif queues.face is not None and not queues.given.is_set():
                    queues.given.set()
                    body = json.dumps({"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "Body": queues.face,
                                                     "Attributes": {"ApproximateReceiveCount": "1"}}]}).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                    return
                queues.over.wait(300)
                self.close_connection = True

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/000000000000/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
