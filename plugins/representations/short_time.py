"""Windows sliding along signals: what the spectrogram and the mel spectrogram share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness import Inapplicable

SCRATCH_BYTES = 2**18
"""With the spectra and their squares, half of the second-level cache of a common processor.

Two clips of 2 s at 2 kHz.
"""


def window_length(seconds: float, rate: float, what: str) -> int:
    """Return the nearest whole number of samples (a half goes to the even one).

    Raises
    ------
    Inapplicable
        That is fewer than two samples, which hold no frequency.
    """
    length = round(seconds * rate)
    if length < 2:
        raise Inapplicable(
            f"{what}: a window of {seconds:g} s is {length} samples at {rate:g} Hz, and at least "
            f"2 are needed: set window_s to {2 / rate:g} or more, several times that to see "
            "anything."
        )
    return length


def hop_length(seconds: float, rate: float) -> int:
    """Return the nearest whole number of samples between windows, at least one."""
    return max(1, round(seconds * rate))


def frames(samples: NDArray[np.float32], length: int, hop: int) -> NDArray[np.float32]:
    """Cut signals [shape=(signals, n)] into windows [shape=(signals, windows, length)].

    Signals shorter than one window are filled up with zeros. What remains at the end and fills
    no window is left out. The result is a view without copying.
    """
    filled = filled_up(samples, length)
    return np.lib.stride_tricks.sliding_window_view(filled, length, axis=-1)[:, ::hop]


def filled_up(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Fill signals [shape=(signals, n)] up with zeros where they are shorter than a window."""
    missing = length - samples.shape[-1]
    return np.pad(samples, ((0, 0), (0, missing))) if missing > 0 else samples


def power(
    windows: NDArray[np.float32], weights: NDArray[np.float32], *, centred: bool
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield |FFT|² of weighted windows, a few signals at a time.

    The transform is made in float32; NumPy's own takes four times as long. Only `SCRATCH_BYTES`
    are worked on at once, in the same memory again and again: it stays in the processor's cache,
    and asking the system for fresh memory would take twice as long as all the arithmetic.

    Parameters
    ----------
    windows : array [shape=(signals, windows, length)], float32
    weights : array [shape=(length,)], float32
    centred
        Free each window of its mean first.

    Yields
    ------
    place
        The signals that these are.
    squares : array [shape=(some signals, rows, windows)], float32
        To be copied at once: the next ones take its place.
    """
    signals, count, length = windows.shape
    some = max(1, SCRATCH_BYTES // (4 * count * length))
    weighted = np.empty((some, count, length), np.float32)
    squares = np.empty((some, length // 2 + 1, count), np.float32)
    square = _squares_by_opencv if _is_quicker_by_opencv() else _squares_by_scipy
    means = _means(windows) if centred else None
    for start in range(0, signals, some):
        place = slice(start, start + some)
        done = len(windows[place])
        if means is None:
            np.multiply(windows[place], weights, out=weighted[:done])
        else:
            np.subtract(windows[place], means[place], out=weighted[:done])
            weighted[:done] *= weights
        for each, rows in zip(weighted[:done], squares, strict=False):
            square(each, rows)  # by itself: how OpenCV works depends on how much it is given
        yield place, squares[:done]


def _is_quicker_by_opencv() -> bool:
    """Say whether OpenCV has Intel's transforms, which take half of SciPy's time.

    Its own are slower than SciPy's, with lengths that are prime beyond measure.
    """
    import cv2

    return cv2.ipp.useIPP()


def _squares_by_opencv(windows: NDArray[np.float32], rows: NDArray[np.float32]) -> None:
    """Write |FFT|² of windows [shape=(windows, length)] to rows [shape=(rows, windows)].

    In what OpenCV gives, the real parts of zero and, if the length is even, of Nyquist stand
    alone; those of all others come before their imaginary parts. The windows are lost.
    """
    import cv2

    cv2.dft(windows, dst=windows, flags=cv2.DFT_ROWS)
    parts = np.asarray(cv2.transpose(windows), np.float32)
    np.square(parts, out=parts)
    pairs = (len(parts) - 1) // 2
    rows[0] = parts[0]
    cv2.add(parts[1 : 2 * pairs : 2], parts[2 : 2 * pairs + 1 : 2], dst=rows[1 : pairs + 1])
    rows[pairs + 1 :] = parts[2 * pairs + 1 :]


def _squares_by_scipy(windows: NDArray[np.float32], rows: NDArray[np.float32]) -> None:
    """Write |FFT|² of windows [shape=(windows, length)] to rows [shape=(rows, windows)]."""
    import cv2
    from scipy import fft

    parts = fft.rfft(windows, axis=-1).view(np.float32)
    np.square(parts, out=parts)
    cv2.transpose(np.add(parts[:, ::2], parts[:, 1::2]), dst=rows)


def _means(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of each window [shape=(signals, windows, 1)].

    Windows overlap, so they cannot be summed as one long array, and then ``einsum`` takes half
    the time of ``mean``.
    """
    means: NDArray[np.float32] = np.einsum("swl->sw", windows)[:, :, None]
    means *= np.float32(1 / windows.shape[2])
    return means


def frequencies(length: int, rate: float) -> NDArray[np.float64]:
    """Return the frequencies (Hz) of the rows of `power`."""
    return np.arange(length // 2 + 1, dtype=np.float64) * np.float64(rate / length)


def stacked(values: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """Put the channels of a clip on top of each other: (clips, channels * rows, columns)."""
    signals, rows, columns = values.shape
    return values.reshape(signals // channels, channels * rows, columns)
