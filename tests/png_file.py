"""PNG files, without an imaging library."""
import struct
import zlib


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, rows, level=6):
    """An RGB picture; `rows` gives each row's 3 * width bytes."""
    packer = zlib.compressobj(level)
    packed = b"".join(packer.compress(b"\0" + row) for row in rows) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def flat_png(width, height, colour, level=6):
    """A picture of one colour."""
    return png(width, height, [bytes(colour) * width] * height, level)
