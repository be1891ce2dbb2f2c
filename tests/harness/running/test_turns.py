"""Tasks begin in turn, and never more at a time than the machine has for them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.running.turns import Turn, Turns
from harness.values import Resources

HAS = Resources(4, 1000, 2)
NEEDS = st.builds(
    Resources, st.integers(1, 6), st.sampled_from([0, 300, 1000, 5000]), st.integers(0, 3)
)


class Tried:
    """Turns of a machine, with what is at work and in which order all began."""

    def __init__(self, has: Resources) -> None:
        self.turns = Turns(has)
        self.begun: list[int] = []
        self.at_work: dict[int, Turn] = {}

    def come(self, number: int, needs: Resources) -> None:
        turn = self.turns.take(needs, lambda: self.begun.append(number))
        self.at_work[number] = turn

    def there(self) -> list[Turn]:
        return [self.at_work[number] for number in self.begun if number in self.at_work]


@given(st.lists(NEEDS, max_size=12), st.randoms(use_true_random=False))
def test_nothing_is_overcommitted_and_all_begin_in_turn(needs, random) -> None:
    tried = Tried(HAS)
    for number, each in enumerate(needs):
        tried.come(number, each)
    while tried.at_work:
        working = tried.there()
        assert working
        if any(turn.special for turn in working):
            for name in ("cores", "memory", "gpus"):
                assert sum(getattr(t.takes, name) for t in working) <= getattr(HAS, name)
        turn = random.choice(working)
        (number,) = [key for key, value in tried.at_work.items() if value is turn]
        del tried.at_work[number]
        tried.turns.leave(turn)
    assert tried.begun == list(range(len(needs)))


def test_ordinary_tasks_all_begin_at_once() -> None:
    tried = Tried(Resources(2))
    for number in range(9):
        tried.come(number, Resources())
    assert tried.begun == list(range(9))


def test_who_waits_is_forgotten_when_all_ends() -> None:
    tried = Tried(Resources(2))
    for number in range(3):
        tried.come(number, Resources(2))
    assert tried.begun == [0]
    tried.turns.forget()
    tried.turns.leave(tried.at_work[0])
    assert tried.begun == [0]
