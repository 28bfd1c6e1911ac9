"""Flat graphics with known alpha and colours: signs, faces, flags, badges, line art, lettering.

What has the ground's color and lies inside a graphic either belongs to it (eyes, stripes, the body
of a snowman) or is an opening (a letter's counter, the hole of a ring). Each graphic says which.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

__all__ = ["GRAPHICS", "Graphic", "Sheet", "fonts"]

SIDE: Final = 512
SCALE: Final = 4

Ink = str | tuple[int, int, int]
Place = tuple[float, float, float, float]


class Graphic(NamedTuple):
    """A graphic and what a perfect cut-out of it is."""

    image: NDArray[np.uint8]  # (H, W, 3)
    alpha: NDArray[np.float32]  # (H, W) in 0..1
    premultiplied: NDArray[np.float32]  # (H, W, 3), color × alpha in 0..255
    ground: NDArray[np.float32]  # (3,) or (H, W, 3) in 0..255
    solid: NDArray[np.bool_]  # where nothing but one ink of the subject is

    def over(self, color: tuple[int, int, int]) -> NDArray[np.float32]:
        """Return the perfect cut-out on a color, in 0..255."""
        rest = (1 - self.alpha[..., None]) * np.float32(color)
        return self.premultiplied + rest

    def as_jpeg(self, quality: int) -> bytes:
        """Return the picture as a JPEG file, its color at full resolution."""
        file = io.BytesIO()
        Image.fromarray(self.image).save(file, "JPEG", quality=quality, subsampling=0)
        return file.getvalue()


class Sheet:
    """What a graphic is drawn on, at four times its size.

    ``"ground"`` is an ink, too: what belongs to the graphic and looks like the ground. None cuts
    an opening.
    """

    def __init__(self, ground: Ink = "white", size: tuple[int, int] = (SIDE, SIDE)) -> None:
        big = (size[0] * SCALE, size[1] * SCALE)
        self.ground = ground
        self._color = Image.new("RGB", big, ground)
        self._mask = Image.new("L", big)
        self._pens = ImageDraw.Draw(self._color), ImageDraw.Draw(self._mask)

    def _draw(self, kind: str, points: list[float], ink: Ink | None, **more: object) -> None:
        color = self.ground if ink in {None, "ground"} else ink
        for pen, fill in zip(self._pens, (color, 0 if ink is None else 255), strict=True):
            getattr(pen, kind)([point * SCALE for point in points], fill=fill, **more)

    def disc(self, x: float, y: float, r: float, ink: Ink | None, ry: float | None = None) -> None:
        ry = r if ry is None else ry
        self._draw("ellipse", [x - r, y - ry, x + r, y + ry], ink)

    def box(self, place: Place, ink: Ink | None, radius: float = 0) -> None:
        if radius:
            self._draw("rounded_rectangle", list(place), ink, radius=radius * SCALE)
        else:
            self._draw("rectangle", list(place), ink)

    def frame(self, place: Place, width: float, ink: Ink | None, radius: float) -> None:
        color = self.ground if ink in {None, "ground"} else ink
        for pen, line in zip(self._pens, (color, 0 if ink is None else 255), strict=True):
            pen.rounded_rectangle(
                [value * SCALE for value in place],
                radius * SCALE,
                outline=line,
                width=round(width * SCALE),
            )

    def shape(self, points: list[tuple[float, float]], ink: Ink | None) -> None:
        self._draw("polygon", [value for point in points for value in point], ink)

    def chord(self, place: Place, start: float, end: float, ink: Ink | None) -> None:
        self._draw("chord", list(place), ink, start=start, end=end)

    def pie(self, place: Place, start: float, end: float, ink: Ink | None) -> None:
        self._draw("pieslice", list(place), ink, start=start, end=end)

    def line(self, points: list[tuple[float, float]], width: float, ink: Ink | None) -> None:
        flat = [value for point in points for value in point]
        self._draw("line", flat, ink, width=round(width * SCALE), joint="curve")
        for x, y in points:
            self.disc(x, y, width / 2, ink)

    def text(
        self, x: float, y: float, text: str, size: float, ink: Ink | None, font: str = "",
        bold: float = 0,
    ) -> None:  # fmt: skip
        face: ImageFont.FreeTypeFont | ImageFont.ImageFont
        if font:
            face = ImageFont.truetype(font, size * SCALE)
        else:
            face = ImageFont.load_default(size * SCALE)
        color = self.ground if ink in {None, "ground"} else ink
        for pen, fill in zip(self._pens, (color, 0 if ink is None else 255), strict=True):
            pen.text(
                (x * SCALE, y * SCALE), text, fill, face, "mm", stroke_width=round(bold * SCALE)
            )

    def done(self, *, grade: float = 0) -> Graphic:
        """Return the graphic; `grade` is by how many levels the ground darkens downwards."""
        mask = self._mask.reduce(SCALE)
        color = np.asarray(self._color.reduce(SCALE), np.float32)
        alpha = np.asarray(mask, np.float32)[..., None] / 255
        ground = np.asarray(Image.new("RGB", (1, 1), self.ground), np.float32)[0, 0]
        # An opening and what is beside the graphic have the ground's color on the sheet.
        premultiplied = np.clip(color - (1 - alpha) * ground, 0, 255)
        if grade:
            fall = np.linspace(0, grade, alpha.shape[0], dtype=np.float32)[:, None, None]
            ground = np.clip(ground - fall, 0, 255) * np.ones_like(premultiplied)
        image = premultiplied + (1 - alpha) * ground
        solid = alpha[..., 0] == 1
        for plane in (mask, *self._color.reduce(SCALE).split()):
            least, most = (np.asarray(plane.filter(way(3))) for way in _WAYS)
            solid &= least == most
        return Graphic(
            np.floor(image + 0.5).astype(np.uint8), alpha[..., 0], premultiplied, ground, solid
        )


_WAYS = (ImageFilter.MinFilter, ImageFilter.MaxFilter)


def fonts() -> list[str]:
    """Return font files of this machine; the empty name is Pillow's own."""
    folder = Path("/usr/share/fonts/truetype/dejavu")
    names = ("DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono")
    return ["", *(str(f) for f in (folder / f"{n}.ttf" for n in names) if f.exists())]


