"""The fair queue before a model server."""

from __future__ import annotations

import threading
import time

import pytest
from asking import Clock, until

from rag.errors import ModelError
from rag.models.chat.queue import Turns


def test_turns_come_in_order_and_those_who_leave_are_passed_over() -> None:
    turns, order, gone = Turns(1), [], threading.Event()
    assert turns.take(60, lambda: False)

    def wait(n: int) -> None:
        if turns.take(60, gone.is_set if n % 3 == 0 else lambda: False):
            order.append(n)
            time.sleep(0.002)
            turns.leave()

    threads = []
    for n in range(12):
        threads.append(threading.Thread(target=wait, args=(n,)))
        threads[-1].start()
        until(lambda waiting=n + 1: len(turns._waiting) == waiting)
    gone.set()
    until(lambda: len(turns._waiting) == 8)
    turns.leave()
    for thread in threads:
        thread.join(10)
    assert order == [n for n in range(12) if n % 3]
    assert turns.take(60, lambda: False)


def test_the_wait_for_a_turn_has_an_end() -> None:
    clock = Clock()
    turns = Turns(1, clock)
    assert turns.take(5, lambda: False)
    with pytest.raises(ModelError, match="busy"):
        turns.take(5, clock.tick)
    assert clock.now == 7
    turns.leave()
    assert turns.take(5, lambda: True)


def test_a_turn_that_comes_as_the_reader_goes_is_passed_on() -> None:
    turns = Turns(1)
    assert turns.take(60, lambda: False)

    def stopped() -> bool:
        turns.leave()
        return True

    assert not turns.take(60, stopped)
    assert turns.take(60, lambda: True)


def test_turns_are_never_lost_nor_doubled() -> None:
    turns, lock, now, most = Turns(3), threading.Lock(), [0], [0]

    def read(n: int) -> None:
        for k in range(20):
            started = time.monotonic()
            if turns.take(60, lambda s=started, k=k: (n + k) % 3 == 0 and time.monotonic() > s):
                with lock:
                    now[0] += 1
                    most[0] = max(most[0], now[0])
                time.sleep(0.001)
                with lock:
                    now[0] -= 1
                turns.leave()

    threads = [threading.Thread(target=read, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most[0] == 3
    assert turns._free == 3
