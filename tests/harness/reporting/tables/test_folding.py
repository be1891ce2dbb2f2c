"""Text folded to a width: nothing is lost, nothing is too wide, names break where they may."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reporting.tables.folding import fill, fold, narrowest, wide

TEXTS = st.text(alphabet="ab+-[],=. ×9漢", max_size=60)
WIDTHS = st.integers(2, 40)


@settings(deadline=None)
@given(TEXTS, WIDTHS)
def test_nothing_is_lost_and_no_line_is_too_wide(text, width):
    for folded in (fold(text, width), fill(text, width)):
        assert max(map(wide, folded), default=0) <= width
        assert "".join(folded).replace(" ", "") == text.replace(" ", "")


@settings(deadline=None)
@given(st.lists(st.sampled_from(["mel", "+noise-removed", "spectrogram"]), min_size=1), WIDTHS)
def test_a_word_is_whole_where_it_fits(parts, width):
    name = "".join(parts)
    if width >= narrowest([name], fine=False):
        for line in fold(name, width):
            assert line.startswith(("mel", "+noise-removed", "spectrogram"))
            assert line.endswith(("mel", "+noise-removed", "spectrogram"))


def test_sentences_fill_lines_and_names_do_not():
    text = "Chosen: spectrogram+noise-removed gains +1.5"
    assert fill(text, 20) == ["Chosen: spectrogram", "+noise-removed gains", "+1.5"]
    assert fold("spectrogram+noise-removed", 18) == ["spectrogram", "+noise-removed"]
    assert fold("+noise-removed", 8) == ["+noise-", "removed"]


def test_the_narrowest_width_is_that_of_the_longest_piece():
    names = ["spectrogram+noise-removed+frequency-cropped", "mel"]
    assert narrowest(names, fine=False) == len("+frequency-cropped")
    assert narrowest(names, fine=True) == len("+frequency-")
