"""The walls of the house, as sentences. DESIGN and README name the rooms; these tests keep them apart."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("app", "core", "tests", "packaging", "resources")
LAYERS = ("masks", "images", "records", "classes")
"""What the store and training rest on: nothing in here knows a project."""


def modules(*folders: str) -> list[Path]:
    """Python files below folders (or the files themselves), from the root."""
    places = [ROOT / folder for folder in folders]
    return sorted(f for p in places for f in ([p] if p.suffix == ".py" else p.rglob("*.py")))


def imports(file: Path, *, at_import_only: bool = False) -> Iterator[str]:
    """Every module a file imports, "from a import b" as "a.b"; `at_import_only` leaves out those inside functions."""
    nodes: list[ast.AST] = list(ast.parse(file.read_text(encoding="utf-8")).body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue  # never happens at run time
        elif not (at_import_only and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            nodes += ast.iter_child_nodes(node)


def trespassers(files: list[Path], *forbidden: str, at_import_only: bool = False) -> list[str]:
    """Where a file imports one of the forbidden packages."""
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in imports(file, at_import_only=at_import_only)
        if any(name == package or name.startswith(f"{package}.") for package in forbidden)
    ]


def loaded_by(statement: str) -> set[str]:
    """Top-level packages that a fresh interpreter holds after a statement."""
    code = f"{statement}\nimport sys\nprint(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


# --- Qt and Keras stay where they belong


def test_core_knows_no_qt() -> None:
    assert trespassers(modules("core"), "PySide6", "app") == []
    everything = "; ".join(
        f"import {'.'.join(f.relative_to(ROOT).with_suffix('').parts)}"
        for f in modules("core")
        if f.name not in ("__init__.py", "__main__.py", "env.py") and not f.name.startswith("v0")
    )
    assert "PySide6" not in loaded_by(everything)


def test_the_command_line_runs_without_qt_and_loads_keras_only_when_asked() -> None:
    loaded = loaded_by("import app.__main__, app.commands, app.demo")
    assert not loaded & {"PySide6", "tensorflow", "keras"}


def test_the_window_opens_before_tensorflow_is_loaded() -> None:
    loaded = loaded_by("import app.__main__, app.window")
    assert "PySide6" in loaded
    assert not loaded & {"tensorflow", "keras"}


def test_only_what_runs_models_imports_keras_and_inside_functions() -> None:
    outside = [
        file
        for file in modules("app", "core")
        if file.parent.name not in ("training", "pretraining", "prediction", "model_formats", "foreign")
    ]
    assert trespassers(outside, "keras", "tensorflow") == []
    assert trespassers(modules("app", "core"), "keras", "tensorflow", at_import_only=True) == []


# --- downwards only


def test_the_foundations_know_nothing_of_what_is_built_on_them() -> None:
    built = (
        "core.project",
        "core.store",
        "core.training",
        "core.prediction",
        "core.formats",
        "core.model_formats",
        "core.labels",
    )
    files = modules("core/masks", *(f"core/{name}.py" for name in LAYERS if name != "masks"))
    assert files
    assert trespassers(files, *built) == []


def test_only_the_project_opens_the_store() -> None:
    doors = {ROOT / "core/project.py", ROOT / "core/project_runs.py"}
    others = [f for f in modules("app", "core") if f not in doors and ROOT / "core/store" not in f.parents]
    assert trespassers(others, "core.store", "sqlalchemy", "alembic", "sqlite3") == []


def test_store_and_project_do_not_know_who_uses_them() -> None:
    users = ("training", "prediction", "evaluation", "foreign", "formats", "model_formats", "sample")
    assert (
        trespassers(modules("core/store", "core/project.py", "core/project_runs.py"), *(f"core.{u}" for u in users))
        == []
    )


def test_training_knows_no_project_and_no_formats() -> None:
    files = [f for f in modules("core/training") if f.name != "service.py"]  # the worker exports models too
    assert trespassers(files, "core.project", "core.store", "core.formats", "core.model_formats") == []


def test_training_does_not_know_who_measures_it() -> None:
    files = [f for f in modules("core/training") if f.name != "service.py"]  # the worker does whatever needs a network
    assert trespassers(files, "core.evaluation") == []


def test_the_program_runs_without_the_pictures_that_its_networks_were_taught_on() -> None:
    others = [f for f in modules("app", "core") if ROOT / "core/pretraining" not in f.parents]
    assert trespassers(others, "core.pretraining") == []
    assert trespassers(modules("core/pretraining"), "core.project", "core.store", "core.formats", "core.sample") == []


def test_panels_never_import_each_other() -> None:
    shared = {"controls", "template_choice"}  # small widgets, no panels
    panels = [f for f in modules("app/panels") if f.stem not in ("__init__", *shared)]
    families = (  # a panel and what only it is made of
        {"images", "image_list", "image_cell", "image_menu", "thumbnails"},
        {"training", "curve", "iou_bars"},
        {"options", "tool_options"},
        {"prediction", "show_choice"},
    )
    found = []
    for panel in panels:
        family = next((names for names in families if panel.stem in names), set[str]())
        own = {f"app.panels.{name}" for name in shared | family}
        for name in imports(panel):
            if name.startswith("app.panels.") and ".".join(name.split(".")[:3]) not in own:
                found.append(f"{panel.name} imports {name}")
    assert found == []


def test_canvas_and_panels_do_not_know_the_window() -> None:
    files = modules("app/canvas", "app/panels", "app/dialogs", "app/workspace.py")
    assert trespassers(files, "app.window", "app.commands") == []


# --- house rules


def test_opencv_opens_no_windows() -> None:
    banned = {"imshow", "namedWindow", "waitKey", "destroyAllWindows", "imread", "imwrite"}
    used = [
        f"{file.relative_to(ROOT)}: cv2.{node.attr}"
        for file in modules("app", "core")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in banned and ast.unparse(node.value) == "cv2"
    ]
    assert used == []


def test_models_of_strangers_are_never_unpickled() -> None:
    used = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in modules("app", "core")
        for name in ("enable_unsafe_deserialization", "allow_pickle=True", "safe_mode=False", "pickle.load")
        if name in file.read_text(encoding="utf-8")
    ]
    assert used == []


def test_packaging_does_not_shadow_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_the_set_up_needs_nothing_but_the_standard_library() -> None:
    files = [ROOT / "core/__init__.py", ROOT / "core/system_libraries.py", *modules("packaging")]
    known = sys.stdlib_module_names | {"core"}
    foreign = [f"{f.name} imports {name}" for f in files for name in imports(f) if name.split(".")[0] not in known]
    assert foreign == []
    assert [n for f in modules("packaging") for n in imports(f) if n.startswith("core.")] in (
        [],
        ["core.system_libraries.missing_packages"],
    )


def test_the_lock_holds_versions_and_hashes_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 30
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==[\w.]+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_nothing_committed_names_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = re.compile(
        "|".join((r"/" + r"home/\w", r"/" + r"root/", r"/" + r"work/", r"/" + r"tmp/\w", r"C:\\" + "Users"))
    )
    named = []
    for name in filter(None, listed.stdout.split("\0")):
        file = ROOT / name
        if file.suffix in (".png", ".jpg", ".jpeg", ".tif", ".webp", ".bmp") or not file.is_file():
            continue
        lines = file.read_text(encoding="utf-8", errors="ignore").splitlines()
        named += [f"{name}:{n}: {line.strip()[:80]}" for n, line in enumerate(lines, 1) if paths.search(line)]
    assert named == []
