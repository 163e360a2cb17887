"""deepstack-sdk against a server: PORT KEY ENROL ENROL2 PROBE STRANGER. Prints what its calls gave, as JSON; the client
prints the answers of recognizeFace besides, on lines of their own."""
import json
import sys

from deepstack_sdk import Face, ServerConfig

port, key, enrol, enrol2, probe, stranger = sys.argv[1:]


def tried(call):
    try:
        return call()
    except Exception as error:  # the client raises nothing narrower
        return f"Exception: {error}"


def seen(response):
    return [vars(item) for item in response.detections]


url = f"http://127.0.0.1:{port}"
face = Face(ServerConfig(url, api_key=key))
result = {
    "before": list(face.listFaces()),
    "registered": face.registerFace(images=[enrol, enrol2], userid="Madonna"),
    "listed": list(face.listFaces()),
    "detected": seen(face.detectFace(probe)),
    "recognised": seen(face.recognizeFace(probe)),
    "stranger": seen(face.recognizeFace(stranger)),
    "no_picture": tried(lambda: face.recognizeFace(b"this is no picture")),
    "wrong_key": tried(lambda: Face(ServerConfig(url, api_key="wrong")).listFaces()),
    "deleted": face.deleteFace("Madonna"),
    "deleted_again": tried(lambda: face.deleteFace("Madonna")),
    "after": list(face.listFaces()),
}
print(json.dumps(result))
