"""deepstack-python against a server: PORT KEY ENROL PROBE STRANGER NOFACE. Prints what its calls gave, as JSON."""
import json
import sys

from deepstack.core import DeepstackException, DeepstackFace

port, key, enrol, probe, stranger, no_face = sys.argv[1:]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def tried(call):
    try:
        return call()
    except DeepstackException as error:
        return f"DeepstackException: {error}"


def listed():
    return face.get_registered_faces() if hasattr(face, "get_registered_faces") else None  # 0.8 has no such call


PATIENCE_S = 100  # of its own 10 s a busy machine may need more
face = DeepstackFace("127.0.0.1", int(port), api_key=key, timeout=PATIENCE_S)
print(json.dumps({
    "before": listed(),
    "detected": face.detect(read(enrol)),
    "registered": face.register("Madonna", read(enrol)),
    "registered_again": face.register("Madonna", read(probe)),
    "listed": listed(),
    "recognised": face.recognize(read(probe)),
    "stranger": face.recognize(read(stranger)),
    "nobody": face.recognize(read(no_face)),
    "no_face": tried(lambda: face.register("Nobody", read(no_face))),
    "no_picture": tried(lambda: face.recognize(b"this is no picture")),
    "wrong_key": tried(lambda: DeepstackFace("127.0.0.1", int(port), api_key="wrong", timeout=PATIENCE_S).recognize(read(probe))),
}))
