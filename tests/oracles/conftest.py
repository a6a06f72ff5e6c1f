"""The recorders need PyTorch and more, which the tests do without: no doctests are looked for in them."""

collect_ignore = ["record.py", "record_bytes.py", "record_layers.py", "torch_gpt.py"]
