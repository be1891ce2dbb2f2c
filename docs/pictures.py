"""Makes the pictures of docs/look.md again: ``python docs/pictures.py``.

A terminal (tmux) runs the commands on the embedded, computed clips; its screens become SVG. The
report of that run is photographed by Chromium; its pictures become PNG. Both are needed, and some
minutes.
"""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).parent / "pictures"
RUN = 'sightbench run -d "upcalls[clips=800]"'
COLUMN_PX, LINE_PX, EDGE_PX, LARGEST_BYTES = 8.4, 18, 14, 100_000
PATIENCE_S = 600.0
GROUND, TEXT = "#14171c", "#e6e9ee"


def main() -> None:
    """Make them all."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        with terminal(root, 80, 24) as screen:
            screen.enter(RUN)
            screen.wait_for("running cells: ")
            time.sleep(6)
            write_svg("progress", screen.lines(), 80)
            screen.wait_for(" 12 of 35")
            screen.interrupt()
            screen.wait_for_prompt()
            screen.enter("clear; sightbench show")
            screen.wait_for_prompt()
            write_svg("interrupted", screen.lines(), 80)
            screen.enter(f"clear; {RUN} 2>/dev/null")
            screen.wait_for_prompt()
            write_svg("glance", screen.lines(), 80)
        with terminal(root, 60, 34) as screen:
            screen.enter("clear; sightbench show")
            screen.wait_for_prompt()
            write_svg("narrow", screen.lines(), 60)
        command = [sys.executable, "-m", "harness", "report", "-o", "report.html"]
        cache = {"SIGHTBENCH_CACHE": str(root / "cache"), "PATH": "/usr/bin:/bin"}
        subprocess.run(command, cwd=root, check=True, env=cache)
        photograph(root, "report", 1280, 1000)
        photograph(root, "gallery", 1000, 660, "#gallery")
        photograph(root, "phone", 390, 1100, dark=True)


class Screen:
    """A terminal of tmux."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def tmux(self, *words: str) -> str:
        """Ask tmux."""
        command = ["tmux", "-S", str(self.socket), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def enter(self, line: str) -> None:
        """Type a line."""
        self.tmux("send-keys", "-t", "0", "-l", line)
        self.tmux("send-keys", "-t", "0", "Enter")

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.tmux("send-keys", "-t", "0", "C-c")

    def text(self) -> str:
        """Return what stands there, without colours."""
        return self.tmux("capture-pane", "-p", "-t", "0")

    def lines(self) -> list[str]:
        """Return what stands there, line by line, with colours."""
        lines = self.tmux("capture-pane", "-p", "-e", "-t", "0").rstrip().split("\n")
        return lines[:-1] if lines[-1] == "$" else lines

    def wait_for(self, words: str) -> None:
        """Wait until words stand there."""
        self._wait(lambda: words in self.text())

    def wait_for_prompt(self) -> None:
        """Wait until the last command has ended."""
        time.sleep(1)
        self._wait(lambda: self.text().rstrip().endswith("\n$"))

    def _wait(self, come: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not come():
            if time.monotonic() > end:
                raise TimeoutError(f"nothing more comes after:\n{self.text()}")
            time.sleep(0.2)


@contextmanager
def terminal(root: Path, columns: int, lines: int) -> Iterator[Screen]:
    """Open a terminal in a folder; its prompt is a dollar."""
    screen = Screen(root / f"tmux-{columns}")
    command = (
        f"cd {root} && PS1='$ ' SIGHTBENCH_CACHE={root / 'cache'} "
        f"PATH={Path(sys.executable).parent}:/usr/bin:/bin bash --norc --noprofile"
    )
    size = ("-x", str(columns), "-y", str(lines))
    screen.tmux("-f", "/dev/null", "new-session", "-d", *size, command)
    try:
        time.sleep(1)
        yield screen
    finally:
        screen.tmux("kill-server")


def write_svg(name: str, lines: list[str], columns: int) -> None:
    """Write a screen as SVG: text that stays text, in a fixed grid, without any font of its own."""
    width = columns * COLUMN_PX + 2 * EDGE_PX
    height = len(lines) * LINE_PX + 2 * EDGE_PX
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img">',
        f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>',
        f'<g font-family="ui-monospace, monospace" font-size="14" fill="{TEXT}">',
    ]
    for number, line in enumerate(lines):
        y = EDGE_PX + (number + 0.75) * LINE_PX
        for column, text, look in pieces(line):
            x, length = EDGE_PX + column * COLUMN_PX, len(text) * COLUMN_PX
            place = f'x="{x:g}" y="{y:g}" textLength="{length:g}"{look}'
            drawn.append(f"<text {place}>{html.escape(text)}</text>")
    write(f"{name}.svg", "\n".join([*drawn, "</g></svg>", ""]).encode())


def pieces(line: str) -> Iterator[tuple[int, str, str]]:
    """Split a line with colours into pieces: where each begins, its text, how it looks."""
    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    column = 0
    for segment in Text.from_ansi(line).render(Console(file=io.StringIO())):
        text = segment.text
        style = segment.style
        look = ""
        if style is not None and style.color is not None:
            look += f' fill="{style.color.get_truecolor(MONOKAI).hex}"'
        if style is not None and style.bold:
            look += ' font-weight="700"'
        for word in re.finditer(r"\S+(?: \S+)*", text):
            yield column + word.start(), word[0], look
        column += len(text)


def photograph(
    root: Path, name: str, width: int, height: int, at: str = "", dark: bool = False
) -> None:
    """Photograph the report in Chromium."""
    from PIL import Image

    chromium = shutil.which("chromium") or "chromium"
    place = root / f"{name}.png"
    text = (root / "report.html").read_text(encoding="utf-8")
    if at:  # what stands before it is left out: a photograph begins at the top
        text = text.replace(
            "</head>", f"<style>main > :not({at}) {{ display: none }}</style></head>", 1
        )
    (root / "copy.html").write_text(text, encoding="utf-8")
    flags = ["--blink-settings=preferredColorScheme=0"] if dark else []
    subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *flags),
            *(f"--window-size={width},{height}", f"--screenshot={place}"),
            (root / "copy.html").as_uri(),
        ],
        check=True,
        capture_output=True,
    )
    data = io.BytesIO()
    picture = Image.open(place).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    picture.save(data, "png", optimize=True)
    write(f"{name}.png", data.getvalue())


def write(name: str, data: bytes) -> None:
    """Write a picture.

    Raises
    ------
    ValueError
        It is too large for a page.
    """
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"{name} would have {len(data)} bytes, more than {LARGEST_BYTES}.")
    (FOLDER / name).write_bytes(data)
    print(f"{name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
