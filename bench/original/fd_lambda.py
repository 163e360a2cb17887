"""face-detection of the Python pipeline: a frame comes in, its largest face goes to the request queue."""
import base64
import io
import json
import os

import boto3
import numpy as np
from facenet_pytorch import MTCNN
from PIL import Image

mtcnn = MTCNN(image_size=240, margin=0, min_face_size=20)
sqs = boto3.client("sqs", region_name=os.environ["REGION"])


def respond(status, **body):
    return {"statusCode": status, "body": json.dumps(body)}


def stretched(face):
    """A [3,240,240] tensor to the bytes 0..255 of its own range."""
    values = face.permute(1, 2, 0).numpy()
    values = values - values.min()
    return np.floor(values / values.max() * 255).astype(np.uint8)


def lambda_handler(event, context):
    body = event.get("body")
    if not body:
        return respond(400, error="Missing request body")
    try:
        body = json.loads(body) if isinstance(body, str) else body
    except ValueError:
        return respond(400, error="Request body must be valid JSON")
    request_id, filename, content = (body.get(name) for name in ("request_id", "filename", "content"))
    if not request_id or not filename or not content:
        return respond(400, error="Missing one or more required fields: request_id, filename, content")
    frame = Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB")
    face = mtcnn(frame)
    if face is None:
        return respond(200, message="No face detected.")
    encoded = io.BytesIO()
    Image.fromarray(stretched(face)).save(encoded, format="JPEG")
    sqs.send_message(QueueUrl=os.environ["SQS_REQUEST_QUEUE_URL"], MessageBody=json.dumps(
        {"request_id": request_id, "face": base64.b64encode(encoded.getvalue()).decode()}))
    return respond(200, message="Face detection complete and request enqueued.")
