"""compreface-sdk against a server: PORT KEY ENROL PROBE STRANGER NOFACE. Prints what its calls gave, as JSON."""
import json
import sys
import uuid

from compreface import CompreFace
from compreface.service import RecognitionService

port, key, enrol, probe, stranger, no_face = sys.argv[1:]


def service(api_key):
    return CompreFace("http://127.0.0.1", port).init_face_recognition(api_key)


recognition: RecognitionService = service(key)
faces = recognition.get_face_collection()
subjects = recognition.get_subjects()
result = {
    "subjects_before": subjects.list(),
    "subject_added": subjects.add("Ann"),
    "subject_again": subjects.add("Ann"),
    "added": faces.add(enrol, "Madonna"),
    "added_again": faces.add(probe, "Madonna"),
    "no_face": faces.add(no_face, "Nobody"),
    "listed": faces.list(),
    "subjects": subjects.list(),
    "recognised": recognition.recognize(probe, {"limit": 0, "det_prob_threshold": 0.8, "prediction_count": 1,
                                                "face_plugins": "calculator,landmarks", "status": True}),
    "stranger": recognition.recognize(stranger),
    "nobody": recognition.recognize(no_face),
    "renamed": subjects.update("Madonna", "Louise"),
    "renamed_onto": subjects.update("Ann", "Louise"),
    "no_subject": subjects.delete("Who"),
    "wrong_key": service(str(uuid.uuid4())).get_subjects().list(),
    "no_uuid": service("wrong").get_subjects().list(),
}
result["deleted_face"] = faces.delete(result["added"]["image_id"])
result["deleted_face_again"] = faces.delete(result["added"]["image_id"])
result["deleted_faces"] = faces.delete_all("Louise")
result["subjects_without_faces"] = subjects.list()
result["deleted_subject"] = subjects.delete("Louise")
result["after"] = faces.list()
print(json.dumps(result))
