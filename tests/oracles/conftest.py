"""The recorder needs PyTorch and JAX, which the tests do without: no doctests are looked for in it."""

collect_ignore = ["record.py"]
