"""A bar for those who wait."""

import os
import sys
from types import TracebackType
from typing import Any, Self

__all__ = ["Progress"]


class Progress:
    """tqdm's bar where somebody can see it move: in a terminal or a live notebook, and if tqdm is installed.

    Examples
    --------
    >>> with Progress(total=2, done=0, wanted=False) as bar:
    ...     bar.step()
    ...     bar.say("loss 0.5")
    """

    def __init__(self, total: int, done: int, wanted: bool) -> None:
        self._bar: Any = None
        if wanted and _watched():
            try:
                from tqdm.auto import tqdm
            except ModuleNotFoundError:
                return
            self._bar = tqdm(total=total, initial=done, unit="step")

    def step(self) -> None:
        """Move on by one."""
        if self._bar is not None:
            self._bar.update()

    def say(self, words: str) -> None:
        """Show words behind the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(words)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()


def _watched() -> bool:
    if os.environ.get("DOWNSLOPE_STATIC") == "1":
        return False
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel") or _terminal()


def _terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # there is none in a program without a console, or it is closed
        return False
