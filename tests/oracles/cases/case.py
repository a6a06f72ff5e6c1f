"""One line of the table: our class and settings, and the foreign call that has to walk the same way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# The wrapping library comes before the one that it wraps.
LIBRARIES = ("pytorch_optimizer", "adabound", "optimistix", "optax", "keras", "torch")


@dataclass(frozen=True)
class Case:
    """One trajectory.

    The recorder evaluates ``call`` as it stands; ``w`` in it is the parameter. In the settings, a string as
    ``lr`` names a schedule of ``problems.py``, and ``inner`` describes the optimizer that a wrapper takes.
    """

    id: str
    optimizer: str
    settings: dict[str, Any]
    library: str
    call: str
    problem: str
    steps: int = 24
    compare: str = "params"  # or "lookahead": the oracle's iterate is where ours wants its gradient
    needs: tuple[str, ...] = ()  # what the oracle takes besides the gradient
    hessian_every: int = 1  # steps from one curvature to the next
    tolerance: float = 1e-12
    reason: str = ""  # why the tolerance is not 1e-12


def cases(optimizer: str, call: str, *settings: dict[str, Any], problems: str = "vector", **options: Any) -> list[Case]:
    """One case for each of the settings on each of the problems; the settings fill the braces of the call."""
    library = next(name for name in LIBRARIES if f"{name}." in call)
    return [
        Case(
            id=f"{optimizer}-{library}-{','.join(_words(given))}-{problem}",
            optimizer=optimizer,
            settings=given,
            library=library,
            call=call.format(**given),
            problem=problem,
            **options,
        )
        for given in settings
        for problem in problems.split()
    ]


def _words(given: dict[str, Any]) -> Iterator[str]:
    for name, value in given.items():
        if isinstance(value, dict):
            inner = {key: x for key, x in value.items() if key != "optimizer"}
            yield f"{value['optimizer']}({','.join(_words(inner))})"
        else:
            yield f"{name}={value}"


def scheduled(call: str) -> str:
    """The call of a PyTorch optimizer, made with ``lr=1.0``, under the schedule that the settings name."""
    return f"torch.optim.lr_scheduler.LambdaLR({call}, {{lr}})"