GRAPHICS: dict[str, Callable[[], Graphic]] = {}


def _named(function: Callable[[Sheet], None]) -> Callable[[Sheet], None]:
    def make(**values: object) -> Graphic:
        grade = float(values.pop("grade", 0))  # type: ignore[arg-type]
        sheet = Sheet(**values)  # type: ignore[arg-type]
        function(sheet)
        return sheet.done(grade=grade)

    GRAPHICS[function.__name__] = make
    return function


# -- signs -------------------------------------------------------------------------------------


@_named
def no_entry(s: Sheet) -> None:
    s.disc(255, 255, 215, (200, 0, 0))
    s.box((110, 225, 400, 285), "ground")


@_named
def stop_sign(s: Sheet) -> None:
    s.shape([(160, 30), (350, 30), (480, 160), (480, 350), (350, 480), (160, 480), (30, 350),
             (30, 160)], (190, 20, 30))  # fmt: skip
    s.text(255, 255, "STOP", 150, "ground", bold=6)


@_named
def first_aid(s: Sheet) -> None:
    s.box((60, 60, 450, 450), (20, 140, 60), 40)
    s.box((220, 120, 290, 390), "ground")
    s.box((120, 220, 390, 290), "ground")


@_named
def prohibition(s: Sheet) -> None:
    s.disc(255, 255, 220, (210, 20, 30))
    s.disc(255, 255, 165, "ground")
    s.box((150, 230, 360, 280), (20, 20, 20))
    s.disc(200, 300, 30, (20, 20, 20))
    s.disc(310, 300, 30, (20, 20, 20))


