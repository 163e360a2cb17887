#!/usr/bin/env python3
"""make_seeds.py OUT [TARGET]: writes the seed inputs of every fuzz target, or of one, to OUT/TARGET/: small valid inputs of each kind that the
target's reader takes, for the fuzzer to start from and for `make test` to replay. Needs Pillow."""
import base64
import hashlib
import io
import json
import math
import pathlib
import shutil
import struct
import sys

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "tests" / "data" / "weights"
EVENTS = ROOT / "tests" / "lambda" / "fixtures"


def picture(mode, size=(24, 16)):
    image = Image.new("RGBA", size)
    image.putdata([(10 * x % 256, 16 * y % 256, (x * y) % 256, 255 - 3 * x) for y in range(size[1]) for x in range(size[0])])
    return image.convert(mode)


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def pictures():
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: turn by 90 degrees
    yield "grey.jpg", encoded(picture("L"), "JPEG")
    yield "colour.jpg", encoded(picture("RGB"), "JPEG", quality=90)
    yield "progressive.jpg", encoded(picture("RGB"), "JPEG", progressive=True)
    yield "turned.jpg", encoded(picture("RGB"), "JPEG", exif=turned)
    yield "cmyk.jpg", encoded(picture("CMYK"), "JPEG")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        yield f"{mode}.png", encoded(picture(mode), "PNG")
    yield "lossy.webp", encoded(picture("RGB"), "WEBP")
    yield "lossless.webp", encoded(picture("RGBA"), "WEBP", lossless=True)
    frames = [picture("RGB"), picture("RGB").transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    yield "animated.webp", encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    yield "unsupported.gif", encoded(picture("P"), "GIF")


def frames(face):
    yield "frame.json", {"request_id": "1", "filename": "a.jpg", "content": face}
    yield "frame_data_url.json", {"request_id": "camera-1/7", "filename": "a b.png", "content": "data:image/png;base64," + face}
    yield "frame_no_content.json", {"request_id": "1", "filename": "a.jpg"}
    yield "frame_escapes.json", {"request_id": "\u00e4\"\\", "filename": "\u4eba.jpg", "content": face[:8], "more": [1, {}]}


def frame_requests(face):
    """The target's form: Content-Type, then camera, request id and filename between tabs, then the body."""
    query, form = b"front door\t1\ta.png\n", b"multipart/form-data; boundary=X\n"
    upload = b'Content-Disposition: form-data; name="file"; filename="a \\"b\\".png"\r\nContent-Type: image/png\r\n\r\n'
    field = b'--X\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
    image = base64.b64decode(face)
    fields = field % (b"request_id", b"7") + field % (b"camera", "T\u00fcr".encode())
    yield "picture", b"application/octet-stream\n" + query + image
    yield "form", form + b"\t\t\n" + fields + b"--X\r\n" + upload + image + b"\r\n--X--\r\n"
    yield "form_own_boundary", b"\n" + query + b"--X\r\n" + upload + image + b"\r\n--X--"
    yield "form_lines", form + query + (b"--X\n" + upload + image + b"\n--X--\n").replace(b"\r\n\r\n", b"\n\n")
    yield "form_base64", form + query + field % (b"content", b"DATA:image/png;Base64," + face.encode()) + b"--X--"
    yield "form_encoded", form + query + (b"--X\r\nContent-Transfer-Encoding: base64\r\n" + upload + face.encode() +
                                         b"\r\n--X--")
    yield "json", b"application/json\n\t\t\n\xef\xbb\xbf" + json.dumps(
        {"request_id": "1", "filename": "a", "content": face}).encode()
    yield "other", b"text/plain\n" + query + b"hello"


def messages(face):
    yield "original.json", {"request_id": "1", "face": face}
    yield "dialect.json", {"request_id": "1", "face_image": face}
    yield "whole.json", {"request_id": "1", "face": face, "face_index": 1, "face_count": 3, "box": [1.5, 2, 30.25, 40],
                         "landmarks": [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]], "confidence": 0.99, "crop": "source"}
    yield "answer.json", {"request_id": "1", "result": "ada", "distance": 0.5, "confidence": 0.99, "face_index": 0,
                          "face_count": 1, "box": [1, 2, 3, 4], "second": {"result": "bob", "distance": 0.9}}
    yield "error.json", {"request_id": "1", "result": "error", "error": "not a picture"}


