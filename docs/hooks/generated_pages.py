"""What the site has and the folder has not: a page for each rule, the schema, and llms.txt."""

import re
from inspect import cleandoc
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from qprof.domain.json_schema import json_schema
from qprof.domain.jsonvalue import json_text
from qprof.domain.report import SCHEMA, Report
from qprof.runs.rules import RULES

OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]+\)")
"""A link to a file of the repository that is no page."""


def on_files(files: Files, config: Any) -> Files:
    """Add rules/QP101.md for each rule, at an address that stays, and the schema of a report."""
    for rule in RULES:
        text = f"# {rule.id} {rule.name}\n\nLevel: {rule.level}\n\n{cleandoc(type(rule).__doc__)}\n"
        page = File.generated(config, f"rules/{rule.id}.md", content=text)
        page.inclusion = page.inclusion.NOT_IN_NAV
        files.append(page)
    schema = json_text(json_schema(Report, SCHEMA))
    files.append(File.generated(config, "report.schema.json", content=schema))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Leave a link to what the site does not have as text."""
    text = OUTSIDE.sub(r"\1", markdown)
    if page.file.src_path == "rules.md":
        text = re.sub(r"^## (QP\d{3})$", r"## \1\n\n[Its own page](rules/\1.md)", text, flags=re.M)
    return text


def on_post_build(config: Any) -> None:
    """Write llms.txt: each page with its first sentence, for programs that read documentation."""
    lines = [f"# {config['site_name']}", "", f"> {config['site_description']}", "", "## Pages", ""]
    folder = Path(config["docs_dir"])
    for file in sorted(folder.glob("*.md")):
        text = file.read_text(encoding="utf-8")
        title = next((line[2:] for line in text.splitlines() if line.startswith("# ")), file.stem)
        prose = (part for part in text.split("\n\n")[1:] if re.match(r"\*{0,2}\w", part))
        first = " ".join(next(prose, "").split()).partition(". ")[0]
        address = "" if file.stem == "index" else f"{file.stem}/"
        lines.append(f"- [{title}]({address}): {first.rstrip('.')}.")
    lines += ["", "## Rules", ""]
    lines += [f"- [{rule.id} {rule.name}](rules/{rule.id}/)" for rule in RULES]
    Path(config["site_dir"], "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
