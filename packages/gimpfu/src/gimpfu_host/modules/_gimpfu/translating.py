"""Source of Python 2 as source of Python 3: the syntax, line for line.

Only what the compiler of Python 3 refuses is changed, so that line numbers stay those of the file;
what means something else in Python 3 is the business of `semantics`. It works on tokens, never on
text inside strings and comments, and it is a module of its own: the standard library alone, so that
what looks at plug-ins outside GIMP loads it too.

Source: the grammar of Python 2.7 (https://docs.python.org/2.7/reference/grammar.html).
"""

import codecs
import re
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

__all__ = ["PLACEHOLDER", "Translation", "decode", "translate"]

#: Names that begin so stand for what Python 3 has no syntax for.
PLACEHOLDER = "_gimpfu_"
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_TAB = 8

_PATTERNS = (
    ("string", r"(?i:ur|br|u|b|r)?(?P<quote>'''|\"\"\"|'|\")"),
    ("comment", r"#[^\n]*"),
    ("number", r"0[xX][0-9a-fA-F]+[lL]?|0[bB][01]+[lL]?|0[oO][0-7]+[lL]?"
               r"|(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?[jJ]?"
               r"|[0-9]+[eE][-+]?[0-9]+[jJ]?|[0-9]+[jJlL]?"),
    ("name", r"[^\W\d]\w*"),
    ("newline", r"\n"),
    ("joined", r"\\\n"),
    ("space", r"[ \t\f]+"),
    ("op", r"<>|<<=|>>=|\*\*=|//=|->|:=|[-+*/%&|^=!<>]=|<<|>>|\*\*|//|[^\w\s]"),
    ("other", r"."),
)  # fmt: skip
_TOKEN = re.compile("|".join("(?P<%s>%s)" % pair for pair in _PATTERNS), re.DOTALL)
_ENDS = {
    quote: re.compile(r"(?:[^\\]|\\.)*?" + quote, re.DOTALL)
    if len(quote) == 3
    else re.compile(r"(?:[^\\\n%s]|\\.)*%s" % (quote, quote), re.DOTALL)
    for quote in ("'", '"', "'''", '"""')
}
_NO_CODE = ("space", "comment", "newline", "joined")
#: Words that are names in Python 2 and keywords now.
_NEW_KEYWORDS = ("async", "await", "nonlocal")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class _Token:
    """A piece of source; all of them together are the source."""

    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text = kind, text


class Translation(NamedTuple):
    """Source for Python 3.

    Attributes
    ----------
    text : str
        As many lines as before.
    targets : dict of str to str
        What Python 2 assigns to where Python 3 takes only a name: by the placeholder that stands
        there now, the source of the target. ``def f(a, (b, c))``, ``except E, self.error``.
    changes : tuple of str
        What was changed, in words, each kind once, in the order of the file.
    """

    text: str
    targets: Dict[str, str]
    changes: Tuple[str, ...]


def decode(source: bytes) -> str:
    """Return the text of a file of Python 2, lines ended with a line feed.

    Without a declaration it is UTF-8, and Latin-1 where it cannot be that: Python 2 would refuse
    letters that are not ASCII, and plug-ins have them in their comments.
    """
    lines = source.splitlines()[:2]
    declared = next((m[1] for m in map(_COOKIE.match, lines) if m), b"utf-8").decode("ascii")
    if source.startswith(codecs.BOM_UTF8):
        declared = "utf-8-sig"
    try:
        text = source.decode(declared)
    except (LookupError, UnicodeError):
        text = source.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def translate(text: str) -> Translation:
    """Return source of Python 3 for source of Python 2; what it does not know stays as it is."""
    return _Translator(_tokens(text)).run()


# -- tokens --------------------------------------------------------------------------------------


