"""Who gets which task: all are sent once, to workers that suit them, few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from hypothesis import given
from hypothesis import strategies as st

from harness.values import Resources
from plugins.engines.dask.announced import Announced
from plugins.engines.dask.queue import TOGETHER, Order, Queue, Worker

PLAIN, LARGE = Resources(), Resources(gpus=1)


def order(needs: Resources = PLAIN) -> Order:
    return Order(b"", None, Future(), needs)


def worker(name: str, has: Resources = PLAIN) -> Worker:
    return Worker(name, Announced(has, {}), admitted=True)


def deal(queue: Queue, workers: Sequence[Worker]) -> list[tuple[str, int]]:
    """Send all that can be sent; return to whom how many went together."""
    sent = []
    while (found := queue.next(workers)) is not None:
        found[0].orders.update(dict.fromkeys(found[1]))
        sent.append((found[0].address, len(found[1])))
    return sent


@given(
    st.lists(st.sampled_from([PLAIN, LARGE]), max_size=40),
    st.lists(st.sampled_from([PLAIN, LARGE]), min_size=1, max_size=4),
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
)
def test_every_task_is_sent_once_and_only_where_it_can_be_done(needs, there, paces) -> None:
    orders = [order(each) for each in needs]
    workers = [worker(f"w{number}", has) for number, has in enumerate(there)]
    queue, done = Queue(), []
    queue.orders.extend(orders)
    for pace in [*paces, *[1.0] * len(orders)]:
        deal(queue, workers)
        for each in workers:
            assert len(each.orders) <= 2 * TOGETHER
            assert all(one.needs.gpus <= each.announced.has.gpus for one in each.orders)
            done += each.orders
            each.orders.clear()
        queue.pace(pace, busy=True)
    assert len(done) == len(set(done))
    possible = [each for each in orders if each.needs == PLAIN or LARGE in there]
    assert set(done) == set(possible)


def test_short_tasks_travel_together_and_long_ones_alone() -> None:
    workers, queue = [worker("a"), worker("b")], Queue()
    queue.orders.extend(order() for _ in range(24))
    assert deal(queue, workers) == [("a", 1), ("b", 1)]
    queue.pace(0.001, busy=True)
    sent = deal(queue, workers)
    assert {count for _, count in sent} == {TOGETHER}
    queue.pace(0.3, busy=True)
    assert (queue.depth, queue.together) == (2, 1)
    queue.pace(5.0, busy=True)
    assert (queue.depth, queue.together) == (1, 1)


def test_a_task_that_has_lost_a_machine_goes_alone() -> None:
    workers, queue = [worker("a")], Queue()
    queue.orders.extend(order() for _ in range(8))
    queue.orders[0].lost.append("another")
    queue.pace(0.001, busy=True)
    assert [count for _, count in deal(queue, workers)][:2] == [1, TOGETHER]


def test_what_is_special_is_left_to_those_who_need_it() -> None:
    workers, queue = [worker("special", LARGE), worker("plain")], Queue()
    queue.orders.extend([order(), order(LARGE)])
    assert deal(queue, workers) == [("plain", 1), ("special", 1)]


def test_what_nobody_can_do_any_more_is_given_up_after_a_while() -> None:
    queue = Queue()
    queue.orders.extend([order(LARGE), order()])
    special, plain = worker("special", LARGE), worker("plain")
    assert queue.give_up([special, plain], 0.0) == []
    assert queue.give_up([plain], 1000.0) == []
    assert queue.give_up([], 0.0) == []
    assert queue.give_up([plain], 1000.0) == []
    (given_up,) = queue.give_up([plain], -1.0)
    assert given_up.needs == LARGE
    assert len(queue.orders) == 1
