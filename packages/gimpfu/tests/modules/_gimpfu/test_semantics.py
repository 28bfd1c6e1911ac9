"""What plug-ins of Python 2 mean, in Python 3."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest

import gimpfu_host


@pytest.fixture
def semantics(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(gimpfu_host.modules()))
    return importlib.import_module("_gimpfu.semantics")


def run(semantics: Any, source: str) -> dict[str, Any]:
    code = semantics.compile_plug_in(source.encode(), "plug-in.py")
    space: dict[str, Any] = dict(semantics.HELPERS)
    exec(code.code, space)
    return space


CASES = [
    ("x = 7 / 2, -7 / 2, 7.0 / 2", (3, -4, 3.5)),
    ("from __future__ import division\nx = 7 / 2", 3.5),
    ("x = 7\nx /= 2", 3),
    ("a = [0, 9]\na[1] /= 2\nx = a[1]", 4),
    ("class A: n = 9\nA.n /= 2\nx = A.n", 4),
    ("import math\nx = math.floor(5.5) / 2, math.ceil(4.5) / 2", (2.5, 2.5)),
    ("from math import *\nx = floor(5.5) / 2", 2.5),
    ("from math import ceil as c\nx = c(4.5) / 2", 2.5),
    ("x = {1: 2}.keys()[0], {1: 2}.items()[0], {1: 2}.values()[0]", (1, (1, 2), 2)),
    ("class A:\n  def items(self): return 'mine'\nx = A().items()", "mine"),
    ("x = (i for i in (1, 2)).next()", 1),
    ("class A:\n  def next(self): return 3\nx = A().next(), next(A())", (3, 3)),
    ("class A:\n  def __nonzero__(self): return False\nx = bool(A())", False),
    ("class A:\n  def __div__(self, b): return b\nx = A() / 4", 4),
    ("def f(): pass\nx = f.func_name", "f"),
    ("def f(a, (b, (c, d))):\n  'text'\n  return a, b, c, d\nx = f(1, (2, (3, 4)))", (1, 2, 3, 4)),
    ("def f((a, b)):\n  if a: return b\nx = f((1, 2))", 2),
    ("x = (lambda (a, (b, c)), d: (a, b, c, d))((1, (2, 3)), 4)", (1, 2, 3, 4)),
    ("try: raise ValueError, 'a'\nexcept ValueError, e: pass\nx = str(e)", "a"),
    ("try: raise ValueError, ('a', 'b')\nexcept ValueError, (p, q): x = p, q", ("a", "b")),
    ("try: raise ValueError, ValueError('a')\nexcept ValueError, e: x = e.args", ("a",)),
    ("try: raise ValueError\nexcept (ValueError, TypeError), e: x = e.args", ()),
    ("try: raise 'mine'\nexcept 'mine', e: x = str(e)", "mine"),
    ("x = b'a' + 'b', 'a' + b'\\xff', b'a' + b'b'", (b"ab", b"a\xff", b"ab")),
    ("x = b'a'\nx += chr(200)", b"a\xc8"),
    ("a = b = [1]\na += [2]\nx = b", [1, 2]),
    ("x = ''.join([b'a', 'b']), ', '.join(c for c in 'ab')", (b"ab", "a, b")),
    ("a = b'RIFF'\nx = a == 'RIFF', 'RIFF' != a, a == 'RIF'", (True, False, False)),
    ("x = 1 + 2, 1.5 + True, [1] + [2]", (3, 2.5, [1, 2])),
    ("M = 'mine'\ntry: raise M, 5\nexcept M, e: x = e.args", (5,)),
    ("try:\n  try: raise 'mine'\n  except 'other': x = 1\nexcept 'mine': x = 2", 2),
]


@pytest.mark.parametrize(("source", "expected"), CASES, ids=[case[0][:40] for case in CASES])
def test_meaning(semantics: Any, source: str, expected: Any) -> None:
    assert run(semantics, source)["x"] == expected


@pytest.mark.parametrize(
    "source",
    [
        "x = f'{7 / 2}'",
        "x: float = 7 / 2",
        "def f(a: int): pass\nx = 7 / 2",
        "def f(*, a): pass\nx = 7 / 2",
        "print(1, end='')\nx = 7 / 2",
        "if (y := 2): x = 7 / y",
    ],
)
def test_what_only_python_3_can_mean_is_left_alone(semantics: Any, source: str) -> None:
    code = semantics.compile_plug_in(source.encode(), "plug-in.py")
    assert not code.old
    assert float(run(semantics, source)["x"]) == 3.5


def test_what_cannot_be_added_is_an_error_as_ever(semantics: Any) -> None:
    with pytest.raises(TypeError, match="can only concatenate str"):
        run(semantics, "a = 'b'\nx = a + len(a)")


def test_what_had_to_be_translated(semantics: Any) -> None:
    assert semantics.compile_plug_in(b"print 1 <> 2", "x").changes == ("<>", "print")
    assert semantics.compile_plug_in(b"print(1 / 2)", "x").changes == ()


def test_a_line_keeps_its_number(semantics: Any) -> None:
    source = "def f((a,\n       b)):\n\n    return a / b\nf((1, 0))\n"
    with pytest.raises(ZeroDivisionError) as caught:
        run(semantics, source)
    lines = []
    trace = caught.value.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "plug-in.py":
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    assert lines == [5, 4]


@pytest.mark.parametrize("source", [b"x = = 1", b"\0", b"(" * 300, b"if 1:\n"])
def test_no_python_at_all(semantics: Any, source: bytes) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        semantics.compile_plug_in(source, "plug-in.py")
    assert sys.exc_info() == (None, None, None)
