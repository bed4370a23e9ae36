"""The pytest plugin: `@pytest.mark.qprof(rows=…)`, a `qprof` fixture, and `--qprof`.

Off unless asked for: a test without marker and fixture, in a session without `--qprof`, gets no
listener, and SQLAlchemy is not imported from here until a test asks.
"""

from collections.abc import Generator

import pytest

from qprof.pytest_plugin import options
from qprof.pytest_plugin.limits import Limits
from qprof.pytest_plugin.markers import HELP, factory_of, limits_of, refuse_wrong_markers

_asking = pytest.StashKey[Limits]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --qprof and what begins so."""
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; with --qprof, also what collects the figures of all tests."""
    config.addinivalue_line("markers", HELP)
    if options.gates(config):
        from qprof.pytest_plugin.gate import SuiteBaseline, read_gate

        read_gate(config)
        if not options.is_worker(config):
            config.pluginmanager.register(SuiteBaseline(config), "qprof-baseline")
    if options.proves(config):
        from qprof.pytest_plugin.proving import Prover

        config.pluginmanager.register(Prover(config), "qprof-prover")
    if options.wanted(config) and not options.is_worker(config):
        from qprof.pytest_plugin.summary import Summary

        config.pluginmanager.register(Summary(config), "qprof-summary")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse markers that cannot be read, before any test runs."""
    if not options.is_worker(config):
        refuse_wrong_markers(items)


@pytest.fixture
def qprof(request: pytest.FixtureRequest) -> object:
    """Tell what this test sends to the database: queries, rows, cells, and what it needed.

    `with qprof.record() as seen:` looks at one block; `qprof.rows` and its kin are of the test so
    far; `qprof.assert_within(rows=…)` fails the test with the figures and the fix.
    """
    from qprof.pytest_plugin.recorder import recorder_of

    return recorder_of(request.node)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Read the markers; a wrong one is an error of its test here, where xdist collects apart."""
    limits = limits_of(item)
    if limits is not None:
        item.stash[_asking] = limits
    factory = factory_of(item)
    if factory is not None and isinstance(item, pytest.Function):
        from qprof.pytest_plugin.flat_test import FLAT_FACTORY, ask_for_fixtures

        item.stash[FLAT_FACTORY] = factory
        ask_for_fixtures(item, factory)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Record the test's own call, if anybody asks, and hold it against its limits."""
    limits = item.stash.get(_asking, None)
    uses_fixture = "qprof" in getattr(item, "fixturenames", ())
    if limits is None and not uses_fixture and not options.wanted(item.config):
        return (yield)
    from qprof.pytest_plugin.watching import watched

    with watched(item, limits):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the figures along with the report: xdist carries it to the controller."""
    report = yield
    if call.when == "call" and (_asking in item.stash or options.wanted(item.config)):
        from qprof.pytest_plugin.recorder import add_to_report

        add_to_report(item, report)
    if call.when == "teardown" and options.RECORDER in item.stash:
        del item.stash[options.RECORDER]
    return report
