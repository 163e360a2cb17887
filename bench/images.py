"""images.py OUT.json: sizes of the container image with either pack, uncompressed, gallery of 93 photographs included.

Builds them as tests/deploy/test_image.py does, with its settings; needs tools/setup/image_tools.sh and root."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "deploy"))

from test_image import IMAGE, INT8_IMAGE, Images  # noqa: E402


def size_mb(storage, image):
    with storage.mounted(image) as root:
        return sum(path.stat().st_size for path in root.rglob("*") if not path.is_dir()) / 1e6


def main():
    storage = Images.get()
    Images.build_int8()
    pathlib.Path(sys.argv[1]).write_text(json.dumps({"image_fp32_mb": size_mb(storage, IMAGE),
                                                     "image_int8_mb": size_mb(storage, INT8_IMAGE)}, indent=1))


if __name__ == "__main__":
    main()
