#!/usr/bin/env python3
"""Aligned pictures by another implementation: numpy's SVD and OpenCV's warpAffine. Writes cases.txt and the pictures
beside this file. Made with numpy 2.4 and opencv-python-headless 5.0 (OpenCV 4 works in steps of 1/32 pixel and is off
by more than a level); nothing of the build needs either. Run: python3 make_fixtures.py
"""
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).parent
TEMPLATE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
                     [70.7299, 92.2041]], np.float32)

# Name, picture's width and height, the input's side, five landmarks.
CASES = [
    ("upright", 250, 250, 112, [(105.99, 108.48), (149.98, 110.5), (124.05, 135.85), (107.13, 158.9), (141.38, 161.28)]),
    ("turned", 140, 120, 48, [(52.5, 38.25), (78.75, 61.0), (52.0, 69.5), (33.25, 70.75), (54.5, 91.0)]),
    ("upside-down", 90, 96, 40, [(60.25, 60.5), (29.5, 62.0), (45.0, 45.75), (57.0, 26.5), (31.25, 27.75)]),
    ("enlarged", 40, 44, 64, [(14.25, 17.5), (25.5, 17.0), (20.0, 23.75), (15.5, 30.25), (24.75, 30.0)]),
    ("past-the-edge", 60, 50, 40, [(2.5, 8.25), (30.75, 5.5), (14.0, 22.5), (5.25, 41.75), (29.5, 39.0)]),
    ("shrunk-by-2.4", 320, 300, 40, [(120.5, 130.25), (192.0, 121.75), (160.25, 170.5), (133.0, 214.5), (195.5, 208.0)]),
    ("shrunk-by-5.6", 600, 520, 40, [(330.5, 90.25), (455.75, 200.5), (325.0, 241.0), (236.5, 255.75), (342.25, 350.5)]),
    ("shrunk-past-the-edge", 200, 160, 32, [(20.5, 40.25), (130.75, 38.5), (75.0, 98.0), (30.25, 158.5), (122.5, 155.0)]),
    ("profile", 120, 120, 40, [(50.5, 45.25), (56.75, 46.0), (40.0, 60.5), (50.25, 78.75), (54.5, 79.5)]),
]


def make_pattern(width, height):
    """As testing::make_pattern of src/image/test_pictures.h."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 37 + y * 101, x * x * 5 + y * 53, x * y * 11 + 17], axis=2).astype(np.uint8)


def similarity(source, target):
    """Umeyama 1991, equations 34 to 43: a 2x3 matrix."""
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    covariance = (target - target_mean).T @ (source - source_mean) / len(source)
    left, singular, right = np.linalg.svd(covariance)
    sign = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    rotation = left @ np.diag(sign) @ right
    scale = (singular * sign).sum() / source.var(axis=0).sum()
    return np.hstack([scale * rotation, (target_mean - scale * rotation @ source_mean)[:, None]])


def averaged(picture, matrix, side):
    """The picture in means of cell x cell pixels, and the matrix for it; counted from 4 cells before the wanted part."""
    cell = int(1 / np.hypot(matrix[0, 0], matrix[1, 0]) / 2)
    if cell < 2:
        return picture, matrix
    corners = np.array([[0, 0, 1], [side - 1, 0, 1], [0, side - 1, 1], [side - 1, side - 1, 1]], float)
    inverse = cv2.invertAffineTransform(matrix)
    low, high = (corners @ inverse.T).min(axis=0), (corners @ inverse.T).max(axis=0)
    left, top = np.floor(low).astype(int) - 4 * cell
    cells = np.ceil((high - low) / cell).astype(int) + 9
    height, width = picture.shape[:2]
    rows = np.clip(np.arange(top, top + cells[1] * cell), 0, height - 1)
    columns = np.clip(np.arange(left, left + cells[0] * cell), 0, width - 1)
    small = cv2.resize(picture[rows][:, columns], tuple(int(n) for n in cells), interpolation=cv2.INTER_AREA)
    to_pixels = np.array([[cell, 0, left + (cell - 1) / 2], [0, cell, top + (cell - 1) / 2], [0, 0, 1]])
    return small, (np.vstack([matrix, [0, 0, 1]]) @ to_pixels)[:2]


def warped(picture, matrix, side):
    """The mean of n x n samples over a square of sqrt(step^2 - 1) pixels."""
    step = 1 / np.hypot(matrix[0, 0], matrix[1, 0])
    n = max(round(step), 1)
    square = np.sqrt(max(step**2 - 1, 0)) / step
    total = np.zeros((side, side, 3))
    for i in range(n):
        for j in range(n):
            shifted = matrix.copy()
            shifted[:, 2] -= (np.array([i, j]) + 0.5 - n / 2) / n * square
            total += cv2.warpAffine(picture, shifted, (side, side), flags=cv2.INTER_LINEAR,
                                    borderMode=cv2.BORDER_REPLICATE)
    return np.rint(total / n**2).astype(np.uint8)


def main():
    lines = []
    for name, width, height, side, landmarks in CASES:
        points = TEMPLATE.astype(float) * side / 112
        matrix = similarity(np.array(landmarks, np.float32).astype(float), points)
        picture, matrix = averaged(make_pattern(width, height).astype(np.float32), matrix, side)
        aligned = warped(picture, matrix, side)
        cv2.imwrite(str(HERE / f"{name}.png"), cv2.cvtColor(aligned, cv2.COLOR_RGB2BGR))
        numbers = " ".join(f"{x} {y}" for x, y in landmarks)
        lines.append(f"{name} {width} {height} {side} {numbers}\n")
    (HERE / "cases.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
