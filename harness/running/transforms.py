"""What makes Fourier transforms, imported before workers are forked.

`plugins.representations.short_time` takes OpenCV's where it has Intel's; else SciPy's, which take
as long to import as a third of all else that a worker needs.
"""

from __future__ import annotations

import cv2

if not cv2.ipp.useIPP():
    import scipy.fft  # noqa: F401
