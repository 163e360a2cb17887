"""Pictures that cost a server more than they look: small files of many pixels, many faces, many passes.

Needs djpeg and cjpeg (Debian's libjpeg-turbo-progs), which tools/setup/fault.sh installs.
"""
import json
import os
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from png_file import flat_png, png  # noqa: E402

TILE = 36  # pixels: the detector finds faces from 20


def empty_png(megapixels):
    """Some 3 KB a megapixel, and 3 MB when it is decoded."""
    width = 8000
    height = megapixels * 1_000_000 // width
    return flat_png(width, height, (0, 0, 0))


def noise_png(width, height, byte_count):
    """A picture without a face of about so many bytes: the part above is noise, the rest smooth."""
    noise = random.Random(1)
    noisy_rows = byte_count // (3 * width)
    return png(width, height, (noise.randbytes(3 * width) if y < noisy_rows else bytes((90, 110, 130)) * width
                               for y in range(height)))


def ppm(encoded_jpeg):
    """(width, height, RGB bytes)"""
    out = subprocess.run(["djpeg", "-pnm", "-rgb"], input=encoded_jpeg, stdout=subprocess.PIPE, check=True).stdout
    kind, size, most, pixels = out.split(b"\n", 3)
    assert kind == b"P6" and most == b"255", (kind, most)
    width, height = map(int, size.split())
    return width, height, pixels


def face_tile(program, pack, photograph):
    """TILE rows of TILE RGB pixels: the face of a photograph with something around it, by the nearest pixels."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FACEPIPE_")}
    found = subprocess.run([program, "detect", "--pack", pack, "--ignore-exif", photograph], stdout=subprocess.PIPE, env=clean,
                           check=True)
    left, top, right, bottom = json.loads(found.stdout.splitlines()[0])["faces"][0]["box"]
    width, height, pixels = ppm(photograph.read_bytes())
    side = 1.25 * max(right - left, bottom - top)
    x0, y0 = (left + right - side) / 2, (top + bottom - side) / 2

    def pixel(x, y):
        at = 3 * (min(max(int(y0 + y * side / TILE), 0), height - 1) * width + min(max(int(x0 + x * side / TILE), 0), width - 1))
        return pixels[at:at + 3]
    return [b"".join(pixel(x, y) for x in range(TILE)) for y in range(TILE)]


def tiled(tile, width, height):
    """(width, height, rows): the tile again and again."""
    columns, lines = width // TILE, height // TILE
    return columns * TILE, lines * TILE, [tile[y % TILE] * columns for y in range(lines * TILE)]


def jpeg(width, height, rows, *options):
    return subprocess.run(["cjpeg", "-quality", "75", *options], input=b"P6\n%d %d\n255\n" % (width, height) + b"".join(rows),
                          stdout=subprocess.PIPE, check=True).stdout
