"""Face messages that are as much work as such messages can be (a batch of ten is some 0.3 s), so that a worker can be met
between receiving and answering."""
import base64
import functools
import json

from png_file import flat_png

SIDE = 2048  # the most that a face may have


@functools.cache
def picture():
    return base64.b64encode(flat_png(SIDE, SIDE, (0, 0, 0), level=9)).decode()


def slow_face(request_id):
    """The body of one: as the original's detector sends it, 16 KB long, and 12 MB once it is decoded."""
    return json.dumps({"request_id": request_id, "face": picture()})
