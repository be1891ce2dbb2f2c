"""One file with all that a detector is: parts with their hashes, in a fixed order.

A bundle is a zip whose parts lie in it as they are, not compressed, so that it cannot be larger
than it looks; it is never unpacked to disk. The same parts give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from harness.applying.arrays import array_bytes, read_array
from harness.applying.detector import Detector
from harness.errors import StoreError
from harness.files.documents import checked, plain, written
from harness.files.whole import write_whole
from harness.values import Knowledge

SCHEMA = 2
FORMAT = "sightbench detector"
MANIFEST, DETECTOR, LEARNT, PROBES = "manifest.json", "detector.json", "learnt.json", "probes.json"
MOST_BYTES = 2 * 2**30
MOST_PARTS = 4096
MOST_MEMBERS, MOST_TIMES = 100, 10**6
MOST_TEXT_BYTES = 16 * 2**20
"""Larger ones are refused: ours are a few MB, of a hundred parts."""

_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_HEADERS, _END = 30 + 46, 22
"""Bytes that a zip takes for each part, beside its content and twice its name, and at its end."""
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,40}")
_ARRAY = re.compile(r"(learnt/[0-9]{3}|probes)/[A-Za-z0-9][A-Za-z0-9._-]{0,119}\.npy")


@dataclass(frozen=True, slots=True)
class Probe:
    """A clip of the self-test, and what was seen and said of it.

    Parameters
    ----------
    id, label
        Of the clip.
    rate_hz
        Samples a second of its samples, which are an array of the bundle.
    seen
        A hash of what the classifier of each member looks at.
    scores
        Probabilities, in the order of the classes.
    """

    id: str
    label: str
    rate_hz: float
    seen: tuple[str, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Probes:
    """The self-test: some clips, in the order of their samples."""

    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part as the manifest has it."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds."""

    schema: int
    format: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Bundle:
    """A detector with all that it needs.

    Parameters
    ----------
    learnt
        What the classifier of each member has learnt.
    samples
        Of each clip of the self-test [shape=(channels, n)].
    """

    detector: Detector
    learnt: tuple[Knowledge, ...]
    probes: Probes
    samples: tuple[NDArray[Any], ...] = field(default=())

    @cached_property
    def parts(self) -> dict[str, bytes]:
        """Its parts but the manifest, as bytes by name."""
        found = {
            DETECTOR: _text(plain(self.detector)),
            LEARNT: _text({"members": [dict(each.values) for each in self.learnt]}),
            PROBES: _text(plain(self.probes)),
        }
        for number, knowledge in enumerate(self.learnt):
            for name, array in sorted(knowledge.arrays.items()):
                found[f"learnt/{number:03d}/{name}.npy"] = array_bytes(array)
        for number, array in enumerate(self.samples):
            found[f"probes/{number:03d}.npy"] = array_bytes(array)
        return found

    @cached_property
    def digest(self) -> str:
        """Tell this bundle from others: the hash of its manifest."""
        return hashlib.sha256(_manifest(self.parts)).hexdigest()[:32]


def _text(values: Mapping[str, Any]) -> bytes:
    return written(values).encode()


