"""The colours of the book: seen on both themes, told apart by every eye, one line an optimizer."""

from itertools import combinations

import numpy as np
import pytest
from downslope.catalogue import CATALOGUE
from downslope.figures import style

BACKGROUNDS = ("#ffffff", "#14181e", "#111111")  # the site's two, and JupyterLab's dark one
TOGETHER = ["SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam", "AdamW", "AMSGrad"]
TOGETHER += ["Muon", "Lion", "Sophia"]


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: np.ndarray, b: np.ndarray) -> float:
    low, high = sorted(float(c @ [0.2126, 0.7152, 0.0722]) + 0.05 for c in (a, b))
    return high / low


def oklab(rgb: np.ndarray) -> np.ndarray:
    to_lms = [
        [0.41222147, 0.53633254, 0.05144599],
        [0.2119035, 0.68069955, 0.10739696],
        [0.08830246, 0.28171884, 0.6299787],
    ]
    to_lab = [
        [0.21045426, 0.79361779, -0.00407205],
        [1.9779985, -2.4285922, 0.45059371],
        [0.02590404, 0.78277177, -0.80867577],
    ]
    return np.array(to_lab) @ np.cbrt(np.array(to_lms) @ np.clip(rgb, 0, 1))


# Machado, Oliveira and Fernandes (2009): what is left of linear RGB at full severity
SIGHT = {
    "trichromat": np.eye(3),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "tritanope": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}


def distance(a: str, b: str, sight: np.ndarray) -> float:
    return float(np.linalg.norm(oklab(sight @ linear(a)) - oklab(sight @ linear(b))))


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_colour_stands_out_from_every_background(background: str) -> None:
    for colour in {*style.PALETTE, *style.colours.values()}:
        assert contrast(linear(colour), linear(background)) >= 3, colour


@pytest.mark.parametrize(("ink", "paper"), [("#323130", "#ffffff"), ("#ced6dd", "#14181e")])
def test_names_beside_curves_read_as_text(ink: str, paper: str) -> None:
    def srgb(colour: str) -> np.ndarray:
        return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])

    for colour in style.PALETTE:
        mixed = np.rint(0.6 * srgb(colour) + 0.4 * srgb(ink)).astype(int)
        assert contrast(linear("#" + "".join(f"{c:02x}" for c in mixed)), linear(paper)) >= 4.5, colour


@pytest.mark.parametrize("sight", SIGHT)
def test_optimizers_drawn_together_differ_for_every_eye(sight: str) -> None:
    for a, b in combinations(TOGETHER, 2):
        assert distance(style.colour(a), style.colour(b), SIGHT[sight]) > 0.055, (a, b)


def test_no_two_optimizers_have_the_same_line() -> None:
    entries = [style.line(name) for name in style.colours]
    assert len({(e["color"], str(e["linestyle"])) for e in entries}) == len(style.colours)
    walking = [entry for entry in CATALOGUE if entry.family != "Around an optimizer"]  # those walk as what is inside
    assert {entry.optimizer.__name__ for entry in walking} <= set(style.colours)


def test_runs_of_one_optimizer_share_a_colour_and_differ_in_dashes() -> None:
    lines = style.lines(["Adam", "Adam, no correction", "Adam, eps outside"])
    assert {entry["color"] for entry in lines.values()} == {style.colour("Adam")}
    assert len({str(entry["linestyle"]) for entry in lines.values()}) == 3


def test_a_new_optimizer_gets_a_line_at_once() -> None:
    assert style.line("AdaShift") == style.line("AdaShift")
    assert style.colour("AdaShift") in style.PALETTE
