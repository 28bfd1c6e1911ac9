"""Which addresses a model may come from."""

from __future__ import annotations

import pytest

from mattekit.models.urls import allowed, may_lead_to


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.org/a.onnx", True),
        ("http://example.org/a.onnx", False),
        ("http://127.0.0.1:8000/a.onnx", True),
        ("http://[::1]/a.onnx", True),
        ("http://localhost/a.onnx", True),
        ("http://localhost.example.org/a.onnx", False),
        ("http://127.0.0.1.example.org/", False),
        ("https://user:secret@example.org/", False),
        ("http://127.0.0.1@example.org/", False),
        ("ftp://example.org/", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://example.org:port/", False),
        ("", False),
        ("https://[::1", False),
        ("https\n://example.org/", False),
        ("https://exam\tple.org/", False),
        ("https://example.org/\x7f", False),
    ],
)
def test_where_models_may_come_from(url, good):
    assert allowed(url) is good


def test_where_servers_may_lead():
    here, there = "http://127.0.0.1:8000/a", "https://example.org/a"
    assert may_lead_to(here, here)
    assert may_lead_to(here, there)
    assert may_lead_to(there, "https://example.com/b")
    assert not may_lead_to(there, here)
    assert not may_lead_to(there, "https://localhost/a")
    assert not may_lead_to(there, "http://example.org/a")
