"""How many processors a picture may use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from mattekit.runtime import providers


def test_a_share_of_the_cores_is_that_of_a_block_and_a_thread() -> None:
    everything = providers.cores()
    with providers.at_most(1):
        assert providers.cores() == 1
        with providers.at_most(None):
            assert providers.cores() == everything
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(providers.cores).result() == everything
        assert providers.cores() == 1
    with providers.at_most(everything + 5):
        assert providers.cores() == everything
    assert providers.cores() == everything
