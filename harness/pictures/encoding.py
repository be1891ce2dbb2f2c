"""Pixels as the bytes of a JPEG or PNG and back, and in another size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def encode_jpeg(pixels: NDArray[np.uint8], quality: int = 95) -> bytes:
    """Return one RGB picture [shape=(height, width, 3)] as the bytes of a JPEG.

    Colour is kept at half the resolution (4:2:0), as Pillow and matplotlib do by default.
    """
    import simplejpeg

    encoded: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=quality, colorsubsampling="420"
    )
    return encoded


def decode_jpeg(encoded: bytes) -> NDArray[np.uint8]:
    """Return the pixels [shape=(height, width, 3)] of a JPEG."""
    import simplejpeg

    pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(encoded, colorspace="RGB")
    return pixels


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return one RGB picture [shape=(height, width, 3)] as the bytes of a PNG."""
    import cv2

    _, encoded = cv2.imencode(".png", pixels[..., ::-1])
    return bytes(encoded)


def fit_size(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Shrink or stretch one picture [shape=(any, any, 3)] to a height and width (pixels)."""
    import cv2

    fitted = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(fitted, np.uint8)
