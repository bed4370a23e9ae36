"""The HTML report in a real browser: Chromium without a window, and without a network."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qprof.domain.report import ExecutionReport, Report
from qprof.domain.trace import Cost
from qprof.reporters import REPORTERS, Canvas
from tests.reporters.chromium import Chromium
from tests.reporters.samples import NASTY, SAMPLES, call

AXE = Path(__file__).parent / "axe" / "axe.min.js"
MARKUP = (
    "<img src=x onerror=\"document.title='ran'\"> & 'q' </script><script>alert(1)</script> שלום"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Return a browser that has no network."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None and os.environ.get("QPROF_REQUIRE_SERVERS") == "1":
        pytest.fail("QPROF_REQUIRE_SERVERS is 1, and there is no chromium")
    if program is None:
        pytest.skip("needs chromium: apt-get install chromium")
    found = Chromium(program, tmp_path_factory.mktemp("chromium"))
    yield found
    found.close()


def opened(browser: Chromium, folder: Path, report: Report) -> None:
    """Open the page of a report in a state that nobody has left."""
    file = folder / "report.html"
    file.write_text(REPORTERS["html"](report, Canvas()), encoding="utf-8")
    browser.open(file)
    browser.run("localStorage.clear()")
    browser.open(file)


def several(count: int) -> Report:
    """Return a report on many calls, of ever more rows."""
    calls = [call(f"calls.number_{each}", Cost(1, each, each), None) for each in range(count)]
    return replace(SAMPLES["profile"], calls=(*SAMPLES["profile"].calls, *calls))


def shown(browser: Chromium, what: str = "each.cells[1].textContent.trim()") -> list[str]:
    """Return the names of the calls in the table, or something else of its rows, in its order."""
    rows = "[...document.querySelectorAll('#overview tbody tr')].filter(each => !each.hidden)"
    found: list[str] = browser.run(f"{rows}.map(each => {what})")
    return found


def sorted_by(browser: Chromium, title: str) -> str:
    """Press a column's head; return the order that it announces."""
    head = f"[...document.querySelectorAll('thead th')].find(e => e.innerText.trim() == '{title}')"
    browser.run(f"{head}.querySelector('button').click()")
    order: str = browser.run(f"{head}.getAttribute('aria-sort')")
    return order


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_opens_alone(browser: Chromium, tmp_path: Path, sample: str) -> None:
    """No request, no console message, and no wider than a phone."""
    opened(browser, tmp_path, SAMPLES[sample])
    assert browser.run("performance.getEntriesByType('resource').length") == 0
    assert browser.messages == []
    phone = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.send("Emulation.setDeviceMetricsOverride", **phone)
    wide = browser.run("document.documentElement.scrollWidth")
    browser.send("Emulation.clearDeviceMetricsOverride")
    assert wide <= 390


def test_it_sorts(browser: Chromium, tmp_path: Path) -> None:
    """By figures the largest first, then the other way; by names in their order."""
    report = several(3)
    opened(browser, tmp_path, report)
    by_rows = [each.name for each in sorted(report.calls, key=lambda each: -each.rows)]
    assert sorted_by(browser, "rows") == "descending"
    assert shown(browser)[:2] == by_rows[:2]
    assert sorted_by(browser, "rows") == "ascending"
    assert shown(browser)[-1] == by_rows[0]
    assert sorted_by(browser, "call") == "ascending"
    assert shown(browser) == sorted(shown(browser))
    assert browser.run("document.querySelectorAll('[aria-sort]').length") == 1


def test_it_filters(browser: Chromium, tmp_path: Path) -> None:
    """By words of a row, and by level; the details go with their row."""
    opened(browser, tmp_path, several(12))
    everything = shown(browser)
    browser.run("document.getElementById('search').focus()")
    browser.send("Input.insertText", text="number_1")
    assert shown(browser) == ["calls.number_11", "calls.number_10", "calls.number_1"]
    visible = "[...document.querySelectorAll('details.call')].filter(e => !e.hidden).length"
    assert browser.run(visible) == 3
    told = browser.run("document.getElementById('shown').textContent")
    assert told == f"3 of {len(everything)} shown"
    browser.run(
        "search.value = ''; level.value = 'error'; level.dispatchEvent(new Event('change'))"
    )
    assert {*shown(browser, "each.dataset.level")} == {"error"}


def test_details_of_a_long_report_come_when_they_are_opened(
    browser: Chromium, tmp_path: Path
) -> None:
    """A thousand calls would be too many elements; a link opens what it leads to."""
    opened(browser, tmp_path, several(100))
    body = f"document.querySelector('#{shown(browser, 'each.dataset.of')[-1]} > .body')"
    assert browser.run(f"{body} === null")
    browser.run("[...document.querySelectorAll('#overview a')].pop().click()")
    browser.run("new Promise(done => setTimeout(done, 200))")
    assert "rows" in browser.run(f"{body}.textContent")
    assert browser.messages == []


