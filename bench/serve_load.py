"""serve_load.py FACEPIPE PACK FP32_PACK OUT.json: frames a second of `facepipe serve` on this machine, from `facepipe send`,
with the default pack and with the network that the original has.

VGA frames with one face each, several on the way at once, until every answer has come back; the client shares the cores
with the server. Taking turns with it, the Python pipeline's two functions one after the other in one process, on the same
frames, with as many threads as torch likes (original/stages.py)."""
import contextlib
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

ROOT = pathlib.Path(__file__).resolve().parent.parent
FRAMES = ROOT / "build" / "bench" / "frames"
PHOTOS = ROOT / ".cache" / "photos"
COPIES, ROUNDS = 20, 3


def run(*words):
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)


def cpu_seconds(pid):
    """User and system time of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def original_times():
    original = ROOT / "build" / "bench" / "original"
    done = subprocess.run(
        [str(ROOT / ".cache" / "venv-bench" / "bin" / "python"), "-W", "ignore", "stages.py", "1",
         *(str(FRAMES / f"vga-{picture}.jpg") for picture in range(3))], cwd=ROOT / "bench" / "original", check=True,
        stdout=subprocess.PIPE, text=True,
        env=os.environ | {"REGION": "us-east-1", "SQS_REQUEST_QUEUE_URL": "-", "SQS_RESPONSE_QUEUE_URL": "-",
                          "MODEL_PATH": str(original / "resnetV1.pt"),
                          "MODEL_WT_PATH": str(original / "resnetV1_video_weights.pt")})
    return json.loads(done.stdout)


def make_load_frames(folder):
    """Files of frames with one face each; returns their number."""
    folder.mkdir()
    for copy in range(COPIES):
        for picture in range(3):
            shutil.copy(FRAMES / f"vga-{picture}.jpg", folder / f"{copy:03}-{picture}.jpg")
    return 3 * COPIES


@contextlib.contextmanager
def serving(facepipe, pack, folder, *options):
    """A server with the gallery of the training photographs under `folder`: (process, its ports)."""
    if not (folder / "data").exists():
        run(facepipe, "people", "--data", folder / "data", "import", "--pack", pack, "--largest", PHOTOS / "train")
    (folder / "ports").unlink(missing_ok=True)
    server = subprocess.Popen([facepipe, "serve", "--pack", pack, "--data", str(folder / "data"), "--port", "0", "--sqs-port", "0",
                               "--ports-file", str(folder / "ports"), *options], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while not (folder / "ports").exists() or "sqs_port" not in (folder / "ports").read_text():
            if server.poll() is not None or time.monotonic() > end:
                raise SystemExit("serve_load: the server did not start")
            time.sleep(0.05)
        yield server, dict(line.split("=") for line in (folder / "ports").read_text().split())
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def send_all(facepipe, ports, frames, camera=None):
    """Sends every frame and waits for every answer."""
    run(facepipe, "send", "--raw", "--concurrency", "8", "--url", f"http://127.0.0.1:{ports['port']}/" + (f"?camera={camera}" if camera else ""), "--results",
        f"http://127.0.0.1:{ports['sqs_port']}/000000000000/face-answers", frames)


def peak_mb(pid):
    """The largest resident set that the process had."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended
    facepipe, *packs, out = sys.argv[1:5]
    marks = ("", "_fp32")  # in a figure's name, for the pack: none is the default one
    with tempfile.TemporaryDirectory(prefix="facepipe-bench-") as name, contextlib.ExitStack() as running:
        folder = pathlib.Path(name)
        sent = make_load_frames(folder / "frames")
        servers, rates, cpu_ms, originals = {}, {mark: [] for mark in marks}, {mark: [] for mark in marks}, []
        for mark, pack in zip(marks, packs, strict=True):
            (folder / f"data{mark}").mkdir()
            servers[mark] = running.enter_context(serving(facepipe, pack, folder / f"data{mark}"))
        for turn in range(1 + ROUNDS):  # the first one warms up
            for mark, (server, ports) in servers.items():
                start, cpu = time.perf_counter(), cpu_seconds(server.pid)
                send_all(facepipe, ports, folder / "frames")
                if turn > 0:
                    rates[mark].append(sent / (time.perf_counter() - start))
                    cpu_ms[mark].append((cpu_seconds(server.pid) - cpu) * 1e3 / sent)
            if turn > 0:
                originals.append(original_times())
        peaks = {mark: peak_mb(server.pid) for mark, (server, _) in servers.items()}
    original, original_cpu = (statistics.median(one[key] for one in originals) for key in ("fps", "cpu_ms"))
    results = {"original_vga_fps": original, "original_vga_cpu_ms": original_cpu}
    for mark in marks:
        fps, cpu = statistics.median(rates[mark]), statistics.median(cpu_ms[mark])
        results |= {f"serve{mark}_vga_fps_2cores": fps, f"serve{mark}_speedup": fps / original,
                    f"serve{mark}_vga_cpu_ms": cpu, f"serve{mark}_cpu_speedup": original_cpu / cpu,
                    f"rss_serve{mark}_mb": peaks[mark]}
    pathlib.Path(out).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
