"""facepipe queue, doctor and erase: on a stopped server's folder, and over the SQS API of a running one."""
import contextlib
import json
import os
import re
import sqlite3
import stat

from harness import Server, TemporaryFolderTest, facepipe, photographs, wait_until


def queues(folder, *more):
    return {line["queue"]: line for line in map(json.loads, facepipe("queue", "list", "--json", "--data", folder,
                                                                     *more).stdout.splitlines())}


def checks(*arguments):
    done = facepipe("doctor", "--json", *arguments, check=False)
    return done.returncode, {line["check"]: line for line in map(json.loads, done.stdout.splitlines())}


class QueueTest(TemporaryFolderTest):
    def fill(self, *arguments):
        """A stopped server's folder: frames that nobody recognised, and a dead letter."""
        with Server(self.folder, *arguments) as server:
            for photo in photographs("val", "madonna")[:3]:
                status, _, _ = server.request(path=f"?request_id={photo.stem[:40]}&filename=a.jpg",
                                              body=photo.read_bytes(), headers={"content-type": "image/jpeg"})
                self.assertEqual(status, 200)
            self.assertEqual(server.stop(), 0)

    def kill_poison(self, server, body):
        sqs = server.sqs()
        requests = sqs.get_queue_url(QueueName="face-requests")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=requests, Attributes={"RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:face-requests-dead", "maxReceiveCount": 1})})
        sqs.send_message(QueueUrl=requests, MessageBody=body)
        endpoint = ("--endpoint", server.sqs_url)
        wait_until(lambda: queues(self.folder, *endpoint)["face-requests-dead"]["visible"] == 1, "poison is dead")
        return endpoint


