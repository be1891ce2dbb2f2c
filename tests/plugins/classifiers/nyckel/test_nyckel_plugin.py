"""One cell on the service: learning, going on, limits, and what comes of bad answers."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from harness import ClassifierError, Features, ParameterError, Stopped, Unavailable
from plugins.classifiers.nyckel.functions import service_names
from plugins.classifiers.nyckel.ledger import Ledger
from plugins.classifiers.nyckel.limiter import PACE
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.plugin import Nyckel
from plugins.classifiers.nyckel.server.running import running_server
from plugins.classifiers.nyckel.server.settings import Settings
from plugins.classifiers.nyckel.training import await_training, read_cross_validation


def lines(folder, what):
    found = map(json.loads, Path(folder, "nyckel.jsonl").read_text().splitlines())
    return [line for line in found if line["what"] == what]


def test_three_classes_end_to_end(cells, classifier, serving, tmp_path):
    cell = cells(train=36, holdout=12, classes=3)
    server = serving()
    said = []
    job = cell.job(tmp_path, progress=lambda *words: said.append(words))
    fitted = classifier(server.url).fit(cell.train, cell.labels, job)
    held_out, answers = fitted.cross_validated(), fitted.predict(cell.holdout)

    for found, ids, truth in (
        (held_out, cell.train.ids, cell.labels),
        (answers, cell.holdout.ids, cell.truth),
    ):
        assert found.ids == ids
        assert found.classes == ("noise", "ship", "whale")
        assert np.mean(np.array(found.labels) == truth) > 0.8
        np.testing.assert_allclose(found.scores.sum(axis=1), 1.0)
        best = found.scores.argmax(axis=1)
        assert found.labels == tuple(found.classes[column] for column in best)
    (function,) = server.store.functions()
    assert function.name.startswith("sightbench upcalls mel nyckel split 3fa9c1 #")
    # capture=false: the holdout was not kept, and never had a label.
    assert len(function.samples) == len(cell.train)
    assert "posting training pictures" in {what for _, _, what in said}
    assert said[-1][:2] == (12, 12)


@pytest.fixture(scope="module")
def finished(cell, tmp_path_factory, credentials):
    """A cell that has run: its folder, the classifier, the server, what came of it."""
    folder = tmp_path_factory.mktemp("finished")
    quick = Settings(requests_per_second=2000, visible_after_s=0.0, settle_s=0.1)
    with pytest.MonkeyPatch.context() as patch, running_server(quick) as server:
        for name, value in credentials.items():
            patch.setenv(name, value)
        chosen = Nyckel(server=server.url, requests_per_second=1500, poll_s=0.05)
        fitted = chosen.fit(cell.train, cell.labels, cell.job(folder))
        yield folder, chosen, server, fitted, fitted.predict(cell.holdout)


def test_a_finished_cell_asks_nothing_again(cell, finished):
    folder, chosen, server, fitted, answers = finished
    before, costs = server.counters.requests, fitted.costs()
    again = chosen.fit(cell.train, cell.labels, cell.job(folder))
    assert again.predict(cell.holdout).labels == answers.labels
    assert again.cross_validated().labels == fitted.cross_validated().labels
    assert server.counters.requests == before
    assert again.costs() == costs


def test_predictions_line_up_with_clips_in_any_order(cell, finished):
    *_, fitted, answers = finished
    forth = dict(zip(cell.holdout.ids, answers.labels, strict=True))
    turned = cell.holdout.take(range(len(cell.holdout))[::-1])
    back = fitted.predict(turned)
    assert back.ids == turned.ids
    assert dict(zip(back.ids, back.labels, strict=True)) == forth


def test_the_estimate_is_what_is_spent(cell, finished):
    folder, chosen, _, fitted, _ = finished
    sizes = [len(cell.job(None).encode(each)) for each in cell.train.values]
    estimate = chosen.estimate(len(cell.train), len(cell.holdout), float(np.mean(sizes)))
    costs = fitted.costs()
    looks = 2 * len(lines(folder, "look"))
    assert estimate.paid_calls == costs.paid_calls == len(cell.holdout)
    assert abs(estimate.calls - (costs.calls - looks)) <= 16
    assert 0.7 < costs.bytes_sent / estimate.bytes_sent < 1.3


def test_every_call_is_in_the_ledger(cell, finished):
    folder, _, server, fitted, _ = finished
    costs = fitted.costs()
    for what, clips in (("upload", cell.train.ids), ("answer", cell.holdout.ids)):
        found = lines(folder, what)
        assert {line["clip"] for line in found} == set(clips)
        assert all(line["bytes"] > 0 and line["latency_s"] > 0 for line in found)
        assert all(line["retries"] == 0 for line in found)
    assert costs.calls == server.counters.requests
    assert costs.details["uploads"] == len(cell.train)
    assert 0 < costs.details["predict_median_s"] <= costs.details["predict_p95_s"]


def test_a_ledger_of_other_clips_or_another_server_is_refused(cell, finished):
    folder, chosen, *_ = finished
    with pytest.raises(ClassifierError, match="belongs to other training clips or labels"):
        chosen.fit(cell.train, cell.labels[::-1].copy(), cell.job(folder))
    other = dataclasses.replace(chosen, server="http://127.0.0.1:9")
    with pytest.raises(ClassifierError, match="belongs to another server"):
        other.fit(cell.train, cell.labels, cell.job(folder))


def test_the_limit_of_paid_calls_is_hard_and_can_be_gone_on_from(
    cell, classifier, serving, tmp_path
):
    server = serving()
    fitted = classifier(server.url).fit(cell.train, cell.labels, cell.job(tmp_path, max_calls=5))
    with pytest.raises(Stopped, match="limit of 5 paid calls"):
        fitted.predict(cell.holdout)
    assert sum(server.counters.invoked.values()) == 5
    partial = fitted.answered(cell.holdout)
    assert sum(label is not None for label in partial.labels) == 5
    assert np.isnan(partial.scores).any(axis=1).sum() == len(cell.holdout) - 5
    assert fitted.costs().paid_calls == 5

    unlimited = cell.job(tmp_path)
    whole = classifier(server.url).fit(cell.train, cell.labels, unlimited).predict(cell.holdout)
    assert None not in whole.labels
    assert set(server.counters.invoked.values()) == {1}


def test_no_paid_call_at_all(cell, classifier, serving, tmp_path):
    server = serving()
    fitted = classifier(server.url).fit(cell.train, cell.labels, cell.job(tmp_path, max_calls=0))
    with pytest.raises(Stopped, match="limit of 0 paid calls"):
        fitted.predict(cell.holdout)
    assert not server.counters.invoked


def test_calls_that_may_have_been_paid_count_against_the_limit(cell, classifier, serving, tmp_path):
    server = serving("drop=0.4")
    fitted = classifier(server.url).fit(cell.train, cell.labels, cell.job(tmp_path, max_calls=9))
    with pytest.raises(Stopped, match="limit of 9"):
        fitted.predict(cell.holdout)
    assert sum(server.counters.invoked.values()) <= 9


def test_training_that_takes_too_long_stops_and_goes_on(cell, classifier, serving, tmp_path):
    server = serving("slow-training=1.5")
    hasty = classifier(server.url, training_minutes=0.002)
    with pytest.raises(Stopped, match=r"not finished within 0\.002 minutes"):
        hasty.fit(cell.train, cell.labels, cell.job(tmp_path))
    fitted = classifier(server.url).fit(cell.train, cell.labels, cell.job(tmp_path))
    assert None not in fitted.cross_validated().labels
    assert set(server.counters.accepted.values()) == {1}
    assert len(server.store.functions()) == 1
    assert fitted.costs().details["training_s"] > 0


def test_the_same_content_twice_is_posted_and_paid_once(cell, classifier, serving, tmp_path):
    server = serving()
    train = Features(
        np.concatenate([cell.train.values, cell.train.values[:2]]),
        (*cell.train.ids, "copy-0", "copy-1"),
    )
    labels = np.concatenate([cell.labels, cell.labels[:2]])
    contents = {**cell.contents, "copy-0": cell.contents["clip-0"],
                "copy-1": cell.contents["clip-1"]}  # fmt: skip
    job = cell.job(tmp_path, contents=contents)
    found = classifier(server.url).fit(train, labels, job).cross_validated()
    assert found.labels[-2:] == found.labels[:2]
    assert len(server.counters.accepted) == len(cell.train)


def test_the_same_picture_of_two_clips_is_one_sample(cell, classifier, serving, tmp_path):
    server = serving()
    pixels = cell.train.values.copy()
    pixels[2] = pixels[0]
    fitted = classifier(server.url).fit(
        Features(pixels, cell.train.ids), cell.labels, cell.job(tmp_path)
    )
    assert fitted.costs().details["existing_samples"] == 1
    found = fitted.cross_validated()
    assert found.labels[2] == found.labels[0]
    assert found.ids == cell.train.ids


def spoilt(cell, bad):
    """Encode pictures, but not those."""
    pictures = {cell.train.values[row].tobytes() for row in bad}
    encode = cell.job(None).encode
    return lambda pixels: b"no picture" if pixels.tobytes() in pictures else encode(pixels)


def test_one_refused_picture_is_left_out_and_told(cells, classifier, serving, tmp_path):
    cell = cells(train=30, holdout=4)
    job = cell.job(tmp_path, encode=spoilt(cell, [3]))
    fitted = classifier(serving().url).fit(cell.train, cell.labels, job)
    found = fitted.cross_validated()
    assert [clip for clip, label in zip(found.ids, found.labels, strict=True) if label is None] == [
        "clip-3"
    ]
    assert np.isnan(found.scores[3]).all()
    assert fitted.costs().details["refused"] == 1
    assert lines(tmp_path, "upload-refused")[0]["status"] == 400


def test_many_refused_pictures_end_it(cell, classifier, serving, tmp_path):
    job = cell.job(tmp_path, encode=spoilt(cell, [3, 4, 5]))
    with pytest.raises(ClassifierError, match="refuses 3 of 24 training pictures"):
        classifier(serving().url).fit(cell.train, cell.labels, job)


def test_a_refused_holdout_picture_is_a_failed_prediction(cell, classifier, serving, tmp_path):
    pixels = cell.holdout.values.copy()
    encode = cell.job(None).encode
    bad = pixels[1].tobytes()
    job = cell.job(tmp_path, encode=lambda p: b"?" if p.tobytes() == bad else encode(p))
    found = classifier(serving().url).fit(cell.train, cell.labels, job).predict(cell.holdout)
    assert found.labels[1] is None
    assert np.isnan(found.scores[1]).all()
    assert found.labels.count(None) == 1


def test_an_unreachable_service_stops_the_run(cell, classifier, tmp_path):
    with pytest.raises(ClassifierError, match="asking for a token failed 2 times"):
        classifier("http://127.0.0.1:9", attempts=2, backoff_s=0).fit(
            cell.train, cell.labels, cell.job(tmp_path)
        )


def test_a_service_that_dies_while_predicting_stops_the_run(cell, classifier, serving, tmp_path):
    server = serving()
    quick = classifier(server.url, attempts=2, backoff_s=0, concurrent=2)
    fitted = quick.fit(cell.train, cell.labels, cell.job(tmp_path))
    account = fitted.account
    fitted.account = dataclasses.replace(account, server="http://127.0.0.1:9")
    with pytest.raises(ClassifierError, match="run the same command again"):
        fitted.predict(cell.holdout)
    fitted.account = account
    assert None not in fitted.predict(cell.holdout).labels


def test_samples_that_are_listed_late_are_waited_for(cell, classifier, serving, tmp_path):
    server = serving(visible_after_s=0.8, settle_s=0.02)
    fitted = classifier(server.url).fit(cell.train, cell.labels, cell.job(tmp_path))
    assert None not in fitted.cross_validated().labels


def test_a_function_made_just_before_a_kill_is_found_by_name(cell, classifier, serving, tmp_path):
    server = serving(visible_after_s=0.0)
    made = classifier(server.url).fit(cell.train, cell.labels, cell.job(tmp_path))
    ledger = tmp_path / "nyckel.jsonl"
    # Only what was on disk before the service's answer came.
    kept = [line for line in ledger.read_text().splitlines() if '"what": "function"' not in line]
    ledger.write_text("\n".join(kept[: [('"naming"' in k) for k in kept].index(True) + 1]) + "\n")
    again = classifier(server.url).fit(cell.train, cell.labels, cell.job(tmp_path))
    assert len(server.store.functions()) == 1
    assert set(server.counters.accepted.values()) == {1}
    assert again.cross_validated().labels == made.cross_validated().labels


def test_a_function_that_was_deleted_is_told(cell, classifier, serving, tmp_path):
    server = serving()
    fitted = classifier(server.url).fit(cell.train, cell.labels, cell.job(tmp_path))
    server.store.remove(server.store.functions()[0])
    with pytest.raises(ClassifierError, match="deleted in the console"):
        fitted.predict(cell.holdout)


def test_too_little_to_train_on(cell, classifier, tmp_path):
    with pytest.raises(ClassifierError, match="one class only"):
        classifier("http://127.0.0.1:9").fit(
            cell.train.take([0, 2]), cell.labels[[0, 2]], cell.job(tmp_path)
        )
    with pytest.raises(ClassifierError, match="whale has fewer"):
        classifier("http://127.0.0.1:9").fit(
            cell.train.take([0, 1, 2]), cell.labels[[0, 1, 2]], cell.job(tmp_path)
        )


def test_without_credentials(cell, classifier, tmp_path, monkeypatch):
    monkeypatch.delenv("NYCKEL_CLIENT_SECRET")
    with pytest.raises(Unavailable, match="NYCKEL_CLIENT_SECRET"):
        classifier("http://127.0.0.1:9").fit(cell.train, cell.labels, cell.job(tmp_path))


def test_wrong_credentials(cell, classifier, serving, tmp_path, monkeypatch):
    monkeypatch.setenv("NYCKEL_CLIENT_SECRET", "wrong-secret")
    with pytest.raises(ClassifierError, match="refused the client id and secret") as error:
        classifier(serving().url).fit(cell.train, cell.labels, cell.job(tmp_path))
    assert "wrong-secret" not in str(error.value)


def test_class_names_that_the_service_would_confuse():
    assert service_names(["a", " b "]) == {"a": "a", "b": " b "}
    for classes in (["a", "a "], [" "]):
        with pytest.raises(ClassifierError, match="white space"):
            service_names(classes)


def test_estimate():
    estimate = Nyckel(requests_per_second=10).estimate(1500, 500, 3000.0)
    assert (estimate.pictures, estimate.paid_calls) == (2000, 500)
    assert 2000 < estimate.calls < 2050
    assert estimate.bytes_sent > 2000 * 4000
    assert estimate.minutes == pytest.approx(estimate.calls / (10 * PACE) / 60)


@pytest.mark.parametrize("name", ["concurrent", "requests_per_second", "attempts"])
def test_parameters_out_of_range(name):
    with pytest.raises(ParameterError, match=name):
        Nyckel(**{name: 0})


def metrics(samples, predictions, training):
    body = {"sampleCount": samples, "predictionCount": predictions, "isTraining": training}
    return 200, {}, json.dumps(body).encode()


def state(word):
    return 200, {}, json.dumps({"state": word}).encode()


def test_training_is_over_when_all_says_so_twice(scripted, service, tmp_path):
    server = scripted(
        *(metrics(0, 0, False), state("Browsing")),
        *(metrics(9, 9, False), state("Browsing")),
        *(metrics(10, 9, False), state("Browsing")),
        *(metrics(10, 10, True), state("Browsing")),
        *(metrics(10, 10, False), state("Training")),
        *(metrics(10, 10, False), state("Tuning")),
        *(metrics(10, 10, True), state("Tuning")),
        *(metrics(10, 10, False), state("Browsing")),
        *(metrics(10, 10, False), state("Browsing")),
        (500, {}, b""),
    )
    ledger = Ledger(tmp_path / "l.jsonl", Meter())
    seen = []
    await_training(service(server.url), ledger, "f", 10, 60, 0.001, lambda *w: seen.append(w[0]))
    assert len(server.seen) == 18
    assert [each["trained"] for each in ledger.entries() if each["what"] == "look"] == [
        False, False, False, False, False, True, False, True, True,
    ]  # fmt: skip
    assert seen == [0, 9, 9, 10, 10, 10, 10, 10, 10]


def test_a_prediction_of_a_label_that_is_not_listed(scripted, service, tmp_path):
    page = json.dumps([{"id": "s_1", "prediction": {"labelId": "label_x", "confidence": 1}}])
    server = scripted((200, {}, page.encode()))
    ledger = Ledger(tmp_path / "l.jsonl", Meter())
    with pytest.raises(ClassifierError, match="'x', which the service does not list"):
        read_cross_validation(service(server.url), ledger, "f", {"a": "whale"}, {"1"}, 0.01)
