"""compare.py PACK FP32_PACK INT8_PACK OUT.json: whole stages beside the peers, taking turns, at 1 and 2 threads.

Runs with the interpreter of .cache/venv-bench. Times are medians; ratios are of the sums over the frames of a size, of
wall time. CPU time (all threads) stands beside it: on a machine that others use, it is the steadier of the two."""
import json
import os
import pathlib
import sys
import time

import numpy as np
import torch
from facenet_pytorch import MTCNN

import frames
from measure import Runner, packs_of, take_turns, timed

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUNNER = ROOT / "build" / "release" / "bench" / "stage_runner"
ORIGINAL = ROOT / "build" / "bench" / "original"
THREADS = (1, 2)
REPETITIONS = 5


def pixels(width, height, file):
    return np.frombuffer(file.read_bytes(), np.uint8).reshape(height, width, 3)


def openvino_pnet(mtcnn, threads):
    """P-Net alone over the pyramid's levels, as facenet-pytorch makes them, compiled for each level's size."""
    import openvino
    core = openvino.Core()
    model = openvino.convert_model(mtcnn.pnet, example_input=torch.rand(1, 3, 100, 100))
    options = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}

    def compiled(width, height):
        model.reshape([1, 3, height, width])
        return core.compile_model(model, "CPU", options)

    levels, scale, side = [], 12 / 20, 720 * 12 / 20
    while side >= 12:
        levels.append((int(1280 * scale + 1), int(720 * scale + 1)))
        scale, side = scale * 0.709, side * 0.709
    inputs = [(compiled(width, height), np.random.default_rng(0).random((1, 3, height, width), np.float32))
              for width, height in levels]
    return lambda: [net(values) for net, values in inputs]


def compare_detection(runner, mtcnn, threads, results):
    torch.set_num_threads(threads)
    for size, pictures in frames.make_frames().items():
        sums = {"ours": [0, 0], "facenet": [0, 0]}
        for width, height, file in pictures:
            array = pixels(width, height, file)
            boxes = mtcnn.detect(array)[0]
            expected = 0 if boxes is None else len(boxes)
            found = runner.run("detect", threads, width, height, file)["faces"]
            if found != expected:
                raise SystemExit(f"{file}: facenet-pytorch finds {expected} faces, facepipe {found}")
            times = take_turns({"ours": lambda: runner.run("detect", threads, width, height, file),
                                "facenet": lambda: timed(lambda: mtcnn.detect(array))}, REPETITIONS, budget_s=8)
            for side, total in sums.items():
                total[0] += times[side]["wall_ms"] / len(pictures)
                total[1] += times[side]["cpu_ms"] / len(pictures)
        for side, (wall, cpu) in sums.items():
            results[f"detect_{size}_{threads}t_{side}_ms"] = wall
            results[f"detect_{size}_{threads}t_{side}_cpu_ms"] = cpu
        results[f"detect_{size}_{threads}t_speedup"] = sums["facenet"][0] / sums["ours"][0]
        results[f"detect_{size}_{threads}t_cpu_speedup"] = sums["facenet"][1] / sums["ours"][1]


