"""A plugin file that another machine lacks: it came along, and keeps the name it has there."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import PluginError
from harness.registry.discovery import load
from harness.running.places import write_sources
from harness.scaffolding.files import write_file
from harness.sources.digests import plugin_key
from harness.sources.files import SENT, local_sources

READ = """
import pickle, sys
from harness.sources.digests import plugin_key
plugin = pickle.load(open(sys.argv[1], "rb"))
print(plugin_key(plugin))
"""


@pytest.fixture
def sent(tmp_path: Path) -> tuple[str, bytes]:
    """Pickle a plugin of a file, send the file, and remove it; give its key and its source."""
    path = write_file("improvement", "odd-one", tmp_path)
    plugin = load([path]).catalogue.build("improvement", spec("odd-one"))
    (tmp_path / "plugin.pickle").write_bytes(pickle.dumps(plugin))
    module = type(plugin).__module__
    sources = local_sources([module, "harness.values"])
    assert list(sources) == [module]
    key = plugin_key(plugin)
    write_sources(tmp_path / "sent", sources)
    path.unlink()
    with pytest.raises(PluginError, match="changed while it was in use"):
        local_sources([module])
    return key, sources[module]


def spec(name: str):
    from harness.planning.specs import Spec

    return Spec(name)


def read_there(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", READ, str(folder / "plugin.pickle")],
        env={SENT: str(folder / "sent")}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_is_read_and_has_the_same_key(sent: tuple[str, bytes], tmp_path: Path) -> None:
    done = read_there(tmp_path)
    assert done.stdout.strip() == sent[0], done.stderr


def test_another_file_of_that_name_is_refused(sent: tuple[str, bytes], tmp_path: Path) -> None:
    (path,) = (tmp_path / "sent").iterdir()
    path.write_bytes(sent[1] + b"\n# another\n")
    done = read_there(tmp_path)
    assert done.returncode != 0
    assert "changed while it was in use" in done.stderr
