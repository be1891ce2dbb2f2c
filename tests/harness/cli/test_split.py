from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]

NAMES = {
    "many": [f"species{number:02d}" for number in range(40)],
    "long": [f"{letter * 59}{number}" for number, letter in enumerate("abc")],
}


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("names", NAMES)
def test_every_class_can_be_read(
    verb: Call,
    tmp_path: Path,
    clips: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    names: str,
    columns: int,
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    folder = clips(tmp_path / "data", NAMES[names], each=3)
    status, shown, errors = verb(
        *("split", "make", tmp_path / "s.json", "--folds", "0", "-j", "1"),
        *("-d", "labelled-folder", "--path", folder, "--split", "stratified[holdout=0.34]"),
    )
    assert status == 0, errors
    lines = shown.splitlines()
    assert max(map(len, lines)) <= max(columns, len(f"written to {tmp_path / 's.json'}"))
    whole = "".join(line.split("  ")[0].strip() for line in lines)
    for name in NAMES[names]:
        assert name in whole
    counts = [line.split()[-2:] for line in lines if line.split()[-2:] == ["2", "1"]]
    assert len(counts) == len(NAMES[names])


def test_a_saved_split_is_shown(verb: Call, tmp_path: Path, clips: Callable[..., Path]) -> None:
    folder = clips(tmp_path / "data", ["a", "b"])
    data = ("-d", "labelled-folder", "--path", folder, "-j", "1")
    file = tmp_path / "s.json"
    assert verb("split", "make", file, *data, "--folds", "3")[0] == 0
    status, shown, _ = verb("split", "show", file)
    assert status == 0
    assert "training 14 clips, holdout 6 clips, folds of " in shown
    status, shown, _ = verb("split", "verify", file, *data)
    assert status == 0
    assert shown.splitlines()[-1] == f"{file} fits labelled-folder"
    status, _, errors = verb("split", "make", file, *data)
    assert status == 2
    assert "never changed" in errors