def compare_pnet(runner, mtcnn, results):
    torch.set_num_threads(1)
    frame = frames.make_frames()["720p"][0]
    engine = openvino_pnet(mtcnn, 1)
    last = {}

    def ours():
        last.update(runner.run("pnet", *frame))
        return last

    peaks = []
    times = take_turns({"ours": ours, "openvino": lambda: timed(engine),
                        "peak": lambda: peaks.append(runner.run("peak")["gflops"]) or {"wall_ms": 0, "cpu_ms": 0}}, 9)
    peak = sorted(peaks)[len(peaks) // 2]
    results["machine_fma_peak_gflops_1t"] = peak
    results["machine_read_gbytes_s_1t"] = max(runner.run("bandwidth")["gbytes_s"] for _ in range(3))
    results["pnet_720p_1t_ms"] = times["ours"]["wall_ms"]
    results["pnet_720p_1t_cpu_ms"] = times["ours"]["cpu_ms"]
    results["pnet_720p_1t_openvino_ms"] = times["openvino"]["wall_ms"]
    results["pnet_720p_1t_openvino_cpu_ms"] = times["openvino"]["cpu_ms"]
    seconds = times["ours"]["cpu_ms"] / 1e3
    results["pnet_peak_share_1t"] = last["executed_gflop"] / seconds / peak
    results["pnet_effective_peak_share_1t"] = last["gflop"] / seconds / peak


def torchscript(side, threads):
    """The original's network in its own engine, one crop."""
    torch.set_num_threads(threads)
    script = torch.jit.load(str(ORIGINAL / "resnetV1.pt")).eval()
    crop = torch.rand(1, 3, side, side) * 2 - 1

    def run():
        with torch.no_grad():
            script(crop)

    return run


def portable_graph(pack):
    """The one that any engine reads: the pack's role "embedder"."""
    manifest = json.loads((pathlib.Path(pack) / "manifest.json").read_text())
    return pathlib.Path(pack) / manifest["files"]["embedder"]["name"]


def engine_peers(pack, side, threads):
    """The pack's network in other engines, one crop of [1,3,side,side]."""
    import onnxruntime
    import openvino
    graph = str(portable_graph(pack))
    values = np.random.default_rng(0).random((1, 3, side, side), np.float32) * 2 - 1
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    feed = session.get_inputs()[0].name
    core = openvino.Core()
    model = core.read_model(graph)
    model.reshape(list(values.shape))
    net = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
                                            "INFERENCE_PRECISION_HINT": "f32"})
    return {"onnxruntime": lambda: session.run(None, {feed: values}), "openvino": lambda: net(values)}


def compare_embedding(runner, packs, threads, results):
    """One crop: at 160 every pack (the default one in its own mode and size), TorchScript and the engines take turns; at 240
    the large network. No pack in a figure's name: the default pack."""

    def ours(mark, mode):
        return lambda: runner.run("embed", packs[mark], mode, threads, 1)

    def sides_at(side, mode):
        sides = {f"{side}_{threads}t{mark}": ours(mark, mode) for mark in packs if mark}
        peers = {"torchscript": torchscript(side, threads)} | engine_peers(packs["_fp32"], side, threads)
        return sides | {f"{side}_{threads}t_{name}": lambda call=call: timed(call) for name, call in peers.items()}

    own_side = json.loads((pathlib.Path(packs[""]) / "manifest.json").read_text())["preprocessing"]["input_px"]
    own = f"{threads}t"
    small = {own: ours("", "own")} | {f"{own}_{name}": lambda call=call: timed(call)
                                      for name, call in engine_peers(packs[""], own_side, threads).items()}
    for sides in (small | sides_at(160, "standard"), sides_at(240, "classic")):
        for name, times in take_turns(sides, 15, warm_up=3).items():
            results[f"embed_{name}_ms"] = times["wall_ms"]
            results[f"embed_{name}_cpu_ms"] = times["cpu_ms"]
    for kind, unit in (("", "ms"), ("cpu_", "cpu_ms")):
        reference = results[f"embed_160_{threads}t_torchscript_{unit}"]
        for mark in packs:
            mine = f"embed_160_{threads}t{mark}_{unit}" if mark else f"embed_{own}_{unit}"
            results[f"embed{mark}_{threads}t_{kind}speedup"] = reference / results[mine]


def main():
    packs = packs_of(sys.argv[1:4])
    results, started = {}, time.monotonic()
    mtcnn = MTCNN(keep_all=True, device="cpu")
    with Runner(RUNNER) as runner:
        parts = [lambda: compare_pnet(runner, mtcnn, results)]
        for threads in THREADS:
            parts.append(lambda threads=threads: compare_detection(runner, mtcnn, threads, results))
            parts.append(lambda threads=threads: compare_embedding(runner, packs, threads, results))
        for part in parts:
            part()
            # Written at once: what was measured is kept if a later part fails.
            results["load_average_compare"] = os.getloadavg()[0]
            pathlib.Path(sys.argv[4]).write_text(json.dumps(results, indent=1))
    print(f"compare: {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
