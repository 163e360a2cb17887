"""images.py BUILD PACK FP32_PACK INT8_PACK OUT.json: sizes of the container image, uncompressed, with each pack and a gallery of 93
photographs.

The image's files are made by the script that the Dockerfile runs (deploy/image_folders.sh), in a folder that is laid out as
there; no container is built, which would take root and minutes and hold the same files on Debian 12 (tests/deploy does it). The
other packs' images differ in the pack alone."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import packs_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
PHOTOS = ROOT / ".cache" / "photos"
LAYERS = ("system", "onnxruntime", "pack", "gallery", "function")  # those of the functions' image


def run(*words):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"images: {words[0]} ended with {done.returncode}: {done.stderr}")


def size_mb(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def make_layers(build, scratch):
    """The folders of the layers, with the default pack."""
    run("bash", ROOT / "deploy" / "stage.sh", build, scratch / "stage")
    for name in ("tools/build_pack.sh", "deploy/image_folders.sh"):
        (scratch / "build" / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, scratch / "build" / name)
    shutil.copytree(ROOT / "apps/facepipe/recipes", scratch / "build/apps/facepipe/recipes")
    models = scratch / "build/deploy/models"
    models.mkdir()
    run(build / "bin" / "facepipe", "people", "--data", scratch / "data", "import", "--largest", PHOTOS / "train")
    shutil.copy(scratch / "data/gallery.fpg", models)
    run("bash", scratch / "build/deploy/image_folders.sh", scratch / "stage", scratch / "image", "", "whitened", "gallery.fpg", "",
        "fp32")
    return [scratch / "image" / layer for layer in LAYERS]


def main():
    build, *packs, out = map(pathlib.Path, sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="facepipe-bench-", dir=out.parent) as scratch:
        sizes = {folder.name: size_mb(folder) for folder in make_layers(build.resolve(), pathlib.Path(scratch).resolve())}
    rest = sum(sizes.values()) - sizes["pack"]
    results = {f"image{mark}_mb": rest + (size_mb(pack) if mark else sizes["pack"]) for mark, pack in packs_of(packs).items()}
    out.write_text(json.dumps(results | {"image_pack_mb": sizes["pack"]}, indent=1))


if __name__ == "__main__":
    main()
