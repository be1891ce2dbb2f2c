"""The strict reader: what torch wrote is read; whatever else a file asks for is refused."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import ClassifierError
from plugins.classifiers.transfer.legacy import MAGIC, PROTOCOL, read_tensors
from plugins.classifiers.transfer.weights import find_weights

START, STOP = b"\x80\x02", b"."
REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"
ORDERED = b"ccollections\nOrderedDict\n)R"
NUMBERS = np.arange(24, dtype="<f4")


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def integers(*values: int) -> bytes:
    return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"


def storage(key: str, count: int, kind: str = "FloatStorage") -> bytes:
    words = text("storage") + b"ctorch\n" + kind.encode() + b"\n" + text(key) + text("cpu")
    return b"(" + words + b"J" + struct.pack("<i", count) + b"NtQ"


def tensor(
    shape: tuple[int, ...] = (24,),
    strides: tuple[int, ...] = (1,),
    *,
    offset: int = 0,
    held: bytes = storage("7", 24),
) -> bytes:
    place = b"J" + struct.pack("<i", offset)
    made = held + place + integers(*shape) + integers(*strides) + b"\x89" + ORDERED
    return REBUILD + b"(" + made + b"tR"


def table(**tensors: bytes) -> bytes:
    items = b"".join(text(name) + each for name, each in tensors.items())
    metadata = b"}" + text("_metadata") + ORDERED + b"sb"
    return START + ORDERED + b"(" + items + b"u" + metadata + STOP


def file(
    tensors: bytes,
    numbers: Mapping[str, np.ndarray[Any, Any]] | None = None,
    *,
    magic: int = MAGIC,
    little_endian: bool = True,
) -> bytes:
    """Write a whole file around the pickle of its tensors."""
    numbers = {"7": NUMBERS} if numbers is None else numbers
    system = {"protocol_version": PROTOCOL, "little_endian": little_endian}
    pickles = [pickle.dumps(value, 2) for value in (magic, PROTOCOL, system)]
    behind = b"".join(struct.pack("<q", len(each)) + each.tobytes() for each in numbers.values())
    return b"".join(pickles) + tensors + pickle.dumps(list(numbers), 2) + behind


def test_arrays_are_read_with_their_strides_and_places():
    content = table(
        plain=tensor(),
        turned=tensor((2, 3), (1, 2), offset=4),
        one=tensor((), (), offset=23),
        none=tensor((0, 5), (5, 1)),
    )
    found = read_tensors(file(content))
    np.testing.assert_array_equal(found["plain"], NUMBERS)
    np.testing.assert_array_equal(found["turned"], [[4, 6, 8], [5, 7, 9]])
    assert found["one"] == 23
    assert found["none"].shape == (0, 5)
    assert all(each.flags.owndata for each in found.values())


def test_whole_numbers_are_read():
    held = storage("9", 2, "LongStorage")
    numbers = {"9": np.array([2**40, -1], "<i8")}
    found = read_tensors(file(table(count=tensor((2,), (1,), held=held)), numbers))
    assert found["count"].tolist() == [2**40, -1]


def call(module: str, name: str, argument: str = "true") -> bytes:
    return b"c" + f"{module}\n{name}\n".encode() + b"(" + text(argument) + b"tR"


HOSTILE = {
    "system": (call("os", "system", "touch ran"), "asks for 'os', 'system'"),
    "posix": (call("posix", "system", "touch ran"), "asks for 'posix', 'system'"),
    "eval": (call("builtins", "eval", "1"), "asks for 'builtins', 'eval'"),
    "getattr": (call("builtins", "getattr", "x"), "asks for 'builtins', 'getattr'"),
    "dotted": (call("collections", "OrderedDict.fromkeys", "x"), "OrderedDict.fromkeys"),
    "loading": (call("torch.storage", "_load_from_bytes", "x"), "_load_from_bytes"),
    "other torch": (call("torch", "DoubleStorage", "x"), "asks for 'torch', 'DoubleStorage'"),
    "nested": (
        REBUILD + b"(" + call("os", "system", "touch ran") + b"K\x00))\x89)RtR",
        "asks for 'os', 'system'",
    ),
    "inst": (b"(" + text("touch ran") + b"ios\nsystem\n", "opcode INST"),
    "object": (b"(cos\nsystem\n" + text("touch ran") + b"o", "opcode OBJ"),
    "stack": (text("os") + text("system") + b"\x93", "opcode STACK_GLOBAL"),
    "new": (b"ccollections\nOrderedDict\n)\x81", "opcode NEWOBJ"),
    "extension": (b"\x82\x01", "opcode EXT1"),
    "text id": (b"Pos.system\n", "opcode PERSID"),
    "a long far place of the memo": (b"}r\xff\xff\xff\x7f", "at place 2147483647 of the memo"),
    "a value that is not there": (b"h\x2a", "Memo value not found at index 42"),
    "a type called": (b"ctorch\nFloatStorage\n)R", "calls a type of numbers"),
    "a dictionary of arguments": (b"ccollections\nOrderedDict\n(K\x01tR", "takes 0"),
    "a name that is no array": (b"K\x01", "more than arrays by name"),
    "a name for an array": (b"ctorch\nFloatStorage\n", "more than arrays by name"),
    "another state": (tensor() + b"}" + text("offset") + b"J\xff\xff\x00\x00sb", "is no plain"),
    "a state for a name": (REBUILD + b"}" + text("make") + ORDERED + b"sb", "is no plain"),
    "a slot for a name": (
        REBUILD + b"N}" + text("make") + ORDERED + b"s\x86b",
        "is no plain",
    ),
    "an odd id": (text("7") + b"Q", "a persistent id is no storage"),
    "an id of another kind": (storage("7", 24).replace(b"storage", b"module_"), "no storage"),
    "an id with a text for a type": (
        b"(" + text("storage") * 2 + text("7") + text("cpu") + b"K\x18NtQ",
        "a persistent id is no storage",
    ),
    "an id with a view": (storage("7", 24)[:-3] + b"}tQ", "a persistent id is no storage"),
    "a negative storage": (tensor(held=storage("7", -1)), "the key '7' and the size -1"),
    "past the storage": (tensor((25,), (1,)), "reaches past its storage"),
    "past it by its place": (tensor((20,), (1,), offset=5), "reaches past its storage"),
    "past it by its strides": (tensor((2, 2), (23, 1), offset=1), "reaches past its storage"),
    "blown up by strides of zero": (tensor((2**20, 2**20), (0, 0)), "reaches past its storage"),
    "before the storage": (tensor(offset=-1), "is no count"),
    "strides backwards": (tensor((2,), (-1,), offset=1), "is no count"),
    "a shape of truth": (tensor().replace(integers(24), b"(\x88t"), "is no count"),
    "more dimensions than strides": (tensor((4, 6), (1,)), "2 dimensions and 1 strides"),
    "no storage": (tensor(held=b"K\x01"), "a tensor has no storage"),
}


@pytest.mark.parametrize(("value", "why"), HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_else_a_file_asks_for_is_refused(value, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ClassifierError, match="is no plain table of arrays") as refused:
        read_tensors(file(table(good=tensor(), bad=value)))
    assert why in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", range(5))
def test_no_pickle_of_the_five_runs_anything(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = [pickle.dumps(value, 2) for value in (MAGIC, PROTOCOL, {"little_endian": True})]
    parts += [table(good=tensor()), pickle.dumps(["7"], 2)]
    parts[place] = START + call("os", "system", "touch ran") + STOP
    behind = struct.pack("<q", 24) + NUMBERS.tobytes()
    with pytest.raises(ClassifierError, match="asks for 'os', 'system'"):
        read_tensors(b"".join(parts) + behind)
    assert not list(tmp_path.iterdir())


def test_a_state_attached_to_the_table_is_forgotten():
    state = b"}" + text("clear") + ORDERED + b"sb"
    found = read_tensors(file(START + ORDERED + b"(" + text("a") + tensor() + b"u" + state + STOP))
    assert list(found) == ["a"]


def test_one_storage_has_one_size():
    content = table(a=tensor(), b=tensor((2,), (1,), held=storage("7", 23)))
    with pytest.raises(ClassifierError, match="has two sizes or types"):
        read_tensors(file(content))


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ({"7": NUMBERS[:23]}, "another size than its tensors say"),
        ({"8": NUMBERS}, "not those that its tensors need"),
        ({"7": NUMBERS, "8": NUMBERS}, "not those that its tensors need"),
        ({}, "not those that its tensors need"),
    ],
)
def test_storages_must_be_those_that_the_tensors_need(numbers, why):
    with pytest.raises(ClassifierError, match=why):
        read_tensors(file(table(a=tensor()), numbers))


def test_a_storage_larger_than_the_file_is_refused():
    large = table(a=tensor((3,), (1,), held=storage("7", 2**31 - 1)))
    content = file(large).replace(struct.pack("<q", 24), struct.pack("<q", 2**31 - 1))
    with pytest.raises(ClassifierError, match="goes beyond the end"):
        read_tensors(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (file(table(a=tensor()), magic=1), "does not begin like"),
        (file(table(a=tensor()), little_endian=False), "not little-endian"),
        (file(table(a=tensor())) + b"x", "1 bytes follow"),
        (file(START + tensor() + STOP), "more than arrays by name"),
        (b"", "is no plain table"),
        (b"PK\x03\x04", "is no plain table"),
    ],
)
def test_other_files_are_refused(content, why):
    with pytest.raises(ClassifierError, match=why):
        read_tensors(content)


WHOLE = file(table(a=tensor(), b=tensor((2, 3), (3, 1), offset=1)))


@given(st.integers(0, len(WHOLE) - 1))
def test_a_truncated_file_is_refused(end):
    with pytest.raises(ClassifierError):
        read_tensors(WHOLE[:end])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6))
def test_a_damaged_file_gives_arrays_or_a_refusal(place, bytes_there):
    damaged = WHOLE[:place] + bytes_there + WHOLE[place + len(bytes_there) :]
    try:
        found = read_tensors(damaged)
    except ClassifierError:
        return
    assert all(isinstance(each, np.ndarray) for each in found.values())


def test_torch_reads_and_writes_the_same(tmp_path):
    torch = pytest.importorskip("torch", reason="torch is not installed to compare with")
    whole = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5)
    state = {"whole": whole, "turned": whole.permute(2, 0, 1)[1:, :, ::2], "n": torch.tensor(7)}
    path = tmp_path / "state.pth"
    torch.save(state, path, _use_new_zipfile_serialization=False)
    found = read_tensors(path.read_bytes())
    for name, expected in state.items():
        np.testing.assert_array_equal(found[name], expected.numpy())


def test_the_file_that_ships_is_read_as_torch_reads_it(weights):
    torch = pytest.importorskip("torch", reason="torch is not installed to compare with")
    expected = torch.load(find_weights(), map_location="cpu", weights_only=True)
    assert list(weights) == list(expected)
    for name, array in weights.items():
        np.testing.assert_array_equal(array, expected[name].numpy())
