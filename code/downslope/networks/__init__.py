"""Networks small enough to read, and checks of their gradients."""

from downslope.networks import two_two_one
from downslope.networks.gradient_check import central_difference, complex_step, gradient_errors

__all__ = ["central_difference", "complex_step", "gradient_errors", "two_two_one"]
