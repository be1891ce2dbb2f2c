"""Arrays from a file of torch's old format (.pth before 1.6), read without torch.

Such a file is five pickles and then bare numbers. A pickle can run anything, so this reader knows
four names, all of which stand for inert values, and only the opcodes that plain containers need;
whatever else a file asks for, it is refused. Format: ``torch/serialization.py``,
``_legacy_load``.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
PICKLES = ("magic number", "protocol", "system", "tensors", "storage keys")
OPCODES = frozenset((
    "PROTO", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1",
    "BINUNICODE", "EMPTY_DICT", "SETITEM", "SETITEMS", "EMPTY_LIST", "APPEND", "APPENDS",
    "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "BINPUT", "LONG_BINPUT", "BINGET",
    "LONG_BINGET", "GLOBAL", "REDUCE", "BUILD", "BINPERSID",
))  # fmt: skip
MEMO = frozenset(("BINPUT", "LONG_BINPUT"))
MOST_DIMENSIONS = 8
LENGTH = np.dtype("<i8")
"""Of the number of elements before each storage's numbers."""


class Refused(ValueError):
    """The file asks for something that this reader does not give; the message is the reason."""


class Storage(NamedTuple):
    """So many numbers of one type, somewhere behind the pickles."""

    dtype: np.dtype[Any]
    key: str
    length: int


class Tensor(NamedTuple):
    """A view of a storage, in elements."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Name(NamedTuple):
    """What stands for a name that the file asks for: a type of numbers, or what makes a value.

    Like the other values here a tuple, so that no pickle can give it another state.
    """

    dtype: np.dtype[Any] | None = None
    make: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        if self.make is None:
            raise Refused("it calls a type of numbers")
        return self.make(*arguments)


class Dictionary(dict[Any, Any]):
    """An ordered dictionary that forgets what else a pickle attaches to it."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        return None


def read_tensors(content: bytes) -> dict[str, NDArray[Any]]:
    """Read the arrays of a state dictionary, by name.

    Raises
    ------
    ClassifierError
        The file is truncated, damaged, or holds anything else than arrays by name.
    """
    try:
        return _read(content)
    # A pickle's machine fails in many ways on bytes that are none; each means the same here.
    except Exception as error:
        raise ClassifierError(
            f"The file of weights is no plain table of arrays ({error}); install the package "
            "that it came from anew."
        ) from error


def _read(content: bytes) -> dict[str, NDArray[Any]]:
    stream = io.BytesIO(content)
    unpickler = _Inert(stream)
    magic, protocol, system, tensors, keys = (_load(stream, unpickler, what) for what in PICKLES)
    if magic != MAGIC or protocol != PROTOCOL:
        raise Refused("it does not begin like such a file")
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise Refused("its numbers are not little-endian")
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in tensors.items()
    ):
        raise Refused("it holds more than arrays by name")
    storages = _storages(content, stream.tell(), keys, unpickler.storages)
    return {name: _array(tensor, storages) for name, tensor in tensors.items()}


def _load(stream: io.BytesIO, unpickler: _Inert, what: str) -> Any:
    """Load one pickle, after a look at every opcode of it."""
    start = stream.tell()
    for steps, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
        if opcode.name not in OPCODES:
            raise Refused(f"its {what} use the pickle opcode {opcode.name}")
        # The machine makes room up to the highest place of its memo: a far one would fill memory.
        if opcode.name in MEMO and int(argument or 0) > steps:
            raise Refused(f"its {what} put a value at place {argument} of the memo")
    stream.seek(start)
    return unpickler.load()


class _Inert(pickle.Unpickler):
    """Knows four names; none of them runs anything of the file's."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self.storages: dict[str, Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in NAMES:
            raise Refused(f"it asks for {module!r}, {name!r}")
        return NAMES[module, name]

    def persistent_load(self, reference: Any) -> Storage:
        if not isinstance(reference, tuple) or len(reference) != 6:
            raise Refused("a persistent id is no storage")
        word, kind, key, _, length, view = reference
        dtype = kind.dtype if isinstance(kind, Name) else None
        if word != "storage" or dtype is None or view is not None:
            raise Refused("a persistent id is no storage")
        if not isinstance(key, str) or not _is_count(length):
            raise Refused(f"a storage has the key {key!r} and the size {length!r}")
        storage = Storage(dtype, key, length)
        if self.storages.setdefault(key, storage) != storage:
            raise Refused(f"the storage {key!r} has two sizes or types")
        return storage


def _tensor(
    storage: Any, offset: Any, shape: Any, strides: Any, requires_grad: Any, hooks: Any
) -> Tensor:
    """Check what stands for a tensor; bounds come later, when its storage has been read."""
    numbers = [offset, *shape, *strides]
    if not isinstance(storage, Storage) or not all(_is_count(each) for each in numbers):
        raise Refused("a tensor has no storage, or a place, shape or stride that is no count")
    if len(shape) != len(strides) or len(shape) > MOST_DIMENSIONS:
        raise Refused(f"a tensor has {len(shape)} dimensions and {len(strides)} strides")
    return Tensor(storage, offset, tuple(shape), tuple(strides))


NAMES = {
    ("collections", "OrderedDict"): Name(make=lambda: Dictionary()),
    ("torch._utils", "_rebuild_tensor_v2"): Name(make=_tensor),
    ("torch", "FloatStorage"): Name(dtype=np.dtype("<f4")),
    ("torch", "LongStorage"): Name(dtype=np.dtype("<i8")),
}


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**48


def _storages(
    content: bytes, start: int, keys: Any, declared: Mapping[str, Storage]
) -> dict[str, NDArray[Any]]:
    """Read the numbers behind the pickles, which must end with the file."""
    if not isinstance(keys, list) or sorted(map(str, keys)) != sorted(declared):
        raise Refused("the storages that follow are not those that its tensors need")
    found = {}
    for key in keys:
        storage = declared[key]
        said = content[start : start + LENGTH.itemsize]
        if len(said) < LENGTH.itemsize or int(np.frombuffer(said, LENGTH)[0]) != storage.length:
            raise Refused(f"the storage {key!r} has another size than its tensors say")
        start += LENGTH.itemsize
        end = start + storage.length * storage.dtype.itemsize
        if end > len(content):
            raise Refused(f"the storage {key!r} goes beyond the end")
        found[key] = np.frombuffer(content, storage.dtype, storage.length, start)
        start = end
    if start != len(content):
        raise Refused(f"{len(content) - start} bytes follow its last storage")
    return found


def _array(tensor: Tensor, storages: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Copy a tensor out of its storage, never reaching past its ends."""
    numbers = storages[tensor.storage.key]
    size = math.prod(tensor.shape)
    last = tensor.offset + sum(
        (length - 1) * stride for length, stride in zip(tensor.shape, tensor.strides, strict=True)
    )
    if size and (last >= len(numbers) or size > len(numbers)):
        raise Refused(f"a tensor of shape {tensor.shape} reaches past its storage")
    if not size:
        return np.empty(tensor.shape, numbers.dtype)
    steps = [stride * numbers.itemsize for stride in tensor.strides]
    view = np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], tensor.shape, steps, writeable=False
    )
    return np.array(view, order="C")
