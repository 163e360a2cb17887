"""runtime.py MODULE.FUNCTION: AWS Lambda's Runtime API for a Python handler, as little as it takes."""
import http.client
import importlib
import json
import os
import sys
import traceback


def main():
    module, function = sys.argv[1].rsplit(".", 1)
    handler = getattr(importlib.import_module(module), function)
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        api.request("GET", "/2018-06-01/runtime/invocation/next")
        invocation = api.getresponse()
        event = json.loads(invocation.read())
        path = f"/2018-06-01/runtime/invocation/{invocation.getheader('Lambda-Runtime-Aws-Request-Id')}"
        try:
            api.request("POST", path + "/response", json.dumps(handler(event, None)))
        except Exception as error:
            traceback.print_exc()
            api.request("POST", path + "/error", json.dumps(
                {"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": []}))
        api.getresponse().read()


if __name__ == "__main__":
    main()
