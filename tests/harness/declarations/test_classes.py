"""A class statement becomes a plugin class, with or without a decorator."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field
from typing import Any, ClassVar, Protocol

import pytest

from harness import Improvement, ParameterError, Raster, parameter
from harness.contracts import Plugin
from harness.errors import PluginError
from harness.planning.parameters import parameters


class Plain(Improvement):
    """Plain."""

    name = "plain"
    version = "2"
    needs = ("frequency",)
    requires: tuple[str, ...] = ()
    gain: float = parameter(2.0, "how much", unit="dB", low=0.0)
    times: int = 3

    def improve(self, raster: Raster) -> Raster:
        return raster


@dataclass(frozen=True, kw_only=True)
class Decorated(Improvement):
    """Decorated."""

    name: ClassVar[str] = "decorated"
    gain: float = parameter(2.0, "how much", unit="dB", low=0.0)
    times: int = 3

    def improve(self, raster: Raster) -> Raster:
        return raster


@dataclass(frozen=True, kw_only=True, slots=True)
class Slotted(Improvement):
    """Slotted."""

    name = "slotted"
    gain: float = parameter(2.0, "how much", unit="dB", low=0.0)
    times: int = 3

    def improve(self, raster: Raster) -> Raster:
        return raster


ALIKE = pytest.mark.parametrize("cls", [Plain, Decorated, Slotted])


@ALIKE
def test_it_is_a_frozen_dataclass_of_keywords(cls: Any) -> None:
    made = cls(gain=3)
    assert repr(made) == f"{cls.__name__}(gain=3.0, times=3)"
    assert made == cls(gain=3.0)
    assert made != cls()
    assert hash(made) == hash(cls(gain=3.0))
    assert dataclasses.replace(made, times=4) == cls(gain=3, times=4)
    assert [each.name for each in dataclasses.fields(cls)] == ["gain", "times"]
    assert all(each.kw_only for each in dataclasses.fields(cls))
    assert str(inspect.signature(cls)).startswith("(*, gain: 'float' = 2.0, times: 'int' = 3)")
    with pytest.raises(FrozenInstanceError):
        made.gain = 4.0
    with pytest.raises(FrozenInstanceError):
        del made.gain
    with pytest.raises(TypeError):
        cls(3.0)


@ALIKE
def test_what_parameter_said_is_kept(cls: Any) -> None:
    gain, times = parameters(cls)
    assert (gain.name, gain.default, gain.unit, gain.low) == ("gain", 2.0, "dB", 0.0)
    assert (gain.help, times.default, times.help) == ("how much", 3, "")
    with pytest.raises(ParameterError, match="below the least that it takes, 0 dB"):
        cls(gain=-1)


@ALIKE
def test_it_travels(cls: Any) -> None:
    assert pickle.loads(pickle.dumps(cls(gain=5))) == cls(gain=5)


def test_the_contracts_variables_are_no_parameters() -> None:
    made = Plain()
    assert (made.name, made.version, made.needs) == ("plain", "2", ("frequency",))
    assert made.requires == ()
    assert hasattr(Slotted, "__slots__")
    assert Plain.gain == Decorated.gain == 2.0


def test_a_subclass_takes_over_and_adds() -> None:
    class Child(Decorated):
        name = "child"
        times: int = parameter(9, "more")
        last: str = "z"

        def __post_init__(self) -> None:
            super().__post_init__()
            if self.last == "a":
                raise ParameterError("no a")

    made = Child(last="b")
    assert (made.gain, made.times, made.last) == (2.0, 9, "b")
    assert made.name == "child"
    with pytest.raises(ParameterError, match="no a"):
        Child(last="a")


def test_a_decorators_own_options_hold() -> None:
    @dataclass(frozen=True, order=True)
    class Odd(Improvement):
        name = "odd"
        gain: float = parameter(2.0)

        def improve(self, raster: Raster) -> Raster:
            return raster

    assert Odd(3.0).gain == 3.0, "no kw_only"
    assert Odd(1.0) < Odd(2.0)
    with pytest.raises(TypeError, match="non-frozen"):
        dataclass(type("Loose", (Plain,), {}))


def test_a_plugin_may_name_a_protocol() -> None:
    class Loud(Protocol):
        def volume(self) -> float: ...

    class Both(Plain, Loud):
        name = "both"

        def volume(self) -> float:
            return self.gain

    assert Both(gain=4).volume() == 4.0


def refused(body: dict[str, Any], **annotations: Any) -> str:
    with pytest.raises(PluginError) as caught:
        type(Plain)("Wrong", (Improvement,), {"__annotations__": annotations, **body})
    message = str(caught.value)
    assert message.startswith("Wrong: ")
    assert message.endswith(".")
    return message


def test_a_parameter_needs_a_type() -> None:
    assert "write gain: float = parameter(...)" in refused({"gain": parameter(2.0)})


@pytest.mark.parametrize(
    "default", [[], {}, set(), parameter([]), field(default_factory=list)], ids=str
)
def test_a_default_must_not_change(default: Any) -> None:
    assert "the default of marks can be changed" in refused({"marks": default}, marks="list")


@pytest.mark.parametrize("name", ["name", "version", "kind", "needs", "improve", "unavailable"])
def test_a_parameter_cannot_take_the_contracts_name(name: str) -> None:
    message = refused({name: parameter("x")}, **{name: str})
    assert f'parameter(..., written="{name}")' in message


def test_all_mistakes_are_told_at_once() -> None:
    message = refused({"gain": parameter(2.0), "marks": []}, marks=list)
    assert "gain" in message
    assert "marks" in message


def test_a_class_without_a_name_still_says_what_is_wrong() -> None:
    class Nameless(Plugin):
        gain: float = parameter(1.0, low=0)

    with pytest.raises(ParameterError, match=r"Nameless: gain=-1\.0 is below"):
        Nameless(gain=-1)
