"""The queue conformance suite against SQS servers of others, and the credentials chain against one that checks signatures.

FACEPIPE_TEST_PEERS names the program sqs_peer_conformance. ElasticMQ checks no signature; moto, once its free calls are
used up, checks every one, session tokens and policies.
"""
import json
import os
import pathlib
import subprocess
import sys

import boto3

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lambda"))
from aws_harness import KEY, REGION, AwsTest, ElasticMq, Moto, clean_environment, policy_of  # noqa: E402

PROGRAM = os.environ["FACEPIPE_TEST_PEERS"]
# What a role or user may do: nothing that a queue's client does not need.
ACTIONS = ["sqs:*", "sts:*"]
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]}]})


SETUP_CALLS = Moto.USER_CALLS + 2


def make_user_and_role(server):
    """(the user's key as variables, the role's ARN), by SETUP_CALLS calls."""
    iam = boto3.client("iam", endpoint_url=server.url, region_name=REGION, aws_access_key_id="any",
                       aws_secret_access_key="any")
    role = iam.create_role(RoleName="camera", AssumeRolePolicyDocument=TRUST)["Role"]
    iam.put_role_policy(RoleName="camera", PolicyName="queues", PolicyDocument=policy_of(ACTIONS))
    server.make_user(ACTIONS)
    return server.credentials, role["Arn"]


class PeerTest(AwsTest):
    maxDiff = None

    def setUp(self):
        self.home = self.make_folder()
        (self.home / ".aws").mkdir()

    def run_suite(self, server, peer, only=None, **environment):
        """The finished program, run in a home of its own with no settings but these."""
        arguments = [PROGRAM] + ([f"--gtest_filter=*.{only}/*"] if only else [])
        environment = {"AWS_ENDPOINT_URL": server.url, "FACEPIPE_TEST_PEER": peer, "AWS_REGION": REGION,
                       "AWS_EC2_METADATA_DISABLED": "true"} | environment
        return subprocess.run(arguments, capture_output=True, text=True, timeout=240,
                              env=clean_environment(**environment) | {"HOME": str(self.home)})

    def assert_passes(self, done, tests):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"[  PASSED  ] {tests} test", done.stdout)
        self.assertNotIn("[  SKIPPED ]", done.stdout)


class TheSuite(PeerTest):
    TESTS = 18

    def test_elasticmq(self):
        server = self.enter(ElasticMq())
        self.assert_passes(self.run_suite(server, "elasticmq", **KEY), self.TESTS)

    def test_elasticmq_unsigned(self):
        """A server on loopback takes requests without a signature where no credentials are found."""
        server = self.enter(ElasticMq())
        self.assert_passes(self.run_suite(server, "elasticmq", only="WhatIsSentIsReceived"), 1)

    def test_moto_that_checks_signatures(self):
        server = self.enter(Moto(free_calls=SETUP_CALLS))
        key, _ = make_user_and_role(server)
        self.assert_passes(self.run_suite(server, "moto", **key), self.TESTS)


