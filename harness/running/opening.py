"""An engine is opened: when it is needed, or ahead, in a thread, while clips are listed."""

from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import Future
from contextlib import ExitStack
from types import TracebackType

from harness.contracts import Crew, Engine, Workplace
from harness.errors import SightbenchError, one_line


class Opening:
    """The engine of a run; a context, after which nothing of it is left."""

    def __init__(self, engine: Engine, workplace: Workplace) -> None:
        self._engine = engine
        self._workplace = dataclasses.replace(workplace, wanted=self._wanted)
        self._stack = ExitStack()
        self._crew: Future[Crew] | None = None
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def begin(self) -> None:
        """Open it in a thread, if it allows that; wait for nothing, and raise nothing.

        The greeting is made before: datasets and locks of files may belong to the thread that
        they began in.
        """
        if self._crew is not None or not self._engine.opens_ahead():
            return
        try:
            self._workplace.greeting()
        except Exception:  # told when the engine is needed
            return
        self._crew = Future()
        self._thread = threading.Thread(target=self._open, args=[self._crew], name="engine")
        self._thread.start()

    def crew(self) -> Crew:
        """Return who works there, as soon as it is open.

        Raises
        ------
        SightbenchError
            It cannot be opened.
        """
        if self._crew is None:
            self._crew = Future()
            self._open(self._crew)
        return self._crew.result()

    def __enter__(self) -> Opening:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._stack.__exit__(kind, error, trace)

    def _wanted(self) -> bool:
        return not self._ended.is_set()

    def _open(self, crew: Future[Crew]) -> None:
        try:
            crew.set_result(self._stack.enter_context(self._engine.open(self._workplace)))
        except (SightbenchError, KeyboardInterrupt) as error:
            crew.set_exception(error)
        except (Exception, SystemExit) as error:  # a stranger's engine
            why = SightbenchError(f"The engine {self._engine.name} cannot begin: {one_line(error)}")
            why.__cause__ = error
            crew.set_exception(why)
