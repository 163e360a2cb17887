"""Face messages without a face worth looking at: what becomes of the message is looked at."""
import base64
import functools
import json

from png_file import flat_png


@functools.cache
def picture():
    return base64.b64encode(flat_png(64, 64, (0, 0, 0))).decode()


def plain_face(request_id):
    """The body of one, as the original's detector sends it."""
    return json.dumps({"request_id": request_id, "face": picture()})
