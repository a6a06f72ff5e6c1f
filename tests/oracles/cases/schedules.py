"""Which step size schedule is held to which oracle; the first step has t = 0."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ScheduleCase:
    """A PyTorch scheduler around an optimizer, or a function of t; ``losses`` are shown to it as it steps."""

    id: str
    schedule: str
    settings: dict[str, Any]
    library: str
    call: str
    losses: tuple[float, ...] = ()
    steps: int = 40


def schedule_case(schedule: str, call: str, settings: dict[str, Any], **options: Any) -> ScheduleCase:
    """A case whose settings fill the braces of the call."""
    call = call.format(**settings)
    library = next(name for name in ("torch", "optax", "keras") if f"{name}." in call)
    words = ",".join(f"{name}={value}" for name, value in settings.items())
    return ScheduleCase(f"{schedule}-{library}-{words}", schedule, settings, library, call, **options)


SGD = "torch.optim.SGD([w], lr={lr})"

SCHEDULES = [
    schedule_case("constant", "optax.constant_schedule({lr})", {"lr": 0.3}),
    schedule_case(
        "step_decay",
        f"torch.optim.lr_scheduler.StepLR({SGD}, {{every}}, {{factor}})",
        {"lr": 0.3, "every": 7, "factor": 0.5},
    ),
    schedule_case(
        "exponential",
        f"torch.optim.lr_scheduler.ExponentialLR({SGD}, math.exp(-{{rate}}))",
        {"lr": 0.3, "rate": 0.05},
    ),
    schedule_case(
        "inverse_time",
        "keras.optimizers.schedules.InverseTimeDecay({lr}, 1, {rate})",
        {"lr": 0.3, "rate": 0.2},
    ),
    # PyTorch's cosine rises again after the last step; Optax and Keras stay at the minimum.
    schedule_case(
        "cosine",
        "optax.cosine_decay_schedule({lr}, {steps}, alpha={lr_min} / {lr})",
        {"lr": 0.3, "steps": 30, "lr_min": 0.01},
    ),
    schedule_case(
        "cosine",
        f"torch.optim.lr_scheduler.CosineAnnealingLR({SGD}, {{steps}}, {{lr_min}})",
        {"lr": 0.3, "steps": 30, "lr_min": 0.01},
        steps=30,
    ),
    schedule_case(
        "warm_restarts",
        f"torch.optim.lr_scheduler.CosineAnnealingWarmRestarts({SGD}, {{period}}, {{factor}}, {{lr_min}})",
        {"lr": 0.3, "period": 5, "factor": 2, "lr_min": 0.01},
    ),
    schedule_case(
        "warmup",
        f"torch.optim.lr_scheduler.LinearLR({SGD}, 1 / {{steps}}, 1.0, {{steps}} - 1)",
        {"lr": 0.3, "steps": 8},
    ),
    # Compares with the best loss so far, not with the last one.
    schedule_case(
        "Plateau",
        f"torch.optim.lr_scheduler.ReduceLROnPlateau({SGD}, factor={{factor}}, patience={{patience}}, "
        "threshold=0, threshold_mode='abs')",
        {"lr": 1.0, "factor": 0.5, "patience": 0},
        losses=(1.0, 0.5, 0.8, 0.7, 0.4, 0.4, 0.45, 0.3),
        steps=8,
    ),
    schedule_case(
        "Plateau",
        f"torch.optim.lr_scheduler.ReduceLROnPlateau({SGD}, factor={{factor}}, patience={{patience}}, "
        "threshold=0, threshold_mode='abs')",
        {"lr": 1.0, "factor": 0.1, "patience": 2},
        losses=(1.0, 0.5, 0.8, 0.7, 0.6, 0.4, 0.45, 0.5, 0.41, 0.42),
        steps=10,
    ),
]
