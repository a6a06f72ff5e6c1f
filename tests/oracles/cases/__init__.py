"""Which optimizer is held to which oracle, with which settings, on which problem: for recorder and tests."""

from oracles.cases import adam, adaptive, baselines

CASES = [*baselines.CASES, *adaptive.CASES, *adam.CASES]
