"""Checks of classifiers: what they answer, and what they must not depend on."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from harness.conformance import examples
from harness.conformance.checks import check
from harness.conformance.examples import Shown
from harness.conformance.replay import agree, learnt, predicted
from harness.conformance.subject import Subject
from harness.conformance.verdicts import not_applicable, require
from harness.contracts import LocalClassifier, RemoteClassifier, Writable
from harness.errors import ClassifierError, ConformanceError
from harness.values import Features, Knowledge, Predictions, Resources

KIND = "classifier"

_EASY = 0.9
"""The accuracy that any real classifier reaches on the easy set."""
_DEVIATIONS = 4.0
"""Standard deviations that chance is let off."""
_SUM_ERROR = 1e-6
_FAINT = 8.0
"""A contrast at which probabilities are neither 0 nor 1, so that differences show."""


@check(KIND, remedy="Return Predictions.from_scores(features.ids, classes, probabilities).")
def predictions(subject: Subject) -> None:
    """One prediction a clip, in the order asked, among the classes seen in training."""
    classifier = _local(subject)
    answer = learnt(classifier, 0)
    asked, _ = examples.shown_to(classifier, 20, seed=2)
    require(isinstance(answer, Predictions), "predict() does not return Predictions.")
    require(answer.ids == asked.ids, "The ids are not those asked, in the order asked.")
    expected = ("class 0", "class 1")
    require(
        answer.classes == expected,
        f"classes is {answer.classes}; the classes seen in training, sorted, are {expected}.",
    )
    foreign = set(answer.labels) - set(expected)
    require(not foreign, f"It predicts {foreign}, which training did not have.")


@check(KIND, remedy="Normalise the scores, and take the label from their argmax.")
def probabilities(subject: Subject) -> None:
    """Probabilities lie in 0 to 1, sum to one and agree with the labels."""
    classifier = _local(subject)
    _look_at_probabilities(learnt(classifier, 0))
    shown, labels = examples.shown_to(classifier, 30, 3, seed=3)
    _look_at_probabilities(_predict(classifier, shown, labels, shown))


@check(KIND, remedy="Draw every random number from rng, e.g. int(rng.integers(2**31)).")
def same_seed(subject: Subject) -> None:
    """Training again with the same seed gives the same answer."""
    classifier = _local(subject)
    first, second = (predicted(learnt(classifier, 7)) for _ in range(2))
    require(agree(KIND, first, second), "A second training with the same seed predicts otherwise.")


@check(KIND, remedy="Return Resources(cores=..., memory=..., gpus=...); fix the order of sums.")
def resources(subject: Subject) -> None:
    """What a cell needs is said, and with so many threads training twice gives the same."""
    from threadpoolctl import threadpool_limits

    classifier = _local(subject)
    said = classifier.resources()
    require(isinstance(said, Resources), f"resources() returns {type(said).__name__}.")
    require(said == classifier.resources(), "A second call of resources() says otherwise.")
    if said.cores == 1:
        return
    with threadpool_limits(said.cores):
        first, second = (predicted(learnt(classifier, 7)) for _ in range(2))
    require(agree(KIND, first, second), f"On {said.cores} threads, training twice differs.")


@check(KIND, remedy="Predict each row from itself alone; scale with figures from training.")
def row_order(subject: Subject) -> None:
    """The order and number of rows asked does not matter."""
    classifier = _local(subject)
    shown, labels = examples.shown_to(classifier, 40, seed=1, contrast=_FAINT)
    asked, _ = examples.shown_to(classifier, 20, seed=2, contrast=_FAINT)
    features = examples.features_of(classifier, asked)
    fitted = classifier.fit(
        examples.features_of(classifier, shown), labels, np.random.default_rng(0)
    )
    whole = fitted.predict(features)
    order = np.random.default_rng(1).permutation(len(asked))
    for rows, what in ((order, "in another order"), (np.arange(5), "a quarter at a time")):
        part = fitted.predict(features.take(rows))
        same = part.labels == tuple(whole.labels[row] for row in rows)
        close = np.allclose(part.scores, whole.scores[rows], atol=_SUM_ERROR)
        require(same and bool(close), f"Asked {what}, clips are predicted otherwise.")


@check(KIND, remedy="Compute the features of each clip from itself; learn in fit().")
def features_alone(subject: Subject) -> None:
    """One row of features a clip, which does not depend on the other clips."""
    classifier = _local(subject)
    shown, _ = examples.shown_to(classifier, 8, seed=4)
    whole = np.asarray(classifier.features(shown.seen))  # type: ignore[attr-defined]
    require(len(whole) == len(shown), f"{len(shown)} clips have {len(whole)} rows of features.")
    for rows in (slice(0, 1), slice(2, 5)):
        same = np.array_equal(_features(classifier, shown.take(rows)), whole[rows])
        require(same, "The features of a clip differ from one batch to another.")
    changed = shown.values.copy()
    changed[1::2] = changed[::2]
    beside = _features(classifier, shown.holding(changed, shown.ids))
    require(
        np.array_equal(beside[::2], whole[::2]),
        "The features of a clip differ with its neighbours.",
    )
    require(np.array_equal(_features(classifier, shown), whole), "A second call gives others.")


@check(KIND, remedy="Work on copies of what fit() and predict() are given.")
def input_unchanged(subject: Subject) -> None:
    """What is looked at, features and labels stay as they were."""
    classifier = _local(subject)
    shown, labels = examples.shown_to(classifier, 30, seed=1)
    given = shown.values.copy()
    values = np.array(_features(classifier, shown.holding(given, shown.ids)))
    require(np.array_equal(given, shown.values), f"features() changed the {classifier.looks_at}.")
    kept, kept_labels = values.copy(), labels.copy()
    features = Features(values, shown.ids)
    classifier.fit(features, labels, np.random.default_rng(0)).predict(features)
    require(np.array_equal(values, kept), "fit() or predict() changed the features.")
    require(np.array_equal(labels, kept_labels), "fit() changed the labels.")


@check(KIND, remedy="Do not assume two classes.")
def many_classes(subject: Subject) -> None:
    """Three and four classes are learnt."""
    classifier = _local(subject)
    for count in (3, 4):
        shown, labels = examples.shown_to(classifier, 20 * count, count, seed=5)
        asked, _ = examples.shown_to(classifier, 4 * count, count, seed=6)
        answer = _predict(classifier, shown, labels, asked)
        expected = tuple(f"class {number}" for number in range(count))
        require(answer.classes == expected, f"Of {count} classes, it knows {answer.classes}.")


@check(KIND, remedy="Answer the only class, with probability 1, or raise ClassifierError.")
def one_class(subject: Subject) -> None:
    """Training with one class only gives that class, or a clear refusal."""
    classifier = _local(subject)
    shown, _ = examples.shown_to(classifier, 12, seed=1)
    labels = np.full(len(shown), "only")
    try:
        answer = _predict(classifier, shown, labels, shown)
    except ClassifierError as error:
        require(len(str(error).split()) >= 3, f"It refuses with {str(error)!r} only.")
        return
    require(set(answer.labels) == {"only"}, f"It predicts {set(answer.labels)}.")


@check(KIND, remedy="Predict among the classes seen in training, whatever the clip.")
def unseen_label(subject: Subject) -> None:
    """Clips of a class that training did not have are predicted all the same."""
    classifier = _local(subject)
    shown, labels = examples.shown_to(classifier, 30, 3, seed=5)
    known = labels != "class 2"
    answer = _predict(classifier, shown.take(known), labels[known], shown)
    _look_at_probabilities(answer)
    require(set(answer.labels) <= {"class 0", "class 1"}, f"It predicts {set(answer.labels)}.")


@check(KIND, remedy="See whether features() keeps what tells the classes apart.")
def beats_chance(subject: Subject) -> None:
    """An easy set is learnt."""
    classifier = _local(subject)
    if classifier.control:
        not_applicable("it is a control, which need not learn")
    shown, labels = examples.shown_to(classifier, 60, seed=1)
    asked, truth = examples.shown_to(classifier, 40, seed=2)
    share = _accuracy(_predict(classifier, shown, labels, asked), truth)
    require(
        share >= _EASY, f"It gets {share:.0%} of an easy set right, where {_EASY:.0%} is usual."
    )


@check(
    KIND, remedy="Learn from what is seen only: ids, order and memory of earlier calls may leak."
)
def chance_on_shuffled_labels(subject: Subject) -> None:
    """Where labels have nothing to do with the clips it stays at chance, whatever ids tell."""
    classifier = _local(subject)
    trained, asked = (
        _telling_ids(*examples.shown_to(classifier, 100, seed=seed, contrast=0)) for seed in (1, 2)
    )
    share = _accuracy(_predict(classifier, *trained, asked[0]), asked[1])
    limit = 0.5 + _DEVIATIONS * 0.5 / np.sqrt(len(asked[1]))
    require(share <= limit, f"Of clips that tell nothing it gets {share:.0%} right.")


@check(
    KIND, remedy="Write down in written() all that predict() needs, and read it in made_again()."
)
def made_again(subject: Subject) -> None:
    """What was learnt is written down, made again, and predicts the same to the last bit."""
    classifier = _local(subject)
    shown, labels = examples.shown_to(classifier, 40, seed=1, contrast=_FAINT)
    features = examples.features_of(classifier, shown)
    fitted = classifier.fit(features, labels, np.random.default_rng(0))
    if not isinstance(fitted, Writable):
        not_applicable("it does not write down what it learns: it can be benchmarked but not kept")
    try:
        knowledge = fitted.written()
    except ClassifierError as error:
        not_applicable(str(error))
    values = json.loads(json.dumps(knowledge.values, allow_nan=False))
    arrays = {name: np.array(array) for name, array in knowledge.arrays.items()}
    again = classifier.made_again(Knowledge(arrays, values))
    asked, _ = examples.shown_to(classifier, 20, seed=2, contrast=_FAINT)
    for rows in (np.arange(20), np.arange(3)):
        wanted = examples.features_of(classifier, asked.take(rows))
        first, second = fitted.predict(wanted), again.predict(wanted)
        require(first.classes == second.classes, "Made again, it knows other classes.")
        same = np.array_equal(first.scores, second.scores) and first.labels == second.labels
        require(bool(same), "Made again, it predicts otherwise.")


@check(KIND, remedy="Let KeyboardInterrupt through: no bare except, no except BaseException.")
def can_be_stopped(subject: Subject) -> None:
    """An interrupt while it learns ends it within a few seconds."""
    from harness.conformance.elsewhere import interrupted

    classifier = _local(subject)
    try:
        interrupted("learn-until-stopped", classifier, signal.SIGINT)
    except subprocess.TimeoutExpired:
        raise ConformanceError("It goes on after an interrupt (Ctrl-C).") from None


@check(KIND, remedy="Return an Estimate of counts, bytes and minutes that are not negative.")
def estimate(subject: Subject) -> None:
    """A service says beforehand what a cell will spend."""
    if not isinstance(subject.plugin, RemoteClassifier):
        not_applicable("it works here, not over a network")
    expected = subject.plugin.estimate(100, 50, 10_000.0)
    figures = (expected.pictures, expected.bytes_sent, expected.calls, expected.minutes)
    require(min(figures) >= 0, f"It estimates {expected}.")
    require(expected.paid_calls <= expected.calls, "It pays for more calls than it makes.")


def _telling_ids(shown: Shown, labels: NDArray[np.str_]) -> tuple[Shown, NDArray[np.str_]]:
    """Name every clip after its label."""
    ids = tuple(f"{name} {row:03d}" for row, name in enumerate(labels))
    return shown.holding(shown.values, ids), labels


def _features(classifier: LocalClassifier, shown: Shown) -> NDArray[Any]:
    return np.asarray(examples.features_of(classifier, shown).values)


def _predict(
    classifier: LocalClassifier, shown: Shown, labels: NDArray[np.str_], asked: Shown
) -> Predictions:
    features = examples.features_of(classifier, shown)
    fitted = classifier.fit(features, labels, np.random.default_rng(0))
    return fitted.predict(examples.features_of(classifier, asked))


def _accuracy(answer: Predictions, truth: NDArray[np.str_]) -> float:
    return float(np.mean([label == true for label, true in zip(answer.labels, truth, strict=True)]))


def _look_at_probabilities(answer: Predictions) -> None:
    scores = answer.scores
    require(bool(np.isfinite(scores).all()), "Some probabilities are not finite.")
    inside = scores.min() >= -_SUM_ERROR and scores.max() <= 1 + _SUM_ERROR
    require(bool(inside), f"They lie between {scores.min():g} and {scores.max():g}.")
    error = float(np.abs(scores.sum(axis=1) - 1).max())
    require(error <= _SUM_ERROR, f"They sum to one with an error of {error:g}.")
    for label, row in zip(answer.labels, scores, strict=True):
        assert label is not None
        own = row[answer.classes.index(label)]
        require(bool(own >= row.max() - _SUM_ERROR), "A label is not that of the largest.")


def _local(subject: Subject) -> LocalClassifier:
    if isinstance(subject.plugin, RemoteClassifier):
        not_applicable("it is a service over the network: try it against a local server")
    return cast(LocalClassifier, subject.plugin)


CHECKS = (
    predictions,
    probabilities,
    same_seed,
    resources,
    row_order,
    features_alone,
    input_unchanged,
    many_classes,
    one_class,
    unseen_label,
    beats_chance,
    chance_on_shuffled_labels,
    made_again,
    can_be_stopped,
    estimate,
)
