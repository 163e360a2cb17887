"""Frames of the three sizes, made of the pinned photographs: raw RGB bytes, so that both sides see the same pixels, and JPEG."""
import pathlib

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
PHOTOS = ROOT / ".cache" / "photos"
FRAMES = ROOT / "build" / "bench" / "frames"
SIZES = {"vga": (640, 480), "720p": (1280, 720), "1080p": (1920, 1080)}
PEOPLE = ("ben_afflek", "elton_john", "jerry_seinfeld", "madonna", "mindy_kaling")


def photographs():
    """One photograph of each person, the first by name."""
    return [Image.open(sorted((PHOTOS / "val" / person).glob("*.jpg"))[0]).convert("RGB") for person in PEOPLE]


def covering(photo, width, height):
    """The photograph scaled until it covers the frame, the middle of it: a face close to the camera."""
    scale = max(width / photo.width, height / photo.height)
    scaled = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.BILINEAR)
    left, top = (scaled.width - width) // 2, (scaled.height - height) // 2
    return scaled.crop((left, top, left + width, top + height))


def row_of(photos, width, height):
    """Photographs of half the frame's height side by side in two rows: several people at some distance."""
    frame = Image.new("RGB", (width, height))
    index = 0
    for top in (0, height // 2):
        left = 0
        while left < width:
            photo = photos[index % len(photos)]
            part = photo.resize((round(photo.width * (height // 2) / photo.height), height // 2),
                                Image.Resampling.BILINEAR)
            frame.paste(part, (left, top))
            left += part.width
            index += 1
    return frame


def make_frames():
    """{size name: [(width, height, file)]}: three frames with one photograph, one with many."""
    FRAMES.mkdir(parents=True, exist_ok=True)
    photos = photographs()
    made = {}
    for name, (width, height) in SIZES.items():
        pictures = [covering(photo, width, height) for photo in photos[:3]] + [row_of(photos, width, height)]
        made[name] = []
        for index, picture in enumerate(pictures):
            file = FRAMES / f"{name}-{index}.rgb"
            file.write_bytes(picture.tobytes())
            picture.save(file.with_suffix(".jpg"), quality=90)  # for the whole functions
            made[name].append((width, height, file))
    return made


if __name__ == "__main__":
    make_frames()