@_named
def warning(s: Sheet) -> None:
    s.shape([(255, 40), (480, 440), (30, 440)], (210, 20, 30))
    s.shape([(255, 130), (405, 395), (105, 395)], "ground")
    s.box((240, 210, 270, 320), (20, 20, 20))
    s.disc(255, 355, 17, (20, 20, 20))


@_named
def parking(s: Sheet) -> None:
    s.box((60, 60, 450, 450), (20, 70, 170), 30)
    s.text(255, 255, "P", 330, "ground", bold=6)


@_named
def target(s: Sheet) -> None:
    for k, r in enumerate((210, 160, 110, 60)):
        s.disc(255, 255, r, "ground" if k % 2 else (220, 30, 40))


@_named
def info(s: Sheet) -> None:
    s.disc(255, 255, 200, (20, 100, 200))
    s.disc(255, 150, 32, "ground")
    s.box((225, 205, 285, 390), "ground")


# -- faces and beings --------------------------------------------------------------------------


@_named
def smiley(s: Sheet) -> None:
    s.disc(255, 255, 195, (250, 200, 40))
    s.disc(180, 200, 30, "ground", 40)
    s.disc(330, 200, 30, "ground", 40)
    s.chord((150, 230, 360, 400), 20, 160, "ground")


@_named
def smiley_with_pupils(s: Sheet) -> None:
    s.disc(255, 255, 195, (250, 200, 40))
    for x in (180, 330):
        s.disc(x, 200, 45, "ground", 55)
        s.disc(x + 10, 205, 16, (20, 20, 20))
    s.chord((150, 230, 360, 400), 20, 160, (120, 20, 20))
    s.chord((180, 250, 330, 360), 180, 360, (250, 200, 40))


@_named
def snowman(s: Sheet) -> None:
    for x, y, r, ry in ((255, 125, 105, 105), (255, 350, 155, 140)):
        s.disc(x, y, r, "black", ry)
        s.disc(x, y, r - 8, "ground", ry - 8)
    s.disc(225, 105, 9, "black")
    s.disc(285, 105, 9, "black")


@_named
def plain_snowman(s: Sheet) -> None:
    for x, y, r, ry in ((255, 125, 105, 105), (255, 350, 155, 140)):
        s.disc(x, y, r, "black", ry)
        s.disc(x, y, r - 8, "ground", ry - 8)


@_named
def thin_snowman(s: Sheet) -> None:
    for x, y, r in ((255, 125, 105), (255, 350, 140)):
        s.disc(x, y, r, "black")
        s.disc(x, y, r - 1.5, "ground")


@_named
def cat_in_lines(s: Sheet) -> None:
    s.disc(255, 330, 140, "black", 120)
    s.disc(255, 330, 134, "ground", 114)
    s.shape([(160, 120), (165, 20), (230, 80)], "black")
    s.shape([(168, 108), (172, 38), (218, 80)], "ground")
    s.shape([(350, 120), (345, 20), (280, 80)], "black")
    s.shape([(342, 108), (338, 38), (292, 80)], "ground")
    s.disc(255, 155, 110, "black", 95)
    s.disc(255, 155, 104, "ground", 89)
    s.disc(215, 140, 12, "black")
    s.disc(295, 140, 12, "black")
    s.line([(240, 190), (255, 200), (270, 190)], 5, "black")


@_named
def panda(s: Sheet) -> None:
    for x in (135, 375):
        s.disc(x, 120, 60, (20, 20, 20))
    s.disc(255, 260, 190, (20, 20, 20), 180)
    s.disc(255, 260, 180, "ground", 170)
    for x in (180, 330):
        s.disc(x, 230, 45, (20, 20, 20), 55)
        s.disc(x, 225, 14, "ground")
    s.disc(255, 310, 25, (20, 20, 20), 18)


@_named
def penguin(s: Sheet) -> None:
    s.disc(255, 270, 150, (30, 30, 40), 220)
    s.disc(255, 320, 100, "ground", 140)
    s.disc(215, 130, 22, "ground")
    s.disc(295, 130, 22, "ground")
    s.disc(217, 132, 9, (30, 30, 40))
    s.disc(293, 132, 9, (30, 30, 40))
    s.shape([(235, 165), (275, 165), (255, 195)], (250, 170, 0))


