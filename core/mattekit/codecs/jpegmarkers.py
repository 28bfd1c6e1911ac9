"""The markers of JPEG files, each a byte that follows 0xFF.

References
----------
.. [1] ITU-T T.81 (1992), table B.1. ITU-T T.87 (1998), C.1.1, for JPEG-LS.
"""

from __future__ import annotations

from typing import Final

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
DHT, DAC, DQT, DNL, DRI = 0xC4, 0xCC, 0xDB, 0xDC, 0xDD
COM: Final = 0xFE
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
APPS: Final = range(0xE0, 0xF0)
RESTARTS: Final = range(0xD0, 0xD8)
#: Markers with nothing behind them, TEM and restarts; without those around a picture.
ALONE: Final = frozenset({0x01, *RESTARTS})
#: Frame headers; 0xC8 in this range is kept for extensions.
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, DAC}
#: Those of common files: baseline and extended, and progressive, with Huffman codes.
HUFFMAN: Final = frozenset({0xC0, 0xC1, 0xC2})
PROGRESSIVE: Final = frozenset({0xC2, 0xCA})
JPEG_LS: Final = 0xF7
#: How a picture begins and ends.
START, END = b"\xff\xd8", b"\xff\xd9"
