"""Settings that all tests share."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator

import pytest
from hypothesis import settings

from support.failures import Failures

# A busy machine is no failure. `.ci/run` tries more examples.
settings.register_profile(
    "unhurried", deadline=None, max_examples=int(os.environ.get("MATTEKIT_EXAMPLES", "30"))
)
settings.load_profile("unhurried")

# A shell starts what runs in its background deaf to Ctrl+C, and programs that tests start inherit
# it: those that are interrupted by a test would not notice.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # of xdist, whose first process is told everything
        config.pluginmanager.register(Failures())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-docs", action="store_true", help="write generated pages of docs/ anew"
    )
    parser.addoption(
        "--update-golden", action="store_true", help="pin the built-in model's present answers"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: nobody need look again and again what of it may go."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where MATTEKIT_NO_SKIP is set, what is missing is a failure: `.ci/run` installs it all."""
    report = yield
    if report.skipped and os.environ.get("MATTEKIT_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report
