#!/usr/bin/env python3
"""moto's server with what its CloudFormation and IAM leave out and the template's tests need:

- AWS::Lambda::Url and AWS::CloudWatch::Alarm, which its CloudFormation skips, made through its own Lambda and CloudWatch;
- event source mappings are kept but not run, for which it would need Docker;
- the queue that an SQS call is for, when policies are checked: moto itself compares a statement's Resource with "*";
- a batch call of SQS asks for the permission of the single one, as IAM has it;
- the inline policies of roles that CloudFormation made, as the text that its check reads, without AWS::NoValue;
- a role that trusts a service may be assumed: the test stands for the service. moto knows users' trust alone.

Arguments and environment are moto.server's.
"""
import json

from moto.awslambda.models import LambdaBackend
from moto.awslambda.utils import get_backend
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.common_models import CloudFormationModel
from moto.iam.access_control import IAMPolicyStatement
from moto.iam.models import Role
from moto.server import main


class FunctionUrl(CloudFormationModel):
    __module__ = "moto.awslambda.models"  # moto finds the service in it

    def __init__(self, physical_id, config):
        self.physical_resource_id, self.config = physical_id, config

    @staticmethod
    def cloudformation_name_type():
        return ""

    @staticmethod
    def cloudformation_type():
        return "AWS::Lambda::Url"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr in ("FunctionUrl", "FunctionArn")

    def get_cfn_attribute(self, attribute):
        return self.config.to_dict()[attribute]

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        properties = dict(cloudformation_json["Properties"])
        function = properties.pop("TargetFunctionArn")
        return cls(function, get_backend(account_id, region_name).create_function_url_config(function, properties))

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        """Goes with its function."""


class MetricAlarm(CloudFormationModel):
    __module__ = "moto.cloudwatch.models"
    # CloudFormation's names, put_metric_alarm's.
    ARGUMENTS = {"Namespace": "namespace", "MetricName": "metric_name", "ComparisonOperator": "comparison_operator",
                 "EvaluationPeriods": "evaluation_periods", "Period": "period", "Threshold": "threshold",
                 "Statistic": "statistic", "AlarmDescription": "description", "TreatMissingData": "treat_missing_data",
                 "AlarmActions": "alarm_actions"}

    def __init__(self, name):
        self.physical_resource_id = name

    @staticmethod
    def cloudformation_name_type():
        return "AlarmName"

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def has_cfn_attr(cls, attr):
        return False

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        properties = dict(cloudformation_json["Properties"])
        dimensions = properties.pop("Dimensions")
        arguments = {cls.ARGUMENTS[name]: value for name, value in properties.items()}
        for name, kind in (("threshold", float), ("period", int), ("evaluation_periods", int)):
            arguments[name] = kind(arguments[name])
        cloudwatch_backends[account_id][region_name].put_metric_alarm(
            name=resource_name, dimensions=dimensions, **({"alarm_actions": []} | arguments))
        return cls(resource_name)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        cloudwatch_backends[account_id][region_name].delete_alarms([resource_name])


def authorize_with_queue(self, resource="*"):
    target = self.headers.get("X-Amz-Target", "")
    if target.startswith("AmazonSQS."):
        queue_url = json.loads(self.raw_body).get("QueueUrl")
        if queue_url:
            resource = f"arn:aws:sqs:{self.region}:{self.current_account}:{queue_url.rsplit('/', 1)[1]}"
    authorize(self, resource)


def check_principal_or_service(self, principal):
    return "Service" in (self._statement.get("Principal") or {}) or check_principal(self, principal)


def put_policy_as_text(self, name, policy):
    if not isinstance(policy, str):
        statements = [statement for statement in policy["Statement"] if statement is not None]  # AWS::NoValue
        policy = json.dumps(policy | {"Statement": statements})
    put_policy(self, name, policy)


def is_single_action_permitted(self, action, *arguments, **more):
    single = action.removesuffix("Batch") if action.startswith("sqs:") else action
    return is_action_permitted(self, single, *arguments, **more)


is_action_permitted = IAMPolicyStatement.is_action_permitted
IAMPolicyStatement.is_action_permitted = is_single_action_permitted
LambdaBackend.send_sqs_batch = lambda self, *_, **__: False
put_policy = Role.put_policy
Role.put_policy = put_policy_as_text
check_principal = IAMPolicyStatement._check_principal
IAMPolicyStatement._check_principal = check_principal_or_service
authorize = ActionAuthenticatorMixin._authenticate_and_authorize_normal_action
ActionAuthenticatorMixin._authenticate_and_authorize_normal_action = authorize_with_queue

if __name__ == "__main__":
    main()
