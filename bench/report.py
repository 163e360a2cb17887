"""report.py BENCH_DIR: every measurement in one flat file, BENCH_DIR/summary.json (name -> number), and the tables of
docs/performance.md between its two marks.

Reads what is there of compare.json, functions.json, accuracy.json, images.json, serve.json, *_bench.json (Google Benchmark,
medians, CPU time) and more/*.json (flat, of other tools). A figure that was not measured is shown as such.

A figure whose name says no pack is the default pack's; `fp32` and `int8` are facenet-msceleb-128's, the network that the peers
run."""
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

# (name, at least or at most, floor, what it is)
GOALS = [
    ("detect_vga_1t_speedup", ">=", 12, "detection, 640x480, 1 thread, against facenet-pytorch"),
    ("detect_720p_1t_speedup", ">=", 10, "1280x720"),
    ("detect_1080p_1t_speedup", ">=", 8, "1920x1080"),
    ("pnet_peak_share_1t", ">=", 0.6, "P-Net pyramid at 720p, multiply-adds done, share of the FMA peak"),
    ("cold_detect_ms", "<=", 80, "first invoke of face-detection, start included"),
    ("cold_detect_speedup", ">=", 40, "against the Python function"),
    ("rss_detect_vga_mb", "<=", 60, "largest resident set of face-detection"),
    ("embed_1t_speedup", ">=", 8, "embedding a face, against TorchScript's facenet at 160"),
    ("recognize_vs_original_speedup", ">=", 5, "a warm invoke of face-recognition, against the Python function at 240"),
    ("cold_recognize_ms", "<=", 70, "first invoke of face-recognition"),
    ("cold_recognize_speedup", ">=", 12, "against the Python function"),
    ("cold_recognize_other_cpu_more_ms", "<=", 20, "more on another kind of CPU than the pack was built on"),
    ("rss_recognize_mb", "<=", 70, "largest resident set of face-recognition"),
    ("image_mb", "<=", 90, "container image, uncompressed"),
    ("serve_vga_fps_2cores", None, None, "frames a second of facepipe serve, 640x480, a face each"),
    ("serve_speedup", ">=", 8, "against the Python functions one after the other"),
    ("val_correct", ">=", 25, "validation photographs right, of 25"),
    ("embed_fp32_1t_speedup", ">=", 1.9, "`facenet-msceleb-128`: embedding at 160, against TorchScript"),
    ("recognize_fp32_vs_original_speedup", ">=", 3.5, "a warm invoke"),
    ("cold_recognize_fp32_ms", "<=", 200, "first invoke"),
    ("rss_recognize_fp32_mb", "<=", 180, "largest resident set"),
    ("image_fp32_mb", "<=", 260, "container image"),
    ("serve_fp32_speedup", None, None, "facepipe serve"),
    ("embed_int8_1t_speedup", ">=", 3.5, "the same in int8: embedding"),
    ("rss_recognize_int8_mb", "<=", 90, "largest resident set"),
    ("image_int8_mb", "<=", 110, "container image"),
    ("int8_cosine_mean", ">=", 0.985, "int8 embeddings against fp32"),
    ("int8_val_correct", ">=", 25, "validation photographs right, of 25"),
]


def read_benchmarks(file):
    found = {}
    for entry in json.loads(file.read_text())["benchmarks"]:
        if entry.get("aggregate_name", "median") != "median":
            continue
        name = re.sub(r"[^a-z0-9]+", "_", entry.get("run_name", entry["name"]).lower()).strip("_")
        found[f"{name}_{entry['time_unit']}"] = entry["cpu_time"]
        for counter, scale, unit in (("FLOP/s", 1e9, "gflops"), ("bytes_per_second", 1e9, "gbytes_s")):
            if counter in entry:
                found[f"{name}_{unit}"] = entry[counter] / scale
    return found


def gather(folder):
    summary = {}
    for name in ("compare", "functions", "accuracy", "images", "serve"):
        file = folder / f"{name}.json"
        if file.exists():
            summary |= json.loads(file.read_text())
    for file in sorted((folder / "more").glob("*.json")):
        summary |= json.loads(file.read_text())
    for file in sorted(folder.glob("*_bench.json")):
        summary |= read_benchmarks(file)
    return {name: round(value, 4) for name, value in summary.items()}


def number(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def goals_table(summary):
    lines = ["| figure | measured | floor | |", "| --- | --- | --- | --- |"]
    for name, sense, floor, what in GOALS:
        bound = "" if sense is None else f"{sense} {floor}"
        if name not in summary:
            lines.append(f"| `{name}` | not measured | {bound} | {what} |")
            continue
        value = summary[name]
        met = "" if sense is None or (value >= floor if sense == ">=" else value <= floor) else " **missed**"
        lines.append(f"| `{name}` | {number(value)}{met} | {bound} | {what} |")
    return lines


def pairs_table(title, rows, columns, summary):
    """rows: {text: name with {} for the column's key}; columns: {heading: key}. Cells without a figure are empty."""
    lines = [f"| {title} | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for text, pattern in rows.items():
        cells = [summary.get(pattern.format(key)) for key in columns.values()]
        if any(cell is not None for cell in cells):
            lines.append(f"| {text} | " + " | ".join("" if cell is None else number(cell) for cell in cells) + " |")
    return lines


def machine():
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    widths = [name for name in ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "asimd") if f" {name} " in flags]
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True,
                            text=True).stdout.strip()
    return f"{model}, {os.cpu_count()} cores, {' '.join(widths)}; commit {commit}, {datetime.date.today()}"


