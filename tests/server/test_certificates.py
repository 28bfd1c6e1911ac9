"""The system's certificates: read once for everything in this process, and on use only."""

from __future__ import annotations

import ssl

import pytest

from mattekit_server.certificates import system_certificates
from support.server.pictures import Make, picture


def test_they_are_checked_and_read_once() -> None:
    context = system_certificates()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert system_certificates() is context


def test_a_server_that_asks_nobody_does_not_read_them(
    make_oidc: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    system_certificates.cache_clear()
    monkeypatch.setattr(ssl, "create_default_context", lambda: pytest.fail("they were read"))
    answer = make_oidc().post("/v1.0/removebg", files={"image_file": picture()})
    assert answer.status_code == 403
