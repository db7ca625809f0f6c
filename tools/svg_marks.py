"""The marks that the small pictures are made of, as lines of SVG."""

from collections.abc import Iterator, Sequence

from torch import Tensor, outer

SIZE = 96  # of a picture, in pixels
BLUE, ORANGE, GRAY = "#3b82d0", "#c8741c", "#808080"  # 3 : 1 on light and on dark pages

Point = tuple[float, float]


def dot(at: Point, kept: bool = True, radius: float = 6, color: str = BLUE) -> str:
    """A unit: filled where kept, a dashed ring where dropped."""
    look = f'fill="{color}"' if kept else f'fill="none" stroke="{GRAY}" stroke-dasharray="2.5 2"'
    return f'<circle cx="{at[0]:.4g}" cy="{at[1]:.4g}" r="{radius:.3g}" {look}/>'


def line(points: Sequence[Point], color: str = GRAY, width: float = 1.5) -> str:
    path = "L".join(f"{x:.4g} {y:.4g}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="{width}"/>'


def square(corner: Point, side: float, kept: bool) -> str:
    look = f'fill="{BLUE}"' if kept else f'fill="none" stroke="{GRAY}" stroke-width=".7"'
    x, y = corner
    return f'<rect x="{x:.4g}" y="{y:.4g}" width="{side:.3g}" height="{side:.3g}" {look}/>'


def feature_map(mask: Tensor, corner: Point, pitch: float) -> Iterator[str]:
    """A unit of the (height, width) mask as a square."""
    for (row, column), kept in entries(mask):
        place = corner[0] + pitch * column, corner[1] + pitch * row
        yield square(place, pitch - 1, kept > 0)


def network(keep: Sequence[Tensor], connected: Tensor | None = None) -> Iterator[str]:
    """Layers from the bottom up; an edge joins two kept units, or is itself kept."""
    gap = 72 / (len(keep) - 1)
    rows = [_across(len(mask), 84 - gap * layer) for layer, mask in enumerate(keep)]
    for below, above, start, end in zip(keep, keep[1:], rows, rows[1:], strict=False):
        edges = outer(below, above) if connected is None else connected
        yield from (line([start[i], end[j]]) for (i, j), kept in entries(edges) if kept > 0)
    for mask, row in zip(keep, rows, strict=True):
        yield from (dot(at, kept > 0) for at, kept in zip(row, mask.tolist(), strict=True))


def entries(matrix: Tensor) -> Iterator[tuple[tuple[int, int], float]]:
    """The entries of a matrix, row by row, each with its row and column."""
    for row, values in enumerate(matrix.tolist()):
        yield from (((row, column), value) for column, value in enumerate(values))


def _across(units: int, y: float) -> list[Point]:
    return [(SIZE / 2 + 24 * (unit - (units - 1) / 2), y) for unit in range(units)]
