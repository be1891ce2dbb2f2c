from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import ParameterError
from plugins.classifiers.transfer.layers import POOLS, RECIPE, Layer, parse_layers, pooled

MAP = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)
"""Two channels, three rows, four columns."""


def test_mean_maximum_and_rows_are_what_they_say():
    found = pooled([MAP], [Layer("a", ("mean", "maximum", "rows"))], ["nchw"])
    row_means = [1.5, 13.5, 5.5, 17.5, 9.5, 21.5]
    row_maxima = [3, 15, 7, 19, 11, 23]
    assert found[0].tolist() == [5.5, 17.5, 11, 23, *row_means, *row_maxima]


def test_channels_may_come_last():
    layer = Layer("a", ("rows", "mean"))
    turned = np.ascontiguousarray(MAP.transpose(0, 2, 3, 1))
    found = pooled([turned], [layer], ["nhwc"])
    np.testing.assert_array_equal(found, pooled([MAP], [layer], ["nchw"]))


def test_tokens_are_pooled_and_vectors_are_taken_as_they_are():
    tokens = np.array([[[1, 2], [3, 8], [5, 5]]], np.float32)
    vector = np.array([[7, 8, 9]], np.float32)
    found = pooled([tokens, vector], [Layer("t"), Layer("v")], ["nchw", "nchw"])
    assert found[0].tolist() == [3, 5, 5, 8, 7, 8, 9]


def test_the_recipe_has_2728_numbers_at_128_pixels():
    shapes = [(40, 16, 16), (80, 8, 8), (112, 8, 8), (192, 4, 4), (320, 4, 4)]
    maps = [np.zeros((1, *shape), np.float32) for shape in shapes]
    assert pooled(maps, RECIPE, ["nchw"] * 5).shape == (1, 2728)


def test_a_shift_in_time_changes_no_mean_and_one_in_frequency_changes_rows():
    rng = np.random.default_rng(0)
    map = rng.random((1, 5, 8, 8)).astype(np.float32)
    layer = [Layer("a", ("rows",))]
    same = pooled([np.roll(map, 3, axis=3)], layer, ["nchw"])
    other = pooled([np.roll(map, 3, axis=2)], layer, ["nchw"])
    np.testing.assert_allclose(same, pooled([map], layer, ["nchw"]), rtol=1e-6)
    assert not np.allclose(other, same)


def test_a_picture_has_the_same_bits_whatever_is_beside_it():
    shapes = [(40, 16, 16), (80, 8, 8), (112, 8, 8), (192, 4, 4), (320, 4, 4)]
    maps = [np.random.default_rng(1).normal(size=(11, *each)).astype(np.float32) for each in shapes]
    layers = [Layer(each.name, tuple(POOLS)) for each in RECIPE]
    together = pooled(maps, layers, ["nchw"] * 5)
    for row in range(11):
        alone = pooled([map[row : row + 1] for map in maps], layers, ["nchw"] * 5)
        np.testing.assert_array_equal(together[row : row + 1], alone)


NAMES = st.text(st.characters(codec="ascii", categories=("L", "N")) | st.sampled_from("/_.:@"))


@given(
    st.dictionaries(
        NAMES.filter(lambda name: name and not name.endswith("@mean")),
        st.lists(st.sampled_from(sorted(POOLS)), min_size=1, unique=True),
        min_size=1,
    )
)
def test_what_was_written_is_read(chosen):
    layers = tuple(Layer(name, tuple(pools)) for name, pools in chosen.items())
    assert parse_layers(" ".join(map(str, layers))) == layers


@pytest.mark.parametrize(
    ("written", "layers"),
    [
        ("a", [Layer("a")]),
        (" a@rows  b ", [Layer("a", ("rows",)), Layer("b")]),
        ("block@2", [Layer("block@2")]),
        ("block@2@mean", [Layer("block@2", ("mean",))]),
        ("@mean", [Layer("@mean")]),
        ("a@mean+mean", [Layer("a", ("mean",))]),
    ],
)
def test_pools_are_told_from_names(written, layers):
    assert list(parse_layers(written)) == layers


@pytest.mark.parametrize(
    ("written", "why"), [("a b a@rows", "names a twice"), ("  ", "names none")]
)
def test_layers_are_named_once(written, why):
    with pytest.raises(ParameterError, match=why):
        parse_layers(written)
