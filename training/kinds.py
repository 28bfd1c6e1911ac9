"""Kind of subject of a training picture, derived from its name.

DUTS-TR names carry the ImageNet synset of the picture (``duts_n02123045_123``), i.e. WordNet's
noun offset. Clothing Co-Parsing pictures (``ccp_*``) and portraits (``people_*``)
always show a person.
"""

from __future__ import annotations

import re

KINDS: tuple[str, ...] = ("person", "animal", "car", "transportation", "graphic", "other")
"""Order of the network's ``kind`` output. Products, food, plants and furniture are ``other``."""

UNKNOWN = -1
"""Label of a picture whose kind is not known; it takes no part in the kind loss."""

# WordNet 3.0 numbers animals in one run of noun offsets.
_ANIMALS = range(1_314_388, 2_669_723)

# Worn or held by the subject: the picture's subject is the person (or only persons by synset).
_PERSON = """
00007846 10148035 09835506 10565667 03770439 03710721 03710637 04371430 03188531 02807133
03124170 04039381 03120491 02837789 02892767 02883205 04591157 03535780 02777292 04509417
"""

_CAR = """
02958343 04285008 04037443 03594945 03770679 03670208 03777568 03100240 02814533 02930766
04065272
"""

_TRANSPORTATION = """
02691156 02690373 04552348 02692877 02782093 02834778 03792782 02835271 04482393 03790512
03785016 03791053 02924116 04146614 03769881 04487081 04468005 02917067 03393912 03895866
03272562 04310018 04335435 04530566 02951358 03662601 04273569 04147183 04612504 02981792
04483307 03447447 03344393 03095699 03673027 03947888 02687172 04347754 04266014 04252225
04465501 03496892 04428191 03478589 04389033 02704792 03384352 03445924 03538406 03599486
03868242 03218198 02860847 04252077 03444034 02701002 03796401 03930630 04467665 03417042
04461696 03345487 03977966
"""

# The named object and its wearer or player are the subject about equally often: no label.
_MIXED = """
04023962 04118538 03379051 03127747 03513137 04254680 03942813 04356056 04540053 04209133
04259630 04228054 03814639 04336792 03141823 04141076 03467517 02787622 04536866 03110669
03394916 03372029 02672831 02802426 02799071 04487394 02769748 02786058 02970849
"""

_TABLE: dict[int, str | None] = {}
for _name, _ids in (
    ("person", _PERSON),
    ("car", _CAR),
    ("transportation", _TRANSPORTATION),
    (None, _MIXED),
):
    _TABLE.update({int(offset): _name for offset in _ids.split()})


def kind_of(name: str) -> str | None:
    """Return the kind of subject of the picture called ``name``, or None when unknown."""
    if name.startswith(("ccp_", "people_")):
        return "person"
    match = re.search(r"n(\d{8})", name)
    if not match:
        return None
    offset = int(match[1])
    if offset in _TABLE:
        return _TABLE[offset]
    return "animal" if offset in _ANIMALS else "other"


def label_of(name: str) -> int:
    """Return the index in `KINDS` of the picture's kind, or `UNKNOWN`."""
    kind = kind_of(name)
    return UNKNOWN if kind is None else KINDS.index(kind)
