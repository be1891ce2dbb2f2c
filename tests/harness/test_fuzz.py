"""Plans, choices, results and tables of strangers: whatever they hold, an answer or a sentence.

No other error than `SightbenchError`, none that takes 10 s, none that takes a gigabyte.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.cli.choices import plan_from
from harness.cli.dispatch import dispatch
from harness.clips.collection import list_entries
from harness.clips.splits import read_split
from harness.errors import SightbenchError
from harness.planning.specs import Spec
from harness.registry.resolution import resolve

GIGABYTE = 2**30
bounded = settings(
    max_examples=150, deadline=10_000, suppress_health_check=list(HealthCheck), database=None
)
WORDS = ["levels", "mel", "spectrogram", "noise-removed", "stack", "majority", "n_mels", "tones"]
MARKS = ["[", "]", "+", ",", "=", "(", ")", "'", '"', "..", "-1", "1e999", "0x", "true", "\0", "é"]
choices = st.lists(st.sampled_from([*WORDS, *MARKS]) | st.text(max_size=4), max_size=12).map(
    "".join
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | choices,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(choices, inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture(scope="module", autouse=True)
def memory():
    """Refuse that all of it together takes a gigabyte."""
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < GIGABYTE


@bounded
@given(kind=st.sampled_from(["representations", "classifiers", "dataset"]), choice=choices)
def test_choices(plugins, kind, choice):
    wanted = {kind: choice if kind == "dataset" else [choice]}
    with suppress(SightbenchError):
        resolve(plan_from(plugins, None, wanted), plugins)


KEYS = ["representations", "classifiers", "dataset", "split", "folds", "seeds", "train_sizes"]


@bounded
@given(plan=st.dictionaries(st.sampled_from(KEYS) | choices, values, max_size=4))
def test_plans(plugins, tmp_path_factory, plan):
    path = tmp_path_factory.mktemp("plans") / "plan.toml"
    lines = (f"{json.dumps(key)} = {json.dumps(value)}" for key, value in plan.items())
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    with suppress(SightbenchError):
        resolve(plan_from(plugins, path, {}), plugins)


@bounded
@given(content=st.binary(max_size=80) | choices.map(lambda text: text.encode(errors="replace")))
def test_plans_of_any_bytes(plugins, tmp_path_factory, content):
    path = tmp_path_factory.mktemp("plans") / "plan.toml"
    path.write_bytes(content)
    with suppress(SightbenchError):
        resolve(plan_from(plugins, path, {}), plugins)


@pytest.fixture(scope="module")
def finished(run_in, tmp_path_factory):
    """Give the results of a run."""
    root = tmp_path_factory.mktemp("finished")
    run_in(root)(classifiers=["nearest-mean", "majority"])
    return root / "results"


def spoilt(document, data):
    """Put something else in one place of a JSON document."""
    place = document
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
            place = inner
            continue
        place[key] = data.draw(values)
        return document


FILES = ["runs/*.json", "data.json", "splits/*.json", "cells/*nearest*/record.json", "plan.json"]


@settings(bounded, max_examples=80)
@given(data=st.data(), file=st.sampled_from(FILES), forged=st.booleans())
def test_results(finished, tmp_path_factory, capsys, data, file, forged):
    root = tmp_path_factory.mktemp("copy") / "results"
    shutil.copytree(finished, root)
    (path,) = root.glob(f"*/*/{file}")
    document = spoilt(json.loads(path.read_text()), data)
    if forged and "digest" in document:  # as one who knows how would write it
        document.pop("digest")
    path.write_text(json.dumps(document))
    code = dispatch(["show", "--results", str(root), "--details"])
    assert code in (0, 2)
    assert "Traceback" not in capsys.readouterr().err
    with suppress(SightbenchError):
        read_split(path)
    shutil.rmtree(root)


cells = st.sampled_from(["", "a.wav", "../../x", "nan", "1e999", "-5", "0", '"', "=1+1", "\0"])
rows = st.lists(st.lists(cells | st.text(max_size=5), max_size=5), max_size=6)
HEADS = ["path,label", "path,label,group,start_s,end_s", "", "label", "path;label", "path\tlabel"]


@bounded
@given(head=st.sampled_from(HEADS), rows=rows, ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_tables(plugins, tmp_path_factory, head, rows, ending):
    path = tmp_path_factory.mktemp("tables") / "clips.csv"
    text = ending.join([head, *(",".join(row) for row in rows)])
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with suppress(SightbenchError):
        spec = Spec("manifest", (("path", str(path)),))
        list_entries(plugins.catalogue.build("dataset", spec))
