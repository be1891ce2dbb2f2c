"""Weights in an ONNX file, checked before an engine that may trust them sees them."""

from __future__ import annotations

import math

from plugins.classifiers.transfer.wire import Damaged, fields, integers

DIMS, KIND, RAW, EXTERNAL_DATA, LOCATION = 1, 2, 9, 13, 14
EXTERNAL = 1
FLOATS, INTEGERS, DOUBLES = 4, (5, 7, 11), 10
"""Fields that hold numbers of one kind, instead of bare bytes."""
BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}
"""Of a number, by its kind (``TensorProto.DataType``)."""


def check_tensor(message: memoryview) -> tuple[int, ...]:
    """Return the shape of weights; refuse those not all there, or in another file.

    Raises
    ------
    Damaged
        A file must not make an engine open another, nor read past the end of what there is.
    """
    dims: list[int] = []
    kind, found, raw = 0, 0, None
    for field in fields(message):
        if field.number == EXTERNAL_DATA or (field.number, field.integer) == (LOCATION, EXTERNAL):
            raise Damaged("it keeps weights in another file; export it as one file")
        if field.number == DIMS:
            dims += integers(field)
        elif field.number == KIND:
            kind = field.integer
        elif field.number == RAW:
            raw = len(field.content)
        elif field.number == FLOATS:
            found += len(field.content) // 4 or 1
        elif field.number == DOUBLES:
            found += len(field.content) // 8 or 1
        elif field.number in INTEGERS:
            found += len(integers(field))
    if kind not in BYTES:
        # Text, and numbers of less than a byte: no weights of a network for pictures.
        raise Damaged(f"it has weights of the kind {kind}, which is not read")
    if min(dims, default=0) < 0:
        raise Damaged(f"it has weights of the shape {dims}")
    needed = math.prod(dims)
    if raw is not None:
        found, needed = raw, needed * BYTES[kind]
    if found != needed:
        raise Damaged(f"it has weights of the shape {dims} that are not all there")
    return tuple(dims)
