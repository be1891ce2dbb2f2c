from __future__ import annotations

import ctypes

from harness.running import memory


class Library:
    def __init__(self) -> None:
        self.asked: dict[int, int] = {}

    def mallopt(self, name: int, value: int) -> None:
        self.asked[name] = value


def test_little_is_kept(monkeypatch):
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    memory.keep_freed_memory()
    assert library.asked == {-1: memory.KEPT_BYTES, -3: memory.HEAP_BYTES}
    assert memory.HEAP_BYTES < memory.KEPT_BYTES <= 64 * 2**20


def test_other_libraries_are_left_as_they_are(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    memory.keep_freed_memory()

    def refuses(name):
        raise TypeError("a path, not None")

    monkeypatch.setattr(ctypes, "CDLL", refuses)
    memory.keep_freed_memory()
