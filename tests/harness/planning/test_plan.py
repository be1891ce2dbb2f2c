"""Plans: from TOML and flags alike, with every fault named."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import PlanError, SpecError
from harness.planning.plan import Cell, make_plan, read_toml, with_path
from harness.planning.specs import Chain, Spec

CHOICES = {"dataset": "upcalls", "representations": ["mel"], "classifiers": ["pca-svm"]}
BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


def plan(**choices):
    return make_plan({**CHOICES, **choices}, lambda name: name == "noise-removed")


def test_cells_are_every_combination_in_order():
    made = plan(
        representations=["mel[n_mels=32,64]", "noise-removed"],
        classifiers=["pca-svm", "majority"],
        splits=2,
        train_sizes=[20, 10],
    )
    cells = made.cells()
    assert len(cells) == 3 * 2 * 2 * 3
    assert str(cells[0].representation) == "mel[n_mels=32]"
    assert [cell.train_size for cell in cells[:3]] == [10, 20, None]
    assert str(made.representations[2]) == "spectrogram+noise-removed"
    assert len({cell.slug for cell in cells}) == len(cells)


def test_what_is_chosen_twice_runs_once():
    assert len(plan(representations=["mel", "mel"]).cells()) == 1


def test_a_plan_reads_back_from_its_own_json():
    made = plan(splits=3, note="a note", picture_height=64, train_sizes=[10])
    assert make_plan(made.written().choices(), lambda name: False) == made


def test_toml_and_flags_say_the_same(tmp_path):
    file = tmp_path / "right_whale.toml"
    file.write_text(
        'dataset = "upcalls"\nrepresentations = ["mel"]\nclassifiers = ["pca-svm"]\nfolds = 3\n'
    )
    made = make_plan(read_toml(file), lambda name: False)
    assert made.experiment == "right-whale"
    assert made == plan(folds=3, experiment="right-whale")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("folds = ", "is not TOML"),
        ("folds = " + "[" * 5000 + "]" * 5000, "nested too deep"),
        ("fold = 3", "Did you mean 'folds'"),
        ('folds = "3"', "folds must be int"),
        ("folds = true", "folds must be int"),
        ('representations = "mel"', "representations must be list"),
        ("representations = [1]", "must be a list of str"),
        ("schema = 2", "newer than this sightbench"),
    ],
)
def test_faults_of_a_toml_file_are_named(tmp_path, text, words):
    file = tmp_path / "plan.toml"
    file.write_text(text)
    with pytest.raises(PlanError, match=words):
        make_plan(read_toml(file), lambda name: False)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(PlanError, match="There is no plan"):
        read_toml(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"folds": 1}, "folds is 1"),
        ({"splits": 0}, "splits is 0"),
        ({"train_sizes": [1]}, "train_sizes"),
        ({"picture_height": 4}, "8 by 8"),
        ({"experiment": "../away"}, "names a folder"),
        ({"experiment": ".hidden"}, "names a folder"),
        ({"classifiers": []}, "does not say which classifiers"),
        ({"dataset": "upcalls[clips=10,20]"}, "sweeps over 2 datasets"),
    ],
)
def test_choices_that_make_no_sense_are_refused(choices, words):
    with pytest.raises(PlanError, match=words):
        plan(**choices)


def test_what_cannot_be_read_is_refused():
    with pytest.raises(SpecError):
        plan(representations=["mel["])


def test_the_path_of_a_plan_is_a_parameter():
    made = with_path(plan(dataset="right-whale[path=old.zip,rate=2000]"), "new place/x.zip")
    assert dict(made.dataset.parameters) == {"path": "new place/x.zip", "rate": 2000}


def test_slugs_are_safe_folder_names():
    cell = Cell(Chain(Spec("a", (("x", "../../etc/passwd"),))), Spec("b", (("y", "ü*? /\\"),)))
    assert "/" not in cell.slug
    assert "\\" not in cell.slug
    assert cell.slug.isascii()
    assert not cell.slug.startswith(".")
    assert len(cell.slug) < 120


def test_the_benchmarks_are_sound(plugins):
    from harness.registry.resolution import resolve

    for path in sorted(BENCHMARKS.glob("*.toml")):
        made = make_plan(read_toml(path), plugins.catalogue.is_improvement)
        if made.dataset.name == "labelled-folder":
            made = with_path(made, "somewhere.zip")
        resolved = resolve(made, plugins)
        assert len(resolved.plan.cells()) >= 15


def test_a_bare_run_is_the_first_benchmark(plugins):
    defaults = plugins.hook.harness_default_choices()
    bare = make_plan(defaults, plugins.catalogue.is_improvement)
    written = read_toml(BENCHMARKS / "upcalls.toml")
    assert make_plan(written, plugins.catalogue.is_improvement) == bare