class Credentials(PeerTest):
    """One message there and back with credentials of each kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enter(Moto(free_calls=SETUP_CALLS))
        cls.key, cls.role_arn = make_user_and_role(cls.server)

    def check(self, **environment):
        self.assert_passes(self.run_suite(self.server, "moto", only="WhatIsSentIsReceived", **environment), 1)

    def check_refused(self, code, secrets, **environment):
        done = self.run_suite(self.server, "moto", only="WhatIsSentIsReceived", **environment)
        said = done.stdout + done.stderr
        self.assertNotEqual(done.returncode, 0, said)
        self.assertIn(code, said)
        for secret in secrets:
            self.assertNotIn(secret, said)

    def write_aws(self, name, text):
        (self.home / ".aws" / name).write_text(text)

    def key_lines(self):
        return (f"aws_access_key_id = {self.key['AWS_ACCESS_KEY_ID']}\n"
                f"aws_secret_access_key = {self.key['AWS_SECRET_ACCESS_KEY']}\n")

    def session(self):
        sts = boto3.client("sts", endpoint_url=self.server.url, region_name=REGION,
                           aws_access_key_id=self.key["AWS_ACCESS_KEY_ID"],
                           aws_secret_access_key=self.key["AWS_SECRET_ACCESS_KEY"])
        return sts.assume_role(RoleArn=self.role_arn, RoleSessionName="test")["Credentials"]

    def test_environment_key(self):
        self.check(**self.key)

    def test_environment_session(self):
        session = self.session()
        environment = {"AWS_ACCESS_KEY_ID": session["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"]}
        self.check(**environment, AWS_SESSION_TOKEN=session["SessionToken"])
        self.check_refused("403", [session["SecretAccessKey"]], **environment)

    def test_credentials_file(self):
        self.write_aws("credentials", "[default]\n" + self.key_lines())
        self.check()

    def test_named_profile_of_a_config_file(self):
        file = self.home / "my-config"
        file.write_text("[profile camera]\n" + self.key_lines())
        self.check(AWS_CONFIG_FILE=str(file), AWS_PROFILE="camera")

    def test_role_of_a_source_profile(self):
        self.write_aws("config", f"[default]\nrole_arn = {self.role_arn}\nsource_profile = user\n")
        self.write_aws("credentials", "[user]\n" + self.key_lines())
        self.check()

    def test_role_of_the_environments_key(self):
        self.write_aws("config", f"[profile role]\nrole_arn = {self.role_arn}\ncredential_source = Environment\n")
        self.write_aws("credentials", f"[default]\nrole_arn = {self.role_arn}\nsource_profile = nobody\n")
        self.check(AWS_PROFILE="role", **self.key)

    def test_credential_process(self):
        output = self.home / "key.json"
        output.write_text(json.dumps({"Version": 1, "AccessKeyId": self.key["AWS_ACCESS_KEY_ID"],
                                      "SecretAccessKey": self.key["AWS_SECRET_ACCESS_KEY"]}))
        self.write_aws("config", f"[default]\ncredential_process = cat '{output}'\n")
        self.check()

    def test_a_wrong_secret_is_refused(self):
        wrong = "x" * 40
        self.check_refused("SignatureDoesNotMatch", [wrong], **self.key | {"AWS_SECRET_ACCESS_KEY": wrong})
        self.write_aws("config", f"[default]\nrole_arn = {self.role_arn}\nsource_profile = user\n[profile user]\n"
                                 f"aws_access_key_id = {self.key['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {wrong}\n")
        self.check_refused("AssumeRole: STS answered 403", [wrong])

    def test_an_unknown_key_is_refused(self):
        self.check_refused("InvalidClientTokenId", ["y" * 40], AWS_ACCESS_KEY_ID="AKIAUNKNOWN000000000",
                           AWS_SECRET_ACCESS_KEY="y" * 40)


class WebIdentity(PeerTest):
    """moto wants a signature of every call once the free ones are used up, which AssumeRoleWithWebIdentity has not. So the
    free calls here are the set-up, and of the program: the role and the new queue, and the role again for its client. What
    that sends and receives is checked."""

    def test_role_of_a_token(self):
        server = self.enter(Moto(free_calls=SETUP_CALLS + 3))
        _, role_arn = make_user_and_role(server)
        token = self.home / "token"
        token.write_text("eyJ0eXAi.a-token-that-moto-does-not-read.x\n")
        done = self.run_suite(server, "moto", only="WhatIsSentIsReceived", AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
                              AWS_ROLE_ARN=role_arn, AWS_ROLE_SESSION_NAME="pod")
        self.assert_passes(done, 1)
        # The free calls are used up: what is signed with anything else is refused.
        refused = self.run_suite(server, "moto", only="WhatIsSentIsReceived", AWS_ACCESS_KEY_ID="AKIAUNKNOWN000000000",
                                 AWS_SECRET_ACCESS_KEY="y" * 40)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("InvalidClientTokenId", refused.stdout)
