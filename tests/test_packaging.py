"""The set-up behind the README's two commands: what it asks for, and when it has nothing to do."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import core.system_libraries

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def runner() -> ModuleType:
    """packaging/run.py, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("maskwright_run", ROOT / "packaging" / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_commands_in_the_readme_are_those_of_the_script_and_of_ci(runner: ModuleType) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for verb in ("demo", "test"):
        assert f"python3 packaging/run.py {verb}" in readme
        assert f"packaging/run.py {verb}" in runner.USAGE
    assert "python3 packaging/run.py test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_every_verb_of_the_readme_exists() -> None:
    from app.commands import build_parser

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^maskwright (\w.*?)(?:\s+#.*)?$", readme, re.MULTILINE)
    assert len(commands) > 7
    for command in commands:
        build_parser().parse_args(command.split())


def test_every_file_that_the_readme_points_to_is_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links, paths = r"\]\((\S+?)\)", r"`((?:core|app|resources|tests|packaging)/[\w/.]+)`"
    named = {*re.findall(links, readme), *re.findall(paths, readme)}
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("words", [[], ["dance"], ["demo", "here"]])
def test_wrong_usage_sets_nothing_up(words: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "packaging" / "run.py", *words], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("usage:")


def test_missing_libraries_without_root_are_named_with_the_command(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(core.system_libraries, "_loads", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(runner.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(runner.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(core.system_libraries, "FONT_FOLDERS", (ROOT,))
    assert runner.set_up_system(tests=True) == (1 if sys.platform.startswith("linux") else 0)
    if sys.platform.startswith("linux"):
        said = capsys.readouterr().err
        assert "sudo apt-get install libegl1" in said
        assert len(said.splitlines()) == 1


def test_the_tests_ask_for_a_virtual_display_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(core.system_libraries, "_loads", lambda library: True)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "xvfb" in core.system_libraries.missing_packages(tests=True)
    assert "xvfb" not in core.system_libraries.missing_packages()


def test_a_set_up_environment_is_left_alone(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(runner, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(runner, "works", lambda: True)
    monkeypatch.setattr(runner, "run", lambda *_, **__: pytest.fail("something was installed"))
    (tmp_path / "stamp").write_text(runner.stamp())
    assert runner.set_up_venv() == 0


def test_another_lock_installs_again(runner: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(runner, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(runner, "works", lambda: True)
    monkeypatch.setattr(runner, "pip", lambda: ["pip"])
    monkeypatch.setattr(runner, "link_project", lambda: None)

    def run(command: list[object]) -> int:
        ran.append([str(word) for word in command])
        return 0

    monkeypatch.setattr(runner, "run", run)
    (tmp_path / "stamp").write_text("of another lock")
    assert runner.set_up_venv() == 0
    assert "--require-hashes" in ran[0]
    assert (tmp_path / "stamp").read_text() == runner.stamp()


def test_the_first_failing_check_gives_the_exit_code_and_the_others_still_run(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter([0, 3, 5, 0])
    monkeypatch.setattr(runner, "run", lambda command, **_: next(codes))
    assert runner.test([]) == 3
    assert list(codes) == []
