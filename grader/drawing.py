"""A matplotlib figure as plain data: what was drawn, where, and under which labels."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Line:
    """One line or set of points: `xy` is [K,2], float64."""

    label: str
    xy: Tensor


@dataclass(frozen=True)
class Contour:
    """The curves of one level, or the outline of the band up to `upper` where it is filled: `xy` is [K,2], float64.

    A band that is open below or above, as `extend="both"` draws it, reaches to -inf or inf.
    """

    lower: float
    upper: float
    xy: Tensor


@dataclass(frozen=True)
class Panel:
    """One pair of axes; colour bars are left out."""

    title: str
    xlabel: str
    ylabel: str
    legend: tuple[str, ...]
    lines: tuple[Line, ...]
    points: tuple[Line, ...]
    contours: tuple[Contour, ...]


@dataclass(frozen=True)
class Drawing:
    """A figure. `identity` is equal for two drawings of one and the same Figure object."""

    identity: int
    title: str
    panels: tuple[Panel, ...]


_kept: list[Any] = []  # figures stay alive while the process runs a check, so that no identity is given twice


def describe(figure: Any) -> Drawing:
    """The plain data of a `matplotlib.figure.Figure`, which stays open: who draws into the current one shall find it.

    Docs: https://matplotlib.org/stable/api/figure_api.html
    """
    _kept.append(figure)
    del _kept[:-20]
    panels = tuple(_panel(axes) for axes in figure.axes if not _is_colorbar(axes))
    return Drawing(id(figure), figure.get_suptitle(), panels)


def close_all() -> None:
    """Close every figure of pyplot, where that is loaded, so that one student's module does not see another's."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def _is_colorbar(axes: Any) -> bool:
    """Whether `axes` hold a colour bar; the label is matplotlib's own, `_colorbar` is there where the axes came as `cax`."""
    return axes.get_label() == "<colorbar>" or getattr(axes, "_colorbar", None) is not None


def _panel(axes: Any) -> Panel:
    from matplotlib.collections import PathCollection
    from matplotlib.contour import ContourSet

    legend = axes.get_legend()
    return Panel(
        title=axes.get_title() or axes.get_title("left") or axes.get_title("right"),
        xlabel=axes.get_xlabel(),
        ylabel=axes.get_ylabel(),
        legend=tuple(text.get_text() for text in legend.get_texts()) if legend else (),
        lines=tuple(Line(str(line.get_label()), _points(line.get_xydata())) for line in axes.lines),
        points=tuple(
            Line(str(c.get_label()), _points(c.get_offsets())) for c in axes.collections if isinstance(c, PathCollection)
        ),
        contours=tuple(contour for c in axes.collections if isinstance(c, ContourSet) for contour in _contours(c)),
    )


def _contours(contour_set: Any) -> list[Contour]:
    levels = [float(level) for level in contour_set.levels]
    if contour_set.filled:
        below = [-math.inf] if contour_set.extend in ("min", "both") else []
        above = [math.inf] if contour_set.extend in ("max", "both") else []
        bands = pairwise([*below, *levels, *above])
    else:
        bands = zip(levels, levels, strict=True)
    return [
        Contour(lower, upper, _points(path.vertices))
        for (lower, upper), path in zip(bands, contour_set.get_paths(), strict=False)
        if len(path.vertices)
    ]


def _points(array: Any) -> Tensor:
    """Pairs as a tensor; a masked entry is NaN."""
    filled = array.filled(math.nan) if hasattr(array, "filled") else array
    return torch.tensor(np.asarray(filled, dtype=np.float64)).reshape(-1, 2)
