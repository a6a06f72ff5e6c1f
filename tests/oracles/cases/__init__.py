"""Which optimizer is held to which oracle, with which settings, on which problem: for recorder and tests.

A new oracle is one entry in the module of its family; ``make oracles`` walks it, and the file is committed.
"""

from oracles.cases import adam, adaptive, baselines, conventions, layerwise, matrix, modern, sign, wrappers

FAMILIES = (baselines, adaptive, adam, layerwise, sign, modern, matrix, wrappers, conventions)
CASES = [case for family in FAMILIES for case in family.CASES]
