"""What names of recordings say."""

from __future__ import annotations

import pytest

from plugins.datasets.recording_names import began_at, group_of


@pytest.mark.parametrize(
    ("pattern", "group"),
    [
        ("{site}_{*}", "siteA"),
        ("{site}_{date}_{*}", "siteA_20090401"),
        ("{*}_{date}_{time}", "20090401_000000"),
        ("deep/{site}_{*}", "siteA"),
        ("{buoy}/{site}_{*}", "deep_siteA"),
        ("{site}-{*}", None),
        ("{site}_{*}.flac", None),
    ],
)
def test_groups(pattern: str, group: str | None) -> None:
    assert group_of("season.1/deep/siteA_20090401_000000.flac", pattern) == group


def test_a_pattern_is_no_expression() -> None:
    assert group_of("a.b(1)_x.wav", "{site}(1)_{*}") == "a.b"
    assert group_of("aXb_x.wav", "a.{site}_{*}") is None


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("A_19700102_000001.wav", 86401.0),
        ("sea/19700101T000002Z.flac", 2.0),
        ("5071.19700101000003.wav", 3.0),
        ("A_19701301_000000.wav", None),
        ("A_197001021_000001.wav", None),
        ("19700102_000001/A.wav", None),
        ("A_99999999_999999_19700101_000004.wav", 4.0),
    ],
)
def test_moments(name: str, moment: float | None) -> None:
    assert began_at(name) == moment
