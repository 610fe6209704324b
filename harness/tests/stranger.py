"""An environment and a repository of someone else's, for the test of what an installed package does there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from memorization_claims.tests.toy_project import ROOT

PACK = Path(__file__).with_name("pack")
LEAN = "-p no:cacheprovider -p no:hypothesispytest"
"""Without plugins that a stranger would not have, or need."""


def copied(folder: Path) -> Path:
    """A copy of this repository's files without anything that was built in it, to build from."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def pip(*arguments: str) -> None:
    """Run pip without an index: nothing is downloaded, and what is built takes this environment's setuptools."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr


def wheel(tree: Path, folder: Path) -> Path:
    """Build the wheel of a copy of this repository."""
    pip("wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), str(tree))
    (built,) = folder.glob("*.whl")
    return built


class Environment:
    """A fresh virtual environment that has this one's other packages and one installation of ours."""

    def __init__(self, folder: Path, *installed: str) -> None:
        """Make it in a folder; `installed` are pip's arguments that name the package."""
        venv.create(folder, symlinks=True)
        self.folder, self.programs = folder, folder / "bin"
        (self.packages,) = folder.glob("lib/python*/site-packages")
        # Lines of a .pth file are put on the path as they are, without the .pth files that lie there: this
        # environment's own editable install, which is one, stays behind.
        others = [path for path in sys.path if Path(path).name == "site-packages"]
        (self.packages / "others.pth").write_text("\n".join(others) + "\n", encoding="utf-8")
        pip("--python", str(self.programs / "python"), "install", "-q", "--no-deps", "--no-index", *installed)
        program = self.programs / "pytest"
        program.write_text(
            f"#!{self.programs / 'python'}\nimport pytest\nraise SystemExit(pytest.main())\n", encoding="utf-8"
        )
        program.chmod(0o755)

    def run(self, folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in a folder, without a GPU, and with nothing of this session's."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "PYTHON", "COV"))}
        own = {"PATH": f"{self.programs}:{os.environ['PATH']}", "PYTEST_ADDOPTS": LEAN, "CUDA_VISIBLE_DEVICES": ""}
        (self.folder / "no-data").mkdir(exist_ok=True)
        own |= {"COLUMNS": "120", "MEMORIZATION_CLAIMS_DATA": str(self.folder / "no-data")}
        command = [str(self.programs / program), *arguments]
        return subprocess.run(command, cwd=folder, env=kept | own, capture_output=True, text=True, timeout=1200)


def pack(folder: Path, *, mutants: bool = False) -> Path:
    """Lay out the stranger's repository, with the conftest that names its mutants or without any."""
    left_out = ["__pycache__", *([] if mutants else ["conftest.py"])]
    shutil.copytree(PACK, folder, ignore=shutil.ignore_patterns(*left_out))
    return folder
