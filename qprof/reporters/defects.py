"""One block for one defect: what is wrong, where, how much, where its rows come from, the fix."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tabulate import tabulate

from qprof.domain.documentation import rule_page
from qprof.domain.report import CallReport, Finding, JoinedPath, JoinTree, Tried
from qprof.reporters.canvas import LEVEL_COLOURS, Canvas, Colour, file_link
from qprof.reporters.escape import plain, prose
from qprof.reporters.figures import count, counted, quotient
from qprof.reporters.findings import FixPart, code_lines, parts_of, site_of
from qprof.reporters.grids import SPACE, paragraph

_ARROW = "  --> "
_GUTTER = "   |  "
_ITEM = "   = "
_CODE = "     "
_MULTIPLIES = ("QP101", "QP102", "QP401")
"""The rules whose damage a join tree explains."""


def block(
    finding: Finding, call: CallReport | None, canvas: Canvas, others: Sequence[Finding] = ()
) -> list[str]:
    """Return a finding as lines; no figure that `call` has is said again.

    `others` are of the same place, and have the same fix.
    """
    title, facts = title_and_facts(finding)
    lines = [*_head(finding, title, canvas), *_place(finding, canvas)]
    lines += paragraph(prose(facts), canvas.width, _GUTTER)
    lines += _drawn(finding, call, canvas)
    for other in others:
        text = f"also {other.rule}: {title_and_facts(other)[0]}"
        lines += paragraph(prose(text), canvas.width, _ITEM, _CODE)
    return [*lines, *_fix(finding, call, canvas)]


def folded(found: Sequence[Finding]) -> list[list[Finding]]:
    """Return the findings of one place with one fix together, the first of them first."""
    groups: dict[object, list[Finding]] = {}
    for each in found:
        place = each.place or each.location
        alike = (each.call, place, each.fix) if each.fix and place else each.fingerprint
        groups.setdefault(alike, []).append(each)
    return list(groups.values())


def title_and_facts(finding: Finding) -> tuple[str, str]:
    """Return what is wrong in one line, and the rest; an old report has its rule's name."""
    if finding.title:
        return finding.title, finding.message.removeprefix(finding.title).lstrip(". ")
    return finding.name, finding.message


def _head(finding: Finding, title: str, canvas: Canvas) -> list[str]:
    mark = plain(f"{finding.level}[{finding.rule}]")
    first, *rest = paragraph(f"{mark}: {prose(title)}", canvas.width, "", "  ")
    if first.startswith(mark):
        painted = canvas.paint(mark, LEVEL_COLOURS.get(finding.level), rule_page(finding.rule))
        first = painted + canvas.paint(first[len(mark) :], "bold")
    return [first, *(canvas.paint(line, "bold") for line in rest)]


def _place(finding: Finding, canvas: Canvas) -> list[str]:
    site = site_of(finding)
    if site is None:
        return paragraph(prose(finding.call), canvas.width, _ARROW, " " * len(_ARROW))
    place = plain(site.place)
    text = f"{place} ({prose(finding.call)})"
    lines = paragraph(text, canvas.width, _ARROW, " " * len(_ARROW))
    painted = canvas.paint(place, "cyan", file_link(site.file, site.line))
    return [line.replace(place, painted, 1) for line in lines]


# --- where the rows come from ---------------------------------------------------------------------


def _drawn(finding: Finding, call: CallReport | None, canvas: Canvas) -> list[str]:
    tree = join_tree(finding, call)
    lines = tree_lines(tree, canvas.width - len(_GUTTER)) if tree else []
    return [f"{_GUTTER}{line}" for line in lines]


def join_tree(finding: Finding, call: CallReport | None) -> JoinTree | None:
    """Return the tree of the SELECT that `finding` is of; None if its rows were not looked at."""
    if call is None or finding.rule not in _MULTIPLIES:
        return None
    for each in call.executions:
        tree = each.tree
        if tree and tree.parents and set(finding.paths) <= {path.path for path in tree.paths}:
            return tree
    return None


def branches(tree: JoinTree) -> Iterator[tuple[int, str, JoinedPath, float | None]]:
    """Yield the joined paths, each below its parent: depth, name, path, children per parent."""
    known = {each.path: each for each in tree.paths}

    def below(
        parent: str | None, depth: int
    ) -> Iterator[tuple[int, str, JoinedPath, float | None]]:
        for path in tree.paths:
            above = path.path.rpartition(".")[0]
            if (above if above in known else None) == parent:
                parents = known[above].objects if above in known else tree.parents
                name = path.path.removeprefix(f"{parent or tree.entity}.")
                yield depth, name, path, quotient(path.pairs, parents)
                yield from below(path.path, depth + 1)

    return below(None, 1)