@_named
def ghost(s: Sheet) -> None:
    s.disc(255, 220, 160, (90, 60, 160))
    s.box((95, 220, 415, 470), (90, 60, 160))
    s.disc(195, 210, 35, "ground", 48)
    s.disc(315, 210, 35, "ground", 48)


@_named
def skull(s: Sheet) -> None:
    s.disc(255, 210, 180, "black", 170)
    s.box((165, 300, 345, 470), "black", 20)
    s.disc(255, 210, 172, "ground", 162)
    s.box((173, 300, 337, 462), "ground", 14)
    s.disc(190, 220, 45, "black")
    s.disc(320, 220, 45, "black")
    s.shape([(255, 270), (275, 310), (235, 310)], "black")


# -- flags -------------------------------------------------------------------------------------


@_named
def flag(s: Sheet) -> None:
    s.box((58, 98, 452, 402), (120, 120, 120))
    for k, ink in enumerate(((0, 100, 60), "ground", (200, 40, 40))):
        s.box((60, 100 + 100 * k, 450, 200 + 100 * k), ink)  # type: ignore[arg-type]


@_named
def upright_flag(s: Sheet) -> None:
    s.box((50, 118, 460, 392), (60, 60, 60))
    for k, ink in enumerate(((20, 50, 160), "ground", (220, 40, 50))):
        s.box((52 + 135 * k, 120, 187 + 135 * k, 390), ink)  # type: ignore[arg-type]


@_named
def flag_with_disc(s: Sheet) -> None:
    s.box((56, 116, 456, 396), (110, 110, 110))
    s.box((60, 120, 452, 392), "ground")
    s.disc(256, 256, 80, (190, 0, 40))


@_named
def cross_flag(s: Sheet) -> None:
    s.box((56, 56, 456, 456), (213, 43, 30))
    s.box((226, 136, 286, 376), "ground")
    s.box((136, 226, 376, 286), "ground")


@_named
def stripes(s: Sheet) -> None:
    s.box((58, 98, 452, 402), (90, 90, 90))
    for k in range(7):
        s.box((60, 100 + 43 * k, 450, 143 + 43 * k), "ground" if k % 2 else (200, 30, 50))


# -- buttons and badges ------------------------------------------------------------------------


@_named
def play_button(s: Sheet) -> None:
    s.box((60, 60, 450, 450), (90, 60, 220), 90)
    s.shape([(200, 150), (200, 360), (380, 255)], "ground")


@_named
def pause_button(s: Sheet) -> None:
    s.disc(255, 255, 200, (30, 30, 30))
    s.box((180, 160, 230, 350), "ground")
    s.box((280, 160, 330, 350), "ground")


@_named
def menu_button(s: Sheet) -> None:
    s.box((60, 60, 450, 450), (20, 120, 200), 60)
    for y in (150, 235, 320):
        s.box((130, y, 380, y + 40), "ground", 15)


@_named
def badge(s: Sheet) -> None:
    s.disc(255, 255, 240, (30, 120, 90))
    s.box((130, 200, 170, 320), "ground")
    s.shape([(200, 200), (240, 200), (300, 320), (250, 320)], "ground")
    s.disc(365, 260, 35, "ground", 40)


@_named
def badge_to_the_edge(s: Sheet) -> None:
    s.disc(256, 256, 256, (30, 120, 90))
    s.box((130, 200, 170, 320), "ground")
    s.shape([(200, 200), (240, 200), (300, 320), (250, 320)], "ground")
    s.disc(365, 260, 35, "ground", 40)


@_named
def round_lettered_badge(s: Sheet) -> None:
    s.disc(255, 255, 235, (120, 20, 60))
    s.text(255, 210, "BOARDS", 80, "ground")
    s.text(255, 300, "& oddities", 60, "ground")


