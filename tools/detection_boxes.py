#!/usr/bin/env python3
"""detection_boxes.py DIR: the boxes of DIR/wider_train_dev/boxes.csv and of dlib's lists DIR/dlib_dev/{testing,training}.xml
as one CSV for `facepipe evaluate detect`, with paths inside DIR."""
import csv
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def wider(folder):
    with open(folder / "wider_train_dev" / "boxes.csv", newline="") as lines:
        for row in csv.DictReader(lines):
            yield ["wider_train_dev/images/" + row["image"], row["x"], row["y"], row["w"], row["h"], row["invalid"]]


def dlib(folder):
    for name in ("testing", "training"):
        for image in ElementTree.parse(folder / "dlib_dev" / f"{name}.xml").iter("image"):
            for box in image.iter("box"):
                yield ["dlib_dev/" + image.get("file"), *(box.get(key) for key in ("left", "top", "width", "height")),
                       box.get("ignore", "0")]


def main():
    folder = pathlib.Path(sys.argv[1])
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["image", "x", "y", "w", "h", "invalid"])
    writer.writerows(wider(folder))
    writer.writerows(dlib(folder))


if __name__ == "__main__":
    main()
