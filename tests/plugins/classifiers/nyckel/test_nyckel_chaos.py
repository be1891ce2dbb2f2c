"""Whatever the network does: the same table, nothing posted twice, no secret anywhere."""

from __future__ import annotations

import logging

import numpy as np
import pytest

ALONE = (
    "latency=0.02",
    "429=0.2",
    "500=0.2",
    "drop=0.2",
    "half-answer=0.2",
    "slow-training=0.5",
    "token-expiry=0.4",
)


@pytest.fixture(scope="module")
def calm_table():
    """The table without faults, once made."""
    return {}


def run(classifier, cell, url, folder):
    said = []
    job = cell.job(folder, progress=lambda *words: said.append(words))
    fitted = classifier(url).fit(cell.train, cell.labels, job)
    table = fitted.cross_validated(), fitted.predict(cell.holdout)
    return table, fitted.costs(), said


def same(left, right):
    for one, other in zip(left, right, strict=True):
        assert one.ids == other.ids
        assert one.labels == other.labels
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-9)


@pytest.mark.parametrize(
    "faults", [(each,) for each in ALONE] + [ALONE], ids=[*ALONE, "all-together"]
)
def test_faults_change_nothing(
    faults, cell, classifier, serving, tmp_path, calm_table, secret, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    if not calm_table:
        calm = serving()
        calm_table["table"], _, _ = run(classifier, cell, calm.url, tmp_path / "calm")
    server = serving(*faults, visible_after_s=0.02)
    table, costs, said = run(classifier, cell, server.url, tmp_path / "cell")

    same(table, calm_table["table"])
    assert sorted(server.counters.accepted.values()) == [1] * len(cell.train)
    assert len(server.counters.invoked) == len(cell.holdout)
    repeated = sum(server.counters.invoked.values()) - len(cell.holdout)
    assert costs.paid_calls == len(cell.holdout)
    assert repeated <= costs.details["perhaps_paid"]
    assert server.counters.limited == 0
    if faults == ALONE or "=0.2" in faults[0]:
        assert sum(server.counters.faulted.values()) > 0
        assert costs.retries > 0

    printed = capfd.readouterr()
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    everything = "\n".join([*written, printed.out, printed.err, caplog.text, repr(said)])
    assert "answer" in everything
    assert not [each for each in (secret, *server.counters.tokens) if each in everything]


def test_nothing_is_posted_twice_where_the_service_does_not_notice(
    cell, classifier, serving, tmp_path
):
    server = serving("drop=0.3", "500=0.2", unique="nothing", visible_after_s=0.0)
    _, costs, _ = run(classifier, cell, server.url, tmp_path)
    assert sorted(server.counters.accepted.values()) == [1] * len(cell.train)
    assert costs.details["existing_samples"] > 0
