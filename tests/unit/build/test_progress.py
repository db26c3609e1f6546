"""Progress reaches the build, and the end of the build reaches the tasks."""

from __future__ import annotations

import queue
import threading

import msgspec
import pytest

from generator.build.progress import Address, listening, sending
from generator.records.progress import Progress

AT = Progress("replicate 0", 10, 3750, "epoch 1/2", False, {"loss": 0.5})


def test_what_a_task_sends_is_handed_over_in_order() -> None:
    received: queue.Queue[Progress] = queue.Queue()
    with listening(received.put) as address, sending(address) as send:
        send(AT)
        send(Progress("replicate 0", 20, 3750, "epoch 1/2", False, {"loss": 0.4}))
        assert received.get(timeout=10) == AT
        assert received.get(timeout=10).done == 20


def test_a_task_is_stopped_by_the_end_of_the_build() -> None:
    received = threading.Event()
    with listening(lambda at: received.set()) as address:
        sender = sending(address)
        send = sender.__enter__()
        send(AT)
        assert received.wait(10)
    with pytest.raises(ConnectionError):
        for _ in range(100_000):
            send(AT)
    sender.__exit__(None, None, None)


def test_nobody_without_the_key_is_heard_and_the_next_task_still_is() -> None:
    received: queue.Queue[Progress] = queue.Queue()
    with listening(received.put) as address:
        stranger: Address = msgspec.structs.replace(address, key="another key")
        with pytest.raises(ConnectionError), sending(stranger) as send:
            for _ in range(100_000):
                send(msgspec.structs.replace(AT, task="stranger"))
        with sending(address) as send:
            send(AT)
            assert received.get(timeout=10) == AT
    assert received.empty()
