"""What the deployment tests share: moto with the extensions, container storage of the test's own, a registry, containers.

Everything that is made lies in a folder under build/ and is removed after; listeners are on loopback; what is started here is
ended here.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import boto3

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lambda"))

from aws_harness import (CACHE, FACENET_PACK, REGION, ROOT, AwsTest, Function, Moto, Process, base64_of, clean_environment,  # noqa: E402
                         enrol, facepipe, free_ports, photographs, run_mapping_once, wait_until)
from waiting import listens  # noqa: E402

DEPLOY = ROOT / "deploy"
BASE = CACHE / "image" / "debian-bookworm.tar"
BASE_NAME = "docker.io/library/debian:bookworm-slim"
RUN_AS = "993:990"


class ExtendedMoto(Moto):
    """moto whose CloudFormation makes function URLs and alarms, and whose policies know queues: moto_extended.py."""

    def __init__(self, free_calls=None):
        super().__init__(free_calls)
        self.arguments[1:3] = [str(pathlib.Path(__file__).resolve().parent / "moto_extended.py")]


class TlsMoto(Moto):
    """moto behind TLS, with FOLDER's key.pem and cert.pem, whose name is localhost."""

    def __init__(self, folder):
        super().__init__()
        self.port = int(self.url.rsplit(":", 1)[1])
        self.certificate = f"{folder}/cert.pem"
        self.arguments += ["--ssl", "--ssl-cert", self.certificate, "--ssl-key", f"{folder}/key.pem"]
        self.url = f"https://localhost:{self.port}"

    def wait_ready(self, url):
        wait_until(lambda: listens(self.port), "moto listens")

    def client(self):
        return boto3.client("sqs", endpoint_url=self.url, region_name=REGION, aws_access_key_id="test",
                            aws_secret_access_key="test", verify=self.certificate)


def run(arguments, environment, timeout=900, stdin=None, check=True):
    """The finished process; a failure shows both of its streams."""
    done = subprocess.run([str(a) for a in arguments], env=environment, cwd=ROOT, capture_output=True, text=True,
                          timeout=timeout, input=stdin)
    if check and done.returncode != 0:
        raise AssertionError(f"{arguments}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}")
    return done


class Storage:
    """Container storage in a folder of its own, with settings that need no more than root. A context manager."""

    def __enter__(self):
        (ROOT / "build").mkdir(exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="deploy-test-", dir=ROOT / "build"))
        (self.folder / "storage.conf").write_text(
            f'[storage]\ndriver = "overlay"\ngraphroot = "{self.folder}/storage"\nrunroot = "{self.folder}/run"\n')
        # runc and cgroupfs: no service manager needed. The limits are those that an ordinary process has already.
        (self.folder / "containers.conf").write_text(
            '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\nnetns = "host"\n'
            '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n')
        self.environment = clean_environment(CONTAINERS_STORAGE_CONF=self.folder / "storage.conf",
                                             CONTAINERS_CONF=self.folder / "containers.conf", BUILDAH_ISOLATION="chroot",
                                             XDG_RUNTIME_DIR=self.folder)
        return self

    def __exit__(self, *_):
        self.run("podman", "rm", "--all", "--force", check=False)
        self.run("podman", "rmi", "--all", "--force", check=False)
        for mount in ("storage/overlay", "storage"):
            run(["umount", self.folder / mount], clean_environment(), check=False)
        shutil.rmtree(self.folder)

    def run(self, *arguments, **more):
        return run(arguments, self.environment, **more)

    def load_base(self):
        self.run("podman", "import", "--quiet", "--change", 'CMD ["bash"]', BASE, BASE_NAME)

    def config(self, image):
        """The image's configuration, as the specification has it."""
        return json.loads(self.run("buildah", "inspect", "--type", "image", image).stdout)["OCIv1"]

    @contextlib.contextmanager
    def mounted(self, image):
        """The image's root file system as a folder."""
        mount = pathlib.Path(self.run("podman", "image", "mount", image).stdout.strip())
        try:
            yield mount
        finally:
            self.run("podman", "image", "umount", image)


class ContainerFunction(Function):
    """The image's entry point under the Lambda emulator in a container: read-only, without a shell's help, as Lambda's user.
    What Process would run directly, podman runs."""

    def __init__(self, storage, image, command, memory_mb=512, cpus=1, mounts=(), timeout=60, **environment):
        super().__init__(command, timeout)
        emulator = self.arguments[1:-2]
        self.environment = storage.environment
        self.name = f"facepipe-test-{self.port}"
        self.storage = storage
        variables = {"AWS_LAMBDA_FUNCTION_TIMEOUT": timeout, "AWS_LAMBDA_FUNCTION_NAME": "face", "AWS_REGION": REGION,
                     "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory_mb} | environment
        entry = storage.config(image)["config"]["Entrypoint"]
        command = [command] if command else storage.config(image)["config"]["Cmd"]
        self.arguments = [
            "podman", "run", "--rm", "--name", self.name, "--pull=never", "--read-only", "--read-only-tmpfs=false",
            "--tmpfs", "/tmp:size=64m", "--user", RUN_AS, "--cap-drop=all", "--security-opt=no-new-privileges",
            "--memory", f"{memory_mb}m", "--memory-swap", f"{memory_mb}m", "--cpus", str(cpus), "--network", "host",
            "-v", f"{CACHE}/aws/rie:/rie:ro", *[word for mount in mounts for word in ("-v", mount)],
            *[word for name, value in variables.items() for word in ("-e", f"{name}={value}")],
            "--entrypoint", "/rie", image, *emulator, *entry, *command]

    def __exit__(self, *arguments):
        self.storage.run("podman", "rm", "--force", "--time", "1", self.name, check=False)
        super().__exit__(*arguments)


class Registry(Process):
    """Debian's docker-registry, which asks for one user and password. A context manager."""

    def __init__(self, folder, user, password):
        port, = free_ports(1)
        self.host = f"127.0.0.1:{port}"
        folder = pathlib.Path(folder)
        entry = run(["htpasswd", "-Bbn", user, password], clean_environment()).stdout
        (folder / "htpasswd").write_text(entry)
        (folder / "registry.yml").write_text(f"""version: 0.1
log: {{ level: warn }}
storage: {{ filesystem: {{ rootdirectory: {folder}/registry }} }}
http: {{ addr: {self.host} }}
auth: {{ htpasswd: {{ realm: test, path: {folder}/htpasswd }} }}
""")
        super().__init__(["docker-registry", "serve", folder / "registry.yml"], clean_environment())

    def wait_started(self):
        self.wait_ready(f"http://{self.host}/v2/")


__all__ = ["DEPLOY", "REGION", "ROOT", "AwsTest", "ContainerFunction", "ExtendedMoto", "Function", "Moto",
           "Registry", "Storage", "TlsMoto", "base64_of", "clean_environment", "enrol", "facepipe", "photographs", "run",
           "run_mapping_once"]
