"""The image of deploy/Dockerfile, built without a Docker engine on a base that is made of Debian's packages: what is in it, both
functions of it under the Lambda emulator in a container, and pushed to and pulled from a registry that asks for a password.

The programs are those of this build (deploy/stage.sh takes them), so that nothing is compiled a second time.
"""
import atexit
import json
import os
import pathlib
import re
import sys

from deploy_harness import (DEPLOY, FACENET_PACK, REGION, ROOT, AwsTest, ContainerFunction, ExtendedMoto, Moto, Registry, Storage, TlsMoto,
                            base64_of, clean_environment, enrol, facepipe, photographs, run, run_mapping_once)

BUILD = pathlib.Path(os.environ["FACEPIPE_TEST_BUILD"])
IMAGE = "localhost/facepipe:test"
FACENET_IMAGE = "localhost/facepipe:facenet"
INT8_IMAGE = "localhost/facepipe:int8"
# What a function needs and no more: anything else in the image is a finding.
FILES = re.compile(r"""
    /lib(64)?/ld-linux[^/]*\.so\.\d | /lib/[^/]*-linux-gnu/lib[a-z0-9_+]+(-\w+)?\.so\.[\d.]+
  | /etc/(passwd|group|nsswitch\.conf) | /etc/ssl/certs/ca-certificates\.crt
  | /var/task/(facepipe-lambda|gallery\.fpg) | /var/task/pack/(manifest\.json|detector-\w+\.safetensors|embedder-\w+\.onnx)
  | /var/task/pack/embedder-(layers-\w+\.safetensors | pattern-\w+\.f32 | \w+-onnxruntime-[\w.-]+\.weights | onnxruntime-[\w.-]+-\w+\.onnx)
""", re.VERBOSE)
MAX_MB = 90  # with the weights twice: as the graph and as layers
MAX_INT8_MIB = 104


class Images:
    """Built once for the whole file: IMAGE with a gallery of facepipe's; made when first asked for."""
    storage = None

    @classmethod
    def get(cls):
        if cls.storage is None:
            storage = Storage().__enter__()
            atexit.register(storage.__exit__, None, None, None)  # test classes share it
            storage.load_base()
            cls.storage, cls.stage, cls.models = storage, storage.folder / "stage", storage.folder / "models"
            run(["bash", DEPLOY / "stage.sh", BUILD, cls.stage], clean_environment())
            cls.models.mkdir()
            (cls.models / "gallery.fpg").write_bytes(enrol(storage.folder / "people").read_bytes())
            (cls.models / "facenet.fpg").write_bytes(enrol(storage.folder / "facenet", "--pack", FACENET_PACK).read_bytes())
            enrol(storage.folder / "classic", "--mode", "classic", "--pack", FACENET_PACK)
            facepipe("people", "--data", storage.folder / "classic", "export", cls.models / "people.pt")
            cls.build(IMAGE, "--build-arg", "GALLERY=gallery.fpg")
        return cls.storage

    @classmethod
    def build_facenet(cls):
        cls.build(FACENET_IMAGE, "--build-arg", "GALLERY=facenet.fpg")

    @classmethod
    def build_int8(cls):
        cls.build(INT8_IMAGE, "--build-arg", "GALLERY=facenet.fpg", "--build-arg", "PRECISION=int8")

    @classmethod
    def build(cls, name, *options, check=True):
        return cls.storage.run("buildah", "bud", "--layers", "--format", "docker", "--pull=never", "-f", DEPLOY / "Dockerfile",
                               "--build-context", f"programs={cls.stage}", "--build-context", f"models={cls.models}",
                               "-t", name, *options, ROOT, check=check)


class ImageTest(AwsTest):
    @classmethod
    def setUpClass(cls):
        cls.storage = Images.get()

    def layers(self, image):
        return self.storage.config(image)["rootfs"]["diff_ids"]


