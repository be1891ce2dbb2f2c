"""All that reaches the terminal or a pipe; nothing here is slow to import.

During a verb ``sys.stdout`` is a stand-in that sends what plugins print to stderr; the functions
here write to the stream that it stands in for. Whatever the encoding, what cannot be written in it
is replaced, and a reader who went away is no error.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

from harness.errors import StoreError
from harness.strangers.output import Diverted
from harness.strangers.text import printable

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult

PLAIN: Mapping[str, str] = {
    **dict.fromkeys("─━╸╺╴╶", "-"),
    **dict.fromkeys("│┃", "|"),
    **dict.fromkeys("├└┌┐┘┤┬┴┼╭╮╰╯", "+"),
    **dict.fromkeys("–—−", "-"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    "…": "...",
    "×": "x",
    "→": "->",
    "←": "<-",
    "≈": "~",
    "±": "+/-",
    "·": "*",
    "•": "*",
    "▲": "^",
    "▼": "v",
    "●": "*",
    "○": "o",
    "✓": "+",
    "✗": "x",
    "≤": "<=",
    "≥": ">=",
    "²": "^2",
    "µ": "u",
    "μ": "u",
    "°": " deg",
    "½": "1/2",
    "█": "#",
    "▏": "|",
}
"""What our own symbols become where the encoding lacks them."""


def encodable(text: str, encoding: str) -> str:
    """Replace what an encoding lacks: our own symbols readably, letters by backslash escapes."""
    try:
        text.encode(encoding)
    except UnicodeError:
        return "".join(_letter(letter, encoding) for letter in text)
    except LookupError:  # no codec of that name
        return encodable(text, "ascii")
    return text


def _letter(letter: str, encoding: str) -> str:
    try:
        letter.encode(encoding)
    except UnicodeError:
        return PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode()
    return letter


def escaped(text: str, encoding: str) -> str:
    """Escape in JSON, which reads back the same, what an encoding lacks or a terminal obeys."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        letter if letter == "\n" or _is_plain(letter, encoding) else _json_escape(letter)
        for letter in text
    )


def _is_plain(letter: str, encoding: str) -> bool:
    return letter.isprintable() and encodable(letter, encoding) == letter


