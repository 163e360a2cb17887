"""The network between `facepipe worker` and the queue server is cut and mended: two network namespaces, a cable (veth)
between them. The test starts itself again in the first of them, where it may do all that needs root."""
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from fault_harness import ElasticMq, Ledger, drain, enrol, wait_until
from harness import PACK, PROGRAM, environment
from test_elasticmq import face_messages
from worker_process import WorkerProcess

SERVER, WORKER = "10.77.0.1", "10.77.0.2"
INSIDE = "FACEPIPE_FAULT_NAMESPACE"
CUTS = 3


def run(*arguments):
    subprocess.run([str(a) for a in arguments], check=True, timeout=20)


class OutsideElasticMq(ElasticMq):
    def __init__(self):
        super().__init__()
        config = pathlib.Path(self.folder.name) / "elasticmq.conf"
        config.write_text(config.read_text().replace("127.0.0.1", SERVER))
        self.url = self.url.replace("127.0.0.1", SERVER)


@contextlib.contextmanager
def second_namespace():
    """The id of a process that lives in a namespace of its own, at the other end of the cable."""
    holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there")
        run("ip", "link", "set", "there", "netns", holder.pid)
        run("ip", "addr", "add", f"{SERVER}/24", "dev", "here")
        run("ip", "link", "set", "here", "up")
        inside = ["nsenter", "--target", str(holder.pid), "--net"]
        run(*inside, "ip", "addr", "add", f"{WORKER}/24", "dev", "there")
        run(*inside, "ip", "link", "set", "there", "up")
        yield inside
    finally:
        holder.kill()
        holder.wait(10)
        holder.stdout.close()


class WorkerBehindCable(WorkerProcess):
    def __init__(self, inside, *arguments, **options):
        super().__init__(*arguments, **options)
        self.arguments = [*inside, *map(str, self.arguments)]


class NetworkCut(unittest.TestCase):
    def test_every_face_is_answered_once(self):
        if os.environ.get(INSIDE) != "yes":
            unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
            runner = pathlib.Path(__file__).resolve().parent.parent / "run_unittest.py"
            done = subprocess.run([*unshare, sys.executable, str(runner), __file__], timeout=800,
                                  env=os.environ | {INSIDE: "yes"})
            self.assertEqual(done.returncode, 0)
            return
        run("ip", "link", "set", "lo", "up")
        with tempfile.TemporaryDirectory() as folder:
            self.cut_and_mend(pathlib.Path(folder))

    def cut_and_mend(self, folder):
        gallery, ledger = enrol(folder), Ledger()
        bodies = face_messages(folder, ledger)
        with second_namespace() as inside, OutsideElasticMq() as server:
            requests = server.make_queue("requests", VisibilityTimeout="5")
            answers = server.make_queue("answers")
            with WorkerBehindCable(inside, PROGRAM, requests, answers, gallery, "--threads", 2, "--batch", 2, "--wait", 1,
                                   "--visibility", 5, environment=environment() | {"FACEPIPE_PACK": str(PACK)}) as worker:
                share = len(bodies) // CUTS + 1
                for cut in range(CUTS):
                    worked = len(worker.events("face"))
                    for body in bodies[cut * share:(cut + 1) * share]:
                        server.client().send_message(QueueUrl=requests, MessageBody=body)
                    wait_until(lambda: len(worker.events("face")) > worked, "the worker works")
                    run("ip", "link", "set", "here", "down")
                    time.sleep(2)
                    run("ip", "link", "set", "here", "up")
                drain(ledger, server.url, answers)
                self.assertEqual(worker.end(stop=True)[0], 0, worker.log_text())
        ledger.check(self, f"network-cut cuts={CUTS}")
