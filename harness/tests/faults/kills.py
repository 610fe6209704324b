"""Kill sessions of pytest that judge real claims: `python -m memorization_claims.tests.faults.kills`.

They are killed by SIGKILL at moments that are drawn, one after another on the same store: of two workers and their
controller all, a worker alone or the controller alone, and a session without workers. At last one may end, and is held
against a session that nobody disturbed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from memorization_claims.store.locks import Locks
from memorization_claims.tests import miniature, toy_project
from memorization_claims.tests.faults import noted
from memorization_claims.tests.store_samples import leftovers

WHOM = ("a worker", "all", "the controller", "the only process")
"""Whom SIGKILL meets, in turn: of two workers and their controller one worker, all or the controller; or a session
without workers. One that has lost a worker goes on, and is what the next kill meets."""
FAST = (
    "arpit2017/test_filters.py::test_random_inputs_leave_filters_rough",
    "arpit2017/test_filters.py::test_real_data_make_filters_smooth",
    "arpit2017/test_time_to_fit.py::test_more_examples_slow_down_training[fast-randX]",
    "zhang2017/test_expressivity.py::test_a_two_layer_net_takes_any_values",
    "zhang2017/test_kernels.py::test_random_centres_raise_the_norm",
    "zhang2017/test_random_labels.py::test_random_labels_are_fitted[fast-mlp-1x512]",
    "zhang2017/test_random_labels.py::test_labels_alone_decide_the_generalisation_gap_of_mlps[fast]",
)
FULLSCALE = (
    "arpit2017/test_filters.py::test_what_is_learned_is_smooth[fullscale-real]",
    "arpit2017/test_critical_samples.py::test_langevin_search_misses_no_more_than_a_few[fullscale-real]",
    "gu2019/test_generator.py::test_generated_images_are_near_to_real_ones[fullscale-dcgan]",
    "zhang2017/test_random_labels.py::test_random_labels_are_fitted[fullscale-mlp-3x512]",
    "zhang2017/test_kernels.py::test_gabor_wavelets_cut_the_error[fullscale]",
)
"""In miniature: what they train takes seconds."""
PATIENCE = 1800
"""Seconds that anything may take."""
Judged = dict[str, dict[str, Any]]


class Whole(NamedTuple):
    """A session that nobody disturbed."""

    judged: Judged
    """What it found of each claim."""
    runs: int
    """How many it trained."""
    seconds: float
    """How long it took."""


class Sessions:
    """The same session again and again, on one store.

    Args:
        folder: of the store, the data, the record and the notes.
        small: whether it judges fullscale claims in miniature.
    """

    def __init__(self, folder: Path, *, small: bool) -> None:
        folder.mkdir()
        self.folder, self.store = folder, folder / "store"
        self.finished: dict[str, int] = {}
        """What `kept` gave after the last kill."""
        items, seeds = (FULLSCALE, 1) if small else (FAST, 12)
        plugins = ["memorization_claims.tests.faults.noted"]
        if small:
            miniature.write_data(folder)
            shutil.rmtree(self.store)  # trainings on ImageNet, which none of these claims needs
            plugins.append("memorization_claims.tests.miniature")
        self._command = [sys.executable, "-m", "pytest", *toy_project.QUICK, "-q", *(f"-p{name}" for name in plugins)]
        self._command += [*(f"claims/{item}" for item in items), "-m", "fullscale" if small else "fast", "--device=cpu"]
        self._command += [f"--seeds={seeds}", "--claims-allow-undecided", f"--data-root={folder}"]
        self._command += [f"--store={self.store}", f"--report={folder}", "--claims-base-seed=700000"]

    def start(self, workers: int) -> subprocess.Popen[bytes]:
        """Start it, in a process group of its own."""
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
            environment.pop(name, None)
        command = [*self._command, *([f"-n{workers}"] if workers else [])]
        with open(self.folder / "printed", "ab") as printed:
            return subprocess.Popen(
                command, cwd=toy_project.ROOT, env=environment, stdout=printed, stderr=printed, start_new_session=True
            )

    def end(self, controller: subprocess.Popen[bytes]) -> Judged:
        """Wait for its end: what the record says of each claim, but for seconds and who trained its runs."""
        status = controller.wait(PATIENCE)
        assert status in (0, 1), (self.folder / "printed").read_text()
        found = toy_project.record(self.folder)
        assert not found["errors"], found["errors"]
        assert not found["stopped"]
        kept = ({name: entry[name] for name in entry.keys() - {"seconds", "runs"}} for entry in found["claims"])
        return {entry["nodeid"]: entry for entry in kept}

    def kept(self) -> dict[str, int]:
        """The runs that are in the store, by key, each with the moment at which it was written."""
        found = (path for path in (self.store / "runs").glob("*/*") if not path.name.startswith("."))
        return {path.name: (path / "manifest.json").stat().st_mtime_ns for path in found}

    def begun(self) -> list[str]:
        """The keys of runs in the order in which their training was begun, each as often as it was."""
        return [note.key for note in noted.read(self.store) if note.what == "begun"]


def workers_of(controller: subprocess.Popen[bytes]) -> list[int]:
    """The processes of a session's workers."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            if parent == controller.pid and b"sys.stdin.readline" in (stat.parent / "cmdline").read_bytes():
                found.append(int(stat.parent.name))
    return sorted(found)


