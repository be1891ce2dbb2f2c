"""Adds up a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness import Costs
from plugins.classifiers.nyckel.ledger import unanswered

_ANSWERED = frozenset({"answer", "ask-refused", "unheard"})
_REFUSALS = ("upload-refused", "ask-refused")


def tally(entries: Iterable[Mapping[str, Any]]) -> Costs:
    """Return what was spent, over all starts.

    Details: ``uploads``, ``existing_samples`` (posted once, found there again), ``refused``
    (pictures), ``perhaps_paid`` (calls to classify of which nobody knows whether the service
    carried them out and charged: broken connections, 5xx, a kill), ``training_s``,
    ``upload_median_s``, ``upload_p95_s``, ``predict_median_s``, ``predict_p95_s`` (latency of
    the attempt that was answered).
    """
    lines = [dict(entry) for entry in entries]
    totals = _totals(lines)
    in_flight = sum(unanswered(lines, "asked", _ANSWERED).values())
    details: dict[str, float] = {
        "uploads": sum(line["what"] == "upload" for line in lines),
        "existing_samples": sum(
            line["what"] == "upload" and line.get("status") == 409 for line in lines
        ),
        "refused": sum(line["what"] in _REFUSALS for line in lines),
        "perhaps_paid": totals.get("perhaps_paid", 0) + in_flight,
        "training_s": _training_s(lines),
        **_latencies(lines, "upload", "upload"),
        **_latencies(lines, "answer", "predict"),
    }
    return Costs(
        calls=round(totals.get("calls", 0)),
        paid_calls=sum(line["what"] == "answer" for line in lines),
        network_s=round(totals.get("network_s", 0.0), 3),
        bytes_sent=round(totals.get("bytes_sent", 0)),
        retries=round(totals.get("retries", 0)),
        details=details,
    )


def _totals(lines: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Sum the last totals of every process; within one they only grow."""
    by_run: dict[str, dict[str, float]] = {}
    for line in lines:
        run = by_run.setdefault(str(line.get("run")), {})
        for key, value in line.get("totals", {}).items():
            run[key] = max(run.get(key, 0), value)
    totals: dict[str, float] = {}
    for run in by_run.values():
        for key, value in run.items():
            totals[key] = totals.get(key, 0) + value
    return totals


def _training_s(lines: Iterable[Mapping[str, Any]]) -> float:
    waited: dict[str, float] = {}
    for line in lines:
        if "waited_s" in line:
            waited[line["run"]] = max(waited.get(line["run"], 0.0), line["waited_s"])
    return round(sum(waited.values()), 3)


def _latencies(lines: Iterable[Mapping[str, Any]], what: str, name: str) -> dict[str, float]:
    found = sorted(line["latency_s"] for line in lines if line["what"] == what)
    if not found:
        return {}
    middle, high = len(found) // 2, min(len(found) - 1, int(0.95 * len(found)))
    return {f"{name}_median_s": found[middle], f"{name}_p95_s": found[high]}
