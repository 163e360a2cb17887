"""Pictures that are small as files and much work: made of bytes, without an imaging library."""
import struct


def segment(marker, data):
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def grey_progressive_jpeg(width, height):
    """One scan of differences of zero, without subsampling: decoders keep two bytes of every sample until the last scan."""
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes((1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0))
    blocks = 3 * -(-width // 8) * -(-height // 8)
    one_code = bytes((0, 1)) + bytes(15) + bytes(1)  # the code "0" for a difference of 0 bits
    return (b"\xff\xd8" + segment(0xDB, bytes(1) + bytes([1] * 64)) + segment(0xC2, frame) + segment(0xC4, one_code) +
            segment(0xDA, bytes((3, 1, 0, 2, 0, 3, 0, 0, 0, 0))) + bytes(blocks // 8 + 2) + b"\xff\xd9")


def stacked_jpeg(photo, copies):
    """A baseline JPEG over and over, one below the other: its scan repeated, each copy a restart interval."""
    head, at = [], 2
    while True:
        marker, length = photo[at + 1], struct.unpack(">H", photo[at + 2:at + 4])[0]
        data = photo[at + 4:at + 2 + length]
        if marker == 0xC0:
            height, width, components = struct.unpack(">HHB", data[1:6])
            largest = max(data[7 + 3 * i] >> 4 for i in range(components)), max(data[7 + 3 * i] & 15 for i in range(components))
            columns, rows = -(-width // (8 * largest[0])), -(-height // (8 * largest[1]))
            data = data[:1] + struct.pack(">H", copies * rows * 8 * largest[1]) + data[3:]
        elif 0xC1 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            raise ValueError("no baseline JPEG")
        at += 2 + length
        if marker == 0xDA:
            scan = photo[at:photo.rindex(b"\xff\xd9")]
            head.append(segment(0xDD, struct.pack(">H", columns * rows)))  # before the scan's header
            break
        if marker not in range(0xE0, 0xF0) and marker != 0xDD:
            head.append(segment(marker, data))
    body = b"".join(scan + (bytes((0xFF, 0xD0 + i % 8)) if i < copies - 1 else b"") for i in range(copies))
    return b"\xff\xd8" + b"".join(head) + segment(0xDA, data) + body + b"\xff\xd9"
