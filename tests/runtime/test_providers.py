"""Names of devices, and what helps where one does not come up."""

from __future__ import annotations

import pytest

from mattekit.runtime.providers import CPU, PROVIDERS, device_of


@pytest.mark.parametrize("device", PROVIDERS)
def test_names_of_devices(device: str):
    assert device_of(PROVIDERS[device]) == device
    assert device_of(()) == "cpu"
    assert device_of(("QNNExecutionProvider", CPU)) == "qnn"
