"""A figure becomes plain data that says what was drawn where."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pytest
import torch

from grader.drawing import close_all, describe

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

MAKE: dict[str, Callable[[], Figure]] = {"pyplot": plt.figure, "object-oriented": Figure}


@pytest.mark.parametrize("make", MAKE)
def test_lines_labels_and_legend(make: str) -> None:
    figure = MAKE[make]()
    axes = figure.subplots()
    axes.plot([1.0, 2.0], [3.0, 5.0], label="a line")
    axes.scatter([7.0], [8.0], label="a point")
    axes.set(title="T", xlabel="w", ylabel="b")
    axes.legend()
    figure.suptitle("all")
    drawing = describe(figure)
    (panel,) = drawing.panels
    assert (drawing.title, panel.title, panel.xlabel, panel.ylabel, panel.legend) == ("all", "T", "w", "b", ("a line", "a point"))
    assert panel.lines[0].label == "a line"
    assert panel.lines[0].xy.tolist() == [[1.0, 3.0], [2.0, 5.0]]
    assert panel.points[0].xy.tolist() == [[7.0, 8.0]]


@pytest.mark.parametrize("kind", ["contour", "contourf"])
def test_contours_lie_where_the_function_has_their_level(kind: str) -> None:
    figure, axes = plt.subplots()
    x, y = np.meshgrid(np.linspace(-2, 2, 81), np.linspace(-1, 3, 91))
    drawn = getattr(axes, kind)(x, y, x**2 + 3 * y, levels=[-2.0, 0.0, 3.0, 5.0])
    figure.colorbar(drawn)
    (panel,) = describe(figure).panels
    assert panel.contours
    for contour in panel.contours:
        a, b = contour.xy.unbind(1)
        values = a**2 + 3 * b
        assert bool((values > contour.lower - 0.01).all())
        assert bool((values < contour.upper + 0.01).all())


def test_two_figures_have_two_identities_and_one_has_one() -> None:
    first, second = plt.figure(), plt.figure()
    assert describe(first).identity == describe(first).identity
    assert describe(first).identity != describe(second).identity
    assert describe(plt.figure()).identity not in {describe(first).identity, describe(second).identity}


def test_a_described_figure_stays_open_until_the_next_module() -> None:
    figure = plt.figure()
    describe(figure)
    assert plt.gcf() is figure
    close_all()
    assert plt.get_fignums() == []


def test_data_with_gaps_survive() -> None:
    figure, axes = plt.subplots()
    axes.plot([1.0, 2.0], [float("nan"), 1.0])
    assert torch.isnan(describe(figure).panels[0].lines[0].xy[0, 1])
