// Files of pictures: which are some, whose they are, and a face cut out of one.
import type { Box } from "../api/types.ts";
import { nameKey } from "../state/directory.ts";

const types = new Set(["image/jpeg", "image/png", "image/webp"]);

export function isPicture(file: Blob): boolean {
  return types.has(file.type);
}

// What a drop or a choice of files gives: the path within a chosen folder where there is one.
export interface NamedFile {
  path: string;
  file: File;
}

export interface PersonFiles {
  name: string; // empty: to be asked
  files: NamedFile[];
}

// A folder that holds a folder a person: each file is of the person that its own folder is called. Files that lie in the
// chosen folder itself, or in none, are of one person: the folder's name, else nobody's yet.
export function byPerson(files: NamedFile[]): PersonFiles[] {
  const found = new Map<string, PersonFiles>();
  for (const one of files) {
    const name = (one.path.split("/").slice(0, -1).filter(Boolean).at(-1) ?? "").trim().normalize("NFC");
    const group = found.get(nameKey(name)) ?? { name, files: [] };
    group.files.push(one);
    found.set(nameKey(name), group);
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function readEntries(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

// What a drop holds, as far as it is taken.
export interface Dropped {
  files: NamedFile[];
  unread: number; // files and folders that could not be read
  more: boolean; // than are taken
}

async function walk(entry: FileSystemEntry, atMost: number, into: Dropped): Promise<void> {
  if (into.files.length >= atMost) {
    into.more = true;
    return;
  }
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      into.files.push({ path: entry.fullPath.replace(/^\//, ""), file });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (let some = await readEntries(reader); some.length > 0; some = await readEntries(reader)) {
      for (const one of some) await walk(one, atMost, into);
      if (into.more) return;
    }
  } catch {
    into.unread += 1;
  }
}

export const mostDropped = 5_000;

// Of a drop, with the folders in it walked; at most so many.
export async function droppedFiles(data: DataTransfer | null, atMost = mostDropped): Promise<Dropped> {
  const found: Dropped = { files: [], unread: 0, more: false };
  const entries = [...(data?.items ?? [])].map((item) => item.webkitGetAsEntry());
  for (const entry of entries) if (entry) await walk(entry, atMost, found);
  return found;
}

export function chosenFiles(list: FileList | null): NamedFile[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

// The face and half of it around, as the server wants it of a picture with several faces in it.
export async function cutOut(picture: Blob, box: Box): Promise<Blob> {
  const image = await createImageBitmap(picture);
  const margin = Math.max(box.x2 - box.x1, box.y2 - box.y1) / 2;
  const left = Math.max(0, Math.floor(box.x1 - margin));
  const top = Math.max(0, Math.floor(box.y1 - margin));
  const width = Math.min(image.width, Math.ceil(box.x2 + margin)) - left;
  const height = Math.min(image.height, Math.ceil(box.y2 + margin)) - top;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(image, left, top, width, height, 0, 0, width, height);
  image.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture cannot be cut."))), "image/png");
  });
}
