"""Proofs for every t: a base case and a step, both derivations, both checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from downslope.derivation import display
from downslope.derivation.chain import Derivation