def tables(summary):
    load = summary.get("load_average_compare")
    lines = [f"Machine: {machine()}." + (f" Load average while comparing: {load:.1f}." if load is not None else ""), ""]
    if load is not None and load > (os.cpu_count() or 1):
        lines += ["**Other work shared the machine** (a load average above its cores): milliseconds and frames a second are "
                  "worse than on a quiet one. CPU times and the ratios with 1 thread mean most; those with 2 threads least, "
                  "because threads that wait for each other suffer most.", ""]
    lines += goals_table(summary)
    if "machine_fma_peak_gflops_1t" in summary:
        lines += ["", f"One core's measured peak: {number(summary['machine_fma_peak_gflops_1t'])} GFLOP/s of multiply-adds, "
                  f"{number(summary.get('machine_read_gbytes_s_1t', 0))} GB/s of reading memory.", ""]
        lines += pairs_table("P-Net pyramid, 1280x720, 1 thread, ms", {"wall": "pnet_720p_1t_{}ms",
                                                                        "CPU": "pnet_720p_1t_{}cpu_ms"},
                             {"facepipe": "", "OpenVINO (without resampling)": "openvino_"}, summary)
        lines += ["", f"Multiply-adds that are done, as a share of the peak: {number(summary['pnet_peak_share_1t'])}; those of "
                  f"the network as written: {number(summary['pnet_effective_peak_share_1t'])}."]
    detect = {f"{size}, {threads} thread{'s' if threads > 1 else ''}": f"detect_{size}_{threads}t_{{}}"
              for threads in (1, 2) for size in ("vga", "720p", "1080p")}
    lines += [""] + pairs_table("detection", detect, {
        "facepipe ms": "ours_ms", "facenet-pytorch ms": "facenet_ms", "ratio": "speedup", "facepipe CPU ms": "ours_cpu_ms",
        "facenet-pytorch CPU ms": "facenet_cpu_ms", "ratio of CPU time": "cpu_speedup"}, summary)
    embed = {}
    for threads in (1, 2):
        one = f"{threads} thread{'s' if threads > 1 else ''}"
        embed[f"default pack, {one}"] = f"embed_{threads}t{{}}_ms"
        embed |= {f"facenet at {side}, {one}": f"embed_{side}_{threads}t{{}}_ms" for side in (160, 240)}
    lines += [""] + pairs_table("embedding of one crop, ms", embed, {
        "facepipe": "", "facepipe fp32": "_fp32", "facepipe int8": "_int8", "TorchScript": "_torchscript",
        "ONNX Runtime": "_onnxruntime", "OpenVINO": "_openvino"}, summary)
    lines += [""] + pairs_table("whole functions", {
        "face-detection cold, ms": "cold_detect{}_ms", "face-detection warm, 640x480, ms": "warm_detect_vga{}_ms",
        "face-detection, MB": "rss_detect_vga{}_mb", "face-recognition cold, ms": "cold_recognize{}_ms",
        "face-recognition warm, ms": "warm_recognize{}_ms", "face-recognition, MB": "rss_recognize{}_mb"},
        {"facepipe": "", "another kind of CPU": "_other_cpu", "fp32": "_fp32", "int8": "_int8", "Python": "_original"}, summary)
    if "serve_speedup" in summary:
        lines += [""] + pairs_table("both stages, 640x480, one face a frame", {
            "frames a second": "{}_fps", "CPU time a frame, ms": "{}_cpu_ms"},
            {"facepipe serve": "serve_vga", "fp32": "serve_fp32_vga", "Python, one after the other": "original_vga"},
            {name.replace("_fps_2cores", "_fps"): value for name, value in summary.items()})
    kernels = [name for name in sorted(summary) if name.startswith("bm_") and not name.endswith(("gflops", "gbytes_s"))]
    if kernels:
        lines += ["", "| kernel or stage, 1 thread, CPU time | | GFLOP/s | GB/s |", "| --- | --- | --- | --- |"]
        for name in kernels:
            stem, unit = name.rsplit("_", 1)
            rates = [number(summary[f"{stem}_{rate}"]) if f"{stem}_{rate}" in summary else ""
                     for rate in ("gflops", "gbytes_s")]
            lines.append(f"| `{stem}` | {number(summary[name])} {unit} | {rates[0]} | {rates[1]} |")
    return lines


def main():
    folder = pathlib.Path(sys.argv[1])
    summary = gather(folder)
    (folder / "summary.json").write_text(json.dumps(summary, indent=1, sort_keys=True) + "\n")
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    DOCUMENT.write_text(before + BEGIN + "\n" + "\n".join(tables(summary)) + "\n" + END + after)


if __name__ == "__main__":
    main()
