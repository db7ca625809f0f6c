"""The logo: a small network, some of its units dropped. One drawing for page, tab and card.

python site/bookpages/logo.py
"""

from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "static"
KEPT, DROPPED = "#3b82d0", "#d9822b"
GROUND, LIGHT = "#0a55b5", "#ffc27a"
# layers of (x, y, kept) in a square of 64
NETWORK = [
    [(10, 14, True), (10, 32, True), (10, 50, True)],
    [(32, 7, False), (32, 20, True), (32, 38, False), (32, 56, True)],
    [(54, 22, True), (54, 42, True)],
]
TINY = [[(18, 18, True), (18, 46, True)], [(46, 18, True), (46, 46, False)]]


def connections(layers: list) -> list[tuple]:
    """The lines between kept units of neighbouring layers."""
    pairs = zip(layers, layers[1:], strict=False)
    return [
        (x, y, u, v)
        for left, right in pairs
        for x, y, kept in left
        for u, v, also in right
        if kept and also
    ]


def svg(layers: list, line: str, ring: str, radius: float, behind: str = "") -> str:
    """The network as an SVG image of 64 by 64."""
    path = "".join(f"M{x} {y} {u} {v}" for x, y, u, v in connections(layers))
    units = [unit for layer in layers for unit in layer]
    full = "".join(f'<circle cx="{x}" cy="{y}" r="{radius}"/>' for x, y, kept in units if kept)
    empty = "".join(f'<circle cx="{x}" cy="{y}" r="{radius}"/>' for x, y, kept in units if not kept)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" \
aria-label="A small network, some of its units dropped">{behind}
<path d="{path}" stroke="{line}" stroke-width="{radius * 0.4:g}"/>
<g fill="{line}">{full}</g>
<g fill="none" stroke="{ring}" stroke-width="{radius * 0.4:g}" stroke-dasharray="3 2.2">{empty}</g>
</svg>
"""


def drawings() -> dict[str, str]:
    """The files of the folder of static files that are drawn here."""
    square = f'<rect width="64" height="64" rx="12" fill="{GROUND}"/>'
    return {
        "logo.svg": svg(NETWORK, KEPT, DROPPED, 5),
        "favicon.svg": svg(TINY, "#fff", LIGHT, 8, square),
    }


if __name__ == "__main__":
    for name, text in drawings().items():
        (STATIC / name).write_text(text, encoding="utf8")
