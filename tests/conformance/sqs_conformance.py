#!/usr/bin/env python3
"""Drives the SQS port as its clients do: boto3 (JSON protocol), raw requests (query protocol), the aws CLI.

FACEPIPE_SQS_PORT names the program sqs_port, which each test class starts and ends. Everything is on loopback and bounded.
"""
import hashlib
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import unittest
import urllib.parse
import xml.etree.ElementTree

import boto3
import botocore.config
import botocore.exceptions

ACCOUNT = "000000000000"
NAMESPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"
CLEAN_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FACEPIPE_"))} | {
    "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "NO_PROXY": "*"}


class PortTest(unittest.TestCase):
    """One server for the class; every test uses queues of its own."""

    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([os.environ["FACEPIPE_SQS_PORT"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)
        cls.port = int(cls.server.stdout.readline())
        cls.endpoint = f"http://127.0.0.1:{cls.port}"
        cls.sqs = cls.new_client()

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        code = cls.server.wait(timeout=30)
        cls.server.stdin.close()
        cls.server.stdout.close()
        if code != 0:
            raise AssertionError(f"sqs_port ended with {code}")

    @classmethod
    def new_client(cls):
        config = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=40, proxies={})
        return boto3.client("sqs", endpoint_url=cls.endpoint, region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test", config=config)

    def get(self, target):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        connection.request("GET", target)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def queue(self, name=None, **attributes):
        name = name or self.id().rsplit(".", 1)[-1]
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def fifo(self, **attributes):
        return self.queue(self.id().rsplit(".", 1)[-1] + ".fifo", FifoQueue="true", **attributes)

    def receive(self, url, count=10, **options):
        return self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=count, **options).get("Messages", [])

    def bodies(self, url, **options):
        return [message["Body"] for message in self.receive(url, **options)]

    def code_of(self, call, *arguments, **parameters):
        """The error code of a call that must fail."""
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(*arguments, **parameters)
        self.assertTrue(caught.exception.response["Error"]["Message"])
        return caught.exception.response["Error"]["Code"]


class Boto3(PortTest):
    def test_send_receive_delete(self):
        url = self.queue()
        body = "{\"face\": \"€ <&>\"}\r\n\t"
        sent = self.sqs.send_message(QueueUrl=url, MessageBody=body)
        self.assertEqual(sent["MD5OfMessageBody"], hashlib.md5(body.encode()).hexdigest())
        message, = self.receive(url)
        self.assertEqual(message["Body"], body)
        self.assertEqual(message["MessageId"], sent["MessageId"])
        self.assertEqual(message["MD5OfBody"], sent["MD5OfMessageBody"])
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        counts = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(counts["ApproximateNumberOfMessages"], "0")
        self.assertEqual(counts["ApproximateNumberOfMessagesNotVisible"], "0")

    def test_message_attributes_and_their_digest(self):
        url = self.queue()
        attributes = {"text": {"DataType": "String", "StringValue": "grüße"},
                      "number": {"DataType": "Number.int", "StringValue": "42"},
                      "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="m", MessageAttributes=attributes)
        self.assertEqual(sent["MD5OfMessageAttributes"], attributes_md5(attributes))
        message, = self.receive(url, MessageAttributeNames=["All"], VisibilityTimeout=0)
        self.assertEqual(message["MessageAttributes"], attributes)
        self.assertEqual(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        message, = self.receive(url, MessageAttributeNames=["num*", "number"], VisibilityTimeout=0)
        self.assertEqual(list(message["MessageAttributes"]), ["number"])
        self.assertEqual(message["MD5OfMessageAttributes"], attributes_md5({"number": attributes["number"]}))
        message, = self.receive(url)
        self.assertNotIn("MessageAttributes", message)

    def test_system_attributes(self):
        url = self.queue()
        before = int(time.time() * 1000) - 1
        trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
        self.sqs.send_message(QueueUrl=url, MessageBody="m", MessageGroupId="camera-1", MessageSystemAttributes={
            "AWSTraceHeader": {"DataType": "String", "StringValue": trace}})
        for names in ({"AttributeNames": ["All"]}, {"MessageSystemAttributeNames": ["All"]}):
            message, = self.receive(url, VisibilityTimeout=0, **names)
        attributes = message["Attributes"]
        self.assertEqual(attributes["ApproximateReceiveCount"], "2")
        self.assertEqual(attributes["AWSTraceHeader"], trace)
        self.assertEqual(attributes["MessageGroupId"], "camera-1")
        self.assertEqual(attributes["SenderId"], ACCOUNT)
        self.assertGreaterEqual(int(attributes["SentTimestamp"]), before)
        self.assertGreaterEqual(int(attributes["ApproximateFirstReceiveTimestamp"]), int(attributes["SentTimestamp"]))
        message, = self.receive(url, MessageSystemAttributeNames=["SentTimestamp"])
        self.assertEqual(list(message["Attributes"]), ["SentTimestamp"])

    def test_batches(self):
        url = self.queue()
        result = self.sqs.send_message_batch(QueueUrl=url, Entries=[
            {"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "\x01"}, {"Id": "c", "MessageBody": "3"}])
        self.assertEqual([entry["Id"] for entry in result["Successful"]], ["a", "c"])
        failed, = result["Failed"]
        self.assertEqual((failed["Id"], failed["Code"], failed["SenderFault"]), ("b", "InvalidMessageContents", True))
        messages = self.receive(url)
        self.assertEqual([message["Body"] for message in messages], ["1", "3"])
        result = self.sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
            {"Id": "x", "ReceiptHandle": messages[0]["ReceiptHandle"], "VisibilityTimeout": 0},
            {"Id": "y", "ReceiptHandle": "junk", "VisibilityTimeout": 0}])
        self.assertEqual(result["Successful"], [{"Id": "x"}])
        self.assertEqual(result["Failed"][0]["Code"], "ReceiptHandleIsInvalid")
        again, = self.receive(url)
        result = self.sqs.delete_message_batch(QueueUrl=url, Entries=[
            {"Id": "x", "ReceiptHandle": again["ReceiptHandle"]},
            {"Id": "y", "ReceiptHandle": messages[1]["ReceiptHandle"]}])
        self.assertEqual([entry["Id"] for entry in result["Successful"]], ["x", "y"])

    def test_batch_errors(self):
        url = self.queue()
        send = self.sqs.send_message_batch
        entry = {"Id": "a", "MessageBody": "m"}
        prefix = "AWS.SimpleQueueService."
        self.assertEqual(self.code_of(send, QueueUrl=url, Entries=[]), prefix + "EmptyBatchRequest")
        self.assertEqual(self.code_of(send, QueueUrl=url, Entries=[entry, entry]), prefix + "BatchEntryIdsNotDistinct")
        self.assertEqual(self.code_of(send, QueueUrl=url, Entries=[entry | {"Id": "a b"}]), prefix + "InvalidBatchEntryId")
        self.assertEqual(self.code_of(send, QueueUrl=url, Entries=[entry | {"Id": str(i)} for i in range(11)]),
                         prefix + "TooManyEntriesInBatchRequest")
        self.assertEqual(self.code_of(send, QueueUrl=url, Entries=[
            {"Id": str(i), "MessageBody": "x" * 600_000} for i in range(2)]), prefix + "BatchRequestTooLong")

    def test_size_limits(self):
        url = self.queue()
        self.sqs.send_message(QueueUrl=url, MessageBody="x" * 1_048_576)
        self.assertEqual(self.code_of(self.sqs.send_message, QueueUrl=url, MessageBody="x" * 1_048_577),
                         "InvalidParameterValue")
        message, = self.receive(url)
        self.assertEqual(len(message["Body"]), 1_048_576)

    def test_visibility(self):
        url = self.queue()
        self.sqs.send_message(QueueUrl=url, MessageBody="m")
        # Hidden for longer than any machine takes to look; that it comes back by itself is shown with a short time.
        hidden, = self.receive(url, VisibilityTimeout=600)
        self.assertEqual(self.receive(url), [])
        self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=hidden["ReceiptHandle"], VisibilityTimeout=0)
        message, = self.receive(url, VisibilityTimeout=1)
        again, = self.receive(url, WaitTimeSeconds=20)
        self.assertNotEqual(again["ReceiptHandle"], message["ReceiptHandle"])
        self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0)
        self.assertEqual(len(self.receive(url)), 1)
        self.assertEqual(self.code_of(self.sqs.change_message_visibility, QueueUrl=url,
                                      ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=5),
                         "AWS.SimpleQueueService.MessageNotInflight")

    def test_delay(self):
        url = self.queue(DelaySeconds="600")
        self.sqs.send_message(QueueUrl=url, MessageBody="slow")
        self.sqs.send_message(QueueUrl=url, MessageBody="fast", DelaySeconds=0)
        self.assertEqual(self.bodies(url), ["fast"])
        # The queue's delay is a message's own from when it is sent, and ends.
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})
        self.sqs.send_message(QueueUrl=url, MessageBody="a little later")
        self.assertEqual(self.bodies(url, WaitTimeSeconds=20), ["a little later"])

    def test_long_poll_wakes_up(self):
        url = self.queue()
        start = time.monotonic()
        timer = threading.Timer(0.7, lambda: self.new_client().send_message(QueueUrl=url, MessageBody="m"))
        timer.start()
        messages = self.receive(url, WaitTimeSeconds=20)
        elapsed = time.monotonic() - start
        timer.join()
        self.assertEqual(len(messages), 1)
        self.assertGreaterEqual(elapsed, 0.6)
        self.assertLess(elapsed, 15)  # a poll that nothing wakes takes its 20 s

    def test_long_poll_ends_empty(self):
        url = self.queue(ReceiveMessageWaitTimeSeconds="1")
        start = time.monotonic()
        self.assertEqual(self.receive(url), [])
        self.assertGreaterEqual(time.monotonic() - start, 0.9)

    def test_poison_message_reaches_the_dead_letter_queue(self):
        dead = self.queue("dead-letters")
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.assertEqual(arn, f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead-letters")
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
        url = self.queue(RedrivePolicy=policy)
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="poison")
        for _ in range(2):
            self.assertEqual(self.bodies(url, VisibilityTimeout=0), ["poison"])
        self.assertEqual(self.receive(url), [])
        message, = self.receive(dead, AttributeNames=["All"])
        self.assertEqual(message["MessageId"], sent["MessageId"])
        self.assertEqual(message["Attributes"]["DeadLetterQueueSourceArn"],
                         f"arn:aws:sqs:us-east-1:{ACCOUNT}:" + url.rsplit("/", 1)[-1])
        self.assertEqual(self.sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [url])
        read = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
        self.assertEqual(json.loads(read["RedrivePolicy"]), json.loads(policy))

    def test_fifo_order_and_group_lock(self):
        url = self.fifo(ContentBasedDeduplication="true")
        sequences = [int(self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=body[0])["SequenceNumber"])
                     for body in ("a1", "a2", "b1", "a3")]
        self.assertEqual(sequences, sorted(set(sequences)))
        first, = self.receive(url, count=1, AttributeNames=["All"])
        self.assertEqual(first["Body"], "a1")
        self.assertEqual(first["Attributes"]["MessageGroupId"], "a")
        self.assertEqual(first["Attributes"]["SequenceNumber"], str(sequences[0]))
        self.assertEqual(self.bodies(url), ["b1"])
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
        self.assertEqual(self.bodies(url), ["a2", "a3"])

    def test_fifo_deduplication(self):
        url = self.fifo()
        first = self.sqs.send_message(QueueUrl=url, MessageBody="1", MessageGroupId="g", MessageDeduplicationId="d")
        again = self.sqs.send_message(QueueUrl=url, MessageBody="2", MessageGroupId="g", MessageDeduplicationId="d")
        self.assertEqual(again["MessageId"], first["MessageId"])
        self.assertEqual(again["SequenceNumber"], first["SequenceNumber"])
        self.assertEqual(self.bodies(url), ["1"])
        self.assertEqual(self.code_of(self.sqs.send_message, QueueUrl=url, MessageBody="3", MessageGroupId="g"),
                         "InvalidParameterValue")
        self.assertEqual(self.code_of(self.sqs.send_message, QueueUrl=url, MessageBody="3", MessageDeduplicationId="e"),
                         "MissingParameter")

    def test_fifo_expired_handle(self):
        url = self.fifo(ContentBasedDeduplication="true")
        self.sqs.send_message(QueueUrl=url, MessageBody="m", MessageGroupId="g")
        message, = self.receive(url, VisibilityTimeout=0)
        self.assertEqual(self.code_of(self.sqs.delete_message, QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]),
                         "InvalidParameterValue")

    def test_fair_queue(self):
        url = self.queue()
        for i in range(6):
            self.sqs.send_message(QueueUrl=url, MessageBody=f"noisy{i}", MessageGroupId="noisy")
        self.sqs.send_message(QueueUrl=url, MessageBody="quiet", MessageGroupId="quiet")
        self.assertIn("quiet", self.bodies(url, count=2))

    def test_error_codes(self):
        url = self.queue()
        absent = url + "-absent"
        missing = "AWS.SimpleQueueService.NonExistentQueue"
        self.assertEqual(self.code_of(self.sqs.send_message, QueueUrl=absent, MessageBody="m"), missing)
        self.assertEqual(self.code_of(self.sqs.get_queue_url, QueueName="absent"), missing)
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist):
            self.sqs.receive_message(QueueUrl=absent)
        with self.assertRaises(self.sqs.exceptions.QueueNameExists):
            self.queue(DelaySeconds="9")
        with self.assertRaises(self.sqs.exceptions.ReceiptHandleIsInvalid):
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle="junk")
        with self.assertRaises(self.sqs.exceptions.InvalidMessageContents):
            self.sqs.send_message(QueueUrl=url, MessageBody="\x01")
        with self.assertRaises(self.sqs.exceptions.InvalidAttributeName):
            self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Colour"])
        with self.assertRaises(self.sqs.exceptions.InvalidAttributeName):
            self.queue("standard", FifoQueue="false")
        self.assertEqual(self.code_of(self.sqs.send_message, QueueUrl=url, MessageBody="m", MessageAttributes={
            "a": {"DataType": "String.\x01", "StringValue": "v"}}), "InvalidParameterValue")
        with self.assertRaises(self.sqs.exceptions.UnsupportedOperation):
            self.sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["1"], Actions=["*"])
        self.assertEqual(self.code_of(self.sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11),
                         "InvalidParameterValue")

    def test_attributes(self):
        url = self.queue()
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7", "MessageRetentionPeriod": "60"})
        read = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(read["VisibilityTimeout"], "7")
        self.assertEqual(read["MessageRetentionPeriod"], "60")
        self.assertEqual(read["MaximumMessageSize"], "1048576")
        self.assertAlmostEqual(int(read["CreatedTimestamp"]), time.time(), delta=60)
        self.assertEqual(self.code_of(self.sqs.set_queue_attributes, QueueUrl=url, Attributes={"DelaySeconds": "901"}),
                         "InvalidAttributeValue")

    def test_list_pages(self):
        for name in ("page-a", "page-b", "page-c"):
            self.queue(name)
        pages = list(self.sqs.get_paginator("list_queues").paginate(QueueNamePrefix="page-",
                                                                    PaginationConfig={"PageSize": 2}))
        self.assertEqual([[url.rsplit("/", 1)[-1] for url in page["QueueUrls"]] for page in pages],
                         [["page-a", "page-b"], ["page-c"]])

    def test_tags(self):
        url = self.sqs.create_queue(QueueName="tagged", tags={"team": "vision"})["QueueUrl"]
        self.sqs.tag_queue(QueueUrl=url, Tags={"stage": "test"})
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "vision", "stage": "test"})
        self.sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)["Tags"], {"stage": "test"})

    def test_purge_and_delete_queue(self):
        url = self.queue()
        self.sqs.send_message(QueueUrl=url, MessageBody="m")
        self.sqs.purge_queue(QueueUrl=url)
        self.assertEqual(self.receive(url), [])
        with self.assertRaises(self.sqs.exceptions.PurgeQueueInProgress):
            self.sqs.purge_queue(QueueUrl=url)
        self.sqs.delete_queue(QueueUrl=url)
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist):
            self.sqs.get_queue_url(QueueName=url.rsplit("/", 1)[-1])

    def test_many_clients_at_once(self):
        url = self.queue()
        errors = []

        def send(number):
            try:
                client = self.new_client()
                for i in range(10):
                    client.send_message(QueueUrl=url, MessageBody=f"{number}-{i}")
            except Exception as error:  # reported below: a thread's exception is not a failure by itself
                errors.append(error)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        seen = []
        while batch := self.receive(url):
            seen += [message["Body"] for message in batch]
        self.assertEqual(sorted(seen), sorted(f"{number}-{i}" for number in range(6) for i in range(10)))


