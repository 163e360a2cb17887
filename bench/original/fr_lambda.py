"""face-recognition of the Python pipeline: faces of the request queue come in, names go to the response queue."""
import base64
import io
import json
import os

import boto3
import numpy as np
import torch
from PIL import Image

resnet = torch.jit.load(os.environ.get("MODEL_PATH", "resnetV1.pt"))
resnet.eval()
embeddings, names = torch.load(os.environ.get("MODEL_WT_PATH", "resnetV1_video_weights.pt"))
sqs = boto3.client("sqs", region_name=os.environ["REGION"])


def nearest(embedding):
    distances = [torch.dist(embedding, known).item() for known in embeddings]
    return names[distances.index(min(distances))]


def lambda_handler(event, context):
    for record in event["Records"]:
        message = json.loads(record["body"])
        picture = Image.open(io.BytesIO(base64.b64decode(message["face"]))).convert("RGB")
        face = torch.from_numpy(np.asarray(picture, dtype=np.float32) / 255).permute(2, 0, 1)
        with torch.no_grad():
            embedding = resnet(face.unsqueeze(0))
        sqs.send_message(QueueUrl=os.environ["SQS_RESPONSE_QUEUE_URL"], MessageBody=json.dumps(
            {"request_id": message["request_id"], "result": nearest(embedding)}))
    return {"statusCode": 200}
