"""Looking through the source folder: what has to be made, and what is there already."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, NamedTuple

from mattekit import codecs
from mattekit.errors import InputNotFound, MattekitError, OptionError, OutputError
from mattekit.files import temporary_for
from mattekit.formats import SUFFIXES
from mattekit_batch.manifest import Manifest, PendingPicture, Row
from mattekit_batch.masks import Masks
from mattekit_batch.naming import name_key, stems
from mattekit_batch.resolver import OPTIONS_FILE, OptionResolver
from mattekit_batch.results import Result
from mattekit_batch.storage import Entry, Storage, joined, parent_of

__all__ = ["Filter", "Policy", "Scanner"]

#: A file that was changed less than so many seconds ago may change again within one tick of its
#: clock, which nobody could see.
_FRESH: Final = 2.0


class Policy(NamedTuple):
    """What is made again.

    Attributes
    ----------
    reprocess : bool
        Everything, also what other programs made.
    retry_failed : bool
        Pictures that failed for reasons that lie in them.
    checksum : bool
        Read every input and compare its content, not only its size and time.
    """

    reprocess: bool = False
    retry_failed: bool = False
    checksum: bool = False


class Filter:
    """Which files are pictures of the batch.

    Parameters
    ----------
    include, exclude : sequence of str
        Patterns of paths, as in ``.gitignore``: ``*`` and ``?`` within a name, ``**`` across
        folders; one without a slash is for names in every folder. Case does not matter. Without
        `include`, everything that is named like a picture. What begins with a dot is only ever
        taken where a pattern of `include` begins so too.

    Raises
    ------
    OptionError
        Brackets that hold no set of characters.
    """

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = [_pattern("include", each) for each in include]
        self._exclude = [_pattern("exclude", each) for each in exclude]
        self._hidden = any(each.rpartition("/")[2].startswith(".") for each in include)

    def takes(self, path: str) -> bool:
        """Return whether a file is taken."""
        name = path.rpartition("/")[2]
        if name == OPTIONS_FILE or (name.startswith(".") and not self._hidden):
            return False
        if self._include:
            chosen = any(each.fullmatch(path) for each in self._include)
        else:
            chosen = "." + name.rpartition(".")[2].lower() in SUFFIXES
        return chosen and not any(each.fullmatch(path) for each in self._exclude)

    def enters(self, folder: str) -> bool:
        """Return whether a folder is looked into."""
        name = folder.rpartition("/")[2]
        if name.startswith(".") and not self._hidden:
            return False
        return not any(each.fullmatch(folder) for each in self._exclude)


@functools.lru_cache(maxsize=256)
def _pattern(option: str, text: str) -> re.Pattern[str]:
    pattern = text.strip("/")
    anchored = "/" in text.rstrip("/")
    out = "" if anchored else "(?:.*/)?"
    position = 0
    while position < len(pattern):
        rest = pattern[position:]
        if rest.startswith("**/"):
            out, position = out + "(?:.*/)?", position + 3
        elif rest.startswith("**"):
            out, position = out + ".*", position + 2
        elif rest[0] == "*":
            out, position = out + "[^/]*", position + 1
        elif rest[0] == "?":
            out, position = out + "[^/]", position + 1
        elif rest[0] == "[" and (end := rest.find("]", 2)) > 0:
            # Nothing but ! and - means more than itself between brackets.
            inside = re.sub(r"[\\\[&|~]|(?<=-)-", r"\\\g<0>", rest[1:end])
            inside = "^" + inside[1:] if inside[0] == "!" else inside
            out, position = f"{out}[{inside}]", position + end + 1
        else:
            out, position = out + re.escape(rest[0]), position + 1
    try:
        return re.compile(out, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise OptionError(option, text, "a pattern such as *.jpg or [a-z]*", str(error)) from error


class Scanner:
    """Compares source, target and manifest.

    Parameters
    ----------
    source, target : Storage
    manifest : Manifest
        Gets a row for everything that has to be made.
    resolver : OptionResolver
    pictures : Filter
    policy : Policy
    suffixes : callable
        How the files of a format may end.
    left_out : collection of str
        Folders of the source that are no part of it: the target, where it lies in there.
    masks : Masks, optional
        Where each picture has its mask.

    Attributes
    ----------
    others : int
        Files that are no pictures of the batch.
    """

    def __init__(
        self,
        source: Storage,
        target: Storage,
        manifest: Manifest,
        resolver: OptionResolver,
        *,
        pictures: Filter,
        policy: Policy,
        suffixes: Callable[[str], Sequence[str]],
        left_out: Collection[str] = (),
        masks: Masks | None = None,
    ) -> None:
        self.masks = masks
        self.source, self.target, self.manifest = source, target, manifest
        self.resolver, self.pictures, self.policy = resolver, pictures, policy
        self.suffixes, self.left_out = suffixes, frozenset(left_out)
        self.others = 0

    def scan(self, only: Callable[[str], bool] | None = None) -> Iterator[Result]:
        """Look through all folders; yields what needs nothing, and what failed before.

        Parameters
        ----------
        only : callable, optional
            Told the path of a picture, says whether it is looked at now.

        Raises
        ------
        InputNotFound
            The source folder is not there, or a folder cannot be listed.
        """
        yield from self._folder("", only)

    def _folder(self, folder: str, only: Callable[[str], bool] | None) -> Iterator[Result]:
        try:
            folders, files = self.source.listing(folder)
        except NotADirectoryError as error:
            raise InputNotFound(
                self.source.url, "this is no folder. `mattekit remove` takes single pictures."
            ) from error
        except FileNotFoundError as error:
            if folder:
                return  # removed meanwhile
            raise InputNotFound(self.source.url, "there is no such folder.") from error
        except OSError as error:
            problem = f"the folder cannot be listed ({error.strerror or error})."
            raise InputNotFound(self.source.show(folder), problem) from error
        resolved = self.resolver.enter(folder, files)
        if self.masks is not None:
            self.masks.refresh(folder)
        chosen = []
        for entry in files:
            path = joined(folder, entry.name)
            if not self.pictures.takes(path):
                self.others += entry.name != OPTIONS_FILE
            elif only is None or only(path):
                chosen.append(self._with_mask(path, entry))
        if chosen:
            yield from self._compare(folder, chosen, resolved.key, resolved.options.format)
        for name in folders:
            path = joined(folder, name)
            if path not in self.left_out and self.pictures.enters(path):
                yield from self._folder(path, only)

    def _with_mask(self, path: str, entry: Entry) -> Entry:
        """Return a picture that counts as changed when its mask has."""
        if self.masks is None or not entry.stamp:
            return entry
        return entry._replace(stamp=f"{entry.stamp} {self.masks.stamp(path)}")

    def _compare(
        self, folder: str, files: Sequence[Entry], options_key: str, form: str
    ) -> Iterator[Result]:
        there = self._there(folder)
        rows = self.manifest.folder(folder)
        given = {row.name: row.stem for row in rows}
        chosen = stems((entry.name for entry in files), given)
        self._sweep(folder, there, {*chosen.values(), *given.values()})
        known = {row.name: row for row in rows if row.format == form}
        outputs: dict[str, list[str]] = {}
        for row in rows:
            outputs.setdefault(row.name, []).append(row.output)
        folded = {name_key(name): name for name in there}
        now = time.time()
        pictures, results = [], []
        for entry in files:
            made = known.get(entry.name)
            stem = chosen[entry.name]
            if made is None:
                ours = outputs.get(entry.name, [])
                foreign = self._foreign(folded, stem, form, ours)
                if foreign and not self.policy.reprocess:
                    shown = joined(folder, foreign)
                    reason = f"{shown} exists (--reprocess-existing makes it anew)"
                    results.append(
                        Result("skipped", joined(folder, entry.name), shown, reason=reason)
                    )
                    continue
            elif result := self._up_to_date(made, entry, options_key, there):
                results.append(result)
                continue
            stamp = entry.stamp if now - entry.modified > _FRESH else ""
            pictures.append(
                PendingPicture(folder, entry.name, form, stem, entry.size, stamp, options_key)
            )
        if pictures:
            self.manifest.want(pictures)
        yield from results

    def _up_to_date(
        self, row: Row, entry: Entry, options_key: str, there: dict[str, Entry]
    ) -> Result | None:
        """Return the result if nothing has to be done."""
        same = (
            row.options_key == options_key
            and row.stamp != ""
            and (row.size, row.stamp) == (entry.size, entry.stamp)
        )
        if row.status == "failed" and row.failure is not None:
            again = self.policy.retry_failed or self.policy.reprocess
            if same and row.failure.lasting and not again:
                return Result("failed", row.source, failure=row.failure, reason="it failed before")
            return None
        if self.policy.reprocess or not self._whole(row, there):
            self.manifest.forget_output(row.number)
        elif row.status == "done" and same and not self.policy.checksum:
            return Result("skipped", row.source, row.output, facts=row.facts, reason="it is done")
        return None

    def _whole(self, row: Row, there: dict[str, Entry]) -> bool:
        """Return whether the output is as it was left, or a picture that its user made of it.

        What was changed is read once, since it may have been cut short, and then known.
        """
        found = there.get(row.output.rpartition("/")[2]) if row.output else None
        if found is None:
            return False
        if not row.output_stamp or found.stamp == row.output_stamp:
            return found.size == row.output_size
        if found.stamp == row.edited:
            return True
        try:
            codecs.decode(self.target.read(row.output, found.size), name=row.output)
        except MattekitError:
            return False
        self.manifest.note_edited(row.number, found.stamp)
        return True

    def _foreign(self, there: dict[str, str], stem: str, form: str, ours: Collection[str]) -> str:
        """Return a file where the output would go, which this batch did not make."""
        for suffix in self.suffixes(form):
            found = there.get(name_key(stem + suffix))
            if found and not any(parent_of(each)[1] == found for each in ours):
                return found
        return ""

    def _there(self, folder: str) -> dict[str, Entry]:
        try:
            return {entry.name: entry for entry in self.target.listing(folder)[1]}
        except FileNotFoundError:
            return {}
        except OSError as error:
            problem = f"the folder cannot be listed ({error.strerror or error})."
            raise OutputError(self.target.show(folder), problem) from error

    def sweep(self, folder: str) -> None:
        """Remove from a folder of the target what was left by processes that ended as they wrote.

        Nobody may be writing there.
        """
        self._sweep(folder, self._there(folder), {row.stem for row in self.manifest.folder(folder)})

    def _sweep(self, folder: str, there: dict[str, Entry], ours: Collection[str]) -> None:
        for name in list(there):
            made_for = temporary_for(name)
            if made_for is None:
                continue
            del there[name]
            if any(made_for.startswith(stem[:64]) for stem in ours):
                self.target.remove(joined(folder, name))
