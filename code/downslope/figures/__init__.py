"""Every figure of the book: what it looks like, and how a page, a notebook and a slide show it."""

from downslope.figures import style
from downslope.figures.cheat_sheet import CheatSheet, cheat_sheet
from downslope.figures.explore import Explore, explore
from downslope.figures.paths import contours, losses, path, paths, valley
from downslope.figures.picture import Picture, show
from downslope.figures.playground import Playground, playground

__all__ = [
    "CheatSheet",
    "Explore",
    "Picture",
    "Playground",
    "cheat_sheet",
    "contours",
    "explore",
    "losses",
    "path",
    "paths",
    "playground",
    "show",
    "style",
    "valley",
]
