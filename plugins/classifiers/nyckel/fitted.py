"""A trained function on the service: its cross-validation, its answers, what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress

from harness import ClassifierError, Costs, Features, Job, Predictions, Stopped
from plugins.classifiers.nyckel.account import Account
from plugins.classifiers.nyckel.costs import tally
from plugins.classifiers.nyckel.dispatch import Errand, send
from plugins.classifiers.nyckel.ledger import Ledger, show_ledger
from plugins.classifiers.nyckel.lock import ledger_of, locked
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.scoring import table
from plugins.classifiers.nyckel.tasks import Task, make_task


def external_id(job: Job, clip: str) -> str:
    """Return a clip's id on the service, made from its content.

    Raises
    ------
    ClassifierError
        The job has no content hash for this clip.
    """
    if clip not in job.contents:
        raise ClassifierError(f"nyckel: the job has no content hash for clip {clip!r}.")
    return f"sb-{job.contents[clip][:40]}"


def clips_by_external(job: Job, ids: Sequence[str]) -> dict[str, int]:
    """Return the first row of every content."""
    rows: dict[str, int] = {}
    for row, clip in enumerate(ids):
        rows.setdefault(external_id(job, clip), row)
    return rows


def unheeded(progress: Callable[[int, int, str], object]) -> Callable[[int, int, str], None]:
    """Return progress that costs nothing where it cannot be posted: its place may have gone."""

    def post(done: int, total: int, what: str) -> None:
        with suppress(OSError):
            progress(done, total, what)

    return post


class NyckelFitted:
    """What the service has learnt for one cell; all that it said is in the ledger."""

    def __init__(
        self,
        account: Account,
        job: Job,
        train: tuple[str, ...],
        names: Mapping[str, str],
    ) -> None:
        self.account = account
        self.job = job
        self.names = names
        self.ledger = ledger_of(job.folder)
        self._train = train

    def cross_validated(self) -> Predictions:
        """Return the service's own cross-validated prediction of every training clip.

        A clip whose picture the service refused, or did not predict, has label None.
        """
        ledger = Ledger(self.ledger, Meter())
        samples = {
            external: entry["sample"] for external, entry in ledger.by_external("upload").items()
        }
        answers = {
            entry["sample"]: entry.get("answer")
            for entry in ledger.entries()
            if entry.get("what") == "cross-validated"
        }
        found = [answers.get(samples.get(external_id(self.job, clip), "")) for clip in self._train]
        return table(self._train, found, self.names)

    def predict(self, features: Features) -> Predictions:
        """Ask the service what each clip is, in the order given; nothing is asked twice.

        Raises
        ------
        Stopped
            The job's limit of paid calls was reached, or the service cannot be reached or wants
            to be paid first: `answered` returns what there is, the same job goes on later.
        ClassifierError
            The service refuses.
        """
        with self.held() as lock:
            try:
                self._ask(features, lock)
            finally:
                show_ledger(self.job.folder)
        return self.answered(features)

    def answered(self, features: Features) -> Predictions:
        """Return what the service has said so far; label None where it has not."""
        found = Ledger(self.ledger, Meter()).by_external("answer")
        answers = []
        for clip in features.ids:
            entry = found.get(external_id(self.job, clip))
            answers.append(None if entry is None else entry.get("answer"))
        return table(features.ids, answers, self.names)

    def costs(self) -> Costs:
        """Return what was spent so far, earlier starts of the same cell included."""
        return tally(Ledger(self.ledger, Meter()).entries())

    def held(self) -> AbstractContextManager[int | None]:
        """Hold the job for this start alone; say what is waited for until then."""

        def waiting(what: str) -> None:
            self.job.progress(0, 1, what)

        return locked(self.job.folder, self.account.patience.quiet_s, waiting)

    def _ask(self, features: Features, lock: int | None) -> None:
        ledger = Ledger(self.ledger, Meter())
        clips = clips_by_external(self.job, features.ids)
        heard = ledger.by_external("answer").keys() & clips.keys()
        waiting = [external for external in clips if external not in heard]
        if not waiting:
            return
        made = ledger.last("function")
        if made is None:
            raise Stopped(
                f"nyckel: the ledger {self.ledger} was deleted after training. Run the same "
                "command again to start this cell over (that is paid anew)."
            )

        def tasks() -> Iterator[Task]:
            for external in waiting:
                row = clips[external]
                jpeg = self.job.encode(features.values[row])
                yield make_task(external, features.ids[row], jpeg)

        errand = self.errand(made["function"], lock, self.job.max_calls)
        self.dispatch(errand, tasks(), len(heard), len(clips), "classifying holdout pictures")

    def errand(self, function: str, lock: int | None, max_calls: int | None = None) -> Errand:
        """Return what a courier is told."""
        return Errand(self.account, function, self.ledger, tuple(self.names), max_calls, lock)

    def dispatch(
        self, errand: Errand, tasks: Iterator[Task], before: int, total: int, what: str
    ) -> None:
        """Have a courier do some tasks; `before` of `total` are done already."""
        if before < total:
            send(errand, tasks, lambda done: self.job.progress(before + done, total, what))
