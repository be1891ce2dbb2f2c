"""What is in an ONNX file: its input, its layers by name; and the file cut down to some of them.

A file is a stranger's. It is read here field by field, without a library that could be led
astray, and before any engine sees it. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from plugins.classifiers.transfer.tensors import check_tensor
from plugins.classifiers.transfer.wire import (
    Damaged,
    Field,
    bytes_field,
    fields,
    integers,
    text,
)

MODEL_GRAPH = 7
NODE, INITIALIZER, INPUT, OUTPUT, SPARSE = 1, 5, 11, 12, 15
DEEPEST = 8
"""Graphs inside graphs."""
INTEGER, INTEGERS = 3, 8
"""Fields of an attribute."""
FLOAT = 1
BOUNDS = {
    "strides": (1, 4096),
    "dilations": (1, 4096),
    "kernel_shape": (1, 4096),
    "pads": (0, 4096),
    "group": (1, 2**20),
    "blocksize": (1, 4096),
}
"""What settings of a step may be; a picture has no more than 1,024 pixels a side."""


class Node(NamedTuple):
    """One step of the network; `captured` are names that graphs inside it use."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    captured: tuple[str, ...]
    settings: Mapping[str, tuple[int, ...]]
    raw: memoryview


class Weights(NamedTuple):
    """An array of the network, as it stands in the file."""

    shape: tuple[int, ...]
    raw: memoryview


class Source(NamedTuple):
    """An input; a side that the file leaves open is its name there, or empty."""

    name: str
    kind: int
    shape: tuple[int | str, ...]
    raw: memoryview


@dataclass(frozen=True, eq=False)
class OnnxFile:
    """A network as it is written in a file.

    Parameters
    ----------
    nodes
        In the order in which they are computed.
    arrays
        Weights, by name.
    sources
        Inputs that are no weights, by name.
    outputs
        What the network puts out by itself.
    head
        Everything outside the graph.
    """

    nodes: tuple[Node, ...]
    arrays: Mapping[str, Weights]
    sources: Mapping[str, Source]
    outputs: tuple[str, ...]
    head: tuple[memoryview, ...]

    @classmethod
    def read(cls, content: bytes) -> OnnxFile:
        """Read a file.

        Raises
        ------
        Damaged
            It is no ONNX file, truncated, or keeps weights in other files.
        """
        model = list(fields(memoryview(content)))
        graphs = [field.content for field in model if field.number == MODEL_GRAPH]
        if len(graphs) != 1:
            raise Damaged(f"it holds {len(graphs)} networks")
        graph = list(fields(graphs[0]))
        if any(field.number == SPARSE for field in graph):
            raise Damaged("it has sparse weights, which are not read")
        arrays = dict(_array(field) for field in graph if field.number == INITIALIZER)
        sources = [_source(field) for field in graph if field.number == INPUT]
        nodes = tuple(_node(field.content, field.raw, 0) for field in graph if field.number == NODE)
        if not nodes:
            raise Damaged("its network has no layers")
        return cls(
            nodes=nodes,
            arrays=arrays,
            sources={each.name: each for each in sources if each.name not in arrays},
            outputs=tuple(_name(field.content) for field in graph if field.number == OUTPUT),
            head=tuple(field.raw for field in model if field.number != MODEL_GRAPH),
        )

    def layers(self) -> list[str]:
        """Name everything that the network computes, in order."""
        return [name for node in self.nodes for name in node.outputs if name]

    def needed(self, wanted: Sequence[str]) -> Part:
        """Return the part of the network that some layers are computed by."""
        names, kept = set(wanted), []
        for node in reversed(self.nodes):
            if not names.isdisjoint(node.outputs):
                kept.append(node)
                names.update(node.inputs, node.captured)
        sources = [source for name, source in self.sources.items() if name in names]
        arrays = [each.raw for name, each in self.arrays.items() if name in names]
        return Part(tuple(reversed(kept)), tuple(sources), tuple(arrays))

    def cut(self, wanted: Sequence[str], infos: Sequence[bytes]) -> bytes:
        """Write a file that computes some layers and nothing else.

        `infos` describe these layers, each as a ``ValueInfoProto``.
        """
        part = self.needed(wanted)
        graph: list[bytes | memoryview] = [
            *(node.raw for node in part.nodes),
            bytes_field(2, "network"),
            *part.arrays,
            *(source.raw for source in part.sources),
            *(bytes_field(OUTPUT, info) for info in infos),
        ]
        return b"".join((*self.head, bytes_field(MODEL_GRAPH, b"".join(graph))))


