"""Paths and their strokes."""

from typing import Any, List, Sequence, Tuple

from _gimpfu import items
from _gimpfu.backend import Type
from _gimpfu.calls import call
from _gimpfu.items import Item
from _gimpfu.parasites import HasParasites

_BEZIER = 0


class VectorsStroke:
    """One stroke of a path."""

    def __init__(self, vectors: "Vectors", stroke: int) -> None:
        self._vectors = vectors
        self._stroke = stroke

    @classmethod
    def of(cls, vectors: "Vectors", stroke: int) -> Any:
        """Return the object for a stroke's number."""
        made = cls.__new__(cls)
        VectorsStroke.__init__(made, vectors, stroke)
        return made

    def _call(self, verb: str, *rest: Any) -> Any:
        return call("gimp-vectors-stroke-" + verb, self._vectors, self._stroke, *rest)

    @property
    def ID(self) -> int:
        return self._stroke

    @property
    def vectors_ID(self) -> int:
        return self._vectors.ID

    @property
    def points(self) -> Tuple[List[float], bool]:
        """The control points as x, y, x, y, …, and whether the stroke is closed."""
        _, _, points, closed = self._call("get-points")
        return list(points), bool(closed)

    def get_length(self, precision: float) -> float:
        return float(self._call("get-length", precision))

    def get_point_at_dist(self, dist: float, precision: float) -> Tuple[float, float, float, bool]:
        """Return x, y, slope and whether the place exists."""
        x, y, slope, valid = self._call("get-point-at-dist", dist, precision)
        return x, y, slope, bool(valid)

    def close(self) -> None:
        self._call("close")

    def translate(self, off_x: float, off_y: float) -> None:
        self._call("translate", off_x, off_y)

    def scale(self, scale_x: float, scale_y: float) -> None:
        self._call("scale", scale_x, scale_y)

    def rotate(self, center_x: float, center_y: float, angle: float) -> None:
        self._call("rotate", center_x, center_y, angle)

    def flip(self, flip_type: int, axis: float) -> None:
        self._call("flip", flip_type, axis)

    def flip_free(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self._call("flip-free", x1, y1, x2, y2)

    def interpolate(self, precision: float) -> Tuple[List[float], bool]:
        """Return points on the stroke as x, y, x, y, …, and whether it is closed."""
        _, points, closed = self._call("interpolate", precision)
        return list(points), bool(closed)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VectorsStroke):
            return NotImplemented
        return (self.vectors_ID, self.ID) == (other.vectors_ID, other.ID)

    def __hash__(self) -> int:
        return hash((self.vectors_ID, self.ID))

    def __repr__(self) -> str:
        return "<gimp.%s %d of gimp.Vectors '%s'>" % (
            type(self).__name__,
            self.ID,
            self._vectors.name,
        )


class VectorsBezierStroke(VectorsStroke):
    """`VectorsBezierStroke(vectors, controlpoints, closed=False)`: six numbers for each anchor."""

    def __init__(
        self, vectors: "Vectors", controlpoints: Sequence[float], closed: Any = False
    ) -> None:
        points = [float(each) for each in controlpoints]
        made = call(
            "gimp-vectors-stroke-new-from-points", vectors, _BEZIER, len(points), points, closed
        )
        super().__init__(vectors, made)

    @classmethod
    def new_moveto(cls, vectors: "Vectors", x0: float, y0: float) -> Any:
        """Begin a stroke at a point."""
        return cls.of(vectors, call("gimp-vectors-bezier-stroke-new-moveto", vectors, x0, y0))

    @classmethod
    def new_ellipse(
        cls,
        vectors: "Vectors",
        x0: float,
        y0: float,
        radius_x: float,
        radius_y: float,
        angle: float,
    ) -> Any:
        """Draw an ellipse."""
        numbers = (x0, y0, radius_x, radius_y, angle)
        return cls.of(vectors, call("gimp-vectors-bezier-stroke-new-ellipse", vectors, *numbers))

    def _draw(self, verb: str, *numbers: float) -> None:
        call("gimp-vectors-bezier-stroke-" + verb, self._vectors, self._stroke, *numbers)

    def lineto(self, x0: float, y0: float) -> None:
        self._draw("lineto", x0, y0)

    def conicto(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self._draw("conicto", x0, y0, x1, y1)

    def cubicto(self, x0: float, y0: float, x1: float, y1: float, x2: float, y2: float) -> None:
        self._draw("cubicto", x0, y0, x1, y1, x2, y2)


class Vectors(Item, HasParasites):
    """A path: `Vectors(image, name)`."""

    _parasites = "gimp-item"

    def __init__(self, image: Any, name: str) -> None:
        self._id = call("gimp-vectors-new", image, name).ID

    @property
    def strokes(self) -> List[VectorsBezierStroke]:
        _, ids = call("gimp-vectors-get-strokes", self)
        return [VectorsBezierStroke.of(self, stroke) for stroke in ids]

    def remove_stroke(self, stroke: Any) -> None:
        """Remove a stroke, or the stroke with this number."""
        number = stroke.ID if isinstance(stroke, VectorsStroke) else int(stroke)
        call("gimp-vectors-remove-stroke", self, number)

    def to_selection(
        self,
        operation: int = 2,
        antialias: Any = True,
        feather: Any = False,
        feather_radius_x: float = 0.0,
        feather_radius_y: float = 0.0,
    ) -> None:
        """Make the path a selection; the default operation replaces the one that is there."""
        radii = (feather_radius_x, feather_radius_y)
        call("gimp-vectors-to-selection", self, operation, antialias, feather, *radii)


items.register(Vectors, ("vectors",), (Type.VECTORS,))
