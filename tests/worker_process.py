"""A running `facepipe worker`, for the end-to-end tests and those against other SQS servers."""
import contextlib
import json
import pathlib
import signal
import subprocess
import tempfile


class WorkerProcess:
    """A context manager: ends the process that it started, by its id."""

    def __init__(self, program, source, results, gallery, *arguments, environment):
        self.arguments = [program, "worker", "--source", source, "--results", results, "--gallery", str(gallery),
                          *map(str, arguments)]
        self.environment = environment

    def __enter__(self):
        self.log = tempfile.NamedTemporaryFile(prefix="facepipe-worker-", suffix=".log")
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        stdin=subprocess.DEVNULL, env=self.environment)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()
        self.log.close()

    def log_text(self):
        return pathlib.Path(self.log.name).read_text()

    def events(self, name):
        found = []
        for line in self.log_text().splitlines():
            with contextlib.suppress(ValueError):
                if (record := json.loads(line)).get("event") == name:
                    found.append(record)
        return found

    def end(self, stop=False, seconds=90):
        """(exit status, counters or None); `stop` sends SIGTERM first. Raises if it takes longer than `seconds`."""
        if stop:
            self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, json.loads(output) if output else None