def tree_lines(tree: JoinTree, width: int) -> list[str]:
    """Return the tree with the objects of each path, per parent, and what multiplies what.

    The last columns are left out where `width` does not hold them.
    """
    found = list(branches(tree))
    rows = [[plain(tree.entity or "rows"), count(tree.parents), "", "", ""]]
    for (_, _, path, average), label in zip(found, _labels(tree, found), strict=True):
        each = "" if average is None else f"avg {average:.1f}"
        most = "" if path.most is None else f"most {count(path.most)}"
        multiplied = "multiplied" if path.multiplied else ""
        rows.append([label, count(path.pairs), each, most, multiplied])
    lines = [""]
    for columns in range(len(_ALIGNED), 0, -1):
        kept, aligned = [row[:columns] for row in rows], _ALIGNED[:columns]
        text = tabulate(kept, tablefmt="plain", colalign=aligned, disable_numparse=True)
        lines = [line.replace(SPACE, " ").rstrip() for line in text.split("\n")]
        if max(map(len, lines)) <= width:
            break
    return [line[:width] for line in lines]


_ALIGNED = ("left", "right", "left", "left", "left")


def _labels(
    tree: JoinTree, found: Sequence[tuple[int, str, JoinedPath, float | None]]
) -> list[str]:
    from io import StringIO

    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    stack = [Tree(Text(tree.entity or ""))]
    for depth, name, _, _ in found:
        del stack[depth:]
        stack.append(stack[-1].add(Text(plain(name))))
    # In a notebook rich would show it there.
    console = Console(file=StringIO(), width=1000, color_system=None, force_jupyter=False)
    with console.capture() as caught:
        console.print(stack[0])
    _, *labels = caught.get().splitlines()
    return [
        label.rstrip().replace(" ", SPACE).replace("\N{NO-BREAK SPACE}", SPACE) for label in labels
    ]


# --- the fix --------------------------------------------------------------------------------------


def _fix(finding: Finding, call: CallReport | None, canvas: Canvas) -> list[str]:
    tried = outcome(finding.tried, call)
    parts, site = fix_of(finding), site_of(finding)
    shown_at = site.place if site else ""
    if not parts:
        return []
    if not (parts[0].is_code or parts[0].is_diff):
        # A refused fix says so itself: "No fix is printed: …".
        label = "" if finding.tried and finding.tried.status == "refused" else "fix: "
        lines = paragraph(prose(parts[0].text), canvas.width, f"{_ITEM}{label}", _CODE)
        lines += fix_lines(parts[1:], shown_at, canvas, _CODE)
        more = f"with the fix: {tried}" if tried else ""
        return [*lines, *paragraph(prose(more), canvas.width, _ITEM, _CODE)]
    head = f"fix ({tried}):" if tried else "fix:"
    lines = paragraph(prose(head), canvas.width, _ITEM, _CODE)
    return lines + fix_lines(parts, shown_at, canvas, _CODE)


def fix_of(finding: Finding) -> list[FixPart]:
    """Return the fix: a diff if its place is known, else code; and what to do by hand."""
    tried = finding.tried
    # What came of it stands above; a sealed fix is code of its own.
    silent = replace(tried, status="refused") if tried else None
    return parts_of(replace(finding, tried=silent)) if finding.fix or finding.diff else []


def fix_lines(parts: Sequence[FixPart], shown_at: str, canvas: Canvas, indent: str) -> list[str]:
    """Return a fix as lines; of a diff in the file that is shown, line numbers are enough."""
    file = shown_at.rpartition(":")[0]
    lines: list[str] = []
    for part in parts:
        if part.is_diff:
            place, *changed = part.text.split("\n")
            elsewhere, _, line = place.rpartition(":")
            if elsewhere != file:
                link = file_link(elsewhere, int(line))
                lines.append(indent + canvas.paint(plain(place), "cyan", link))
            if len(changed) == 2 and changed[1][2:].startswith(changed[0][2:]):
                # An import that gets longer: its new text says it all.
                del changed[0]
            number = "" if elsewhere != file else f"{line} "
            for each in changed:
                colour: Colour = "green" if each.startswith("+") else "red"
                lines.append(number.rjust(len(indent)) + canvas.paint(plain(each), colour))
                number = ""
        elif part.is_code:
            code = code_lines(part.text, canvas.width, indent)
            lines += [canvas.paint(line, "green") for line in code]
        else:
            lines += paragraph(prose(part.text), canvas.width, indent)
    return lines


def outcome(tried: Tried | None, call: CallReport | None) -> str:
    """Return what came of a fix: the figures that it changes, and whether the result is the same.

    "" if there is nothing to say.
    """
    if tried is None or tried.status == "refused":
        return ""
    if tried.status == "not-tried":
        return f"not tried: {tried.reason}"
    before = (call.queries, call.rows, call.cells) if call else (None, None, None)
    after = (
        (tried.queries, "query", "queries"),
        (tried.rows, "row", "rows"),
        (tried.cells, "cell", "cells"),
    )
    changed = [
        counted(now, one, several)
        for was, (now, one, several) in zip(before, after, strict=True)
        if now is not None and now != was
    ]
    figures = ", ".join(changed) or "no count changes"
    return f"{figures}; {'same result' if tried.same else tried.reason}"
