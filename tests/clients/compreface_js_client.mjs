// @exadel/compreface-js-sdk against a server: PORT KEY ENROL PROBE STRANGER NOFACE. Prints what its calls gave, as JSON, on
// the last line. Pictures go the three ways that it knows: by a path, as a blob (whose header names no boundary), in base64.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.env.CLIENTS, "package.json"));
const { CompreFace } = await import(pathToFileURL(require.resolve("@exadel/compreface-js-sdk")));
// A path is one to it if it begins with a dot.
const [port, key, ...files] = process.argv.slice(2);
process.chdir("/");
const [enrol, probe, stranger, noFace] = files.map((file) => `.${file}`);

async function tried(call) {
  try {
    return await call();
  } catch (error) {
    return error.response ? { status: error.response.status, data: error.response.data } : { thrown: String(error) };
  }
}

const service = (apiKey) => new CompreFace("http://127.0.0.1", Number(port)).initFaceRecognitionService(apiKey);
const recognition = service(key);
const faces = () => recognition.getFaceCollection();
const subjects = () => recognition.getSubjects(); // afresh: its calls lengthen the address that they share
const bytes = (file) => fs.readFileSync(file);

const result = {};
result.before = await faces().list();
result.subject = await subjects().add("Ann");
result.subjectAgain = await tried(() => subjects().add("Ann"));
result.byPath = await faces().add(enrol, "Madonna");
result.byBlob = await tried(() => faces().add(bytes(probe), "Madonna"));
result.byBase64 = await tried(() => faces().add(bytes(enrol).toString("base64"), "Copy"));
result.noFace = await tried(() => faces().add(noFace, "Nobody"));
result.listed = await faces().list();
result.subjects = await subjects().list();
result.recognised = await recognition.recognize(probe, { limit: 0, det_prob_threshold: 0.8, prediction_count: 1 });
result.blobRecognised = await tried(() => recognition.recognize(bytes(probe), {}));
result.stranger = await recognition.recognize(stranger, {});
result.renamed = await subjects().rename("Madonna", "Louise");
result.wrongKey = await tried(() => service("00000000-0000-4000-8000-000000000000").getSubjects().list());
result.noUuid = await tried(() => service("wrong").getSubjects().list());
result.deleted = await faces().delete(result.byPath.image_id);
result.deletedAgain = await tried(() => faces().delete(result.byPath.image_id));
result.deletedMany = await tried(() => faces().delete_multiple_images(result.listed.faces.map((face) => face.image_id)));
result.deletedSubject = await subjects().delete("Louise");
result.deletedAll = await subjects().deleteAll();
result.after = await subjects().list();
console.log(`\n${JSON.stringify(result)}`);
