"""The pytest plugin: hooks alone. What they need is imported once a claim is there, so that others pay for nothing."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from memorization_claims import hookspec
from memorization_claims.errors import HarnessError, UndecidableError, UnfitDataError
from memorization_claims.session import items as claims
from memorization_claims.session import options, seeds, stash
from memorization_claims.session.reported import carried

MARKERS = (
    "claim(claim): the test of a claim, made by `memorization_claims.claim`",
    "seeded(claimed): a test that takes a seed, made by `memorization_claims.seeded`",
    "fast: the claim at reduced scale, on a CPU in seconds",
    "fullscale: the claim at the paper's own scale, on a GPU",
)
pytest_plugins = [f"memorization_claims.fixtures.{name}" for name in ("device", "laboratory", "claims")]


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(hookspec)


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    config.stash[stash.DAMAGED], config.stash[stash.SPARED], config.stash[stash.UNCOMPILED] = [], [], {}
    try:
        config.stash[stash.OPTIONS] = options.read(config)
        if config.stash[stash.OPTIONS].mutant:
            from memorization_claims.session import overrides

            overrides.of(config)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error
    _register(config)


def _register(config: pytest.Config) -> None:
    from memorization_claims.session import benchmarks, ending, results

    if stage := config.stash[stash.OPTIONS].stage:
        from memorization_claims.session import stages

        config.pluginmanager.register(stages.Stages(stage), "claims-stages")
    if hasattr(config, "workerinput"):
        benchmarks.leave_to_controller(config.option)
        return
    collected = results.Results(config)
    config.pluginmanager.register(benchmarks.Hooks(config, collected), "claims-benchmarks")
    config.pluginmanager.register(collected, "claims-results")
    config.pluginmanager.register(ending.Ending(collected), "claims-ending")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        from memorization_claims.session import took

        took.leave(session.config)


def pytest_report_header(config: pytest.Config) -> str:
    from memorization_claims.session import header

    return header.line(config.stash[stash.OPTIONS], config.invocation_params.dir)


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object | None:
    from memorization_claims.session import costs
    from memorization_claims.session.scheduling import Scheduling

    # Not by --dist in a configuration, which would switch pytest-benchmark off where there are no workers.
    return Scheduling(config, log, lambda: costs.told(config)) if config.getoption("dist") == "load" else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    from memorization_claims.session import costs, slots

    slots.take(node)
    node.workerinput[options.DRAWN] = node.config.stash[stash.OPTIONS].base_seed
    if node.config.getoption("dist") == "load":
        costs.ask(node.config, node)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    from memorization_claims.session import slots

    slots.leave(node)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if claim := claims.claim_of(metafunc.definition):
        from memorization_claims.session import overrides

        claims.parametrize(metafunc, claim, overrides.of(metafunc.config))


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and claims.claim_of(item):
        from memorization_claims.session import overrides

        if not hasattr(item, "callspec"):
            raise pytest.UsageError(f"{item.nodeid} is of a unittest.TestCase; legal for a claim is a plain function")
        claims.mark(item, overrides.of(item.config))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from memorization_claims.session import devices, selection, slots

    chosen = config.stash[stash.OPTIONS]
    try:
        kept, left = selection.choose(items, only=chosen.only)
    except HarnessError as error:
        _refuse(config, error)
        kept, left = [], list(items)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
    if any(map(claims.claim_of, kept)):
        devices.share(getattr(config, "workerinput", {}).get(slots.INPUT), config.getoption("claims_device"))


def _refuse(config: pytest.Config, error: HarnessError) -> None:
    """End the session with one line; a worker that raised would break it, and so it has none to judge."""
    from memorization_claims.session import results

    if not hasattr(config, "workerinput"):
        raise pytest.UsageError(str(error)) from error
    config.workeroutput[results.REFUSED] = str(error)  # type: ignore[attr-defined]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    seeds.share(session.config, session.items)
    if session.config.option.collectonly or not any(map(claims.claim_of, session.items)):
        return
    from memorization_claims.session import costs, ready, trials

    try:
        ready.check(session.config, session.items)
        trials.try_out(session.config, session.items)
        costs.tell(session.config, session.items)
    except HarnessError as error:
        _refuse(session.config, error)
        session.items.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    if seeds.seeded_of(item):
        with seeds.judged(item):
            return (yield)
    if claims.claim_of(item) is None:
        return (yield)
    from memorization_claims.judging.judge import UndecidedError
    from memorization_claims.session import looks

    looks.begin(item)
    try:
        try:
            result = yield
        except UndecidedError:
            looks.look_again(item)
            result = None
    except UnfitDataError as error:
        from memorization_claims.session import unfit

        assert isinstance(item, pytest.Function)
        unfit.skip(item, error)
    except UndecidableError as error:
        if (judge := item.stash.get(stash.JUDGE, None)) is None:
            raise
        judge.undecidable(str(error))
        raise AssertionError("an undecidable claim ends undecided") from error
    judge = item.stash.get(stash.JUDGE, None)
    if judge is None or judge.verdict is None:
        pytest.fail("the test of a claim ended without a verdict: call one procedure of `judge`", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if isinstance(item, pytest.Function) and claims.claim_of(item):
        from memorization_claims.session import entry

        entry.tell(item, call, report)
    elif isinstance(item, pytest.Function) and seeds.seeded_of(item):
        from memorization_claims.session import seeded_entry

        seeded_entry.tell(item, call, report)
    elif call.when == "setup" and call.excinfo and isinstance(call.excinfo.value, HarnessError):
        report.longrepr = f"{type(call.excinfo.value).__name__}: {call.excinfo.value}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    call: pytest.CallInfo[object] | None = getattr(report, "call", None)
    if call and call.excinfo and isinstance(call.excinfo.value, HarnessError):
        from memorization_claims.session import entry

        report.longrepr = entry.located(call.excinfo)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    # An attempt that a plugin makes again has an outcome of that plugin's.
    judged = report.outcome in ("passed", "failed", "skipped")
    if judged and carried(report).get("entry", {}).get("verdict") == "undecided":
        return "undecided", "?", ("UNDECIDED", {"yellow": True})
    return None
