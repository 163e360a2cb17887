"""A picture whose lower edge goes through a mouth: what is left of the face is cut so deep that a second network names it."""

PERSON = "jerry_seinfeld"
CHIN = 94  # of its 300 rows: what is above goes through the mouth


def cut_photograph(files):
    """Of the person's training photographs the one that is cut. As it is, little of the face is outside."""
    return next(file for file in files if "BreitlingwatchJerrySeinfeld" in file.name)


def upper_rows(jpeg, rows=CHIN):
    """The JPEG's first rows: what its frame header says is all that a decoder looks at."""
    jpeg, at = bytearray(jpeg), 2
    while jpeg[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(jpeg[at + 2:at + 4], "big")
    jpeg[at + 5:at + 7] = rows.to_bytes(2, "big")
    return bytes(jpeg)