def _tokens(text: str) -> List[_Token]:
    found: List[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None  # `other` takes anything
        assert match.lastgroup is not None
        kind, end = match.lastgroup, match.end()
        if kind == "quote":
            kind = "string"
        if kind == "string":
            closed = _ENDS[match["quote"]].match(text, end)
            if closed is None:  # never closed: the compiler will say so
                kind = "other"
            else:
                end = closed.end()
        found.append(_Token(kind, text[at:end]))
        at = end
    return found


class _Translator:
    """One file."""

    def __init__(self, tokens: List[_Token]) -> None:
        self._tokens = tokens
        self._targets: Dict[str, str] = {}
        self._changes: Dict[str, None] = {}
        text = "".join(token.text for token in tokens)
        future = re.findall(r"^from[ \t]+__future__[ \t]+import\b(.*)$", text, re.MULTILINE)
        self._print_is_a_function = any("print_function" in names for names in future)
        self._text_is_unicode = any("unicode_literals" in names for names in future)

    def run(self) -> Translation:
        for token in self._tokens:
            self._single(token)
        for line in self._logical_lines():
            self._indentation(line)
            self._inside(line)
            for statement in _statements(line):
                self._statement(statement)
        text = "".join(token.text for token in self._tokens)
        return Translation(text, self._targets, tuple(self._changes))

    def _changed(self, what: str) -> None:
        self._changes.setdefault(what)

    def _placeholder(self, target: Sequence[_Token]) -> str:
        name = "%starget_%d" % (PLACEHOLDER, len(self._targets) + 1)
        self._targets[name] = " ".join(_code_text(target).split())
        return name

    # -- single tokens -------------------------------------------------------------------------

    def _single(self, token: _Token) -> None:
        if token.text == "<>":
            token.text = "!="
            self._changed("<>")
        elif token.kind == "name" and token.text in _NEW_KEYWORDS:
            token.text += "_"
            self._changed("names that are keywords now")
        elif token.kind == "number":
            self._number(token)
        elif token.kind == "string":
            new = _string(token.text, self._text_is_unicode)
            if new != token.text:
                token.text = new
                self._changed("strings")

    def _number(self, token: _Token) -> None:
        text = token.text.rstrip("lL")
        if re.fullmatch("0[0-7]+", text):
            text = "0o" + text[1:]
        if text != token.text:
            token.text = text
            self._changed("octal and long numbers")

    # -- lines ---------------------------------------------------------------------------------

    def _logical_lines(self) -> List[List[_Token]]:
        """Return the tokens of each logical line, its end included."""
        lines: List[List[_Token]] = [[]]
        depth = 0
        for token in self._tokens:
            lines[-1].append(token)
            if token.kind == "op" and token.text in _OPENING:
                depth += 1
            elif token.kind == "op" and token.text in _CLOSING:
                depth = max(0, depth - 1)
            elif token.kind == "newline" and not depth:
                lines.append([])
        return lines

    def _indentation(self, line: List[_Token]) -> None:
        """Make tabs what Python 2 took them for: the way to the next multiple of eight."""
        first = line[0] if line else None
        if first is None or first.kind != "space" or not any(_is_code(each) for each in line):
            return
        spaces = first.text.rpartition("\f")[2].expandtabs(_TAB)
        if spaces != first.text:
            first.text = spaces
            self._changed("tabs")

    def _statement(self, tokens: List[_Token]) -> None:
        code = [token for token in tokens if _is_code(token)]
        if not code:
            return
        word = code[0].text if code[0].kind == "name" else ""
        after = code[1].text if len(code) > 1 else ""
        if word == "print" and not self._print_is_a_function and not _is_operand(after):
            self._print(tokens, code)
        elif word == "exec" and len(code) > 1 and not _is_operand(after):
            self._exec(tokens, code)
        elif word == "raise":
            self._raise(code)
        elif word == "except":
            self._except(tokens, code)
        elif word == "def" and len(code) > 2:
            self._parameters(tokens, tokens.index(code[2]) + 1)

    # -- statements ----------------------------------------------------------------------------

    def _print(self, tokens: List[_Token], code: List[_Token]) -> None:
        rest = code[1:]
        if len(rest) > 1 and rest[0].text == "(" and _closes(rest) == len(rest) - 1:
            inside = rest[1:-1]
            if not _at_depth(inside, ",") or _at_depth(inside, "="):
                return  # print ("one thing") is the same in both, print(a, end="") Python 3's
        more = ""
        commas = _at_depth(rest, ",")
        until = commas[0] if commas else len(rest)
        if until > 1 and rest[0].text == ">>":
            if _has_long_strings(rest[1:until]):
                return
            more = "file=" + _code_text(tokens, rest[1], rest[until - 1])
            _blank(tokens, rest[0], rest[min(until, len(rest) - 1)])
            rest = rest[until + 1 :]
        self._changed("print")
        if rest and rest[-1].text == ",":
            rest[-1].text = ""
            rest = rest[:-1]
            more = ", ".join(word for word in (more, "end=' '") if word)
        code[0].text = "print("
        if not rest:
            # What is left of the statement are blanks and the ends of its lines.
            code[0].text += more + ")"
            return
        gap = tokens[tokens.index(code[0]) + 1]
        if gap.kind == "space":
            gap.text = gap.text[1:]
        rest[-1].text += ", %s)" % more if more else ")"

    def _exec(self, tokens: List[_Token], code: List[_Token]) -> None:
        places = [i for i in _at_depth(code, "in") if code[i].kind == "name"]
        if not places and code[1].text == "(" and _closes(code[1:]) == len(code) - 2:
            return
        self._changed("exec")
        if places:
            code[places[0]].text = ","
        code[0].text = "exec("
        code[-1].text += ")"

    def _raise(self, code: List[_Token]) -> None:
        if len(code) > 1 and _at_depth(code, ","):
            code[1].text = "%sraised(%s" % (PLACEHOLDER, code[1].text)
            code[-1].text += ")"
            self._changed("raise")

    def _except(self, tokens: List[_Token], code: List[_Token]) -> None:
        commas = _at_depth(code, ",")
        if not commas or code[-1].text != ":":
            return
        comma = code[commas[0]]
        target = code[commas[0] + 1 : -1]
        if not target or _has_long_strings(target):
            return
        name = self._placeholder(_between(tokens, target[0], target[-1]))
        comma.text = " as"
        _blank(tokens, target[0], target[-1])
        target[0].text = name
        before = tokens[tokens.index(comma) + 1]
        if before.kind not in _NO_CODE:
            comma.text += " "
        self._changed("except")

    def _parameters(self, tokens: List[_Token], start: int) -> None:
        """Replace tuples among the parameters of a def, whose opening bracket is before `start`."""
        self._tuples(tokens, start, ")")

    def _tuples(self, tokens: List[_Token], start: int, end: str) -> None:
        depth, fresh, at = 0, True, start
        while at < len(tokens):
            token = tokens[at]
            if token.kind in _NO_CODE:
                at += 1
                continue
            if not depth and token.text == end:
                return
            if token.text == "(" and fresh and not depth:
                length = _closes(tokens[at:])
                if length is None or _has_long_strings(tokens[at : at + length]):
                    return
                closing = at + length
                inside = tokens[at : closing + 1]
                name = self._placeholder(inside)
                breaks = sum(each.kind in ("newline", "joined") for each in inside)
                _blank(tokens, token, tokens[closing], keep_lines=False)
                token.text = name + ("\n" if end == ")" else "\\\n") * breaks
                self._changed("tuples as parameters")
                at = closing
            elif token.kind == "op" and token.text in _OPENING:
                depth += 1
            elif token.kind == "op" and token.text in _CLOSING:
                depth -= 1
                if depth < 0:
                    return
            fresh = token.text == "," and not depth
            at += 1

    # -- inside expressions --------------------------------------------------------------------

    def _inside(self, line: List[_Token]) -> None:
        ticks = [token for token in line if token.kind == "op" and token.text == "`"]
        if ticks and len(ticks) % 2 == 0:
            for i, token in enumerate(ticks):
                token.text = "))" if i % 2 else "repr(("
            self._changed("backticks")
        for i, token in enumerate(line):
            if token.kind == "name" and token.text == "lambda":
                self._tuples(line, i + 1, ":")
        self._loops(line)

    def _loops(self, line: List[_Token]) -> None:
        """Put brackets around ``1, 2`` in ``[x for x in 1, 2]``."""
        open_: List[Tuple[str, Optional[int], List[int]]] = []
        for i, token in enumerate(line):
            if token.kind == "op" and token.text in _OPENING:
                open_.append((token.text, None, []))
                continue
            if not open_:
                continue
            bracket, start, commas = open_[-1]
            closing = token.kind == "op" and token.text in _CLOSING
            ends = closing or (token.kind == "name" and token.text in ("for", "if"))
            if ends and bracket == "[" and start is not None and commas:
                first = next(each for each in line[start + 1 :] if _is_code(each))
                last = next(each for each in line[i - 1 : start : -1] if _is_code(each))
                if first is not last:
                    first.text = "(" + first.text
                    last.text += ")"
                    self._changed("lists in comprehensions")
            if closing:
                open_.pop()
            elif ends:
                open_[-1] = (bracket, -1 if token.text == "for" else None, [])
            elif token.kind == "name" and token.text == "in" and start == -1:
                open_[-1] = (bracket, i, [])
            elif token.text == "," and start is not None and start >= 0:
                commas.append(i)


# -- on lists of tokens --------------------------------------------------------------------------


def _is_code(token: _Token) -> bool:
    return token.kind not in _NO_CODE and token.text != ""


def _is_operand(text: str) -> bool:
    """Whether what stands behind `print` or `exec` makes that a name, as Python 3 lets it be."""
    return text in ("=", ".", ")", "]", "}", ",", ":") or (text.endswith("=") and len(text) > 1)


def _statements(line: List[_Token]) -> List[List[_Token]]:
    """Return the simple statements of a logical line, and what begins a compound one."""
    parts: List[List[_Token]] = [[]]
    depth, lambdas = 0, 0
    for token in line:
        parts[-1].append(token)
        if token.kind == "op" and token.text in _OPENING:
            depth += 1
        elif token.kind == "op" and token.text in _CLOSING:
            depth -= 1
        elif depth:
            continue
        elif token.kind == "name" and token.text == "lambda":
            lambdas += 1
        elif token.text == ":" and lambdas:
            lambdas -= 1
        elif token.kind == "op" and token.text == ":":
            parts.append([])
        elif token.kind == "op" and token.text == ";":
            parts[-1].pop()
            parts.append([])
    return parts


def _at_depth(code: Sequence[_Token], text: str) -> List[int]:
    """Return where a token stands outside all brackets."""
    depth, found = 0, []
    for i, token in enumerate(code):
        if token.kind == "op" and token.text in _OPENING:
            depth += 1
        elif token.kind == "op" and token.text in _CLOSING:
            depth -= 1
        elif not depth and token.text == text and token.kind != "string":
            found.append(i)
    return found


def _closes(code: Sequence[_Token]) -> Optional[int]:
    """Return where the bracket that the tokens begin with is closed."""
    depth = 0
    for i, token in enumerate(code):
        if token.kind == "op" and token.text in _OPENING:
            depth += 1
        elif token.kind == "op" and token.text in _CLOSING:
            depth -= 1
            if not depth:
                return i
    return None


def _has_long_strings(tokens: Sequence[_Token]) -> bool:
    """Whether a string goes over several lines: nobody writes that where names belong."""
    return any(token.kind == "string" and "\n" in token.text for token in tokens)


def _between(tokens: List[_Token], first: _Token, last: _Token) -> List[_Token]:
    start, end = _place(tokens, first), _place(tokens, last)
    return tokens[start : end + 1]


def _place(tokens: Sequence[_Token], wanted: _Token) -> int:
    return next(i for i, token in enumerate(tokens) if token is wanted)


def _blank(tokens: List[_Token], first: _Token, last: _Token, *, keep_lines: bool = True) -> None:
    """Empty the tokens from one to another; lines that end between them still do."""
    for token in _between(tokens, first, last):
        if not keep_lines or token.kind not in ("newline", "joined"):
            token.text = ""


def _code_text(
    tokens: Sequence[_Token], first: Optional[_Token] = None, last: Optional[_Token] = None
) -> str:
    if first is not None and last is not None:
        tokens = _between(list(tokens), first, last)
    return "".join(" " if token.kind in _NO_CODE else token.text for token in tokens)


# -- strings -------------------------------------------------------------------------------------


def _string(text: str, unicode_literals: bool) -> str:
    """Return a literal that means the same in Python 3."""
    match = re.match("[a-zA-Z]*", text)
    prefix = match[0].lower() if match else ""
    body = text[len(prefix) :]
    if prefix in ("b", "br"):
        return prefix + _ascii(body, raw="r" in prefix) if not body.isascii() else text
    if prefix == "ur":
        if "\\u" not in body and "\\U" not in body:
            return "r" + body
        # Of all escapes, raw unicode literals knew these alone.
        return re.sub(r"\\(?!u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})", r"\\\\", body)
    if prefix in ("r", "u") or unicode_literals:
        return text
    # Strings of bytes had no escapes for letters.
    return re.sub(r"(?<!\\)((?:\\\\)*)\\([uUN])", r"\1\\\\\2", text)


def _ascii(body: str, *, raw: bool) -> str:
    """Return a literal of bytes in ASCII; a raw one is left to the compiler's complaint."""
    if raw:
        return body
    return "".join(
        each if each.isascii() else "".join("\\x%02x" % byte for byte in each.encode("utf-8"))
        for each in body
    )
