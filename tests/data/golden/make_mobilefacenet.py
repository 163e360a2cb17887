#!/usr/bin/env python3
"""make_mobilefacenet.py MobileFaceNet.tflite: writes mobilefacenet.json: what LiteRT makes of three generated pictures.
Needs ai-edge-litert (2.3.0 was used) and numpy; the pictures are those of mobilefacenet_golden_test.cc."""
import json
import pathlib
import sys

import numpy
from ai_edge_litert.interpreter import Interpreter

SIDE = 112


def picture(seed):
    """[112,112,3] bytes without a plain area: waves of every length."""
    y, x, c = numpy.indices((SIDE, SIDE, 3))
    return (7 * x * x // 16 + 13 * y + 31 * c * (x + y) // 8 + 101 * seed) % 256


def main():
    interpreter = Interpreter(sys.argv[1], num_threads=1)
    interpreter.allocate_tensors()
    results = []
    for seed in range(3):
        batch = numpy.stack([(picture(seed).astype(numpy.float32) - 127.5) / 128] * 2)
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], batch)
        interpreter.invoke()
        raw = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0].astype(float)
        unit = raw / numpy.linalg.norm(raw)
        results.append({"seed": seed, "norm": round(float(numpy.linalg.norm(raw)), 4), "embedding": [round(v, 7) for v in unit]})
    out = pathlib.Path(__file__).with_name("mobilefacenet.json")
    out.write_text(json.dumps({"pictures": results}, indent=None).replace('{"seed"', '\n{"seed"') + "\n")


if __name__ == "__main__":
    main()
