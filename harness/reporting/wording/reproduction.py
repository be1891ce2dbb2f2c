"""How to make a run again: a command line where one can say it all, and the plan as TOML."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from harness.planning.plan import WrittenPlan
from harness.values import PictureSettings

_FLAGS: Mapping[str, tuple[str, Any]] = {
    "split": ("--split", ""),
    "folds": ("--folds", 5),
    "seed": ("--seed", 0),
    "splits": ("--splits", 1),
    "seeds": ("--seeds", 1),
    "note": ("--note", ""),
}


def command_line(plan: WrittenPlan) -> str:
    """Write the command that makes the run again; empty where flags cannot say it."""
    size = PictureSettings()
    height, width = plan.picture_height, plan.picture_width
    if height != width or plan.colours != size.colours:
        return ""
    words = ["sightbench", "run", "--experiment", plan.experiment, "-d", plan.dataset]
    for flag, name in (("-r", "representations"), ("-c", "classifiers")):
        for each in getattr(plan, name):
            words += [flag, each]
    for name, (flag, default) in _FLAGS.items():
        if getattr(plan, name) != default:
            words += [flag, str(getattr(plan, name))]
    if plan.train_sizes:
        words += ["--train-sizes", ",".join(map(str, plan.train_sizes))]
    if height != size.height:
        words += ["--picture-size", str(height)]
    return shlex.join(words)


def plan_toml(plan: WrittenPlan) -> str:
    """Write the plan as TOML, as `sightbench run` reads it; a JSON value is a TOML value here."""
    choices = plan.choices()
    lines = [f"{key} = {_value(value)}" for key, value in choices.items() if value not in ("", [])]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
