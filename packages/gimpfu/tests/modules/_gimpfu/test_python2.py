"""Habits of Python 2: in a process of its own, for builtins are changed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import gimpfu_host

CASES = [
    "assert list(xrange(0, 5 / 2)) == [0, 1]",
    "assert isinstance('x', (basestring, unicode)) and issubclass(str, unicode)",
    "assert unicode(b'\\xc3\\xa9', 'utf-8') == unicode('é') == 'é'",
    "assert long(3) == 3 and unichr(233) == 'é' and cmp(2, 1) == 1",
    "assert reduce(lambda a, b: a + b, [1, 2]) == 3 and apply(max, (1, 2)) == 2",
    "import string; assert string.maketrans('', '') == ''.join(map(chr, range(256)))",
    "import string; assert 'abc'.translate(string.maketrans('ab', 'xy')) == 'xyc'",
    "import string; assert string.join(['a', 'b']) == 'a b' and string.upper('a') == 'A'",
    "import gettext; gettext.install('x', '/none', unicode=True); assert _('y') == 'y'",
    "import gettext; gettext.install('x', '/none', unicode=1, names=['ngettext'])",
    "import gettext; assert gettext.NullTranslations().ugettext('y') == 'y'",
    "import array; assert array.array('B', 'a\\xff').tostring() == b'a\\xff'",
    "import array; a = array.array('c', 'ab'); a.fromstring('c'); assert list(a) == [97, 98, 99]",
    "import array; assert array.array('f', [1, 2])[1] == 2.0",
    "import cPickle, cStringIO, ConfigParser, Queue, urlparse, urllib2, commands, copy_reg",
    "import DocXMLRPCServer, SimpleXMLRPCServer",
    "from StringIO import StringIO; assert StringIO('x').read() == 'x'",
    "import urllib; assert urllib.quote('a b') == 'a%20b' and urllib.unquote('a%20b') == 'a b'",
    "import itertools; assert list(itertools.izip('a', 'b')) == [('a', 'b')]",
    "import sys; reload(sys); sys.setdefaultencoding('utf-8'); assert sys.maxint > 2 ** 30",
    "import os, time, collections; os.getcwdu(); time.clock(); collections.Mapping",
    "assert 'hello'.translate(None, 'l') == 'heo' and 'ab'.translate({97: 'x'}) == 'xb'",
    "import string; assert 'hello'.translate(string.maketrans('e', 'a'), 'l') == 'hao'",
    "f = file('OUT', 'w'); f.write('ab'); f.close(); assert file('OUT').read().decode() == 'ab'",
    "f = file('OUT', 'wb'); f.write(b'\\xff\\n'); f.close(); assert list(file('OUT', 'rU'))",
    "f = file('OUT', 'wb'); f.write('a'); f.write(b'b'); f.close(); assert file('OUT').read()[1:]",
    "f = file('OUT', 'wt'); f.write('a'); f.close(); assert file('OUT', 'rt').read() == 'a'",
    "f = file('OUT', 'w', encoding='utf-16'); f.write('a'); f.close(); assert file('OUT', 'rb')",
    "d = {1: 2}; assert d.has_key(1) and not d.has_key(2) and list(d.iteritems()) == [(1, 2)]",
    "import collections; d = collections.OrderedDict(a=1); assert list(d.itervalues()) == [1]",
    "assert list({1: 2}.iterkeys()) == [1] and {1: 2}.keys() & {1} == {1}",
    "l = [3, 1, 2]; l.sort(lambda a, b: cmp(b, a)); assert l == [3, 2, 1]",
    "l = [3, 1, 2]; l.sort(); assert l == [1, 2, 3]; l.sort(reverse=True); assert l[0] == 3",
    "l = ['b', 'A']; l.sort(key=str.lower); assert l == ['A', 'b']",
    "assert 'grün'.decode('utf-8') == 'grün'",
    "from _gimpfu.python2 import lenient_sorted as s; assert s([1, 2], lambda a, b: b - a)[0] == 2",
    "from _gimpfu.python2 import listed; m = listed(map)(int, '12'); assert m[1] == 2 and next(m)",
    "from _gimpfu.python2 import listed; z = listed(zip)('ab', 'cd'); assert len(z) == 2",
    "import zipfile; zipfile.ZipFile(b'OUT.zip', 'w').close(); zipfile.ZipFile('OUT.zip').close()",
    "import os; assert os.path.join('a', b'\\xc3\\xa9') == os.path.join('a', 'é')",
    "import os; assert os.path.join(b'a', b'b') == b'a' + os.sep.encode() + b'b'",
    "import random; assert random.randint(3.0, 6 / 2) == 3 == random.randrange(3.0, 4)",
    "import md5, sha, sets, exceptions; assert sets.Set([1]) == {1} and md5.new(b'').digest()",
    "import types, os, locale; assert types.StringType is str and os.errno.ENOENT == 2",
    "f = file('OUT', 'w'); f.write('a'); f.write(b'b'); f.close(); assert file('OUT').read()[1:]",
    "from _gimpfu.python2 import rounded as r; assert (r(2.5), r(-0.5)) == (3, -1)",
    "from _gimpfu.python2 import lenient_map as m; assert list(m(None, '1', '')) == [('1', None)]",
    "assert 7 / 2 == 3.5  # left alone",
]


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What fails, all of them in one process: what one changes, the next one must bear."""
    out = str(tmp_path_factory.mktemp("python2") / "file")
    code = "from _gimpfu import python2; python2.install()\nimport traceback\n"
    for i, case in enumerate(CASES):
        body = case.replace("OUT", out)
        code += f"try:\n    {body}\nexcept Exception: print({i}, traceback.format_exc())\n"
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(
        command,
        env={"PYTHONPATH": str(gimpfu_host.modules())},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return "\n" + done.stdout


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case[:40] for case in CASES])
def test_habit(failures: str, number: int) -> None:
    assert f"\n{number} Traceback" not in failures, failures


@pytest.mark.parametrize("name", ["gtk", "pygtk", "gimpui", "gobject", "glib"])
def test_pygtk_is_gone(name: str) -> None:
    code = f"from _gimpfu import python2; python2.install(); import {name}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(gimpfu_host.modules())},
        check=False,
        capture_output=True,
        text=True,
    )
    assert f"GoneModule: no module {name}: PyGTK ended with Python 2" in done.stderr


def test_lists_as_python_2_had_them(loaded: Any) -> None:
    f = loaded.gimpfu
    assert f.range(2) + f.range(5, 7 / 1) == [0, 1, 5, 6]
    assert f.map(f.ord, b"ab")[1] == 98
    assert len(f.zip([1], [2])) == 1
    assert f.filter(None, [0, 1]) == [1]
    assert next(f.map(str, [1])) == "1"
    assert f.sorted([1, 3, 2], lambda a, b: b - a) == [3, 2, 1]