class OfAStoppedServer(QueueTest):
    def test_list_show_and_faces(self):
        self.fill("--workers", 0)
        listed = queues(self.folder)
        self.assertGreaterEqual(listed["face-requests"]["visible"], 3)
        self.assertEqual(listed["face-requests"]["dead_letter_queue"], "face-requests-dead")
        self.assertEqual(listed["face-answers"]["visible"], 0)
        shown = facepipe("queue", "show", "face-requests", "--limit", 2, "--json", "--data", self.folder)
        messages = [json.loads(line) for line in shown.stdout.splitlines()]
        self.assertEqual(len(messages), 2)
        self.assertEqual(messages[0]["request_id"], photographs("val", "madonna")[0].stem[:40])
        self.assertGreater(messages[0]["face_bytes"], 500)
        self.assertNotIn('"face":', shown.stdout)
        self.assertEqual([path.name for path in self.folder.rglob("*.[jp][pn]g")], [], "no face without being asked")
        faces = self.folder / "faces"
        facepipe("queue", "show", "face-requests", "--faces", faces, "--data", self.folder)
        crops = list(faces.iterdir())
        self.assertEqual(len(crops), listed["face-requests"]["visible"])
        self.assertTrue(all(stat.S_IMODE(crop.stat().st_mode) == 0o600 for crop in crops))
        self.assertTrue(all(crop.read_bytes().startswith(b"\x89PNG" if crop.suffix == ".png" else b"\xff\xd8\xff") for crop in crops))

    def test_purge_wants_to_be_sure(self):
        self.fill("--workers", 0)
        refused = facepipe("queue", "purge", "face-requests", "--data", self.folder, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--yes", refused.stderr)
        facepipe("queue", "purge", "face-requests", "--yes", "--data", self.folder)
        self.assertEqual(queues(self.folder)["face-requests"]["visible"], 0)

    def test_backup_and_restore(self):
        self.fill("--workers", 0)
        before = queues(self.folder)["face-requests"]["visible"]
        copy = self.folder / "backup.db"
        facepipe("queue", "backup", copy, "--data", self.folder)
        facepipe("queue", "purge", "face-requests", "--yes", "--data", self.folder)
        copy.replace(self.folder / "queues.db")
        self.assertEqual(queues(self.folder)["face-requests"]["visible"], before)
        facepipe("people", "--data", self.folder, "add", "--largest", "madonna", *photographs("train", "madonna")[:3])
        with Server(self.folder) as server:
            self.assertGreaterEqual(len(server.take_answers(before)), before)

    def test_errors(self):
        done = facepipe("queue", "list", "--data", self.folder, check=False)
        self.assertEqual((done.returncode, "no such file" in done.stderr), (1, True), done.stderr)
        self.fill("--workers", 0)
        done = facepipe("queue", "show", "absent", "--data", self.folder, check=False)
        self.assertEqual((done.returncode, "absent" in done.stderr), (1, True), done.stderr)


class OfARunningServer(QueueTest):
    def test_the_folder_is_refused_and_the_endpoint_works(self):
        with Server(self.folder) as server:
            done = facepipe("queue", "list", "--data", self.folder, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("--endpoint", done.stderr)
            endpoint = self.kill_poison(server, '{"face": "not a face"}')
            shown = json.loads(facepipe("queue", "show", "face-requests-dead", "--json", *endpoint).stdout)
            self.assertTrue(shown["reason"].startswith("invalid-data: "), shown)
            self.assertNotIn("not a face", shown["reason"], "a reason holds no payload")
            # Each where it came from; it dies again.
            moved = facepipe("queue", "redrive", "face-requests-dead", *endpoint).stdout
            self.assertTrue(moved.startswith("1 messages moved"), moved)
            wait_until(lambda: queues(self.folder, *endpoint)["face-requests-dead"]["visible"] == 1, "it is dead again")
            facepipe("queue", "purge", "face-requests-dead", "--yes", *endpoint)
            self.assertEqual(queues(self.folder, *endpoint)["face-requests-dead"]["visible"], 0)

    def test_redrive_of_a_stopped_server(self):
        with Server(self.folder) as server:
            self.kill_poison(server, "poison")
            server.stop()
        shown = json.loads(facepipe("queue", "show", "face-requests-dead", "--json", "--data", self.folder).stdout)
        self.assertEqual((shown["from"], shown["receive_count"]), ("face-requests", 1))
        facepipe("queue", "redrive", "face-requests-dead", "--data", self.folder)
        after = queues(self.folder)
        self.assertEqual((after["face-requests"]["visible"], after["face-requests-dead"]["visible"]), (1, 0))


class Doctor(QueueTest):
    def test_a_sound_folder_and_each_trouble(self):
        self.fill("--workers", 0)
        os.chmod(self.folder, 0o700)
        status, found = checks("--data", self.folder)
        self.assertEqual((status, found["queue-store"]["verdict"], found["pack"]["verdict"]), (0, "ok", "ok"), found)
        self.assertEqual(found["gallery"]["verdict"], "note")
        (self.folder / "gallery.fpg").write_bytes(b"FPGALL\r\nbroken")
        os.chmod(self.folder / "queues.db", 0o644)
        status, found = checks("--data", self.folder, "--pack", self.folder)
        self.assertEqual(status, 1)
        for check in ("data-folder", "gallery", "pack"):
            self.assertEqual(found[check]["verdict"], "trouble", found[check])

    def test_repair(self):
        self.fill("--workers", 0)
        before = queues(self.folder)["face-requests"]["visible"]
        store = self.folder / "queues.db"
        with open(store, "r+b") as file:
            file.seek(store.stat().st_size - 16_384)
            file.write(b"Z" * 16_384)
        refused = facepipe("serve", "--data", self.folder, "--port", 0, "--sqs-port", 0, check=False)
        self.assertEqual((refused.returncode, "damaged" in refused.stderr), (1, True), refused.stderr)
        status, found = checks("--data", self.folder)
        self.assertEqual((status, found["queue-store"]["verdict"]), (1, "trouble"))
        self.assertIn("--repair", found["queue-store"]["text"])
        _, found = checks("--data", self.folder, "--repair")
        self.assertIn("repaired: ", found["queue-store"]["text"])
        self.assertEqual(len(list(self.folder.glob("queues.db.damaged-*Z"))), 1)
        recovered, lost = [int(word) for word in found["queue-store"]["text"].split() if word.isdigit()][:2]
        self.assertEqual(recovered + lost, before)
        status, found = checks("--data", self.folder)
        self.assertEqual(found["queue-store"]["verdict"], "ok")
        self.assertEqual(queues(self.folder)["face-requests"]["visible"], recovered)

    def flip_one_bit(self):
        """Of a message's sealed body; returns the message's id."""
        with contextlib.closing(sqlite3.connect(self.folder / "queues.db")) as database:
            row, body = database.execute("SELECT message, body FROM payload WHERE message > 0").fetchone()
            name, = database.execute("SELECT message_id FROM message WHERE id = ?", (row,)).fetchone()
            database.execute("UPDATE payload SET body = ? WHERE message = ?", (body[:-1] + bytes([body[-1] ^ 1]), row))
            database.commit()
        return name

    def test_the_rest_flows_past_an_unreadable_message(self):
        key = self.folder / "key"
        facepipe("key", "new", key)
        self.fill("--workers", 0, "--key-file", key)
        waiting = queues(self.folder, "--key-file", key)["face-requests"]["visible"]
        name = self.flip_one_bit()
        with Server(self.folder, "--key-file", key) as server:
            server.take_answers(waiting - 1)
            self.assertEqual(server.request("GET", "readyz")[0], 200)
        told = [line for line in map(json.loads, server.log_path.read_text().splitlines())
                if line["event"] == "message_put_aside"]
        self.assertEqual([(line["queue"], line["message_id"]) for line in told], [("face-requests", name)])
        shown = facepipe("queue", "show", "face-requests-dead", "--json", "--data", self.folder, "--key-file", key).stdout
        dead = [json.loads(line) for line in shown.splitlines()]
        self.assertEqual([(line["message_id"], line["readable"]) for line in dead], [(name, False)])
        self.assertIn("unreadable: ", dead[0]["reason"])

    def test_an_unreadable_message_is_named(self):
        key = self.folder / "key"
        facepipe("key", "new", key)
        self.fill("--workers", 0, "--key-file", key)
        facepipe("doctor", "--data", self.folder, "--key-file", key)
        _, found = checks("--data", self.folder)
        self.assertIn("3 encrypted messages not checked", found["queue-store"]["text"])
        name = self.flip_one_bit()
        status, found = checks("--data", self.folder, "--key-file", key)
        self.assertEqual((status, found["queue-store"]["verdict"]), (1, "trouble"))
        self.assertIn(name, found["queue-store"]["text"])
        shown = facepipe("queue", "show", "face-requests", "--json", "--data", self.folder, "--key-file", key).stdout
        lines = {line["message_id"]: line for line in map(json.loads, shown.splitlines())}
        self.assertEqual([line["readable"] for line in lines.values()].count(False), 1)
        self.assertTrue(lines[name]["reason"].startswith("unreadable: "), lines[name])

    def test_a_repair_of_an_earlier_release_that_was_cut_off(self):
        self.fill("--workers", 0)
        before = queues(self.folder)
        os.rename(self.folder / "queues.db", self.folder / "queues.db.damaged-20260101T000000000Z")
        with self.assertRaises(AssertionError):
            Server(self.folder).__enter__()
        self.assertFalse((self.folder / "queues.db").exists(), "no empty store in silence")
        refused = facepipe("queue", "list", "--data", self.folder, check=False)
        self.assertEqual((refused.returncode, "queues.db.damaged-2026" in refused.stderr), (1, True), refused.stderr)
        self.assertEqual(checks("--data", self.folder)[0], 1)
        self.assertEqual(checks("--repair", "--data", self.folder)[0], 0)
        self.assertEqual({name: line["visible"] for name, line in queues(self.folder).items()},
                         {name: line["visible"] for name, line in before.items()})


class Residue(TemporaryFolderTest):
    """What a write that was killed left, and a search that says what it saw."""

    def setUp(self):
        super().setUp()
        self.key = self.folder / "key"
        self.data = self.folder / "data"
        self.data.mkdir()
        facepipe("key", "new", self.key)
        self.people("add", "--largest", "madonna", photographs("train", "madonna")[0])

    def people(self, *arguments):
        facepipe("people", "--data", self.data, "--key-file", self.key, *arguments)

    def erase(self, *arguments):
        return facepipe("erase", "madonna", "--data", self.data, "--key-file", self.key, *arguments, check=False)

    def test_an_interrupted_write_goes_with_the_next_one_and_with_the_erasure(self):
        gallery = (self.data / "gallery.fpg").read_bytes()
        for name in ("gallery.fpg.fptmp-Ab3xYz", "gallery.fpg.q7W0aB"):
            (self.data / name).write_bytes(gallery)
        (self.data / "gallery.fpg.backup").write_bytes(b"the user's own")
        self.people("rename", "madonna", "madonna ciccone")
        self.assertEqual(sorted(path.name for path in self.data.glob("gallery*")),
                         ["gallery.fpg", "gallery.fpg.backup", "gallery.fpg.cut", "gallery.fpg.lock"])
        (self.data / "gallery.fpg.fptmp-Ab3xYz").write_bytes(gallery)
        done = self.erase()
        self.assertEqual((done.returncode, "removed: 1 files" in done.stdout), (0, True), done.stdout)
        self.assertFalse((self.data / "gallery.fpg.fptmp-Ab3xYz").exists())

    def test_an_encrypted_copy_is_opened_and_what_cannot_be_is_named(self):
        gallery = (self.data / "gallery.fpg").read_bytes()
        (self.data / "old.fpg").write_bytes(gallery)
        (self.data / "cut.fpg").write_bytes(gallery[:-7])
        (self.data / "old.tar.gz").write_bytes(b"\x1f\x8b\x08packed")
        (self.data / "elsewhere").symlink_to(self.folder)
        done = self.erase()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"found: .*/old\.fpg, 1 places")
        for name in ("cut.fpg", "old.tar.gz", "elsewhere"):
            self.assertRegex(done.stdout, f"not read: .*/{name}, ")
        self.assertNotIn("the name is in none of them", done.stdout)
        (self.data / "old.fpg").unlink()
        done = self.erase()
        self.assertEqual((done.returncode, "is not known" in done.stdout), (1, True), done.stdout)
        for name in ("cut.fpg", "old.tar.gz", "elsewhere"):
            (self.data / name).unlink()
        done = self.erase()
        self.assertEqual((done.returncode, "the name is in none of them" in done.stdout), (0, True), done.stdout)


class Erase(QueueTest):
    def test_the_person_is_nowhere_afterwards(self):
        for person in ("madonna", "elton_john"):
            facepipe("people", "--data", self.folder, "add", "--largest", person, *photographs("train", person)[:4])
        with Server(self.folder) as server:
            for photo in photographs("val", "madonna")[:2] + photographs("val", "elton_john")[:2]:
                server.request(path=f"?request_id=r-{photo.stem[:30]}&filename=a.jpg", body=photo.read_bytes(),
                               headers={"content-type": "image/jpeg"})
            refused = facepipe("erase", "madonna", "--data", self.folder, check=False)
            self.assertEqual((refused.returncode, "stop facepipe serve" in refused.stderr), (1, True))
            sqs = server.sqs()
            wait_until(lambda: int(sqs.get_queue_attributes(
                QueueUrl=server.answers_url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"][
                    "ApproximateNumberOfMessages"]) >= 4, "four answers")
            self.assertEqual(server.stop(), 0)
        self.assertIn(b'"madonna"', (self.folder / "queues.db").read_bytes())
        done = facepipe("erase", "madonna", "--data", self.folder)
        self.assertIn("the name is in none of them", done.stdout)
        for path in self.folder.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"madonna", path.read_bytes(), path)
        listed = facepipe("people", "--data", self.folder, "list").stdout
        self.assertIn("elton_john", listed)
        self.assertGreater(queues(self.folder)["face-answers"]["visible"], 0, "the other's answers are there")
        # A copy that somebody made is found, and makes the command fail.
        (self.folder / "note.json").write_text('{"name": "madonna"}')
        done = facepipe("erase", "madonna", "--data", self.folder, check=False)
        self.assertEqual((done.returncode, "note.json" in done.stdout), (1, True), done.stdout)

    def rejected(self):
        """The embeddings of rejected pictures, as the gallery's file has them."""
        header = (self.folder / "gallery.fpg").read_bytes().split(b'"rejected":', 1)
        return re.findall(rb'"embedding":"([^"]+)"', header[1]) if len(header) == 2 else []

    def test_pictures_rejected_as_another_s_go_with_whom_they_show(self):
        for person in ("madonna", "elton_john"):
            facepipe("people", "--data", self.folder, "add", "--largest", person, *photographs("train", person)[:4])
        for shown in ("madonna", "mindy_kaling"):
            facepipe("people", "--data", self.folder, "reject", "--largest", "elton_john", photographs("val", shown)[0])
        hers, a_stranger_s = self.rejected()
        (self.folder / "copy.json").write_bytes(b'{"embedding":"' + hers + b'"}')  # of a gallery that has no name of hers
        done = facepipe("erase", "madonna", "--data", self.folder, check=False)
        self.assertIn("rejected pictures: 1 that show this person erased from others", done.stdout)
        self.assertEqual((done.returncode, "copy.json, 1 places" in done.stdout, "gallery.fpg" in done.stdout), (1, True, False),
                         done.stdout)
        self.assertEqual(self.rejected(), [a_stranger_s])
        (self.folder / "copy.json").unlink()
        done = facepipe("erase", "madonna", "--data", self.folder)
        self.assertIn("rejected pictures: 1, whether one shows this person cannot be told", done.stdout)
