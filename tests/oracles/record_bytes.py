"""Write down which bytes bitsandbytes makes of some numbers; with ``--check`` compare, and fail on a difference.

In float64 it takes its general path, which looks for the nearest code; its float32 path on a processor does not.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import bitsandbytes.functional
import numpy as np
import torch
from problems import spread

RECORDED = Path(__file__).parent / "bytes.json"

if __name__ == "__main__":
    recording = {"versions": {name: version(name).split("+")[0] for name in ("bitsandbytes", "torch")}}
    for name, x in (("signed", spread()), ("unsigned", np.abs(spread()))):
        code = bitsandbytes.functional.create_dynamic_map(signed=name == "signed")
        codes, absmax = torch.ops.bitsandbytes.quantize_blockwise(torch.tensor(x), code, 256)
        recording[name] = {"codes": codes.reshape(-1).tolist(), "absmax": absmax.reshape(-1).tolist()}
    text = json.dumps(recording) + "\n"
    if "--check" not in sys.argv[1:]:
        RECORDED.write_text(text)
    elif RECORDED.read_text() != text:
        sys.exit("DIFFERS bytes")