class Part(NamedTuple):
    """Some of a network: steps, inputs, weights."""

    nodes: tuple[Node, ...]
    sources: tuple[Source, ...]
    arrays: tuple[memoryview, ...]


def _array(field: Field) -> tuple[str, Weights]:
    return _name(field.content, 8), Weights(check_tensor(field.content), field.raw)


def _name(message: memoryview, number: int = 1) -> str:
    return next((text(field.content) for field in fields(message) if field.number == number), "")


def _source(field: Field) -> Source:
    name, kind = "", 0
    shape: tuple[int | str, ...] = ()
    for part in fields(field.content):
        if part.number == 1:
            name = text(part.content)
        elif part.number == 2:
            kind, shape = _type(part.content)
    return Source(name, kind, shape, field.raw)


def _type(message: memoryview) -> tuple[int, tuple[int | str, ...]]:
    kind = 0
    shape: tuple[int | str, ...] = ()
    for tensor in (field.content for field in fields(message) if field.number == 1):
        for field in fields(tensor):
            if field.number == 1:
                kind = field.integer
            elif field.number == 2:
                shape = tuple(_side(side.content) for side in fields(field.content))
    return kind, shape


def _side(message: memoryview) -> int | str:
    for field in fields(message):
        if field.number == 1 and field.integer:
            return field.integer
        if field.number == 2:
            return text(field.content)
    return ""


def _node(message: memoryview, raw: memoryview, depth: int) -> Node:
    if depth > DEEPEST:
        raise Damaged(f"its graphs lie more than {DEEPEST} deep in each other")
    inputs: list[str] = []
    outputs: list[str] = []
    captured: list[str] = []
    kind = ""
    settings: dict[str, tuple[int, ...]] = {}
    for field in fields(message):
        match field.number:
            case 1:
                inputs.append(text(field.content))
            case 2:
                outputs.append(text(field.content))
            case 4:
                kind = text(field.content)
            case 5:
                captured += _captured(field.content, depth)
                settings.update([_setting(field.content)])
    _check_settings(kind, settings)
    return Node(kind, tuple(inputs), tuple(outputs), tuple(captured), settings, raw)


def _captured(attribute: memoryview, depth: int) -> Iterator[str]:
    """Yield the names that graphs in an attribute use, their own among them."""
    for field in fields(attribute):
        if field.number in (5, 10):
            check_tensor(field.content)
        if field.number not in (6, 11):
            continue
        for part in fields(field.content):
            if part.number == NODE:
                inner = _node(part.content, part.raw, depth + 1)
                yield from (*inner.inputs, *inner.captured)
            elif part.number == INITIALIZER:
                check_tensor(part.content)
            elif part.number == OUTPUT:
                yield _name(part.content)


def _setting(attribute: memoryview) -> tuple[str, tuple[int, ...]]:
    """Read an attribute that is an integer or a list of them."""
    found = [
        each
        for field in fields(attribute)
        if field.number in (INTEGER, INTEGERS)
        for each in integers(field)
    ]
    return _name(attribute), tuple(found)


def _check_settings(kind: str, settings: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse steps of no pixels and the like, which an engine may divide by."""
    for name, (low, high) in BOUNDS.items():
        values = settings.get(name, ())
        if kind != "Pad" and values and not low <= min(values) <= max(values) <= high:
            raise Damaged(f"a step {kind!r} has {name} of {', '.join(map(str, values))}")
