"""A bundle reads back as it was written, or is refused by name; nothing in it is run."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from harness.applying import bundle as module
from harness.applying.arrays import array_bytes, read_array
from harness.applying.bundle import read_bundle, write_bundle
from harness.errors import StoreError
from tests.samples.damage import DAMAGES, edited, end_zeroed

NUMBERS = st.sampled_from(["<f4", "<f8", ">f8", "<i8", "<i4", "u1", "?", "<f2"])


@pytest.fixture
def path(bundle, tmp_path) -> Path:
    write_bundle(tmp_path / "whale.sight", bundle)
    return tmp_path / "whale.sight"


def test_what_is_read_is_what_was_written(path, bundle):
    found = read_bundle(path)
    assert found.detector == bundle.detector
    assert found.probes == bundle.probes
    for own, expected in zip(found.learnt, bundle.learnt, strict=True):
        assert own.values == json.loads(json.dumps(expected.values))
        assert own.arrays.keys() == expected.arrays.keys()
        for name, array in expected.arrays.items():
            np.testing.assert_array_equal(own.arrays[name], array)
    assert found.digest == bundle.digest


def test_the_same_bundle_has_the_same_bytes(path, bundle, tmp_path):
    write_bundle(tmp_path / "again.sight", read_bundle(path))
    assert (tmp_path / "again.sight").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "damage", [d for d in DAMAGES if d not in (edited, end_zeroed)], ids=lambda each: each.__name__
)
def test_a_damaged_bundle_is_refused(path, damage):
    damage(path)
    with pytest.raises(StoreError, match=r"whale\.sight"):
        read_bundle(path)


def test_every_byte_counts(path):
    data = path.read_bytes()
    rng = np.random.default_rng(0)
    for at in rng.integers(len(data), size=60):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        try:
            found = read_bundle(path)
        except StoreError:
            continue
        # A date or an attribute: the parts are what they were.
        assert found.parts == read_of(data, path).parts


def read_of(data: bytes, path: Path):
    path.write_bytes(data)
    return read_bundle(path)


def rewritten(path: Path, change, compress: int = zipfile.ZIP_STORED) -> None:
    """Write a zip anew from its parts, changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = change(parts)
    with zipfile.ZipFile(path, "w", compress) as archive:
        for name, data in changed if isinstance(changed, list) else changed.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress)


def with_manifest(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Give parts the manifest that fits them, as a stranger would."""
    rest = {name: data for name, data in parts.items() if name != module.MANIFEST}
    return {module.MANIFEST: module._manifest(rest), **rest}


@pytest.mark.parametrize(
    "name",
    [
        "../out.npy",
        "/etc/passwd",
        "learnt/../../x.npy",
        "learnt/x.pkl",
        "learnt/x.npy",
        "learnt/000/../x.npy",
        "run.py",
        "a\\b",
    ],
)
def test_parts_that_no_detector_has_are_refused(path, name):
    rewritten(path, lambda parts: with_manifest({**parts, name: b"x"}))
    with pytest.raises(StoreError, match="no detector has"):
        read_bundle(path)


def test_what_is_compressed_is_refused_before_it_is_read(path):
    bomb = {"learnt/000/bomb.npy": array_bytes(np.zeros(10**7))}
    rewritten(path, lambda parts: with_manifest({**parts, **bomb}), zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 10**7
    with pytest.raises(StoreError, match="compressed"):
        read_bundle(path)


def of_schema(schema, version="0.1.0"):
    """Give parts as another sightbench wrote them: other names, another schema."""

    def change(parts):
        detector = json.loads(parts[module.DETECTOR])
        detector["environment"]["libraries"]["sightbench"] = version
        rest = {module.DETECTOR: json.dumps(detector).encode(), "learnt/x.npy": b"as it was then"}
        rest |= {name: parts[name] for name in (module.LEARNT, module.PROBES)}
        manifest = json.loads(module._manifest(rest)) | {"schema": schema}
        return {module.MANIFEST: json.dumps(manifest).encode(), **rest}

    return change


@pytest.mark.parametrize(("schema", "remedy"), [(1, "Keep its cell anew"), (3, "or a newer one")])
def test_a_bundle_of_another_schema_says_who_wrote_it_and_what_to_do(path, schema, remedy):
    rewritten(path, of_schema(schema))
    with pytest.raises(StoreError, match=rf"sightbench 0\.1\.0 as schema {schema}.*{remedy}"):
        read_bundle(path)


@pytest.mark.parametrize("version", [None, 3, "[red]\x1b[2J", "1" * 1000])
def test_what_a_stranger_calls_a_version_is_not_told(path, version):
    rewritten(path, of_schema(1, version))
    with pytest.raises(StoreError, match="by another sightbench as schema 1"):
        read_bundle(path)


def test_a_part_that_stands_twice_is_refused(path):
    with pytest.warns(UserWarning, match="Duplicate"):
        rewritten(path, lambda parts: [*parts.items(), (module.LEARNT, b"{}")])
    with pytest.raises(StoreError, match="twice"):
        read_bundle(path)


def test_a_part_that_is_missing_is_named(path):
    rewritten(path, lambda parts: {k: v for k, v in parts.items() if "turned" not in k})
    with pytest.raises(StoreError, match="other parts"):
        read_bundle(path)


def test_a_part_that_was_changed_is_named(path):
    def change(parts):
        return {**parts, module.LEARNT: parts[module.LEARNT].replace(b"Constant", b"Gaussian")[:-1]}

    rewritten(path, change)
    with pytest.raises(StoreError, match=r"learnt\.json is not as it was written"):
        read_bundle(path)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (module.DETECTOR, b"[]"),
        (module.DETECTOR, b"{}"),
        (module.DETECTOR, b'{"classes": NaN}'),
        (module.LEARNT, b"[" * 100_000),
        (module.PROBES, b'{"probes": [{"id": 3}]}'),
        (module.PROBES, b'{"probes": []}'),
    ],
)
def test_text_that_says_what_none_says_is_refused(path, part, text):
    rewritten(path, lambda parts: with_manifest({**parts, part: text}))
    with pytest.raises(StoreError, match="sight"):
        read_bundle(path)


def test_no_pickle_is_ever_read(path):
    held = io.BytesIO()
    np.save(held, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    parts = {"learnt/000/objects.npy": held.getvalue()}
    rewritten(path, lambda found: with_manifest({**found, **parts}))
    with pytest.raises(StoreError, match="objects"):
        read_bundle(path)


def test_what_is_no_bundle_is_told(tmp_path):
    (tmp_path / "text").write_text("hello")
    for name, words in (("nothing", "keep writes one"), ("text", "no detector"), (".", "no file")):
        with pytest.raises(StoreError, match=words):
            read_bundle(tmp_path / name)


@settings(deadline=None, max_examples=60)
@given(arrays.arrays(NUMBERS, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0)))
def test_arrays_come_back_as_they_were(array):
    found = read_array(array_bytes(array), "array")
    assert found.shape == array.shape
    assert found.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(found, array)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200), st.integers(0, 127))
def test_bytes_that_are_no_array_are_refused_or_read(data, at):
    sound = array_bytes(np.arange(6.0).reshape(2, 3))
    for each in (data, sound[:at] + data, sound[:at] + data + sound[at + len(data) :]):
        with contextlib.suppress(StoreError):
            assert isinstance(read_array(each, "array"), np.ndarray)