class Contents(ImageTest):
    def test_configuration(self):
        config = self.storage.config(IMAGE)["config"]
        self.assertEqual(config["Entrypoint"], ["/var/task/facepipe-lambda"])
        self.assertEqual(config["Cmd"], ["face-recognition"])
        self.assertEqual((config["User"], config["WorkingDir"]), ("993:990", "/var/task"))
        self.assertEqual({name: value for name, value in (line.split("=", 1) for line in config["Env"]) if name != "PATH"},
                         {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt", "FACEPIPE_PACK": "/var/task/pack",
                          "FACEPIPE_GALLERY": "/var/task/gallery.fpg"})

    def test_files_and_sizes_by_layer(self):
        history = json.loads(self.storage.run("podman", "history", "--format", "json", IMAGE).stdout)
        print("\nlayers of the image, the lowest first:")
        labels = iter(("libraries", "ONNX Runtime", "model pack", "gallery", "program"))
        for layer in reversed(history):
            if layer["size"]:
                print(f"  {layer['size'] / 1e6:8.2f} MB  {next(labels)}")
        with self.storage.mounted(IMAGE) as root:
            files = [path for path in root.rglob("*") if not path.is_dir()]
            total = sum(path.stat().st_size for path in files)
            print(f"  {total / 1e6:8.2f} MB  in {len(files)} files")
            names = {"/" + path.relative_to(root).as_posix() for path in files}
            self.assertEqual({name for name in names if not FILES.fullmatch(name)}, set())
            self.assertLess(total, MAX_MB * 1e6)
            for path in root.rglob("*"):
                self.assertFalse(path.is_symlink(), path)
                self.assertEqual(path.stat().st_mode & 0o6000, 0, path)
            self.assertEqual((root / "tmp").stat().st_mode & 0o7777, 0o1777)
            program = root / "var/task/facepipe-lambda"
            sections = run(["readelf", "--sections", "--dynamic", "--wide", program], clean_environment()).stdout
            self.assertNotIn(".debug_", sections)
            self.assertNotIn(".symtab", sections)
            self.assertNotRegex(sections, "R(UN)?PATH")

    def test_int8_changes_the_pack_alone_and_is_less_than_half(self):
        Images.build_facenet()
        Images.build_int8()
        before, after = self.layers(FACENET_IMAGE), self.layers(INT8_IMAGE)
        self.assertEqual([i for i in range(5) if before[i] != after[i]], [2])
        with self.storage.mounted(INT8_IMAGE) as root:
            self.assertEqual(json.loads((root / "var/task/pack/manifest.json").read_text())["precision"], "int8")
            total = sum(path.stat().st_size for path in root.rglob("*") if not path.is_dir())
        print(f"\nint8: {total / 1e6:.2f} MB")
        self.assertLess(total, MAX_INT8_MIB << 20)

    def test_an_original_gallery_changes_one_layer(self):
        Images.build("localhost/facepipe:classic", "--build-arg", "GALLERY=people.pt")
        Images.build_facenet()
        before, after = self.layers(FACENET_IMAGE), self.layers("localhost/facepipe:classic")
        self.assertEqual(len(before), 5)
        self.assertEqual([i for i in range(5) if before[i] != after[i]], [3])  # the gallery's
        with self.storage.mounted("localhost/facepipe:classic") as root:
            listed = facepipe("people", "--gallery", root / "var/task/gallery.fpg", "list").stdout
        for person in ("madonna", "elton_john"):
            self.assertIn(person, listed)

    def pack_of(self, image):
        with self.storage.mounted(image) as root:
            return json.loads((root / "var/task/pack/manifest.json").read_text())["name"]

    def test_the_pack_is_the_one_that_made_the_gallery(self):
        Images.build_facenet()
        self.assertEqual((self.pack_of(IMAGE), self.pack_of(FACENET_IMAGE)), ("mobilefacenet-192", "facenet-msceleb-128"))
        done = Images.build("localhost/facepipe:wrong", "--build-arg", "GALLERY=facenet.fpg", "--build-arg", "PACK=mobilefacenet-192",
                            check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("GALLERY=facenet.fpg: made by none of the packs mobilefacenet-192", done.stderr + done.stdout)

    def test_weights_of_one_s_own(self):
        (Images.models / "mine.h5").unlink(missing_ok=True)
        os.link(Images.stage / "cache/models/facenet_keras.h5", Images.models / "mine.h5")
        try:
            Images.build("localhost/facepipe:mine", "--build-arg", "EMBEDDER=mine.h5", "--build-arg", "EMBEDDER_MODE=standard")
        finally:
            (Images.models / "mine.h5").unlink()  # or every later build would copy it
        with self.storage.mounted("localhost/facepipe:mine") as root:
            manifest = json.loads((root / "var/task/pack/manifest.json").read_text())
            self.assertEqual((manifest["name"], manifest["preprocessing"]["mode"]), ("mine", "standard"))
            self.assertEqual(manifest["sources"][-1]["name"], "mine.h5")
            self.assertFalse((root / "var/task/gallery.fpg").exists())

    def test_a_gallery_that_is_not_there_ends_the_build(self):
        done = Images.build("localhost/facepipe:none", "--build-arg", "GALLERY=nobody.pt", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("GALLERY=nobody.pt: expected the name of a file in deploy/models", done.stderr + done.stdout)

    def test_targets_with_the_original_handlers_differ_in_the_command_alone(self):
        for target in ("fd_lambda", "fr_lambda"):
            name = f"localhost/facepipe:{target}"
            Images.build(name, "--build-arg", "GALLERY=gallery.fpg", "--target", target)
            self.assertEqual(self.storage.config(name)["config"]["Cmd"], [f"{target}.lambda_handler"])
            self.assertEqual(self.layers(name), self.layers(IMAGE))

    def test_the_command_as_a_container(self):
        name = "localhost/facepipe:worker"
        Images.build(name, "--build-arg", "GALLERY=gallery.fpg", "--target", "worker")
        self.assertEqual(self.layers(name)[:4], self.layers(IMAGE)[:4])
        photo = photographs("val", "madonna")[0]
        done = self.storage.run("podman", "run", "--rm", "--pull=never", "--read-only", "--network=none", "-v",
                                f"{photo}:/tmp/photo.jpg:ro", name, "recognize", "/tmp/photo.jpg")
        self.assertEqual(json.loads(done.stdout.splitlines()[0])["faces"][0]["name"], "madonna")


class Functions(ImageTest):
    """Read-only, as Lambda's user, without capabilities, with a limit on memory and CPU."""

    def frame(self, request_id, person="madonna"):
        photo = photographs("val", person)[0]
        return {"body": {"request_id": request_id, "filename": photo.name, "content": base64_of(photo)}}

    def test_frame_to_name(self):
        with Moto() as server:
            requests, answers = server.make_queue("requests"), server.make_queue("answers")
            with ContainerFunction(self.storage, IMAGE, "face-detection", memory_mb=256, SQS_REQUEST_QUEUE_URL=requests,
                                   **server.credentials) as detection:
                for person in ("madonna", "elton_john"):
                    status, body = detection.frame(self.frame(person, person))
                    self.assertEqual((status, body["message"]), (200, "Face detection complete and request enqueued."))
            with ContainerFunction(self.storage, IMAGE, None, memory_mb=512, SQS_RESPONSE_QUEUE_URL=answers,
                                   **server.credentials) as recognition:  # the image's own CMD
                messages, failed = run_mapping_once(server, requests, recognition)
                self.assertEqual((len(messages), failed), (2, []))
            self.assertEqual({answer["request_id"]: answer["result"] for answer in server.take(answers, 2)},
                             {"madonna": "madonna", "elton_john": "elton_john"})

    def test_certificates_are_checked_against_the_image_s_file(self):
        folder = self.make_folder()
        run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
            clean_environment())
        (folder / "cert.pem").chmod(0o644)
        folder.chmod(0o755)
        trusted = f"{folder}/cert.pem:/etc/ssl/certs/ca-certificates.crt:ro"
        with TlsMoto(folder) as server:
            url = server.make_queue("requests")
            for mounts, status in (((trusted,), 200), ((), 502)):
                with ContainerFunction(self.storage, IMAGE, "face-detection", mounts=mounts, SQS_REQUEST_QUEUE_URL=url,
                                       **server.credentials) as detection:
                    answer = detection.frame(self.frame("tls"))
                    self.assertEqual(answer[0], status, answer)


class Push(ImageTest):
    def push(self, *arguments, **environment):
        variables = self.storage.environment | {"PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}
        return run(["bash", DEPLOY / "push.sh", *arguments], variables | environment, check=False)

    def pull_anew(self, reference, authfile):
        """The image's name in another storage that never saw it."""
        storage = self.enter(Storage())
        storage.run("podman", "pull", "--quiet", "--authfile", authfile, "--tls-verify=false", reference)
        return storage

    def test_pushed_and_pulled_with_ecr_s_password(self):
        folder = self.make_folder()
        with ExtendedMoto() as server:
            aws = {"AWS_ENDPOINT_URL": server.url, "AWS_DEFAULT_REGION": REGION, "AWS_CONFIG_FILE": "/dev/null",
                   "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", **server.credentials}
            password = run([pathlib.Path(sys.executable).parent / "aws", "ecr", "get-login-password"],
                           clean_environment(**aws)).stdout.strip()
            with Registry(folder, "AWS", password) as registry:
                repository = f"{registry.host}/facepipe"
                anonymous = self.push("--image", IMAGE, "--tls-verify=false", "--authfile", folder / "none.json",
                                      f"{repository}:1")
                self.assertNotEqual(anonymous.returncode, 0)
                self.assertEqual(anonymous.stdout, "")
                pushed = self.push("--ecr", "--image", IMAGE, "--tls-verify=false", f"{repository}:1", **aws)
                self.assertEqual(pushed.returncode, 0, pushed.stderr)
                self.assertRegex(pushed.stdout, f"^{re.escape(repository)}@sha256:[0-9a-f]{{64}}\n$")
                self.assertNotIn(password, pushed.stdout + pushed.stderr)
                again = self.push("--ecr", "--image", IMAGE, "--tls-verify=false", f"{repository}:1", **aws)
                self.assertEqual(again.stdout, pushed.stdout)
                authfile = folder / "auth.json"
                self.storage.run("buildah", "login", "--authfile", authfile, "--tls-verify=false", "-u", "AWS",
                                 "--password-stdin", registry.host, stdin=password)
                reference = pushed.stdout.strip()
                elsewhere = self.pull_anew(reference, authfile)
        inspected = json.loads(elsewhere.run("podman", "inspect", reference).stdout)[0]
        self.assertEqual(inspected["Digest"], reference.split("@")[1])
        self.assertEqual(elsewhere.config(reference)["rootfs"]["diff_ids"], self.layers(IMAGE))
        with ContainerFunction(elsewhere, reference, "face-detection",
                               SQS_REQUEST_QUEUE_URL="http://127.0.0.1:9/0/q") as detection:
            self.assertEqual(detection.frame({"body": "{}"})[0], 400)

    def test_builds_what_it_pushes(self):
        folder = self.make_folder()
        with Registry(folder, "me", "secret") as registry:
            authfile = folder / "auth.json"
            self.storage.run("buildah", "login", "--authfile", authfile, "--tls-verify=false", "-u", "me",
                             "--password-stdin", registry.host, stdin="secret")
            done = self.push("--tls-verify=false", "--authfile", authfile, f"{registry.host}/a/facepipe:2", "--",
                             "--pull=never", "--build-context", f"programs={Images.stage}", "--build-context",
                             f"models={Images.models}", "--build-arg", "GALLERY=gallery.fpg")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, f"^{re.escape(registry.host)}/a/facepipe@sha256:[0-9a-f]{{64}}\n$")
            self.assertEqual(self.layers("localhost/facepipe:2"), self.layers(IMAGE))

    def test_what_it_does_not_understand(self):
        for arguments, complaint in (
                (["facepipe"], 'expected REGISTRY/REPOSITORY[:TAG], got "facepipe"'),
                (["host/a", "host/b"], "expected one destination, got host/a and host/b"),
                (["--quick", "host/a"], "--quick: no such option"),
                (["--image"], "--image: expected a value, got nothing"),
                (["--engine", "kaniko", "host/a"], "expected buildah or docker to be installed, got kaniko")):
            done = self.push(*arguments)
            self.assertEqual((done.returncode, done.stdout), (1, ""), arguments)
            self.assertIn(complaint, done.stderr)