@_named
def small_lettered_button(s: Sheet) -> None:
    s.box((120, 220, 392, 292), (20, 90, 200), 20)
    s.text(256, 256, "Read more about it", 24, "ground")


@_named
def check_mark(s: Sheet) -> None:
    s.disc(255, 255, 200, (30, 160, 70))
    s.line([(160, 260), (230, 330), (360, 190)], 40, "ground")


@_named
def lightning(s: Sheet) -> None:
    s.box((80, 80, 430, 430), (250, 180, 0), 80)
    s.shape([(280, 120), (180, 280), (245, 280), (230, 390), (330, 230), (265, 230)], "ground")


@_named
def white_letter_on_square(s: Sheet) -> None:
    s.box((80, 80, 430, 430), (40, 60, 150), 30)
    s.text(255, 255, "f", 300, "ground", bold=8)


@_named
def camera(s: Sheet) -> None:
    s.box((60, 130, 450, 410), (50, 50, 60), 40)
    s.box((190, 90, 320, 150), (50, 50, 60), 15)
    s.disc(255, 270, 95, "ground")
    s.disc(255, 270, 70, (50, 50, 60))
    s.disc(400, 180, 15, "ground")


# -- drawings in outline -----------------------------------------------------------------------


@_named
def envelope(s: Sheet) -> None:
    s.box((60, 130, 450, 390), "black")
    s.box((70, 140, 440, 380), "ground")
    s.line([(66, 136), (255, 280), (444, 136)], 10, "black")


@_named
def speech_bubble(s: Sheet) -> None:
    s.box((50, 70, 460, 360), "black", 60)
    s.shape([(120, 340), (110, 470), (230, 340)], "black")
    s.box((58, 78, 452, 352), "ground", 52)
    s.shape([(130, 340), (120, 452), (215, 345)], "ground")


@_named
def house_in_lines(s: Sheet) -> None:
    s.shape([(255, 40), (480, 240), (30, 240)], (40, 40, 40))
    s.shape([(255, 56), (454, 232), (56, 232)], "ground")
    s.box((90, 232, 420, 470), (40, 40, 40))
    s.box((98, 240, 412, 462), "ground")
    s.box((210, 320, 300, 470), (150, 90, 40))
    s.box((120, 280, 180, 340), (40, 40, 40))
    s.box((126, 286, 174, 334), "ground")


@_named
def die(s: Sheet) -> None:
    s.box((80, 80, 430, 430), "black", 60)
    s.box((90, 90, 420, 420), "ground", 50)
    for x, y in ((170, 170), (340, 170), (255, 255), (170, 340), (340, 340)):
        s.disc(x, y, 30, "black")


@_named
def clock(s: Sheet) -> None:
    s.disc(255, 255, 210, (30, 60, 120))
    s.disc(255, 255, 180, "ground")
    s.line([(255, 255), (255, 130)], 14, (30, 60, 120))
    s.line([(255, 255), (340, 300)], 14, (30, 60, 120))


@_named
def cloud(s: Sheet) -> None:
    lumps = ((150, 300, 80), (250, 230, 110), (360, 290, 90))
    for x, y, r in lumps:
        s.disc(x, y, r, (60, 120, 200))
    s.box((150, 300, 360, 380), (60, 120, 200))
    for x, y, r in lumps:
        s.disc(x, y, r - 7, "ground")
    s.box((150, 300, 360, 373), "ground")


@_named
def flow_chart(s: Sheet) -> None:
    for x, y in ((40, 60), (300, 60), (170, 340)):
        s.box((x, y, x + 170, y + 100), (30, 30, 30))
        s.box((x + 3, y + 3, x + 167, y + 97), "ground")
        s.text(x + 85, y + 50, "step one", 28, (30, 30, 30))
    s.line([(210, 110), (300, 110)], 3, (30, 30, 30))


# -- openings ----------------------------------------------------------------------------------


@_named
def ring(s: Sheet) -> None:
    s.disc(255, 255, 180, (20, 50, 150))
    s.disc(255, 255, 130, None)


