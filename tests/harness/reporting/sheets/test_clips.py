"""Pictures of a few clips, to look at."""

from __future__ import annotations

import numpy as np
from PIL import Image

from harness.pictures.drawing import Drawing
from harness.planning.specs import Chain, Spec
from harness.reporting.sheets.clips import choose, draw_clips, write_pictures
from harness.values import Entry


def test_clips_are_chosen_evenly_from_all_classes(plugins):
    entries = [Entry(str(n), "abc"[n % 3]) for n in range(90)]
    chosen = choose(entries, 6, ())
    assert sorted(entry.label for entry in chosen) == list("aabbcc")
    assert choose(entries, 6, ["5", "2"]) == [entries[5], entries[2]]
    assert len(choose(entries, 2, ())) == 2


def test_files_and_sheet_show_the_pictures(plugins, tmp_path):
    catalogue = plugins.catalogue
    dataset = catalogue.build("dataset", Spec("tones"))
    drawings = {
        Chain(Spec(name)): Drawing(catalogue.build("representation", Spec(name)))
        for name in ("levels", "spectrogram")
    }
    entries = choose(dataset.entries(), 4, ())
    drawn = draw_clips(dataset, entries, drawings)
    paths = write_pictures(tmp_path, entries, drawn, "png")
    assert len(paths) == len(set(paths)) == 8
    first = np.asarray(Image.open(paths[0]))
    np.testing.assert_array_equal(first, drawn[Chain(Spec("levels"))][0])
    sheet = np.asarray(Image.open(tmp_path / "contact-sheet.png"))
    assert sheet.shape[0] > 2 * 224
    assert sheet.shape[1] > 4 * 224
    spectrogram = drawn[Chain(Spec("spectrogram"))][0]
    assert any(
        np.array_equal(sheet[top : top + 224, left : left + 224], spectrogram)
        for top in range(200, sheet.shape[0] - 223)
        for left in (190,)
    )


def test_names_are_safe_and_never_clash(tmp_path):
    entries = [Entry(f"../../{name}", "a") for name in ("x y", "x_y", "ü" * 100)]
    pictures = [np.zeros((2, 2, 3), np.uint8)] * 3
    paths = write_pictures(tmp_path / "out", entries, {Chain(Spec("mel")): pictures}, "jpeg")
    assert {path.parent for path in paths} == {tmp_path / "out"}
    assert len(set(paths)) == 3
    assert all(path.name.isascii() and len(path.name) < 160 for path in paths)
