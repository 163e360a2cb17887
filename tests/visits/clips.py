"""Clips with exact truth: photographs of people move over a canvas, are hidden, cross each other, leave and come back.

A clip is a function of time; frames are drawn of it at any rate. The truth of a frame is where the faces of the photographs
are and who they are: of a face that is hidden by more than MOST_HIDDEN, or cut by the canvas, nothing is said."""
import dataclasses
import io
import math
import random

from PIL import Image, ImageDraw, ImageEnhance

WIDTH, HEIGHT = 960, 540
MOST_HIDDEN = 0.3


@dataclasses.dataclass
class Photo:
    """A photograph and the box of its one face in it."""
    image: Image.Image
    box: tuple


@dataclasses.dataclass
class Actor:
    """Somebody on the canvas from `begin` to `end` (seconds), at path(t): the centre of the face, and its width in pixels.
    Drawn in the order of the list: the later ones hide the earlier."""
    person: str
    photos: list  # each shown for `each` seconds, in turn
    path: object
    begin: float = 0.0
    end: float = 1e9
    each: float = 1e9
    stay: int = 0  # which of the person's stays this is


@dataclasses.dataclass
class Clip:
    name: str
    seconds: float
    actors: list
    screens: list = dataclasses.field(default_factory=list)  # (begin, end, box): something stands before everybody
    crossing: bool = False


@dataclasses.dataclass
class Face:
    person: str
    stay: int
    box: tuple


def line(start, end, seconds, width, sway=6.0):
    """A walk from one point to another, with a bit of swaying."""
    def path(t):
        share = min(max(t / seconds, 0), 1)
        x = start[0] + (end[0] - start[0]) * share
        y = start[1] + (end[1] - start[1]) * share
        return x + sway * math.sin(3 * t), y + sway * math.sin(5 * t), width * (1 + 0.06 * math.sin(2 * t))
    return path


def background(seed):
    choice = random.Random(seed)
    small = Image.new("RGB", (32, 18))
    small.putdata([tuple(choice.randrange(60, 170) for _ in range(3)) for _ in range(32 * 18)])
    return small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def overlap(a, b):
    """The share of `a` that `b` covers."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0, width) * max(0, height) / max(1e-9, (a[2] - a[0]) * (a[3] - a[1]))


def draw(clip, t, canvas):
    """(JPEG, faces) of the clip at `t`."""
    frame, placed = canvas.copy(), []
    jitter = random.Random(f"{clip.name} {t:.3f}")
    for actor in clip.actors:
        if not actor.begin <= t < actor.end:
            continue
        since = t - actor.begin
        photo = actor.photos[int(since / actor.each) % len(actor.photos)]
        x, y, width = actor.path(since)
        scale = width / (photo.box[2] - photo.box[0])
        size = (round(photo.image.width * scale), round(photo.image.height * scale))
        picture = ImageEnhance.Brightness(photo.image.resize(size, Image.Resampling.LANCZOS)).enhance(jitter.uniform(0.85, 1.15))
        centre = ((photo.box[0] + photo.box[2]) / 2 * scale, (photo.box[1] + photo.box[3]) / 2 * scale)
        left, top = round(x - centre[0]), round(y - centre[1])
        frame.paste(picture, (left, top))
        box = tuple(side * scale + (left, top)[i % 2] for i, side in enumerate(photo.box))
        # Whoever is drawn later hides, also with what is around the face.
        placed = [(face, max(hidden, overlap(face.box, (left, top, left + size[0], top + size[1]))))
                  for face, hidden in placed]
        placed.append((Face(actor.person, actor.stay, box), 1 - overlap(box, (0, 0, WIDTH, HEIGHT))))
    for begin, end, box in clip.screens:
        if begin <= t < end:
            ImageDraw.Draw(frame).rectangle(box, fill=(70, 80, 75))
            placed = [(face, max(hidden, overlap(face.box, box))) for face, hidden in placed]
    jpeg = io.BytesIO()
    frame.save(jpeg, "JPEG", quality=88)
    return jpeg.getvalue(), [face for face, hidden in placed if hidden <= MOST_HIDDEN]


def make_clips(photos, timeout):
    """The clips of five people, each with photographs: three whom the gallery knows, two strangers. `timeout`: of a visit."""
    names = sorted(photos)

    def shown(person, *numbers):
        """Some of the photographs of a person, who may have few."""
        return [photos[names[person]][number % len(photos[names[person]])] for number in numbers]

    pause = 0.5 * timeout
    walk = 12.0
    clips = [
        Clip("alone", walk, [Actor(names[0], shown(0, 0), line((120, 260), (840, 300), walk, 110))]),
        Clip("stranger", walk, [Actor(names[3], shown(3, 0), line((840, 260), (120, 260), walk, 90))]),
        Clip("turning", walk, [Actor(names[1], shown(1, 0, 1), line((300, 250), (600, 280), walk, 120), each=3.0)]),
        Clip("three", walk, [Actor(names[0], shown(0, 1), line((140, 200), (220, 300), walk, 100)),
                             Actor(names[2], shown(2, 0), line((480, 300), (480, 220), walk, 100)),
                             Actor(names[4], shown(4, 0), line((820, 220), (760, 300), walk, 100))]),
        Clip("hidden", walk, [Actor(names[2], shown(2, 1), line((100, 270), (860, 270), walk, 100)),
                              Actor(names[4], shown(4, 1), line((700, 250), (400, 280), walk, 90), begin=1)],
             screens=[(0, walk, (430, 100, 560, 440))]),
        Clip("returning", 3 * pause + 8, [
            Actor(names[0], shown(0, 2), line((200, 260), (760, 260), 4, 100), end=4),
            Actor(names[0], shown(0, 2), line((700, 300), (200, 260), 4, 100), begin=4 + pause, end=8 + pause),
            Actor(names[3], shown(3, 1), line((760, 240), (500, 240), 4, 100), begin=1, end=4),
            Actor(names[3], shown(3, 1), line((200, 240), (500, 240), 4, 100), begin=3 + pause, end=7 + pause)]),
        Clip("again", 2 * timeout + 12, [
            Actor(names[1], shown(1, 0), line((200, 260), (600, 260), 4, 100), end=4),
            Actor(names[4], shown(4, 2), line((700, 240), (300, 240), 4, 100), begin=2, end=6),
            Actor(names[1], shown(1, 1), line((700, 260), (300, 260), 4, 100), begin=4 + 1.6 * timeout, end=8 + 1.6 * timeout,
                  stay=1),
            Actor(names[4], shown(4, 2), line((200, 240), (500, 240), 4, 100), begin=8 + 1.6 * timeout,
                  end=12 + 1.6 * timeout, stay=1)]),
        Clip("crossing", walk, [Actor(names[0], shown(0, 3), line((120, 260), (840, 260), walk, 105)),
                                Actor(names[3], shown(3, 2), line((840, 270), (120, 270), walk, 105))], crossing=True),
        Clip("strangers crossing", walk, [Actor(names[4], shown(4, 3), line((140, 250), (820, 280), walk, 100)),
                                          Actor(names[3], shown(3, 3), line((820, 280), (140, 250), walk, 100))],
             crossing=True),
    ]
    return clips