@_named
def thick_ring(s: Sheet) -> None:
    s.disc(255, 255, 180, (200, 120, 40))
    s.disc(255, 255, 75, None)


@_named
def chain(s: Sheet) -> None:
    for x in (100, 255, 410):
        s.frame((x - 95, 200, x + 95, 310), 26, (90, 90, 100), 55)


@_named
def gear(s: Sheet) -> None:
    for k in range(8):
        angle = np.pi * k / 4
        c, n = float(np.cos(angle)), float(np.sin(angle))
        s.line([(255 + 120 * c, 255 + 120 * n), (255 + 185 * c, 255 + 185 * n)], 50, (70, 80, 90))
    s.disc(255, 255, 150, (70, 80, 90))
    s.disc(255, 255, 70, None)


@_named
def letter_o(s: Sheet) -> None:
    s.text(255, 255, "O", 420, (150, 20, 60), bold=8)


@_named
def monogram(s: Sheet) -> None:
    s.text(255, 255, "BAR", 210, (20, 20, 20), bold=5)


@_named
def headline(s: Sheet) -> None:
    s.text(255, 120, "Boards", 120, (180, 30, 30))
    s.text(255, 260, "& Oddities", 85, (180, 30, 30))
    s.text(255, 400, "open from 9 to 6", 40, (20, 60, 150))


@_named
def heavy_headline(s: Sheet) -> None:
    s.text(255, 150, "gaped", 130, (20, 20, 20), bold=4)
    s.text(255, 350, "about 80", 100, (20, 20, 20), bold=3)


@_named
def small_text(s: Sheet) -> None:
    lines = (
        "A page of ordinary text, as a",
        "scanner or a word processor",
        "would make of it, has a good",
        "number of small openings",
        "above each other and beside",
        "each other: o, e, a, 8, 0.",
    )
    for k, line in enumerate(lines):
        s.text(255, 80 + 60 * k, line, 30, (15, 15, 15))


@_named
def tiny_text(s: Sheet) -> None:
    for k in range(14):
        s.text(255, 50 + 31 * k, "Boards & oddities, open from 9 to 6 o'clock, good bread", 15,
               (15, 15, 15))  # fmt: skip


@_named
def two_inks(s: Sheet) -> None:
    s.text(255, 130, "Loud", 150, (0, 0, 0), bold=3)
    s.text(255, 260, "and quiet", 70, (150, 150, 150))
    s.text(255, 340, "a thin line in the lighter ink", 26, (150, 150, 150))
    s.text(255, 400, "and one more, smaller, good", 18, (150, 150, 150))


@_named
def pale_ink(s: Sheet) -> None:
    s.text(255, 130, "Loud", 150, (0, 0, 0), bold=3)
    s.text(255, 280, "and very pale", 60, (232, 232, 232), bold=1)
    s.text(255, 380, "good bread", 60, (232, 232, 232), bold=1)


@_named
def outlined_text(s: Sheet) -> None:
    s.text(255, 180, "LIT", 170, (190, 20, 30), bold=12)
    s.text(255, 180, "LIT", 170, "ground")
    s.text(255, 400, "and bold", 80, (190, 20, 30), bold=2)


@_named
def logo_with_name(s: Sheet) -> None:
    s.disc(255, 180, 130, (0, 110, 120))
    s.shape([(255, 90), (330, 240), (180, 240)], "ground")
    s.text(255, 410, "Goodboard", 90, (0, 110, 120), bold=2)


@_named
def scissors(s: Sheet) -> None:
    for x in (160, 350):
        s.disc(x, 390, 75, (60, 60, 60))
        s.disc(x, 390, 45, None)
    s.line([(190, 330), (350, 50)], 26, (60, 60, 60))
    s.line([(320, 330), (160, 50)], 26, (60, 60, 60))


@_named
def washer_row(s: Sheet) -> None:
    for k in range(3):
        s.disc(110 + 150 * k, 255, 65, (100, 100, 110))
        s.disc(110 + 150 * k, 255, 30, None)
