"""The members of a zip, read one by one without unpacking it."""

from __future__ import annotations

import os
import stat
import struct
import threading
import zipfile
import zlib
from collections import Counter
from pathlib import Path

from harness import BadClip, DatasetError
from plugins.datasets.file_names import (
    Listed,
    climbing,
    hidden_part,
    is_audio,
    natural_order,
    printable,
)
from plugins.datasets.listings import Listing

LARGEST_MEMBER = 2**31
INFLATION_SPARE = 1024
"""Packed bytes beyond those wanted: deflate tables, and data that does not shrink."""

_UTF8_FLAG = 0x800
_LOCAL_HEADER = struct.Struct("<4s22xHH")


class ZipStore:
    """The members of a zip; safe to use from several threads and after a fork.

    Members are read at their own offsets, so that processes that inherit the open file do not
    disturb each other, as they would through one `zipfile.ZipFile`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            raise DatasetError(
                f"{str(path)!r} cannot be read as a zip ({error}): download it again."
            ) from error
        files = [info for info in infos if not info.is_dir()]
        names = Counter(_member_name(info) for info in files)
        self._members = {_member_name(info): info for info in files}
        self._doubled = {name for name, count in names.items() if count > 1}
        self._empty_folders = {_member_name(info) for info in infos if info.is_dir()}
        self._file = path.open("rb", buffering=0)
        self._lock = threading.Lock()

    def listing(self) -> Listing:
        """List the members; one that would climb out is listed with its fault."""
        files, others, hidden = [], [], set()
        for name in sorted(self._members, key=lambda each: (natural_order(each), each)):
            listed = Listed(name, self.fault(name))
            if climbing(name):
                files.append(listed)
            elif covered := hidden_part(name):
                hidden.add(covered)
            elif listed.fault and not is_audio(name):
                others.append(listed)
            else:
                files.append(listed)
        return Listing(
            tuple(files),
            tuple(sorted(self._folders(files), key=natural_order)),
            tuple(sorted(hidden, key=natural_order)),
            tuple(others),
        )

    def _folders(self, files: list[Listed]) -> set[str]:
        """Return the folders that are not hidden, with all that they lie in."""
        homes = self._empty_folders | {each.name.rpartition("/")[0] for each in files}
        plain = {name for name in homes if name and not climbing(name) and not hidden_part(name)}
        return {name[:end] for name in plain for end in (*_slashes(name), len(name))}

    def fault(self, name: str) -> str | None:
        """Say why there is no such member to read, or None."""
        info = self._members.get(name)
        if info is None:
            return climbing(name) or f"is not in the zip {str(self.path)!r}"
        if reason := climbing(info.filename):
            return reason
        if stat.S_ISLNK(info.external_attr >> 16):
            return "is a link; links in a zip are not followed"
        if name in self._doubled:
            return "is in the zip twice under the same name"
        if info.flag_bits & 1:
            return "is encrypted: unpack the zip with its password first"
        return (
            "is larger than 2 GiB: cut it into clips" if info.file_size > LARGEST_MEMBER else None
        )

    def read(self, name: str, at_most: int | None = None) -> bytes:
        """Return a member's bytes, checked against its CRC, or only the first ones unchecked."""
        if reason := self.fault(name):
            raise BadClip(reason)
        info = self._members[name]
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return self._read_slowly(info, at_most)
        head = self._bytes_at(info.header_offset, _LOCAL_HEADER.size)
        if len(head) < _LOCAL_HEADER.size or not head.startswith(b"PK\x03\x04"):
            raise BadClip("is damaged in the zip: no header where the zip's directory points")
        _, name_size, extra_size = _LOCAL_HEADER.unpack(head)
        start = info.header_offset + _LOCAL_HEADER.size + name_size + extra_size
        size = info.compress_size
        if at_most is not None:
            size = min(size, at_most + INFLATION_SPARE)
        packed = self._bytes_at(start, size)
        return _unpack(info, packed, at_most)

    def file(self, name: str) -> str:
        """Return the path of the zip, on which all of its members stand."""
        return str(self.path)

    def _bytes_at(self, offset: int, size: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), size, offset)
        with self._lock:
            self._file.seek(offset)
            return self._file.read(size)

    def _read_slowly(self, info: zipfile.ZipInfo, at_most: int | None) -> bytes:
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(info) as member:
                return member.read(-1 if at_most is None else at_most)
        except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError, zlib.error) as error:
            raise BadClip(f"is damaged in the zip: {error}") from error


def _unpack(info: zipfile.ZipInfo, packed: bytes, at_most: int | None) -> bytes:
    """Inflate a member, never beyond the size that the zip's directory promises."""
    try:
        if info.compress_type == zipfile.ZIP_STORED:
            data = packed[:at_most]
        else:
            limit = info.file_size + 1 if at_most is None else at_most
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit)
    except zlib.error as error:
        raise BadClip(f"is damaged in the zip: {error}") from error
    if at_most is None and (len(data) != info.file_size or zlib.crc32(data) != info.CRC):
        raise BadClip("is damaged in the zip: its size or checksum is not what was promised")
    return data


def _member_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name with forward slashes, without "./" and empty parts."""
    name = printable(_unicode_name(info).replace("\\", "/"))
    if climbing(name):
        return name
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _unicode_name(info: zipfile.ZipInfo) -> str:
    """Read a name as UTF-8 where it is, though the zip does not say so: macOS packs it so."""
    if info.flag_bits & _UTF8_FLAG or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _slashes(name: str) -> list[int]:
    return [place for place, letter in enumerate(name) if letter == "/"]