def gallery(people, header=None, version=2):
    size = 4
    names = sorted({name for name, _ in people})
    head = json.dumps(header or {
        "model_id": "inception-resnet-v1:test", "embedding_size": size,
        "preprocessing": {"mode": "standard", "input_px": 160, "margin_px": 0, "min_max_stretch": False,
                          "normalisation": "fixed"},
        "distance_threshold": 0.9, "embeddings": len(people),
        "people": names if version == 1 else [{"id": f"{i:016x}", "name": name} for i, name in enumerate(names)]}).encode()
    body = struct.pack("<I", len(head)) + head
    body += b"".join(struct.pack("<I", names.index(name)) for name, _ in people)
    body += b"".join(struct.pack(f"<{size}f", *values) for _, values in people)
    return b"FPGALL\r\n" + struct.pack("<I", version) + hashlib.sha256(body).hexdigest().encode() + body


def mapped_gallery(people, rows, tail=b"", width=2):
    """Of `people` of one-letter names; the target makes the digests right."""
    def table(content):
        return content + b"\0" * (-len(content) % 4096)

    header = json.dumps({"model_id": "m", "embedding_size": width,
                         "preprocessing": {"mode": "standard", "input_px": 160, "margin_px": 0, "min_max_stretch": False,
                                           "normalisation": "fixed"},
                         "distance_threshold": 1, "base": "00000000000000ff", "people": people, "name_bytes": people, "embeddings": rows}).encode()
    blocks = -(-rows // 16)
    tables = [struct.pack("<8sII8x", b"FPGALL\r\n", 3, len(header)) + header,
              struct.pack(f"<{people}Q", *range(1, people + 1)), struct.pack(f"<{people}I", *range(1, people + 1)),
              bytes(range(97, 97 + people)), struct.pack(f"<{rows}I", *(row % people for row in range(rows))),
              struct.pack(f"<{48 * blocks}f", *[0.5] * (48 * blocks)), b"\x12" * (64 * blocks * -(-width // 8)),
              struct.pack(f"<{rows}f", *[0.1] * rows), b"\x34" * (rows * -(-width // 2)),
              struct.pack(f"<{rows * width}f", *[0.25] * (rows * width)), b"\1\0\0\0" * people, b"\1\0\0\0" * rows]
    return b"".join(map(table, tables)) + tail


def mapped_galleries():
    yield "empty", mapped_gallery(0, 0)
    yield "one", mapped_gallery(1, 1)
    yield "several", mapped_gallery(3, 20)
    for kind in range(8):
        yield f"record{kind}", mapped_gallery(3, 20, bytes([kind, 3 if kind == 0 else 20 if kind == 1 else 1]) +
                                              struct.pack("<2f", 0.5, 0.5))


def galleries():
    three = [("ada", (1, 0, 0, 0)), ("ada", (0, 1, 0, 0)), ("bob", (0, 0, 0, 1))]
    for version in (1, 2):
        yield f"empty{version}", gallery([], version=version)
        yield f"one{version}", gallery(three[:1], version=version)
        yield f"three{version}", gallery(three, version=version)
    yield "bad_header", gallery([], {"model_id": 1})


def sqs_requests():
    """The target's form: a byte that chooses the protocol, the path, for JSON the action, the body."""
    url = "http://localhost/000000000000/"
    for queue in ("q", "q.fifo"):
        name, fifo = {"QueueUrl": url + queue}, queue.endswith(".fifo")
        group = {"MessageGroupId": "g"} if fifo else {}
        entry = {"Id": "a", "MessageBody": "b", **group}
        actions = {
            "CreateQueue": {"QueueName": queue, "Attributes": {"VisibilityTimeout": "5"}},
            "GetQueueUrl": {"QueueName": queue},
            "GetQueueAttributes": {**name, "AttributeNames": ["All"]},
            "SetQueueAttributes": {**name, "Attributes": {"DelaySeconds": "0"}},
            "ListQueues": {"QueueNamePrefix": "q", "MaxResults": 3},
            "SendMessage": {**name, "MessageBody": "hello", **group,
                            "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "1"}}},
            "SendMessageBatch": {**name, "Entries": [entry, {**entry, "Id": "b"}]},
            "ReceiveMessage": {**name, "MaxNumberOfMessages": 10, "AttributeNames": ["All"],
                               "MessageAttributeNames": [".*"], "VisibilityTimeout": 0},
            "DeleteMessage": {**name, "ReceiptHandle": "x"},
            "DeleteMessageBatch": {**name, "Entries": [{"Id": "a", "ReceiptHandle": "x"}]},
            "ChangeMessageVisibility": {**name, "ReceiptHandle": "x", "VisibilityTimeout": 1},
            "PurgeQueue": name,
        }
        for action, fields in actions.items():
            yield f"{queue}-{action}.json", b"1\n" + action.encode() + b"\n" + json.dumps(fields).encode()
        for text in (f"Action=SendMessage&MessageBody=hello%20there&QueueUrl={url}{queue}&MessageGroupId=g",
                     f"Action=ReceiveMessage&MaxNumberOfMessages=2&AttributeName.1=All&QueueUrl={url}{queue}",
                     f"Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=b"
                     f"&QueueUrl={url}{queue}",
                     "Action=ListQueues&QueueNamePrefix=q"):
            yield f"{queue}-{text[7:24]}.query", b"0000000000000/" + queue.encode() + b"\n" + text.encode()


def copies(folder, *patterns):
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            yield path.name, path.read_bytes()


def pickles():
    """Each legacy file is a run of pickles; the first byte is the target's choice of allow-list."""
    for name, data in copies(WEIGHTS, "*legacy.pt"):
        for choice in (b"\0", b"\1"):
            yield f"{name}.{choice[0]}", choice + data
    yield "protocol0", b"\0(lp0\nI1\naF2.5\naS'x'\na."
    yield "protocol4", b"\0\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00]\x94(K\x01K\x02\x8c\x01a\x94e."


def tensor_files():
    header = json.dumps({"__metadata__": {"network": "x"}, "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}})
    yield "one", struct.pack("<Q", len(header)) + header.encode() + struct.pack("<4f", 1, 2, 3, 4)
    yield "empty", struct.pack("<Q", 2) + b"{}"


def layers():
    """A convolution of a picture of 4x4, a pointwise layer that adds it, a depthwise one down to a pixel."""
    def layer(kind, in_channels, out_side, kernel, stride, **more):
        return {"kind": kind, "in_side": 4 if in_channels == 3 else 2, "in_channels": in_channels, "out_side": out_side,
                "out_channels": 16, "kernel": kernel, "stride": stride, "pad": 0, "activated": False} | more

    chain = [layer("convolution", 3, 2, 3, 2, activated=True), layer("pointwise", 16, 2, 1, 1, add=0),
             layer("depthwise", 16, 1, 2, 1)]
    shapes = {"000.bias": [16], "000.factors": [16], "000.weights": [1, 27, 16], "001.bias": [16], "001.weights": [1, 16, 16],
              "002.bias": [16], "002.weights": [2, 2, 16]}
    header, end = {"__metadata__": {"layers": json.dumps(chain)}}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 64)
    yield "chain", struct.pack("<Q", len(text)) + text + struct.pack("<f", 0.5) * (end // 4)
    yield "none", struct.pack("<Q", 2) + b"{}"


def as_json(items):
    for name, value in items:
        yield name, json.dumps(value).encode()


def authorizations():
    """A header, a date, a target and a body, a line each; a signature that fits nothing."""
    header = ("AWS4-HMAC-SHA256 Credential=KEY/20150830/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, "
              "Signature=" + "0" * 64)
    yield "whole", f"{header}\n20150830T123600Z\n/?Action=ListQueues\nbody".encode()
    yield "joined", f"{header.replace(', ', ',')}\n20150830T123600Z\n/\n".encode()
    yield "late", f"{header}\n20150830T133600Z\n/\n".encode()
    yield "presigned", b"\n\n/?X-Amz-Signature=00&X-Amz-Date=20150830T123600Z\n"
    yield "bearer", b"Bearer fpt_x\n\n/\n"


def http_requests():
    """The target's form: the size of the pieces, then requests as they come over the wire."""
    heads = {
        "get": b"GET /readyz HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
        "post": b"POST /?camera=door&request_id=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
                b"Content-Length: 5\r\n\r\nhello",
        "chunked": b"POST / HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n",
        "page": b"POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.example\r\nSec-Fetch-Site: cross-site\r\n\r\n",
        "absolute": b"GET http://localhost/a%20b?c=d HTTP/1.0\r\n\r\n",
        "expect": b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        "smuggle": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "pipelined": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 3,
    }
    for name, request in heads.items():
        for piece in (b"\0", b"\1", b"\x40"):
            yield f"{name}-{piece[0]}", piece + request


def numbered(*texts):
    for number, text in enumerate(texts):
        yield str(number), text.encode()


def access_files():
    yield "empty.json", {"version": 1, "tokens": [], "sqs_keys": []}
    created = "2026-01-02T03:04:05.678Z"
    yield "both.json", {
        "version": 1,
        "tokens": [{"id": "0a1b2c3d", "name": "door", "sha256": "0" * 64, "created": created}],
        "sqs_keys": [{"access_key_id": "FPKAABCDEFGHIJKLMNOP", "secret_access_key": "s" * 43, "name": "", "created": created}]}


def credentials():
    keys = {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "secret", "Expiration": "2030-01-02T03:04:05Z"}
    yield "endpoint.json", {"Code": "Success", "Token": "token", **keys}
    yield "failed.json", {"Code": "Failed", "Message": "no role"}
    yield "process.json", {"Version": 1, "SessionToken": "token", **keys}


def manifests():
    entry = {"file": "detector.fpt", "bytes": 4, "sha256": "0" * 64}
    yield "whole.json", {
        "format_version": 1, "model_id": "inception-resnet-v1:test", "embedding_size": 512, "distance_threshold": 0.9,
        "preprocessing": {"mode": "standard", "input_px": 160, "margin_px": 0, "min_max_stretch": False, "normalisation": "fixed"},
        "files": {"detector": entry, "embedder": {**entry, "file": "embedder.onnx"}}}
    yield "newer.json", {"format_version": 99}
    yield "outside.json", {"format_version": 1, "files": {"detector": {**entry, "file": "../x"}}}


def sqs_answers():
    yield "sent.json", {"MessageId": "m", "MD5OfMessageBody": "0" * 32, "SequenceNumber": "1"}
    yield "received.json", {"Messages": [{
        "MessageId": "m", "ReceiptHandle": "h", "Body": "b", "MD5OfBody": "0" * 32,
        "Attributes": {"SentTimestamp": "1700000000000", "ApproximateReceiveCount": "1"},
        "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "1"}, "b": {"DataType": "Binary", "BinaryValue": "AA=="}}}]}
    yield "batch.json", {"Successful": [{"Id": "0", "MessageId": "m", "MD5OfMessageBody": "0" * 32}],
                         "Failed": [{"Id": "1", "SenderFault": True, "Code": "InvalidMessageContents", "Message": "no"}]}
    yield "error.json", {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}


def xml_texts():
    return numbered(
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>K'
        '</AccessKeyId><SecretAccessKey>s&amp;s</SecretAccessKey></Credentials></AssumeRoleResult></AssumeRoleResponse>',
        '<?xml version="1.0"?><ErrorResponse><Error><Code>AccessDenied</Code><Message>&#60;no&#x3e;</Message></Error></ErrorResponse>',
        "<!-- c --><a b='c'><![CDATA[x]]><d/></a>")


def flat_child(out, node):
    """FlatBuffers: appends a table (dict), a vector of tables (list of dicts), of int32 (list) or bytes; returns its place."""
    if isinstance(node, dict):
        return flat_table(out, node)
    at = len(out)
    out += struct.pack("<I", len(node))
    if isinstance(node, bytes):
        out += node
    elif node and isinstance(node[0], dict):
        out += bytes(4 * len(node))
        for i, table in enumerate(node):
            slot, place = at + 4 + 4 * i, flat_table(out, table)
            out[slot:slot + 4] = struct.pack("<I", place - slot)
    else:
        out += struct.pack(f"<{len(node)}i", *node)
    return at


def flat_table(out, fields):
    count = max(fields, default=-1) + 1
    slots = {field: 4 + 8 * i for i, field in enumerate(sorted(fields))}
    vtable = len(out)
    out += struct.pack(f"<{2 + count}H", 4 + 2 * count, 4 + 8 * len(fields), *(slots.get(i, 0) for i in range(count)))
    at = len(out)
    out += struct.pack("<i", at - vtable) + bytes(8 * len(fields))
    for field, value in fields.items():
        slot = at + slots[field]
        if isinstance(value, int):
            out[slot:slot + 8] = struct.pack("<q", value)
        else:
            out[slot:slot + 4] = struct.pack("<I", flat_child(out, value) - slot)
    return at


def tflite_files():
    """[1,2,2,3] through a PReLU and a 2x2 convolution to a row of 2."""
    def constant(*values):
        return {0: struct.pack(f"<{len(values)}f", *values)}
    shape, picture_op = [1, 2, 2, 3], {19: 0, 101: 1, 41: 2, 18: 3, 0: 4, 3: 5, 22: 6}
    buffers = [{}, constant(1, 2, 3), constant(*range(24)), constant(1, 2), {0: struct.pack("<2i", 1, 2)}]
    tensors = [{0: shape, 1: 0, 2: 0, 3: b"x"}] + [{0: shape, 1: 0, 2: 0}] * 5 + [
        {0: [3], 1: 0, 2: 1}, {0: [2, 2, 2, 3], 1: 0, 2: 2}, {0: [2], 1: 0, 2: 3}, {0: [1, 1, 1, 2], 1: 0, 2: 0},
        {0: [2], 1: 2, 2: 4}, {0: [1, 2], 1: 0, 2: 0}]
    steps = [(19, [0], 1), (101, [0], 2), (41, [0, 2], 3), (18, [6, 3], 4), (0, [1, 4], 5), (3, [5, 7, 8], 9), (22, [9, 10], 11)]
    operators = [{0: picture_op[code], 1: inputs, 2: [output]} for code, inputs, output in steps]
    operators[5] |= {3: 1, 4: {0: 1, 1: 1, 2: 1}}
    codes = [{0: min(code, 127), 3: code} for code in picture_op]
    out = bytearray(b"\0\0\0\0TFL3")
    root = flat_table(out, {0: 3, 1: codes, 2: [{0: tensors, 1: [0], 2: [11], 3: operators}], 4: buffers})
    out[0:4] = struct.pack("<I", root)
    yield "small.tflite", bytes(out)


def proto(*fields):
    """Protocol buffers: (number, int or bytes or text)."""
    def varint(value):
        return bytes([value & 127 | 128]) + varint(value >> 7) if value > 127 else bytes([value])
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            value = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def onnx_files():
    """[N,3,112,112]: a convolution, a batch norm, a PReLU, a convolution; the mean of each of three channels."""
    def value(name, *dims):
        return proto((1, name), (2, proto((1, proto((1, 1), (2, proto(*((1, proto((1, d) if d else (2, "N"))) for d in dims))))))))
    def tensor(name, *dims, count):
        return proto(*((1, d) for d in dims), (2, 1), (8, name), (9, struct.pack(f"<{count}f", *range(1, count + 1))))
    def node(op, inputs, output):
        return proto(*((1, i) for i in inputs), (2, output), (4, op))
    nodes = [node("Conv", ["x", "w"], "a"), node("BatchNormalization", ["a", "s", "s", "s", "s"], "b"),
             node("PRelu", ["b", "p"], "c"), node("Conv", ["c", "v"], "d"), node("Dropout", ["d"], "e"),
             node("GlobalAveragePool", ["e"], "f"), node("Flatten", ["f"], "y")]
    tensors = [tensor("w", 3, 3, 1, 1, count=9), tensor("v", 3, 3, 1, 1, count=9), tensor("s", 3, count=3),
               tensor("p", 3, 1, 1, count=3)]
    graph = proto(*((1, n) for n in nodes), *((5, t) for t in tensors), (11, value("x", 0, 3, 112, 112)),
                  (12, value("y", 0, 3)))
    yield "small.onnx", proto((1, 8), (7, graph), (8, proto((2, 13))))


def seeds():
    face = base64.b64encode(encoded(picture("RGB", (8, 8)), "PNG")).decode()
    return {
        "access_file_fuzz": as_json(access_files()),
        "credentials_fuzz": as_json(credentials()),
        "form_fuzz": numbered("Action=SendMessage&MessageBody=a%20b+c&&=v&x", "/?request_id=1&camera=d%C3%BC#f", "a&" * 1001),
        "ini_fuzz": numbered("[default]\nregion = eu-west-1\n# c\n[profile a]\nsource_profile=default\ns3 =\n  x = y\n", "[a"),
        "face_cursor_fuzz": numbered("0123456789abcdef" * 3, "0123456789abcdef" * 2 + "x", "0" * 48),
        "iso_time_fuzz": numbered("7d", "90s", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123+01:00", "2026-13-02T25:04:05Z"),
        "layers_fuzz": layers(),
        "lists_fuzz": numbered("2\t1\nAda\t1\t2\nAda\t1\tBob\t2\nCleo\t1\t2\nCleo\t1\tDan\t2\n", "x,y,same\na.jpg,\"b,1.jpg\",yes\nc,d,no\n",
                               "image,x,y,w,h,invalid\na.jpg,1,2,3,4,0\nb.jpg,,,,,\n", "a.jpg\n1\n1 2 3 4 0 0 0 0 0 0 \nb.jpg\n0\n" + 9 * "0 " + "0\n"),
        "manifest_fuzz": as_json(manifests()),
        "sqs_answer_fuzz": as_json(sqs_answers()),
        "url_fuzz": numbered("https://name.example:8443/a%20b?c=d", "http://[::1]:80", "s3://bucket/key/part", "http://u:p@h/"),
        "xml_fuzz": xml_texts(),
        "authorization_fuzz": authorizations(),
        "decode_image_fuzz": pictures(),
        "face_message_fuzz": as_json(messages(face)),
        "frame_json_fuzz": as_json(frames(face)),
        "frame_request_fuzz": frame_requests(face),
        "gallery_file_fuzz": galleries(),
        "gallery_mapped_fuzz": mapped_galleries(),
        "http_request_fuzz": http_requests(),
        "keras_hdf5_fuzz": copies(WEIGHTS, "*.h5"),
        "lambda_event_fuzz": copies(EVENTS, "*.json"),
        "onnx_fuzz": onnx_files(),
        "pickle_fuzz": pickles(),
        "sqs_api_fuzz": sqs_requests(),
        "tensor_file_fuzz": tensor_files(),
        "tflite_fuzz": tflite_files(),
        "torch_file_fuzz": copies(WEIGHTS, "*.pt"),
        "torch_gallery_fuzz": copies(WEIGHTS, "gallery*.pt"),
    }


def main():
    out = pathlib.Path(sys.argv[1])
    chosen = sys.argv[2:] or list(seeds())
    for target in chosen:
        if target not in seeds():
            sys.exit(f"make_seeds: {target}: no such target")
        inputs = seeds()[target]
        folder = out / target
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        count = 0
        for name, data in inputs:
            (folder / name).write_bytes(data)
            count += 1
        if count == 0:
            sys.exit(f"make_seeds: {target}: no seed")


if __name__ == "__main__":
    main()
