"""deploy/template.yaml: the linter finds nothing; deployed on moto it makes what it should, and neither function's role can do
the other's work."""
import json
import pathlib
import subprocess
import sys
import unittest

import boto3
import botocore.exceptions
import cfnlint.decode
from botocore.config import Config
from deploy_harness import (DEPLOY, REGION, ROOT, AwsTest, ExtendedMoto, Function, base64_of, clean_environment,
                            photographs, run)

TEMPLATE = DEPLOY / "template.yaml"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/facepipe@sha256:" + "a" * 64
STACK = "facepipe"


class Stack:
    """The stack on a moto server, with clients of its administrator."""

    def __init__(self, server):
        self.server = server

    def client(self, service, credentials=None):
        keys = credentials or self.server.credentials
        return boto3.client(service, endpoint_url=self.server.url, region_name=REGION,
                            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                            aws_session_token=keys.get("AWS_SESSION_TOKEN"), config=Config(retries={"max_attempts": 1}))

    def create(self, name=STACK, **parameters):
        """The outputs by name."""
        formation = self.client("cloudformation")
        formation.create_stack(
            StackName=name, TemplateBody=TEMPLATE.read_text(), Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()])
        stack = formation.describe_stacks(StackName=name)["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE", stack
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


class Lint(unittest.TestCase):
    def test_the_linter_finds_nothing(self):
        done = subprocess.run([pathlib.Path(sys.executable).parent / "cfn-lint", "--include-checks", "I", "--template", TEMPLATE],
                              capture_output=True, text=True, timeout=120, cwd=ROOT, env=clean_environment())
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


class Template(unittest.TestCase):
    """What moto keeps nothing of."""

    @classmethod
    def setUpClass(cls):
        cls.template = cfnlint.decode.decode(str(TEMPLATE))[0]
        cls.resources = cls.template["Resources"]

    def test_both_functions_run_one_image_with_their_own_command(self):
        for name, command in (("Detection", "face-detection"), ("Recognition", "face-recognition")):
            properties = self.resources[name]["Properties"]
            self.assertEqual(properties["PackageType"], "Image")
            self.assertEqual(properties["Code"], {"ImageUri": {"Ref": "ImageUri"}})
            self.assertEqual(properties["ImageConfig"], {"Command": [command]})
            self.assertEqual(properties["LoggingConfig"], {"LogGroup": {"Ref": f"{name}Logs"}})
            self.assertEqual(self.resources[f"{name}Logs"]["Properties"]["RetentionInDays"], {"Ref": "LogRetentionDays"})

    def test_visibility_is_six_times_the_timeout_and_the_window(self):
        parameters = self.template["Parameters"]
        visibility = self.template["Mappings"]["RequestVisibility"]
        self.assertEqual(list(visibility), parameters["RecognitionTimeoutSeconds"]["AllowedValues"])
        for timeout, row in visibility.items():
            self.assertGreaterEqual(row["Seconds"], 6 * int(timeout) + parameters["BatchWindowSeconds"]["MaxValue"])

    def test_defaults_fit_a_new_account(self):
        defaults = {name: parameter.get("Default") for name, parameter in self.template["Parameters"].items()}
        self.assertLessEqual(defaults["DetectionMemoryMb"], 3008)
        self.assertLessEqual(defaults["RecognitionMemoryMb"], 3008)
        self.assertEqual(defaults["DetectionReservedConcurrency"], -1)
        self.assertEqual(defaults["FrameAuth"], "AWS_IAM")
        self.assertNotIn(None, defaults.values())

    def test_every_queue_is_encrypted_and_takes_a_whole_message(self):
        queues = [r["Properties"] for r in self.resources.values() if r["Type"] == "AWS::SQS::Queue"]
        self.assertEqual(len(queues), 4)
        for queue in queues:
            self.assertEqual((queue["SqsManagedSseEnabled"], queue["MaximumMessageSize"]), (True, 1_048_576))


class Deployed(AwsTest):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(cls.enter(ExtendedMoto()))
        cls.outputs = cls.stack.create(ImageUri=IMAGE, AlarmTopicArn="arn:aws:sns:us-east-1:123456789012:ops")

    def attributes(self, output):
        return self.stack.client("sqs").get_queue_attributes(QueueUrl=self.outputs[output],
                                                             AttributeNames=["All"])["Attributes"]

    def test_queues_and_where_their_dead_letters_go(self):
        for name, visibility, receives in (("Request", "190", 5), ("Response", "1", 1000)):
            queue, dead = self.attributes(f"{name}QueueUrl"), self.attributes(f"{name}DeadLettersUrl")
            self.assertEqual(queue["VisibilityTimeout"], visibility)
            self.assertEqual(json.loads(queue["RedrivePolicy"]),
                             {"deadLetterTargetArn": dead["QueueArn"], "maxReceiveCount": receives})
            self.assertNotIn("RedrivePolicy", dead)
            for attributes in (queue, dead):
                self.assertEqual(attributes["MaximumMessageSize"], "1048576")
            self.assertEqual(dead["MessageRetentionPeriod"], "1209600")

    def test_functions(self):
        client = self.stack.client("lambda")
        detection = client.get_function_configuration(FunctionName=self.outputs["DetectionArn"])
        recognition = client.get_function_configuration(FunctionName=self.outputs["RecognitionArn"])
        self.assertEqual(detection["Environment"]["Variables"],
                         {"SQS_REQUEST_QUEUE_URL": self.outputs["RequestQueueUrl"],
                          "SQS_RESPONSE_QUEUE_URL": self.outputs["ResponseQueueUrl"], "FACEPIPE_FACES": "all"})
        # moto keeps a number a number; Lambda's are text.
        self.assertEqual({name: str(value) for name, value in recognition["Environment"]["Variables"].items()},
                         {"SQS_RESPONSE_QUEUE_URL": self.outputs["ResponseQueueUrl"], "FACEPIPE_GALLERY_REFRESH_S": "300"})
        self.assertEqual((detection["MemorySize"], detection["Timeout"], detection["Role"]),
                         (1769, 15, self.outputs["DetectionRoleArn"]))
        self.assertEqual((recognition["MemorySize"], recognition["Timeout"], recognition["Role"]),
                         (1769, 30, self.outputs["RecognitionRoleArn"]))

    def test_the_mapping(self):
        mapping, = self.stack.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        self.assertEqual(mapping["EventSourceArn"], self.outputs["RequestQueueArn"])
        self.assertEqual(mapping["FunctionArn"], self.outputs["RecognitionArn"])
        self.assertEqual(mapping["FunctionResponseTypes"], ["ReportBatchItemFailures"])
        self.assertEqual((mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]), (10, 0))
        self.assertEqual(mapping["ScalingConfig"], {"MaximumConcurrency": 2})

    def url_permissions(self, stack, outputs):
        policy = json.loads(stack.client("lambda").get_policy(FunctionName=outputs["DetectionArn"])["Policy"])
        return {(s["Action"], s["Principal"], s.get("FunctionUrlAuthType"), s.get("InvokedViaFunctionUrl"))
                for s in policy["Statement"]}

    def test_the_url_asks_for_signatures_and_has_both_permissions(self):
        url = self.stack.client("lambda").get_function_url_config(FunctionName=self.outputs["DetectionArn"])
        self.assertEqual((url["AuthType"], url["FunctionUrl"]), ("AWS_IAM", self.outputs["FrameUrl"]))
        self.assertEqual(self.url_permissions(self.stack, self.outputs),
                         {("lambda:InvokeFunctionUrl", "123456789012", "AWS_IAM", None),
                          ("lambda:InvokeFunction", "123456789012", None, True)})

    def test_a_gallery_in_s3_may_be_read_and_nothing_beside_it(self):
        with ExtendedMoto() as server:
            stack = Stack(server)
            outputs = stack.create(ImageUri=IMAGE, GalleryS3Uri="s3://people/site-a/gallery.fpg", GalleryRefreshSeconds="60")
            variables = stack.client("lambda").get_function_configuration(
                FunctionName=outputs["RecognitionArn"])["Environment"]["Variables"]
            self.assertEqual((variables["FACEPIPE_GALLERY"], str(variables["FACEPIPE_GALLERY_REFRESH_S"])),
                             ("s3://people/site-a/gallery.fpg", "60"))
            statements = {}
            for name in ("Detection", "Recognition"):
                policy = stack.client("iam").get_role_policy(RoleName=outputs[f"{name}RoleArn"].rsplit("/", 1)[1],
                                                             PolicyName=name.lower())["PolicyDocument"]
                statements[name] = [s for s in policy["Statement"] if s["Sid"] == "ReadGallery"]
            self.assertEqual(statements["Detection"], [])
            self.assertEqual([(s["Action"], s["Resource"]) for s in statements["Recognition"]],
                             [(["s3:GetObject", "s3:GetObjectVersion"],
                               ["arn:aws:s3:::people/site-a/gallery.fpg", "arn:aws:s3:::people/site-a/gallery.fpg.cut"])])
        pattern = cfnlint.decode.decode(str(TEMPLATE))[0]["Parameters"]["GalleryS3Uri"]["AllowedPattern"]
        self.assertRegex("s3://people/site-a/gallery.fpg", pattern)
        for wrong in ("s3://people/*", "s3://people/", "people/gallery.fpg", "s3://people/a?b"):
            self.assertNotRegex(wrong, pattern)

    def test_a_public_url_when_asked_for(self):
        with ExtendedMoto() as server:
            stack = Stack(server)
            outputs = stack.create(ImageUri=IMAGE, FrameAuth="NONE", AnswerNoFace="false")
            url = stack.client("lambda").get_function_url_config(FunctionName=outputs["DetectionArn"])
            self.assertEqual(url["AuthType"], "NONE")
            self.assertEqual(self.url_permissions(stack, outputs),
                             {("lambda:InvokeFunctionUrl", "*", "NONE", None), ("lambda:InvokeFunction", "*", None, True)})
            variables = stack.client("lambda").get_function_configuration(
                FunctionName=outputs["DetectionArn"])["Environment"]["Variables"]
            self.assertNotIn("SQS_RESPONSE_QUEUE_URL", variables)

    def test_log_groups_keep_for_a_month(self):
        groups = self.stack.client("logs").describe_log_groups()["logGroups"]
        self.assertEqual({group["logGroupName"]: group["retentionInDays"] for group in groups},
                         {"/aws/lambda/facepipe-detection": 30, "/aws/lambda/facepipe-recognition": 30})

    def test_alarms(self):
        alarms = self.stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
        watched = {(a["Namespace"], a["MetricName"], a["Dimensions"][0]["Value"].split("-")[1]) for a in alarms}
        self.assertEqual(watched, {
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "RequestDeadLetters"),
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "ResponseDeadLetters"),
            ("AWS/SQS", "ApproximateAgeOfOldestMessage", "RequestQueue"), ("AWS/Lambda", "Errors", "detection"),
            ("AWS/Lambda", "Url5xxCount", "detection"), ("AWS/Lambda", "Errors", "recognition")})
        for alarm in alarms:
            self.assertEqual(alarm["AlarmActions"], ["arn:aws:sns:us-east-1:123456789012:ops"])

    def test_the_repository(self):
        repository, = self.stack.client("ecr").describe_repositories()["repositories"]
        self.assertEqual(repository["repositoryUri"], self.outputs["RepositoryUri"])
        self.assertEqual(repository["repositoryName"], STACK)