class QueryProtocol(PortTest):
    """Current boto3 has no query protocol for SQS; older SDKs and curl users have nothing else."""

    def call(self, path="/", **parameters):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        connection.request("POST", path, urllib.parse.urlencode({"Version": "2012-11-05"} | parameters),
                           {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        self.assertEqual(response.getheader("Content-Type"), "text/xml")
        return response.status, xml.etree.ElementTree.fromstring(text)

    def ok(self, path="/", **parameters):
        status, root = self.call(path, **parameters)
        self.assertEqual(status, 200, xml.etree.ElementTree.tostring(root))
        self.assertEqual(root.tag, NAMESPACE + parameters["Action"] + "Response")
        self.assertTrue(root.find(f"{NAMESPACE}ResponseMetadata/{NAMESPACE}RequestId").text)
        return root

    def texts(self, root, *path):
        return [element.text for element in root.findall(".//" + "/".join(NAMESPACE + name for name in path))]

    def test_create_send_receive_delete(self):
        root = self.ok(Action="CreateQueue", QueueName="form", **{"Attribute.1.Name": "VisibilityTimeout",
                                                                  "Attribute.1.Value": "9"})
        url, = self.texts(root, "QueueUrl")
        path = urllib.parse.urlsplit(url).path
        body = "a <b> & \"c\" +%\r\n€"
        root = self.ok(path, Action="SendMessage", MessageBody=body, **{
            "MessageAttribute.1.Name": "n", "MessageAttribute.1.Value.DataType": "String",
            "MessageAttribute.1.Value.StringValue": "v"})
        self.assertEqual(self.texts(root, "MD5OfMessageBody"), [hashlib.md5(body.encode()).hexdigest()])
        digest = attributes_md5({"n": {"DataType": "String", "StringValue": "v"}})
        self.assertEqual(self.texts(root, "MD5OfMessageAttributes"), [digest])
        root = self.ok(Action="ReceiveMessage", QueueUrl=url, **{"AttributeName.1": "All", "MessageAttributeName.1": "n"})
        self.assertEqual(self.texts(root, "Message", "Body"), [body])
        self.assertEqual(self.texts(root, "MessageAttribute", "Value", "StringValue"), ["v"])
        names = self.texts(root, "Attribute", "Name")
        self.assertIn("SentTimestamp", names)
        handle, = self.texts(root, "ReceiptHandle")
        self.ok(path, Action="ChangeMessageVisibility", ReceiptHandle=handle, VisibilityTimeout="60")
        self.ok(path, Action="DeleteMessage", ReceiptHandle=handle)
        root = self.ok(path, Action="GetQueueAttributes", **{"AttributeName.1": "VisibilityTimeout"})
        self.assertEqual(self.texts(root, "Attribute", "Value"), ["9"])

    def test_batch(self):
        self.ok(Action="CreateQueue", QueueName="form-batch")
        path = f"/{ACCOUNT}/form-batch"
        entry = "SendMessageBatchRequestEntry."
        root = self.ok(path, Action="SendMessageBatch", **{
            entry + "1.Id": "a", entry + "1.MessageBody": "1", entry + "2.Id": "b", entry + "2.MessageBody": "2",
            entry + "2.DelaySeconds": "901"})
        self.assertEqual(self.texts(root, "SendMessageBatchResultEntry", "Id"), ["a"])
        self.assertEqual(self.texts(root, "BatchResultErrorEntry", "Id"), ["b"])
        self.assertEqual(self.texts(root, "BatchResultErrorEntry", "SenderFault"), ["true"])

    def test_list_and_tags(self):
        self.ok(Action="CreateQueue", QueueName="form-list", **{"Tag.1.Key": "k", "Tag.1.Value": "v"})
        root = self.ok(Action="ListQueues", QueueNamePrefix="form-list")
        self.assertEqual(len(self.texts(root, "ListQueuesResult", "QueueUrl")), 1)
        root = self.ok(f"/{ACCOUNT}/form-list", Action="ListQueueTags")
        self.assertEqual(self.texts(root, "Tag", "Key") + self.texts(root, "Tag", "Value"), ["k", "v"])

    def test_errors(self):
        for expected, parameters in (
                ("AWS.SimpleQueueService.NonExistentQueue", {"Action": "GetQueueUrl", "QueueName": "absent"}),
                ("InvalidAction", {"Action": "Dance"}),
                ("InvalidAction", {}),
                ("MissingParameter", {"Action": "SendMessage", "QueueUrl": f"{self.endpoint}/{ACCOUNT}/x"}),
                ("InvalidParameterValue", {"Action": "CreateQueue", "QueueName": "a b"})):
            status, root = self.call(**parameters)
            self.assertEqual(status, 400)
            self.assertEqual(root.tag, NAMESPACE + "ErrorResponse")
            self.assertEqual(self.texts(root, "Error", "Code"), [expected])
            self.assertEqual(self.texts(root, "Error", "Type"), ["Sender"])

    def test_get_with_a_query_string(self):
        self.assertEqual(self.get("/?Action=ListQueues&Version=2012-11-05")[0], 200)
        status, body = self.get("/?Action=CreateQueue&QueueName=by-get&Version=2012-11-05")
        self.assertEqual(status, 400, body)
        self.assertIn("UnsupportedOperation", body)


class AwsCli(PortTest):
    def aws(self, *arguments, fails=False):
        done = subprocess.run([sys.executable, str(pathlib.Path(sys.executable).parent / "aws"), "--endpoint-url",
                               self.endpoint, "--output", "json", "sqs", *arguments], capture_output=True, text=True,
                              timeout=60, env=CLEAN_ENVIRONMENT)
        self.assertEqual(done.returncode != 0, fails, done.stderr)
        return done.stderr if fails else json.loads(done.stdout or "{}")

    def test_round_trip(self):
        url = self.aws("create-queue", "--queue-name", "cli")["QueueUrl"]
        sent = self.aws("send-message", "--queue-url", url, "--message-body", "hello", "--message-attributes",
                        json.dumps({"n": {"DataType": "Number", "StringValue": "1"}}))
        message, = self.aws("receive-message", "--queue-url", url, "--message-attribute-names", "All")["Messages"]
        self.assertEqual(message["Body"], "hello")
        self.assertEqual(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        self.aws("change-message-visibility", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"],
                 "--visibility-timeout", "60")
        self.aws("delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
        read = self.aws("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]
        self.assertEqual(read["ApproximateNumberOfMessagesNotVisible"], "0")

    def test_error(self):
        self.assertIn("NonExistentQueue", self.aws("get-queue-url", "--queue-name", "absent", fails=True))


def attributes_md5(attributes):
    """The documented digest, written apart from the program's own."""
    digest = hashlib.md5()

    def part(data):
        digest.update(len(data).to_bytes(4, "big") + data)

    for name in sorted(attributes):
        attribute = attributes[name]
        part(name.encode())
        part(attribute["DataType"].encode())
        binary = "BinaryValue" in attribute
        digest.update(b"\x02" if binary else b"\x01")
        part(attribute["BinaryValue"] if binary else attribute["StringValue"].encode())
    return digest.hexdigest()


if __name__ == "__main__":
    unittest.main(verbosity=2)
