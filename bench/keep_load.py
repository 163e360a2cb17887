"""keep_load.py FACEPIPE PACK OUT.json: what keeping faces and visits costs: frames a second of `facepipe serve` that keeps
them as a share of one that does not (--keep none), taking turns on the same frames, each from one camera. Prints keep_ratio,
and keep_cpu_ratio: the same of the processor time of a frame."""
import contextlib
import json
import pathlib
import signal
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from serve_load import cpu_seconds, make_load_frames, send_all, serving  # noqa: E402

ROUNDS = 9


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended
    facepipe, pack, out = sys.argv[1:4]
    with tempfile.TemporaryDirectory(prefix="facepipe-bench-") as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        sent = make_load_frames(folder / "frames")
        servers = {}
        for kind, options in (("none", ("--keep", "none")), ("all", ())):
            (folder / kind).mkdir()
            servers[kind] = stack.enter_context(serving(facepipe, pack, folder / kind, *options))
        rates, cpu_ms = {kind: [] for kind in servers}, {kind: [] for kind in servers}
        for turn in range(1 + ROUNDS):  # the first one warms up
            for kind, (server, ports) in list(servers.items())[::1 if turn % 2 else -1]:
                start, cpu = time.perf_counter(), cpu_seconds(server.pid)
                send_all(facepipe, ports, folder / "frames", camera="door")
                if turn > 0:
                    rates[kind].append(sent / (time.perf_counter() - start))
                    cpu_ms[kind].append((cpu_seconds(server.pid) - cpu) * 1e3 / sent)
        kept = (folder / "all" / "data" / "faces.db").stat().st_size
    ratios = [with_ / without for with_, without in zip(rates["all"], rates["none"])]
    results = {"keep_ratio": statistics.median(ratios),
               "keep_cpu_ratio": statistics.median(without / with_ for with_, without in zip(cpu_ms["all"], cpu_ms["none"])),
               "keep_fps": statistics.median(rates["all"]), "no_keep_fps": statistics.median(rates["none"]),
               "keep_bytes_a_face": kept / (sent * (1 + ROUNDS))}
    print(" ".join(f"{key}={value:.3f}" for key, value in results.items()))
    pathlib.Path(out).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