class ByHand(AwsTest):
    def test_the_commands_of_the_guide(self):
        """The repository first, then with an image the rest, then away with it: as docs/deploy.md has it."""
        with ExtendedMoto() as server:
            stack = Stack(server)
            environment = clean_environment(AWS_DEFAULT_REGION=REGION, AWS_ENDPOINT_URL=server.url,
                                            AWS_CONFIG_FILE="/dev/null", **server.credentials)
            deploy = [sys.executable, "-m", "awscli", "cloudformation", "deploy", "--stack-name", STACK, "--template-file",
                      TEMPLATE, "--capabilities", "CAPABILITY_IAM"]
            run(deploy, environment)
            self.assertEqual(len(stack.client("ecr").describe_repositories()["repositories"]), 1)
            self.assertEqual(stack.client("lambda").list_functions()["Functions"], [])
            run([*deploy, "--parameter-overrides", f"ImageUri={IMAGE}"], environment)
            self.assertEqual({f["FunctionName"] for f in stack.client("lambda").list_functions()["Functions"]},
                             {"facepipe-detection", "facepipe-recognition"})
            run([sys.executable, "-m", "awscli", "cloudformation", "delete-stack", "--stack-name", STACK], environment)
            self.assertEqual(stack.client("lambda").list_functions()["Functions"], [])
            self.assertNotIn("QueueUrls", stack.client("sqs").list_queues())

    def test_an_image_that_is_no_image_is_refused(self):
        with ExtendedMoto() as server:
            pattern = cfnlint.decode.decode(str(TEMPLATE))[0]["Parameters"]["ImageUri"]["AllowedPattern"]
            self.assertRegex(IMAGE, pattern)
            self.assertRegex(IMAGE.split("@")[0] + ":1.0", pattern)
            for wrong in ("facepipe:latest", IMAGE[:-1], "docker.io/library/facepipe@sha256:" + "a" * 64):
                self.assertNotRegex(wrong, pattern)
            self.assertNotIn("FrameUrl", Stack(server).create())


