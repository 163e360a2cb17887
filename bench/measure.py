"""Taking turns: one repetition of every side, then the next, so that a change of the machine's load meets all alike."""
import json
import statistics
import subprocess
import time


def packs_of(words):
    """{mark: folder} of three packs: the default one, the network that the peers run (facenet-msceleb-128), and that in int8. The
    mark stands in a figure's name for the pack; the default pack has none."""
    return dict(zip(("", "_fp32", "_int8"), words, strict=True))


class Runner:
    """stage_runner as a process: one command a line, one JSON line back. A context manager."""

    def __init__(self, program):
        self.program = program

    def __enter__(self):
        self.process = subprocess.Popen([str(self.program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)

    def run(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.program} ended at: {words}")
        return json.loads(line)


def timed(function):
    """{"wall_ms", "cpu_ms"} of one call in this process, all its threads."""
    cpu, wall = time.process_time(), time.perf_counter()
    function()
    return {"wall_ms": (time.perf_counter() - wall) * 1e3, "cpu_ms": (time.process_time() - cpu) * 1e3}


def take_turns(sides, repetitions, warm_up=1, budget_s=20):
    """sides: {name: function -> {"wall_ms", "cpu_ms"}}. Medians of each: {name: {"wall_ms", "cpu_ms"}}. Three repetitions
    at least; no further one once `budget_s` are over, so that a busy machine bounds the run and not the other way."""
    taken = {name: [] for name in sides}
    end = time.monotonic() + budget_s
    for repetition in range(warm_up + repetitions):
        if repetition >= warm_up + 3 and time.monotonic() > end:
            break
        for name, function in sides.items():
            times = function()
            if repetition >= warm_up:
                taken[name].append(times)
    return {name: {key: statistics.median(times[key] for times in all_times) for key in ("wall_ms", "cpu_ms")}
            for name, all_times in taken.items()}