def test_a_thousand_calls_open_at_once(browser: Chromium, tmp_path: Path) -> None:
    """Each has statements, a join tree, a finding and a fix; 20 s is for a busy machine."""
    (pattern,) = (each for each in SAMPLES["profile"].calls if each.name == "artists.search")
    (finding,) = (each for each in SAMPLES["profile"].findings if each.rule == "QP101")
    names = [f"calls.number_{each}" for each in range(1000)]
    report = replace(
        SAMPLES["profile"],
        calls=tuple(replace(pattern, name=name) for name in names),
        findings=tuple(replace(finding, call=name, fingerprint=name) for name in names),
    )
    opened(browser, tmp_path, report)
    browser.run("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert len(shown(browser)) == 1000
    assert browser.messages == []
    assert browser.run("performance.now()") < 20_000


def test_it_changes_its_theme(browser: Chromium, tmp_path: Path) -> None:
    """As the system has it, light, or dark; and it remembers."""
    opened(browser, tmp_path, SAMPLES["compare"])
    colour = "getComputedStyle(document.body).backgroundColor"
    seen = {}
    for name in ("light", "dark"):
        assert browser.run("theme.click(), theme.textContent") == f"Theme: {name}"
        seen[name] = browser.run(colour)
    assert seen["light"] == "rgb(255, 255, 255)"
    assert seen["dark"] != seen["light"]
    browser.open(tmp_path / "report.html")
    assert browser.run(colour) == seen["dark"]


def test_it_prints(browser: Chromium, tmp_path: Path) -> None:
    """As a PDF, on white, and without what only a screen needs."""
    opened(browser, tmp_path, SAMPLES["compare"])
    browser.run("theme.click(), theme.click()")
    assert browser.send("Page.printToPDF")["data"].startswith("JVBERi")
    browser.send("Emulation.setEmulatedMedia", media="print")
    style = browser.run("getComputedStyle(document.body).backgroundColor")
    hidden = browser.run("getComputedStyle(theme).display")
    browser.send("Emulation.setEmulatedMedia", media="")
    assert (style, hidden) == ("rgb(255, 255, 255)", "none")


def test_keys_are_enough(browser: Chromium, tmp_path: Path) -> None:
    """The first tab skips to the calls; Enter opens one."""
    opened(browser, tmp_path, several(3))
    browser.press("Tab")
    assert browser.run("document.activeElement.className") == "skip"
    browser.run("document.querySelector('details.call:not([open]) > summary').focus()")
    before = browser.run("document.querySelectorAll('details.call[open]').length")
    browser.press("Enter")
    assert browser.run("document.querySelectorAll('details.call[open]').length") == before + 1


def test_other_peoples_text_is_text(browser: Chromium, tmp_path: Path) -> None:
    """Markup, quotes and right-to-left letters of names, SQL and fixes; nothing of it runs."""
    sample = SAMPLES["hostile"]
    sent = ExecutionReport(MARKUP, MARKUP, 1, 1, 1, 1, 0, MARKUP, MARKUP, None)
    named = replace(sample.calls[-1], name=MARKUP, arguments={"q": MARKUP}, executions=(sent,))
    finding = replace(sample.findings[0], call=MARKUP, message=MARKUP, fix=MARKUP)
    report = replace(
        sample, calls=(named,), findings=(finding,), comparisons=(), changes=(), breaches=()
    )
    opened(browser, tmp_path, report)
    assert shown(browser) == [MARKUP]
    for where in (".finding > p", ".sql", "summary bdi"):
        assert MARKUP in browser.run(f"document.querySelector('{where}').textContent")
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert browser.run("document.scripts.length") == 2
    assert browser.run("document.title") != "ran"
    assert browser.messages == []


def test_what_hides_or_turns_text_is_spelled_out(browser: Chromium, tmp_path: Path) -> None:
    """A right-to-left override would show another name than the one that is there."""
    opened(browser, tmp_path, SAMPLES["hostile"])
    text = browser.run("document.body.textContent")
    assert "\u202e" not in text
    assert "\\u202e" in text
    assert NASTY.partition("\n")[0] in text


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sample", ["profile", "compare", "growth", "changes"])
def test_axe_finds_nothing_serious(
    browser: Chromium, tmp_path: Path, sample: str, theme: str
) -> None:
    """Contrast, names of what can be operated, tables with heads, and the rest of its rules."""
    opened(browser, tmp_path, SAMPLES[sample])
    browser.run(f"document.documentElement.dataset.theme = '{theme}'")
    browser.run("document.querySelectorAll('details').forEach(each => { each.open = true })")
    browser.run(f"{AXE.read_text(encoding='utf-8')}; 0")
    found = browser.run("axe.run().then(seen => seen.violations)")
    grave = [each for each in found if each["impact"] in ("serious", "critical")]
    told = [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in grave]
    assert told == [], json.dumps(told, indent=1)
