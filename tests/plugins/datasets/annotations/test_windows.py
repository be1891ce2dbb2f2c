"""Windows and the labels that selections give them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.datasets.annotations import windows as module
from plugins.datasets.annotations.windows import (
    BACKGROUND,
    PARTLY,
    SEVERAL,
    Windows,
    label_windows,
    thin,
)


def codes(windows: Windows, spans: list[tuple[float, float, int]], count: int = 10) -> list[int]:
    table = np.array(spans, dtype=np.float64).reshape(-1, 3)
    classes = table[:, 2].astype(np.intp)
    return label_windows(windows, count, table[:, 0], table[:, 1], classes).codes.tolist()


@pytest.mark.parametrize(
    ("duration_s", "count"), [(1.9, 0), (2.0, 1), (2.9, 1), (3.0, 2), (1875.95, 1874)]
)
def test_windows_end_within_the_recording(duration_s: float, count: int) -> None:
    starts = Windows(2.0, 1.0).starts(duration_s)
    assert len(starts) == count
    assert count == 0 or starts[-1] + 2 <= duration_s


def test_a_fine_step_does_not_lose_the_last_window() -> None:
    assert len(Windows(0.3, 0.1).starts(1.2)) == 10
    assert Windows(1.0, 1 / 3).starts(2.0).tolist() == [0.0, 0.333333, 0.666667, 1.0]


def test_a_call_as_long_as_a_window() -> None:
    """From 4.35 to 6.35 s: shares of 0.325, 0.825, 0.675 and 0.175 in four windows."""
    expected = [-1, -1, -1, PARTLY, 0, 0, PARTLY, -1, -1, -1]
    assert codes(Windows(2.0, 1.0), [(4.35, 6.35, 0)]) == expected
    assert codes(Windows(2.0, 1.0, least=0.7), [(4.35, 6.35, 0)])[4:6] == [0, PARTLY]
    assert codes(Windows(2.0, 1.0, most=0.2), [(4.35, 6.35, 0)])[6] == BACKGROUND


def test_a_short_call_counts_by_itself_a_long_one_by_the_window() -> None:
    assert codes(Windows(2.0, 2.0), [(3.9, 4.3, 0)])[1:3] == [PARTLY, 0]
    assert codes(Windows(2.0, 2.0), [(3.0, 100.0, 0)])[:3] == [BACKGROUND, 0, 0]


def test_a_touch_is_no_share_and_a_point_is_inside_or_not() -> None:
    windows = Windows(2.0, 2.0)
    assert codes(windows, [(2.0, 4.0, 0)])[:3] == [BACKGROUND, 0, BACKGROUND]
    assert codes(windows, [(4.0, 4.0, 0)])[:4] == [-1, -1, 0, -1]
    assert codes(windows, [(3.99, 3.99, 0)])[:4] == [-1, 0, -1, -1]


def test_two_classes_in_a_window_leave_it_out() -> None:
    assert codes(Windows(2.0, 2.0), [(2.1, 3.0, 0), (3.1, 3.9, 1)])[1] == SEVERAL
    assert codes(Windows(2.0, 2.0), [(2.1, 3.0, 1), (3.1, 3.9, 1)])[1] == 1
    assert codes(Windows(2.0, 2.0), [(2.1, 3.0, 1), (3.9, 4.9, 0)])[1:3] == [1, 0]


def test_what_is_held_by_no_window_is_known() -> None:
    start, end = np.array([0.9, 5.2, 30.0]), np.array([1.1, 5.8, 31.0])
    found = label_windows(Windows(1.0, 2.0), 5, start, end, np.zeros(3, np.intp))
    assert found.held.tolist() == [True, False, False]
    assert found.codes.tolist() == [0, -1, -1, -1, -1]


def test_windows_that_reach_into_a_blurred_stretch_are_left_out() -> None:
    nothing = np.zeros(0)
    none = np.zeros(0, np.intp)
    for stretch, blurred in (
        ((3.0, 4.0), [2, 3]),
        ((3.5, 3.5), [2, 3]),
        ((-np.inf, np.inf), list(range(6))),
        ((20.0, 30.0), []),
    ):
        found = label_windows(Windows(2.0, 1.0), 6, nothing, nothing, none, [stretch])
        assert np.flatnonzero(found.codes == PARTLY).tolist() == blurred


SPANS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60), st.integers(0, 2)), max_size=12)


@given(SPANS, st.integers(1, 40), st.integers(1, 40), st.integers(1, 4), st.integers(0, 3))
def test_labels_agree_with_one_window_at_a_time(
    spans: list[tuple[int, int, int]], length: int, hop: int, least: int, most: int
) -> None:
    """In tenths of seconds, so that the slow way has no rounding."""
    if most >= least:
        most = least - 1
    windows = Windows(length / 10, hop / 10, least / 4, most / 4)
    count = 30
    given_ = [(start / 10, (start + size) / 10, code) for start, size, code in spans]
    expected = []
    for number in range(count):
        begin = number * hop
        shares = [
            (max(min(s + n, begin + length) - max(s, begin), 0) / min(n, length), code)
            if n
            else (float(begin <= s < begin + length), code)
            for s, n, code in spans
        ]
        enough = {code for share, code in shares if share >= least / 4}
        if len(enough) == 1:
            expected.append(enough.pop())
        elif enough:
            expected.append(SEVERAL)
        else:
            touched = any(share > most / 4 for share, _ in shares)
            expected.append(PARTLY if touched else BACKGROUND)
    assert codes(windows, given_, count) == expected


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    start = rng.uniform(0, 1000, 500)
    end = start + rng.exponential(3, 500)
    classes = rng.integers(0, 3, 500)
    whole = label_windows(Windows(2.0, 0.5), 2000, start, end, classes)
    monkeypatch.setattr(module, "PAIRS", 7)
    cut = label_windows(Windows(2.0, 0.5), 2000, start, end, classes)
    np.testing.assert_array_equal(whole.codes, cut.codes)
    np.testing.assert_array_equal(whole.held, cut.held)


def test_thinning_is_a_draw_by_the_seed() -> None:
    rows = np.arange(100, 200)
    drawn = thin(rows, 10, (1, 2))
    assert len(set(drawn.tolist())) == 10
    assert np.all(np.diff(drawn) > 0)
    np.testing.assert_array_equal(drawn, thin(rows, 10, (1, 2)))
    assert drawn.tolist() != thin(rows, 10, (1, 3)).tolist()
    np.testing.assert_array_equal(thin(rows, 100, (1, 2)), rows)
    assert thin(rows, 0, (1, 2)).size == 0
