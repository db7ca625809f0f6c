"""How well two colors can be told apart, as WCAG 2 defines it."""

import re

import numpy as np
from matplotlib.colors import to_rgb


def luminance(color: str) -> float:
    """The relative luminance of an opaque color, in CSS or as Matplotlib writes it."""
    numbers = re.findall(r"[\d.]+", color)[:3] if color.startswith("rgb") else None
    shares = np.array(numbers, float) / 255 if numbers else np.array(to_rgb(color))
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one: str, other: str) -> float:
    """From 1 for the same color to 21 for black and white."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
