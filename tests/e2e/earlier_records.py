"""Caches of `facepipe evaluate` as earlier releases wrote them (docs/evaluate.md)."""
import json
import struct


def xxh64(data):
    """Of specification 0.1.1 of XXH64, seed 0."""
    mask, primes = (1 << 64) - 1, (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
                                   0x27D4EB2F165667C5)
    p1, p2, p3, p4, p5 = primes

    def rotated(value, bits):
        return (value << bits | value >> (64 - bits)) & mask

    def round_of(lane, value):
        return rotated((lane + value * p2) & mask, 31) * p1 & mask

    lanes, at = [(p1 + p2) & mask, p2, 0, -p1 & mask], 0
    while len(data) - at >= 32:
        lanes = [round_of(lane, value) for lane, value in zip(lanes, struct.unpack_from("<4Q", data, at))]
        at += 32
    if at:
        state = sum(rotated(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & mask
        for lane in lanes:
            state = ((state ^ round_of(0, lane)) * p1 + p4) & mask
    else:
        state = p5
    state = (state + len(data)) & mask
    while len(data) - at >= 8:
        state = (rotated(state ^ round_of(0, *struct.unpack_from("<Q", data, at)), 27) * p1 + p4) & mask
        at += 8
    if len(data) - at >= 4:
        state = (rotated(state ^ struct.unpack_from("<I", data, at)[0] * p1 & mask, 23) * p2 + p3) & mask
        at += 4
    for byte in data[at:]:
        state = rotated(state ^ byte * p5 & mask, 11) * p1 & mask
    state = (state ^ state >> 33) * p2 & mask
    state = (state ^ state >> 29) * p3 & mask
    return state ^ state >> 32


def earlier_records(file):
    """A cache's bytes as releases wrote them that kept of a face number, box and embedding alone."""
    content = file.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + size])
    metadata, records = header.pop("__metadata__"), {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = content[8 + size + begin:8 + size + end]
        records[name] = values if len(values) == 4 else values[:20] + values[40:]  # five numbers more stand between
    data = b"".join(records.values())
    digested = b"".join(f"{name}\n{len(values) // 4}\n".encode() + values for name, values in sorted(records.items()))
    metadata["xxh64"] = f"{xxh64(digested):016x}"
    header, at = {"__metadata__": metadata}, 0
    for name, values in records.items():
        header[name] = {"dtype": "F32", "shape": [len(values) // 4], "data_offsets": [at, at + len(values)]}
        at += len(values)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data
