"""One file per format. To add one: its file with a `render`, a line here, `make golden`."""

from collections.abc import Mapping

from qprof.reporters.canvas import Canvas, Reporter, terminal
from qprof.reporters.formats import (
    concise,
    csv,
    github,
    html,
    json,
    junit,
    markdown,
    openmetrics,
    sarif,
    table,
)

__all__ = ["REPORTERS", "Canvas", "Reporter", "terminal"]

REPORTERS: Mapping[str, Reporter] = {
    "table": table.render,
    "concise": concise.render,
    "html": html.render,
    "json": json.render,
    "markdown": markdown.render,
    "csv": csv.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "github": github.render,
    "openmetrics": openmetrics.render,
}
"""By the name that `--format` takes; the first is the default."""
