"""How many processors a picture may use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from mattekit import threads


def test_a_share_of_the_cores_is_that_of_a_block_and_a_thread() -> None:
    everything = threads.cores()
    with threads.at_most(1):
        assert threads.cores() == 1
        with threads.at_most(None):
            assert threads.cores() == everything
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(threads.cores).result() == everything
        assert threads.cores() == 1
    with threads.at_most(everything + 5):
        assert threads.cores() == everything
    assert threads.cores() == everything
