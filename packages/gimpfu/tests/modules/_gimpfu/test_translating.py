"""Syntax of Python 2 as that of Python 3."""

from __future__ import annotations

import ast
import importlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gimpfu_host


@pytest.fixture
def translating(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(gimpfu_host.modules()))
    return importlib.import_module("_gimpfu.translating")


CASES = [
    ("print", "print()"),
    ('print "a", b', 'print("a", b)'),
    ('print "a", b,  # why', "print(\"a\", b, end=' ')  # why"),
    ("print >>f, x % (1, 2)", "print( x % (1, 2), file=f)"),
    ("print >> f", "print(file=f) "),
    ("print >>f, 1,", "print( 1, file=f, end=' ')"),
    ('print ("x")', 'print ("x")'),
    ('print ("x", "y")', 'print(("x", "y"))'),
    ('print ("x", "y") , 1', 'print(("x", "y") , 1)'),
    ('print ("%s") % a', 'print(("%s") % a)'),
    ('print("x", end="")', 'print("x", end="")'),
    ("if x: print 1; print 2", "if x: print(1); print(2)"),
    ("f = lambda: 1; print f", "f = lambda: 1; print(f)"),
    ("print -1", "print(-1)"),
    ("from __future__ import print_function\nprint = 1", None),
    ("exec 'x = 1'", "exec( 'x = 1')"),
    ("exec code in a, b", "exec( code , a, b)"),
    ("exec(code) in a", "exec((code) , a)"),
    ("exec(code, a)", None),
    ("raise E, 'x'", "raise _gimpfu_raised(E, 'x')"),
    ("raise E, 'x', t", "raise _gimpfu_raised(E, 'x', t)"),
    ("raise E(1, 2)", None),
    ("x = `1, a`", "x = repr((1, a))"),
    ("print `x`", "print(repr((x)))"),
    ("a <> b", "a != b"),
    (
        "x = 0777 + 10L + 0xFFL + 00 + 0 + 0.5 + 08.5",
        "x = 0o777 + 10 + 0xFF + 0o0 + 0 + 0.5 + 08.5",
    ),
    (r"x = ur'\d\u0041'", r"x = '\\d\u0041'"),
    (r"x = ur'\d'", r"x = r'\d'"),
    (r"x = 'c:\users'", r"x = 'c:\\users'"),
    (r"x = 'c:\\users' + u'\u0041'", None),
    ("x = b'é'", r"x = b'\xc3\xa9'"),
    ("[x for x in 1, 2]", "[x for x in (1, 2)]"),
    ("[x for x in f(1, 2) if x in (1, 2)]", None),
    ("async = await.nonlocal", "async_ = await_.nonlocal_"),
    ("x = 'print 1, `2` <> 0777'  # print 1", None),
]


@pytest.mark.parametrize(("old", "new"), CASES, ids=[case[0][:30] for case in CASES])
def test_statement(translating: Any, old: str, new: str | None) -> None:
    done = translating.translate(old + "\n")
    assert done.text == (old if new is None else new) + "\n"
    assert bool(done.changes) == (done.text != old + "\n")
    ast.parse(done.text)


TARGETS = [
    ("try: pass\nexcept E, e: pass", {"e"}),
    ("try: pass\nexcept (A, B), self.error: pass", {"self.error"}),
    ("try: pass\nexcept E, (number, text): pass", {"(number, text)"}),
    ("def f(a, (b, (c, d)), e=(1, 2), (g, h)=(1, 2)): pass", {"(b, (c, d))", "(g, h)"}),
    ("def f((a,\n       b)): pass", {"(a, b)"}),
    ("x = lambda (a, b), c=(1, 2): a", {"(a, b)"}),
    ("try: pass\nexcept (A, B): pass", set()),
]


@pytest.mark.parametrize(("old", "targets"), TARGETS)
def test_targets_that_are_names_now(translating: Any, old: str, targets: set[str]) -> None:
    done = translating.translate(old)
    assert set(done.targets.values()) == targets
    assert done.text.count("\n") == old.count("\n")
    ast.parse(done.text)


def test_lines_stay_what_they_are(translating: Any) -> None:
    old = 'print "a", \\\n  """b\nc""", (1,\n  2)  # d\n\nprint\n'
    done = translating.translate(old)
    assert [line.strip()[:3] for line in done.text.split("\n")] == [
        *('pri', '"""', 'c""', "2))", "", "pri", ""),
    ]  # fmt: skip
    assert ast.parse(done.text).body[1].lineno == 6


def test_tabs_are_eight_columns(translating: Any) -> None:
    old = "if 1:\n        a = 1\n\tif 2:\n\t\tb = 1\n\t        c = '\t'\n"
    done = translating.translate(old)
    assert done.changes == ("tabs",)
    assert done.text.endswith("c = '\t'\n")
    (outer,) = ast.parse(done.text).body
    assert isinstance(outer, ast.If)
    assert isinstance(outer.body[1], ast.If)
    assert len(outer.body[1].body) == 2


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"x = 1\r\ny\r", "x = 1\ny\n"),
        (b"\xef\xbb\xbfx", "x"),
        (b"# -*- coding: latin-1 -*-\n'\xe9'", "# -*- coding: latin-1 -*-\n'é'"),
        (b"#!/x\n# vim: set fileencoding=cp1252 :\n'\x80'", "'€'"),
        ("'é'".encode(), "'é'"),
        (b"'\xe9'", "'é'"),
        (b"# coding: nonsense\n'\xc3\xa9'", "Ã©'"),
    ],
)
def test_bytes_of_a_file(translating: Any, source: bytes, text: str) -> None:
    assert translating.decode(source).endswith(text)


@pytest.mark.slow
@given(st.text(alphabet="print exec(),:;`'\"\\\n\t#<>=0123lLux[]{}lambda forinraise.", max_size=60))
def test_whatever_it_is_lines_stay(text: str) -> None:
    spec = importlib.util.spec_from_file_location(
        "translating", gimpfu_host.modules() / "_gimpfu/translating.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    done = module.translate(text)
    assert done.text.count("\n") == text.count("\n")
    if not done.changes:
        assert done.text == text