class Roles(AwsTest):
    """Each role's own temporary credentials against queues whose server checks signatures, tokens and policies."""

    @classmethod
    def setUpClass(cls):
        server = cls.enter(ExtendedMoto(free_calls=ExtendedMoto.USER_CALLS))
        server.make_user("*")
        cls.stack = Stack(server)
        cls.outputs = cls.stack.create(ImageUri=IMAGE)
        cls.detection = cls.assume("DetectionRoleArn")
        cls.recognition = cls.assume("RecognitionRoleArn")
        cls.queues = {name: cls.outputs[f"{name}Url"]
                      for name in ("RequestQueue", "RequestDeadLetters", "ResponseQueue", "ResponseDeadLetters")}

    @classmethod
    def assume(cls, output):
        session = cls.stack.client("sts").assume_role(RoleArn=cls.outputs[output], RoleSessionName="test")["Credentials"]
        return {"AWS_ACCESS_KEY_ID": session["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
                "AWS_SESSION_TOKEN": session["SessionToken"]}

    def allowed(self, credentials, call, queue):
        """Whether the server took the call. A receipt handle that is none is refused after the policy was asked."""
        sqs = self.stack.client("sqs", credentials)
        url = self.queues[queue]
        calls = {
            "send": lambda: sqs.send_message(QueueUrl=url, MessageBody="x"),
            "receive": lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0),
            "delete": lambda: sqs.delete_message(QueueUrl=url, ReceiptHandle="none"),
            "change": lambda: sqs.change_message_visibility(QueueUrl=url, ReceiptHandle="none", VisibilityTimeout=0),
            "attributes": lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]),
            "purge": lambda: sqs.purge_queue(QueueUrl=url),
            "set": lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "0"}),
        }
        try:
            calls[call]()
        except botocore.exceptions.ClientError as error:
            if "is not authorized to perform: sqs:" in str(error):
                return False
            self.assertIn("ReceiptHandle", str(error))
        return True

    def table(self, credentials):
        return {(call, queue) for queue in self.queues
                for call in ("send", "receive", "delete", "change", "attributes", "set", "purge")
                if self.allowed(credentials, call, queue)}

    def test_the_detector_can_only_send(self):
        self.assertEqual(self.table(self.detection), {("send", "RequestQueue"), ("send", "ResponseQueue")})

    def test_the_recogniser_can_only_take_faces_and_send_answers(self):
        self.assertEqual(self.table(self.recognition),
                         {("receive", "RequestQueue"), ("delete", "RequestQueue"), ("change", "RequestQueue"),
                          ("attributes", "RequestQueue"), ("send", "ResponseQueue")})

    def test_neither_role_reaches_other_services(self):
        for credentials in (self.detection, self.recognition):
            for service, call in (("iam", "list_users"), ("ecr", "describe_repositories"), ("sqs", "list_queues"),
                                  ("cloudformation", "list_stacks")):
                with self.assertRaisesRegex(botocore.exceptions.ClientError, "is not authorized to perform: " + service):
                    getattr(self.stack.client(service, credentials), call)()

    def test_the_detector_works_with_its_role_and_not_with_the_other(self):
        photo = photographs("val", "madonna")[0]
        event = {"body": {"request_id": "by-role", "filename": "f.jpg", "content": base64_of(photo)}}
        for credentials, status in ((self.detection, 200), (self.recognition, 502)):
            with Function("face-detection", SQS_REQUEST_QUEUE_URL=self.queues["RequestQueue"],
                          AWS_ENDPOINT_URL_SQS=self.stack.server.url, **credentials) as function:
                answer = function.frame(event)
                self.assertEqual(answer[0], status, answer)

    def test_who_may_assume_them_and_where_they_log(self):
        iam = self.stack.client("iam")
        for output, log in (("DetectionRoleArn", "detection"), ("RecognitionRoleArn", "recognition")):
            name = self.outputs[output].rsplit("/", 1)[1]
            role = iam.get_role(RoleName=name)["Role"]
            self.assertEqual([s["Principal"] for s in role["AssumeRolePolicyDocument"]["Statement"]],
                             [{"Service": "lambda.amazonaws.com"}])
            self.assertEqual(iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"], [])
            policy, = iam.list_role_policies(RoleName=name)["PolicyNames"]
            statements = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]["Statement"]
            logs = [s for s in statements if any(a.startswith("logs:") for a in s["Action"])]
            self.assertEqual([(s["Action"], s["Resource"].split(":log-group:")[1].removesuffix(":*")) for s in logs],
                             [(["logs:CreateLogStream", "logs:PutLogEvents"], f"/aws/lambda/facepipe-{log}")])
