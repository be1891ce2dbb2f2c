"""What a person writes of resources is read, or refused in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import PlanError
from harness.planning.resources import UNITS, read_wishes


def test_amounts_are_read() -> None:
    found = read_wishes(["cnn[cores=2,memory=8GB]", "cnn[gpus=1]", "a[memory=100]"], ["cnn", "a"])
    assert found == {"cnn": {"cores": 2, "memory": 8 * 10**9, "gpus": 1}, "a": {"memory": 100}}


@pytest.mark.parametrize(("text", "size"), [("1.5GiB", 1.5 * 2**30), ("512 mb", 512e6), ("7", 7)])
def test_units_of_memory(text: str, size: float) -> None:
    assert read_wishes([f"cnn[memory='{text}']"], ["cnn"]) == {"cnn": {"memory": int(size)}}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("cnn[cores=0]", "cores is a whole number from 1"),
        ("cnn[cores=1.5]", "cores is a whole number from 1"),
        ("cnn[cores=true]", "cores is a whole number from 1"),
        ("cnn[gpus=-1]", "gpus is a whole number from 0"),
        ("cnn[memory=much]", "memory is an amount, 8GB"),
        ("cnn[memory=-8GB]", "memory is an amount, 8GB"),
        ("cnn[disk=1]", "there is no disk; there are cores, memory, gpus"),
        ("other[cores=2]", "no classifier of this run is called other; there are cnn, a"),
        ("cnn", "name a classifier and one value of each"),
        ("cnn[cores=1,2]", "name a classifier and one value of each"),
        ("cnn[cores=2", "--resources: "),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, why: str) -> None:
    with pytest.raises(PlanError) as error:
        read_wishes([text], ["cnn", "a"])
    assert why in str(error.value)


@given(st.text(max_size=30), st.sampled_from(sorted(UNITS)))
def test_no_text_breaks_it(text: str, unit: str) -> None:
    for each in (text, f"cnn[memory={text}{unit}]", f"cnn[memory='{text}']", f"cnn[{text}=1]"):
        try:
            found = read_wishes([each], ["cnn"])
        except PlanError:
            continue
        assert all(isinstance(v, int) and v >= 0 for wish in found.values() for v in wish.values())
