"""What the site and the decks need beyond their themes: strict maths, own assets, an accessible page."""

from typing import Any

from sphinx.application import Sphinx

from downslope_sphinx import api, assets, head, maths, outputs, sheet


def setup(app: Sphinx) -> dict[str, Any]:
    # what tools.execute keys its cache by: a page is read anew when the package behind it has changed
    app.add_config_value("downslope_digest", "", "env", [str])
    for module in (api, assets, head, maths, outputs, sheet):
        module.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