def _manifest(parts: Mapping[str, bytes]) -> bytes:
    listed = tuple(Part(name, len(data), _hash(data)) for name, data in parts.items())
    return _text(plain(Manifest(SCHEMA, FORMAT, listed)))


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=20).hexdigest()


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write a bundle, whole or not at all; the same one gives the same bytes.

    Raises
    ------
    OSError
        It cannot be written.
    StoreError
        What was learnt is larger than a bundle may be.
    """
    parts = {MANIFEST: _manifest(bundle.parts), **bundle.parts}
    if len(bundle.learnt) > MOST_MEMBERS:
        raise StoreError(f"{len(bundle.learnt)} members are averaged; {MOST_MEMBERS} can be kept.")
    size = sum(map(len, parts.values()))
    if size > MOST_BYTES or len(parts) > MOST_PARTS:
        raise StoreError(
            f"What was learnt takes {size / 1e6:,.0f} MB in {len(parts)} parts; a bundle holds "
            f"{MOST_BYTES / 1e6:,.0f} MB at most. Choose a smaller classifier."
        )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr = _UNIX, 0o644 << 16
            archive.writestr(info, data)
    write_whole(path, file.getvalue())


def read_bundle(path: Path) -> Bundle:
    """Read a bundle; nothing of it is imported, unpickled or run.

    Raises
    ------
    StoreError
        There is none, it is damaged (the message names the part), or it holds what none holds.
    """
    parts = _read_parts(path)
    detector = checked(Detector, _json(parts[DETECTOR], path, DETECTOR), f"{path}: {DETECTOR}")
    probes = checked(Probes, _json(parts[PROBES], path, PROBES), f"{path}: {PROBES}")
    learnt = _learnt(path, parts)
    _check_counts(path, detector, learnt, probes)
    names = [f"probes/{number:03d}.npy" for number in range(len(probes.probes))]
    there = [name for name in parts if name.startswith("probes/")]
    if names != there:
        raise _refusal(path, f"has {len(there)} clips of a self-test of {len(names)}")
    samples = tuple(read_array(parts[name], f"{path}: {name}") for name in names)
    return Bundle(detector, learnt, probes, samples)


def _learnt(path: Path, parts: Mapping[str, bytes]) -> tuple[Knowledge, ...]:
    members = _json(parts[LEARNT], path, LEARNT).get("members")
    if not isinstance(members, list) or not all(isinstance(each, dict) for each in members):
        raise _refusal(path, f"is damaged: {LEARNT} has no list of members")
    found: list[dict[str, NDArray[Any]]] = [{} for _ in members]
    for name, data in parts.items():
        if name.startswith("learnt/"):
            _, number, own = name.split("/")
            if int(number) >= len(members):
                raise _refusal(path, f"holds a part {name} of no member")
            found[int(number)][own.removesuffix(".npy")] = read_array(data, f"{path}: {name}")
    return tuple(map(Knowledge, found, members))


def _check_counts(
    path: Path, detector: Detector, learnt: tuple[Knowledge, ...], probes: Probes
) -> None:
    """Ask that all parts speak of the same members, of no more than there ever are."""
    count = len(detector.members)
    if not 1 <= count <= MOST_MEMBERS:
        raise _refusal(path, f"has {count} members; there are 1 to {MOST_MEMBERS}")
    if not all(1 <= times <= MOST_TIMES for times in detector.times):
        raise _refusal(path, "has a member that counts less than once, or too often")
    if len(learnt) != count or any(len(each.seen) != count for each in probes.probes):
        raise _refusal(path, f"is damaged: its parts speak of other members than its {count}")


def _read_parts(path: Path) -> dict[str, bytes]:
    try:
        if path.exists() and not path.is_file():
            raise StoreError(f"{path} is no file: sightbench keep writes one.")
        if path.stat().st_size > MOST_BYTES + MOST_TEXT_BYTES:
            raise _refusal(path, f"is larger than {MOST_BYTES / 1e6:,.0f} MB")
        with zipfile.ZipFile(path) as archive:
            _expect_schema(path, archive)
            _check_members(path, archive.infolist())
            data = {info.filename: archive.read(info) for info in archive.infolist()}
    except FileNotFoundError:
        raise StoreError(f"There is no {path}: sightbench keep writes one.") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, RuntimeError) as error:
        raise _refusal(path, f"is damaged, or no detector: {str(error)[:120]}") from None
    manifest = checked(Manifest, _json(data.pop(MANIFEST), path, MANIFEST), f"{path}: {MANIFEST}")
    _check_manifest(path, manifest, data)
    return data


def _expect_schema(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse a detector of another schema, whose parts are others, and say who wrote it."""
    manifest = _glimpsed(archive, MANIFEST)
    schema = manifest.get("schema")
    if manifest.get("format") != FORMAT or type(schema) is not int or schema == SCHEMA:
        return
    environment = _glimpsed(archive, DETECTOR).get("environment")
    libraries = environment.get("libraries") if isinstance(environment, dict) else None
    version = libraries.get("sightbench") if isinstance(libraries, dict) else None
    known = isinstance(version, str) and _VERSION.fullmatch(version)
    remedy = (
        "Keep its cell anew from the run, with sightbench keep"
        if schema < SCHEMA
        else "Install that sightbench, or a newer one"
    )
    raise _refusal(
        path,
        f"was written by {f'sightbench {version}' if known else 'another sightbench'} as schema "
        f"{schema} of a detector; this one reads schema {SCHEMA}. {remedy}",
    )


def _glimpsed(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    """Read a part of text before anything is checked; nothing where it is not as ours are."""
    try:
        info = archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > MOST_TEXT_BYTES:
            return {}
        values = json.loads(archive.read(info))
    except (KeyError, ValueError, RecursionError, zipfile.BadZipFile, RuntimeError):
        return {}
    return values if isinstance(values, dict) else {}


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse what is compressed, hidden, foreign or there twice, before anything is read."""
    names = [each.filename for each in members]
    if not {MANIFEST, DETECTOR, LEARNT, PROBES} <= set(names):
        raise _refusal(path, "is no detector: it lacks a part that every one has")
    if len(members) > MOST_PARTS or len(set(names)) < len(names):
        raise _refusal(path, f"has {len(members)} parts, too many or some of them twice")
    for each in members:
        text = each.filename in (MANIFEST, DETECTOR, LEARNT, PROBES)
        if not text and not _ARRAY.fullmatch(each.filename):
            raise _refusal(path, f"holds a part {each.filename!r:.80}, which no detector has")
        if each.compress_type != zipfile.ZIP_STORED or each.file_size != each.compress_size:
            raise _refusal(path, f"has a compressed part {each.filename}; ours never are")
        if text and each.file_size > MOST_TEXT_BYTES:
            raise _refusal(path, f"has a part {each.filename} of {each.file_size} bytes")
    taken = sum(each.file_size + 2 * len(each.filename) + _HEADERS for each in members)
    if taken + _END != path.stat().st_size:
        raise _refusal(path, "is longer or shorter than its parts")


def _check_manifest(path: Path, manifest: Manifest, data: Mapping[str, bytes]) -> None:
    if manifest.format != FORMAT or manifest.schema != SCHEMA:
        raise _refusal(path, f"says that it is no {FORMAT} of schema {SCHEMA}")
    if [part.name for part in manifest.parts] != list(data):
        raise _refusal(path, "has other parts than its manifest names")
    for part in manifest.parts:
        if len(data[part.name]) != part.size or _hash(data[part.name]) != part.digest:
            raise _refusal(path, f"is damaged: {part.name} is not as it was written")


def _json(data: bytes, path: Path, name: str) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _refusal(path, f"is damaged: {name} cannot be read ({str(error)[:80]})") from None
    if not isinstance(values, dict):
        raise _refusal(path, f"is damaged: {name} is no object")
    return values


def _refusal(path: Path, why: str) -> StoreError:
    return StoreError(f"{path} {why}. Nothing of it was used.")