def disturbed(random: Random, folder: Path, whole: Whole, kills: int, *, small: bool) -> Iterator[str]:
    """Kill a session again and again, until it may end; then hold what there is against what was to be expected.

    Args:
        random: draws the moments: by how many runs have been begun and trained since the last one, and up to a second;
            once all runs are there, by the time that a session takes.
        folder: of its own.
        whole: what there is to be in the end.
        kills: how many.
        small: of `Sessions`.

    Returns:
        A line about each kill, and one about the end.

    Raises:
        AssertionError: a verdict or an effect is another, a finished run was trained again, or something is left.
    """
    sessions, lost, seen, done = Sessions(folder, small=small), 0, 0, 0
    controller, processes, workers = None, set[int](), 0
    while done < kills:
        whom = WHOM[done % len(WHOM)]
        if controller is None or controller.poll() is not None:
            workers = 0 if whom == "the only process" else 2
            controller = sessions.start(workers)
        there = _moment(random, sessions, controller, workers, whole, kills)
        processes.update(there)
        if controller.poll() is not None:
            continue  # it ended by itself
        if whom == "a worker":
            os.kill(random.choice(there), signal.SIGKILL)
        else:
            (os.killpg if whom == "all" else os.kill)(controller.pid, signal.SIGKILL)
            controller.wait()
        finished, begun = sessions.kept(), sessions.begun()
        assert not (again := sessions.finished.keys() & set(begun[seen:])), f"{len(again)} were trained again"
        assert sessions.finished.items() <= finished.items(), "finished runs are others"
        under_way = sum(key not in finished for key in begun[seen:])
        lost, seen, done, sessions.finished = lost + under_way, len(begun), done + 1, finished
        yield f"{whom:16} of {workers} workers: {len(finished):4} runs finished, {under_way:4} under way"
        if (folder / "verdicts.json").exists():
            toy_project.record(folder)  # whole
    assert controller is not None
    controller.wait(PATIENCE)
    judged, begun = sessions.end(sessions.start(2)), sessions.begun()
    different = [nodeid for nodeid in whole.judged if judged.get(nodeid) != whole.judged[nodeid]]
    assert judged.keys() == whole.judged.keys(), judged.keys() ^ whole.judged.keys()
    assert not different, f"other verdicts or effects: {different}"
    assert not sessions.finished.keys() & set(begun[seen:]), "finished runs were trained again"
    assert whole.runs <= len(begun) <= whole.runs + lost, f"{len(begun)} runs were begun, {whole.runs} are needed"
    assert sessions.finished.items() <= sessions.kept().items(), "finished runs are others"
    left(sessions, processes)
    yield f"{len(begun)} runs begun: the {whole.runs} of the undisturbed session, and no more than {lost} again"


def _moment(
    random: Random, sessions: Sessions, controller: subprocess.Popen[bytes], workers: int, whole: Whole, kills: int
) -> list[int]:
    """Wait for a random moment, or the end of the session; returns its workers then."""
    before, end = len(noted.read(sessions.store)), time.monotonic() + PATIENCE
    complete = len(sessions.kept()) == whole.runs
    notes, delay = random.randrange(4 * whole.runs // kills), random.random() * (whole.seconds if complete else 1)
    while controller.poll() is None and time.monotonic() < end:
        there = workers_of(controller)
        if len(there) >= workers and (complete or len(noted.read(sessions.store)) >= before + notes):
            time.sleep(delay)
            return workers_of(controller) or there
        time.sleep(0.02)
    return []


def left(sessions: Sessions, processes: set[int]) -> None:
    """Assert that no process, no lock and no draft is left of sessions that have ended."""
    end = time.monotonic() + PATIENCE
    while alive := [process for process in processes if _runs(process)]:
        assert time.monotonic() < end, f"workers go on without their session: {alive}"
        time.sleep(0.1)
    for folder in (sessions.store / "locks").iterdir():
        for path in folder.glob("*.lock"):
            lock = Locks(folder).attempt(path.stem)
            assert lock is not None, f"{path} is held"
            lock.release()
    assert not leftovers(sessions.store), leftovers(sessions.store)
    assert not list((sessions.store / "checkpoints").glob("*"))


def _runs(process: int) -> bool:
    """Whether a process has not ended; one that nobody has waited for has no command any more."""
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except OSError:
        return False


def main() -> int:
    """Kill real sessions on one store, and print how many runs were finished and how many under way each time."""
    parser = argparse.ArgumentParser(prog="python -m memorization_claims.tests.faults.kills", description=main.__doc__)
    parser.add_argument("--kills", type=int, default=10, help="how many (default: 10)")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn (default: 0)")
    parser.add_argument("--miniature", action="store_true", help="fullscale claims in miniature, in place of fast ones")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sessions, begin = Sessions(Path(name, "whole"), small=given.miniature), time.monotonic()
        judged = sessions.end(sessions.start(0))
        whole = Whole(judged, len(sessions.begun()), time.monotonic() - begin)
        assert len(set(sessions.begun())) == whole.runs
        print(f"undisturbed: {len(judged)} verdicts on {whole.runs} runs", flush=True)
        random = Random(given.seed)
        for line in disturbed(random, Path(name, "disturbed"), whole, given.kills, small=given.miniature):
            print(line, flush=True)
    print(f"{given.kills} kills: the same verdicts and effects, no finished run trained again, nothing left behind")
    return 0


if __name__ == "__main__":
    sys.exit(main())