def _json_escape(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    pairs = (units[start : start + 2] for start in range(0, len(units), 2))
    return "".join(f"\\u{int.from_bytes(pair):04x}" for pair in pairs)


class Encoded(io.TextIOBase):
    """A stream that takes any text: what its encoding lacks is replaced.

    When nobody reads it any more, what is written goes nowhere.

    Parameters
    ----------
    told
        Raise `StoreError` where the disk it goes to is full.
    """

    def __init__(self, stream: TextIO, told: bool = True) -> None:
        super().__init__()
        self.stream = stream
        self.told = told
        self.gone = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return getattr(self.stream, "encoding", None) or "utf-8"

    @property
    def buffer(self) -> Any:
        """The stream's own bytes, for verbs of plugins that write some."""
        return self.stream.buffer

    def writable(self) -> bool:
        """Say that it takes text."""
        return True

    def isatty(self) -> bool:
        """Say whether the stream is a terminal."""
        return self.stream.isatty()

    def fileno(self) -> int:
        """Return the stream's descriptor."""
        return self.stream.fileno()

    def write(self, text: str) -> int:
        """Pass text on in what letters there are."""
        if not self.gone:
            with self._while_read():
                self.stream.write(encodable(text, self.encoding))
        return len(text)

    def flush(self) -> None:
        """Pass it on at once."""
        if not self.gone:
            with self._while_read():
                self.stream.flush()

    @contextmanager
    def _while_read(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            self._leave()
        except OSError as error:
            self._leave()
            if self.told:
                raise StoreError(f"The output cannot be written: {error.strerror}.") from None

    def _leave(self) -> None:
        self.gone = True
        stop_writing(self.stream)


@contextmanager
def open_streams() -> Iterator[None]:
    """Make stdout and stderr take any text while the block runs; closed ones lead nowhere."""
    before = sys.stdout, sys.stderr
    _hold_descriptors()
    sys.stdout = Encoded(before[0] or _nowhere())
    sys.stderr = Encoded(before[1] or _nowhere(), told=False)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def own_stdout() -> Iterator[None]:
    """Keep stdout for the functions of this module: what others print goes to stderr.

    So does what they write straight to descriptor 1, and what the libraries below them do.
    """
    before = sys.stdout
    with _own_descriptor(before) as own:
        sys.stdout = Diverted(sys.stderr, own=own)
        try:
            yield
        finally:
            sys.stdout = before


@contextmanager
def _own_descriptor(stream: TextIO) -> Iterator[TextIO | Encoded]:
    """Give a stream that leads where descriptor 1 led, which leads to stderr while the block runs.

    A stream that does not stand on descriptor 1 is given as it is.
    """
    if not _stands_on(stream, 1):
        yield stream
        return
    stream.flush()
    copy = os.dup(1)
    own = Encoded(os.fdopen(copy, "w", encoding=stream.encoding, errors="replace", newline=""))
    os.dup2(2, 1)
    try:
        yield own
    finally:
        own.flush()
        stream.flush()
        _flush_libraries()
        os.dup2(copy, 1)
        with suppress(OSError):
            own.stream.close()


def _stands_on(stream: TextIO, descriptor: int) -> bool:
    try:
        return stream.fileno() == descriptor
    except (OSError, ValueError, AttributeError):
        return False


def _flush_libraries() -> None:
    """Let libraries in C write out what they hold back, before descriptor 1 is ours again."""
    if "ctypes" in sys.modules:  # whoever prints in C has come with it
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).fflush(None)


def stdout() -> TextIO:
    """Return the stream that is ours."""
    stream: TextIO = getattr(sys.stdout, "own", None) or sys.stdout
    return stream


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123


def _hold_descriptors() -> None:
    """Let no file that is opened later be taken for a stream that was closed at the start."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)


def write(text: str, end: str = "\n") -> None:
    """Write text to stdout, its control characters shown."""
    _write(stdout(), printable(text.replace("\r\n", "\n")) + end)


def write_json(text: str) -> None:
    """Write JSON to stdout in letters that any reader of the stream gets back."""
    stream = stdout()
    encoding = getattr(stream, "encoding", None) or "utf-8"
    _write(stream, escaped(text.rstrip("\n"), encoding) + "\n")


def remark(text: str) -> None:
    """Write a line beside the result, to stderr."""
    _write(sys.stderr, printable(text) + "\n")


def complain(message: str) -> None:
    """Write an error to stderr."""
    remark(f"sightbench: {message}")


def confirm(question: str) -> bool:
    """Ask on stderr whether to go on; no answer is no."""
    import typer

    return typer.confirm(encodable(printable(question), sys.stderr.encoding), err=True)


def _write(stream: TextIO, text: str) -> None:
    stream.write(encodable(text, getattr(stream, "encoding", None) or "utf-8"))
    stream.flush()


def console(*, error: bool = False) -> Console:
    """Make what draws tables on stdout, or on stderr; control characters in them are shown."""
    from rich.console import Console

    file = sys.stderr if error else stdout()
    columns = width() if not error and file.isatty() else None
    made = Console(file=file, width=columns, highlight=False, markup=False, emoji=False)
    made.push_render_hook(_Shown())  # type: ignore[arg-type]
    return made


class _Shown:
    """Shows control characters in all that a console prints, whoever forgot to."""

    def process_renderables(self, renderables: Iterable[Any]) -> list[ConsoleRenderable]:
        """Wrap what is to be printed."""
        return [_Printable(each) for each in renderables]


class _Printable:
    def __init__(self, inner: ConsoleRenderable) -> None:
        self.inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it, control characters shown."""
        for segment in console.render(self.inner, options):
            shown = segment.control or segment.text.replace("\n", "").isprintable()
            yield segment if shown else segment._replace(text=printable(segment.text))


def width() -> int:
    """Return the columns to write for: those of the terminal, 80 where there is none."""
    written = os.environ.get("COLUMNS", "")
    if written.isdecimal() and int(written) > 0:
        return int(written)
    try:
        return os.get_terminal_size(stdout().fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


def has_colours() -> bool:
    """Say whether stdout is a terminal that shows colours, and none have been forbidden."""
    wanted = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return wanted and stdout().isatty()


def stop_writing(stream: TextIO) -> None:
    """Let the rest of the output go nowhere: nobody reads the pipe any more."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
