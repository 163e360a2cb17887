"""Who may use `facepipe serve`: tokens, signatures, TLS, addresses."""
import http.client
import json
import re
import socket
import ssl
import stat
import subprocess
import time
import unittest

import harness
from harness import PROGRAM, ROOT, Server, TemporaryFolderTest, environment, facepipe, make_certificate, photographs, wait_until
from test_serve import frame

AWS = ROOT / ".cache" / "venv-aws" / "bin" / "aws"


def new_token(data, *arguments):
    return facepipe("token", "new", "--data", data, *arguments).stdout.strip()


def new_sqs_key(data):
    lines = facepipe("token", "sqs-key", "new", "--data", data).stdout.split()
    values = dict(line.split("=", 1) for line in lines)
    return values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"]


def bearer(token):
    return {"content-type": "application/json", "authorization": f"Bearer {token}"}


def sqs_client(server, key, secret, **more):
    import boto3
    from botocore.config import Config
    return boto3.client("sqs", endpoint_url=server.sqs_url, region_name="eu-west-1", aws_access_key_id=key,
                        aws_secret_access_key=secret, config=Config(retries={"max_attempts": 1}), **more)


def raw(port, request, context=None, timeout=60):
    """Everything that comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        if context:
            connection = context.wrap_socket(connection, server_hostname="localhost")
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.decode("latin-1")


def port_of(url):
    return int(url.rstrip("/").rsplit(":", 1)[1])


class Tokens(TemporaryFolderTest):
    def test_new_list_revoke(self):
        token = new_token(self.folder, "--name", "front door")
        self.assertRegex(token, r"^fpt_[A-Za-z0-9_-]{43}$")
        file = self.folder / "access.json"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertNotIn(token, file.read_text())
        listed = facepipe("token", "list", "--data", self.folder).stdout
        token_id, created, name, role = listed.rstrip("\n").split("\t")
        self.assertEqual((name, role), ("front door", "frames"))
        self.assertRegex(created, r"^\d{4}-\d\d-\d\dT")
        self.assertNotIn(token, listed)
        missing = facepipe("token", "revoke", "--data", self.folder, "ffffffff00", check=False)
        self.assertEqual(missing.returncode, 1)
        facepipe("token", "revoke", "--data", self.folder, token_id)
        self.assertEqual(facepipe("token", "list", "--data", self.folder).stdout, "")

    def test_a_folder_is_made_for_its_owner_alone_and_by_no_revoking(self):
        begun = self.folder / "begun"
        new_token(begun)
        self.assertEqual(stat.S_IMODE(begun.stat().st_mode), 0o700)
        mistyped = self.folder / "mistyped"
        missing = facepipe("token", "revoke", "--data", mistyped, "ffffffff00", check=False)
        self.assertEqual(missing.returncode, 1)
        self.assertIn("there is none with the id 'ffffffff00'", missing.stderr)
        self.assertFalse(mistyped.exists())

    def test_the_frame_port_demands_one(self):
        token, photo = new_token(self.folder), photographs("val", "madonna")[0]
        with Server(self.folder, "--workers", 0) as server:
            began = time.monotonic()
            for path in ("healthz", "readyz"):
                self.assertEqual(server.request("GET", path)[0], 200)
            for headers in ({}, bearer("x"), bearer(token[:-1]), bearer(token + "x"), {"authorization": "Basic " + token}):
                for method, path in (("POST", ""), ("GET", "metrics"), ("GET", "nothing"), ("PUT", "healthz/..")):
                    status, got, answer = server.request(method, path, headers=headers)
                    self.assertEqual(status, 401, (headers, path))
                    self.assertEqual(got["www-authenticate"], 'Bearer realm="facepipe"')
                    self.assertIn("Authorization: Bearer TOKEN", answer["error"])
            self.assertEqual(server.request("GET", "metrics", headers=bearer(token))[0], 200)
            self.assertEqual(server.request(body=frame(photo, "r"), headers=bearer(token))[0], 200)
            # Changes count from the next request on.
            second = new_token(self.folder)
            self.assertEqual(server.request("GET", "metrics", headers=bearer(second))[0], 200)
            for line in facepipe("token", "list", "--data", self.folder).stdout.splitlines():
                facepipe("token", "revoke", "--data", self.folder, line.split("\t")[0])
            self.assertEqual(server.request("GET", "metrics", headers=bearer(token))[0], 401)
            took = time.monotonic() - began
        log = server.log_path.read_text()
        self.assertIn("request_refused", log)
        self.assertLessEqual(log.count("request_refused"), 1 + took)  # a line a second; twenty and more were refused
        for secret in (token, second, token[:-1]):
            self.assertNotIn(secret, log)

    def test_the_body_of_a_refused_request_is_not_waited_for(self):
        new_token(self.folder)
        with Server(self.folder, "--workers", 0) as server:
            answer = raw(port_of(server.url),
                         b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000000\r\n\r\n")
        self.assertTrue(answer.startswith("HTTP/1.1 401 "), answer)

    def test_send_with_a_token(self):
        token, photo = new_token(self.folder), photographs("val", "madonna")[0]
        token_file = self.folder / "token"
        token_file.write_text(token + "\n")
        with Server(self.folder) as server:
            send = ("send", "--url", server.url, "--results", server.answers_url, "--timeout", 60, photo)
            refused = facepipe(*send, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("401", refused.stderr)
            facepipe(*send, "--token-file", token_file)
            done = subprocess.run([PROGRAM, *map(str, send)], capture_output=True, text=True, timeout=120,
                                  env=environment() | {"FACEPIPE_TOKEN": token})
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_an_access_file_that_others_can_read_stops_the_start(self):
        new_token(self.folder)
        (self.folder / "access.json").chmod(0o644)
        done = facepipe("serve", "--data", self.folder, "--port", 0, "--sqs-port", 0, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("chmod 600", done.stderr)


class Addresses(TemporaryFolderTest):
    def test_beyond_loopback_needs_a_token_and_a_key_or_insecure(self):
        start = ("serve", "--data", self.folder, "--address", "0.0.0.0", "--port", 0, "--sqs-port", 0)
        for prepare in (lambda: None, lambda: new_token(self.folder)):
            prepare()
            done = facepipe(*start, check=False)
            self.assertEqual(done.returncode, 2)
            for way_out in ("127.0.0.1", "facepipe token new", "sqs-key new", "--insecure"):
                self.assertIn(way_out, done.stderr)
        with Server(self.folder, "--address", "0.0.0.0", "--insecure", "--workers", 0) as server:
            pass
        self.assertIn('"event":"insecure"', server.log_path.read_text())
        new_sqs_key(self.folder)
        (self.folder / "serve.log").unlink()
        with Server(self.folder, "--address", "0.0.0.0", "--workers", 0) as server:
            self.assertEqual(server.request("GET", "metrics")[0], 401)
        self.assertNotIn("insecure", server.log_path.read_text())


class Signatures(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.key, self.secret = new_sqs_key(self.folder)

    def error_code(self, client):
        from botocore.exceptions import ClientError
        with self.assertRaises(ClientError) as caught:
            client.list_queues()
        error = caught.exception.response
        return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]

    def test_boto3(self):
        from botocore import UNSIGNED
        from botocore.config import Config
        with Server(self.folder, "--workers", 0) as server:
            client = sqs_client(server, self.key, self.secret)
            url = client.create_queue(QueueName="mine")["QueueUrl"]
            client.send_message(QueueUrl=url, MessageBody="with spaces & ünïcode")
            (message,) = client.receive_message(QueueUrl=url)["Messages"]
            self.assertEqual(message["Body"], "with spaces & ünïcode")
            self.assertEqual(self.error_code(sqs_client(server, self.key, "wrong")), ("SignatureDoesNotMatch", 403))
            self.assertEqual(self.error_code(sqs_client(server, "AKIAOTHER", self.secret)), ("InvalidClientTokenId", 403))
            import boto3
            unsigned = boto3.client("sqs", endpoint_url=server.sqs_url, region_name="eu-west-1",
                                    config=Config(signature_version=UNSIGNED, retries={"max_attempts": 1}))
            self.assertEqual(self.error_code(unsigned), ("MissingAuthenticationToken", 403))
            # A key made while the server runs, and one taken back.
            key, secret = new_sqs_key(self.folder)
            sqs_client(server, key, secret).list_queues()
            facepipe("token", "sqs-key", "revoke", "--data", self.folder, key)
            self.assertEqual(self.error_code(sqs_client(server, key, secret)), ("InvalidClientTokenId", 403))
        log = server.log_path.read_text()
        for secret_text in (self.secret, secret, "Signature="):
            self.assertNotIn(secret_text, log)

    def test_the_query_protocol(self):
        """Raw requests: boto3 speaks JSON alone. Signed by botocore."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        with Server(self.folder, "--workers", 0) as server:
            def call(secret, target="/?Action=ListQueues&Version=2012-11-05", sign=True, age=0, change=lambda headers: None):
                request = AWSRequest("GET", server.sqs_url + target)
                if sign:
                    SigV4Auth(Credentials(self.key, secret), "sqs", "us-east-1").add_auth(request)
                headers = dict(request.headers)
                change(headers)
                connection = http.client.HTTPConnection("127.0.0.1", port_of(server.sqs_url), timeout=60)
                connection.request("GET", target, headers=headers)
                response = connection.getresponse()
                body = response.read().decode()
                connection.close()
                code = re.search("<Code>(.*?)</Code>", body)
                return response.status, code and code[1]

            self.assertEqual(call(self.secret), (200, None))
            self.assertEqual(call("wrong"), (403, "SignatureDoesNotMatch"))
            self.assertEqual(call("", sign=False), (403, "MissingAuthenticationToken"))
            self.assertEqual(call("", target="/?Action=ListQueues&X-Amz-Signature=0", sign=False),
                             (400, "IncompleteSignature"))

            def older(headers):
                old = headers["X-Amz-Date"]
                new = old[:9] + f"{(int(old[9:11]) + 12) % 24:02}" + old[11:]
                headers["X-Amz-Date"] = new
            self.assertEqual(call(self.secret, change=older), (400, "RequestExpired"))

            def another_action(headers):
                headers["X-Amz-Target"] = "AmazonSQS.PurgeQueue"
            self.assertEqual(call(self.secret, change=another_action)[0], 400, "an unsigned header chooses no action")

            # A signed GET may change state, as AWS has it.
            self.assertEqual(call(self.secret, target="/?Action=CreateQueue&QueueName=made"), (200, None))

            def broken(headers):
                headers["Authorization"] = headers["Authorization"].split(", Signature")[0]
            self.assertEqual(call(self.secret, change=broken), (400, "IncompleteSignature"))

    def test_a_body_is_not_read_before_its_head_is_good(self):
        head = (b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: 6000000\r\n"
                b"%s\r\n")
        credential = b"Authorization: AWS4-HMAC-SHA256 Credential=%s/%s/us-east-1/%s/aws4_request, SignedHeaders=%s, Signature=%s\r\n"
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()).encode()
        names, key, none = b"host;x-amz-date;x-amz-target", self.key.encode(), b"0" * 64
        declared = b"X-Amz-Content-Sha256: " + b"0" * 64 + b"\r\n"
        with Server(self.folder, "--workers", 0) as server:
            for what, lines, status in (
                    ("no signature", b"", "403"),
                    ("another key", credential % (b"AKIAOTHER", now[:8], b"sqs", names, none) + b"X-Amz-Date: " + now + b"\r\n", "403"),
                    ("long ago", credential % (key, b"20200101", b"sqs", names, none) + b"X-Amz-Date: 20200101T000000Z\r\n", "400"),
                    ("another service", credential % (key, now[:8], b"s3", names, none) + b"X-Amz-Date: " + now + b"\r\n", "403"),
                    ("an unsigned target", credential % (key, now[:8], b"sqs", b"host;x-amz-date", none) + b"X-Amz-Date: " + now
                     + b"\r\n", "400"),
                    ("a declared digest", credential % (key, now[:8], b"sqs", b"host;x-amz-content-sha256;x-amz-date;x-amz-target", none)
                     + b"X-Amz-Date: " + now + b"\r\n" + declared, "403")):
                answer = raw(port_of(server.sqs_url), head % lines)  # and not a byte of the body
                self.assertEqual(answer.split(" ")[1], status, (what, answer))
                self.assertIn("__type", answer, what)

    def test_the_aws_command_line(self):
        with Server(self.folder, "--workers", 0) as server:
            def aws(key, secret, *more):
                return subprocess.run(
                    [AWS, "--endpoint-url", server.sqs_url, "--region", "us-east-1", *more, "sqs", "list-queues"],
                    capture_output=True, text=True, timeout=60,
                    env=environment() | {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
                                         "AWS_MAX_ATTEMPTS": "1", "AWS_CONFIG_FILE": "/dev/null",
                                         "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"})
            good = aws(self.key, self.secret)
            self.assertEqual(good.returncode, 0, good.stderr)
            self.assertIn("face-requests", good.stdout)
            self.assertIn("SignatureDoesNotMatch", aws(self.key, "wrong").stderr)
            self.assertIn("InvalidClientTokenId", aws("AKIAOTHER", self.secret).stderr)
            self.assertIn("MissingAuthenticationToken", aws(self.key, self.secret, "--no-sign-request").stderr)

    def test_a_key_of_the_environment(self):
        (self.folder / "access.json").unlink()
        done = subprocess.run([PROGRAM, "token", "list"], capture_output=True, text=True, timeout=60,
                              env=environment() | {"FACEPIPE_SQS_ACCESS_KEY_ID": "only-half"})
        self.assertEqual(done.returncode, 2)
        self.assertIn("FACEPIPE_SQS_SECRET_ACCESS_KEY", done.stderr)
        with EnvironmentServer({"FACEPIPE_SQS_ACCESS_KEY_ID": "EXAMPLEKEY",
                                "FACEPIPE_SQS_SECRET_ACCESS_KEY": "example-secret"}, self.folder, "--workers", 0) as server:
            sqs_client(server, "EXAMPLEKEY", "example-secret").list_queues()
            self.assertEqual(self.error_code(sqs_client(server, "EXAMPLEKEY", "other")), ("SignatureDoesNotMatch", 403))

    def test_send_and_worker_sign(self):
        photo = photographs("val", "madonna")[0]
        facepipe("people", "--data", self.folder, "add", "--largest", "madonna", *photographs("train", "madonna")[:2])
        keys = environment() | {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret,
                                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
        with Server(self.folder, "--workers", 0) as server:
            requests_url = server.answers_url.replace("face-answers", "face-requests")
            worker = subprocess.Popen(
                [PROGRAM, "worker", "--data", str(self.folder), "--source", requests_url, "--results",
                 server.answers_url, "--sign", "--region", "us-east-1", "--threads", "1"],
                env=keys, stderr=subprocess.PIPE, text=True)
            try:
                self.assertEqual(server.request(body=frame(photo, "signed"))[0], 200)
                client = sqs_client(server, self.key, self.secret)
                (message,) = wait_until(lambda: client.receive_message(
                    QueueUrl=server.answers_url, WaitTimeSeconds=1).get("Messages"), "the worker's answer")
                self.assertEqual(json.loads(message["Body"])["request_id"], "signed")
                client.delete_message(QueueUrl=server.answers_url, ReceiptHandle=message["ReceiptHandle"])
                # --sign signs frames too, which the frame port takes no offence at: it has no token here.
                done = subprocess.run(
                    [PROGRAM, "send", "--url", server.url, "--results", server.answers_url, "--sign", "--region",
                     "us-east-1", "--timeout", "60", str(photo)], env=keys, capture_output=True, text=True, timeout=120)
                self.assertEqual(done.returncode, 0, done.stderr)
            finally:
                worker.terminate()
                worker.communicate(timeout=30)


    def test_send_with_a_token_and_a_signature(self):
        token = new_token(self.folder)
        with Server(self.folder) as server:
            done = subprocess.run(
                [PROGRAM, "send", "--url", server.url, "--results", server.answers_url, "--sign", "--region", "us-east-1",
                 "--timeout", "60", str(photographs("val", "madonna")[0])], capture_output=True, text=True, timeout=120,
                env=environment() | {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret,
                                     "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                                     "FACEPIPE_TOKEN": token})
            self.assertEqual(done.returncode, 0, done.stderr)


class EnvironmentServer(Server):
    """A server with more settings in its environment."""

    def __init__(self, more, *arguments):
        super().__init__(*arguments)
        self.more = more

    def __enter__(self):
        original = harness.environment
        harness.environment = lambda: original() | self.more
        try:
            return super().__enter__()
        finally:
            harness.environment = original


class Tls(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        make_certificate(self.folder, "a")
        self.options = ("--tls-cert", self.folder / "a.pem", "--tls-key", self.folder / "a.key", "--workers", 0)
        self.context = ssl.create_default_context(cafile=str(self.folder / "a.pem"))

    def test_both_ports(self):
        photo = photographs("val", "madonna")[0]
        with Server(self.folder, *self.options) as server:
            curl = ["curl", "--silent", "--show-error", "--max-time", "60", "--cacert", str(self.folder / "a.pem")]
            url = server.url.replace("http://127.0.0.1", "https://localhost")
            self.assertIn("ready", subprocess.run([*curl, url + "readyz"], capture_output=True, text=True, check=True).stdout)
            posted = subprocess.run([*curl, "--data-binary", f"@{photo}", "-H", "content-type: image/jpeg",
                                     url + "?request_id=1&filename=a.jpg"], capture_output=True, text=True, check=True)
            self.assertIn("request enqueued", posted.stdout)
            old = subprocess.run([*curl, "--tls-max", "1.1", url + "readyz"], capture_output=True, text=True)
            self.assertNotEqual(old.returncode, 0)
            # Several requests on one connection, a body larger than TLS records and buffers.
            connection = http.client.HTTPSConnection("localhost", port_of(server.url), context=self.context, timeout=60)
            for size in (0, 1, 100_000, 3_000_000):
                connection.request("POST", "/", body=b"x" * size)
                response = connection.getresponse()
                response.read()
                self.assertEqual(response.status, 400)
            connection.close()
            import boto3
            from botocore.config import Config
            sqs = boto3.client("sqs", endpoint_url=server.sqs_url.replace("http:", "https:"), region_name="us-east-1",
                               aws_access_key_id="k", aws_secret_access_key="s", verify=str(self.folder / "a.pem"),
                               config=Config(retries={"max_attempts": 1}))
            self.assertTrue(sqs.get_queue_url(QueueName="face-requests")["QueueUrl"].startswith("https://"))
            # A client without TLS is closed, not answered in the clear.
            self.assertNotIn("HTTP/1.1 200", raw(port_of(server.url), b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        self.assertIn("https://127.0.0.1", server.log_path.read_text())

    def test_send_over_tls(self):
        with Server(self.folder, *self.options[:4]) as server:
            done = subprocess.run(
                [PROGRAM, "send", "--url", server.url.replace("http:", "https:"), "--results",
                 server.answers_url.replace("http:", "https:"), "--timeout", "60", str(photographs("val", "madonna")[0])],
                env=environment() | {"SSL_CERT_FILE": str(self.folder / "a.pem")}, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_handshake_that_does_not_come_holds_a_connection_for_ten_seconds_at_most(self):
        with Server(self.folder, *self.options) as server:
            # One that is not cut off would be idle for a minute.
            self.assertEqual(raw(port_of(server.url), b"\x16\x03\x01", timeout=30), "")

    def test_files_that_do_not_fit(self):
        make_certificate(self.folder, "b")
        certificate, key, other = (self.folder / name for name in ("a.pem", "a.key", "b.key"))
        def start(*arguments):
            done = facepipe("serve", "--data", self.folder / "data", "--port", 0, "--sqs-port", 0, *arguments, check=False)
            self.assertNotEqual(done.returncode, 0)
            return done.stderr
        self.assertIn("does not belong to the certificate", start("--tls-cert", certificate, "--tls-key", other))
        no_key = self.folder / "no.key"
        no_key.write_bytes(certificate.read_bytes())
        no_key.chmod(0o600)
        self.assertIn("expected a private key in PEM", start("--tls-cert", certificate, "--tls-key", no_key))
        self.assertIn("expected a certificate in PEM", start("--tls-cert", key, "--tls-key", key))
        self.assertIn("nothing.pem", start("--tls-cert", self.folder / "nothing.pem", "--tls-key", key))
        self.assertIn("together", start("--tls-cert", certificate))
        key.chmod(0o644)
        self.assertIn("chmod 600", start("--tls-cert", certificate, "--tls-key", key))


if __name__ == "__main__":
    unittest.main()
