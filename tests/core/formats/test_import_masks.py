"""Masks into a project: looked at first, then all or nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.classes import UNLABELED
from core.errors import ExportError, ImageError
from core.formats import mask_format, recognised_format
from core.formats.class_table import ClassTable, write_table
from core.formats.export_masks import WhichMasks, export_masks
from core.formats.import_masks import ImportPlan, Incoming, import_masks, plan_import
from core.formats.names import ImageFinder
from core.formats.palette_png import PALETTE_PNG
from core.formats.source import Source, image_name
from core.masks.merge import REPLACE, Merge
from core.masks.tiles import Array
from core.project import Project
from tests.core.formats.rounds import CLASSES, records_for

NAMES = ("a/photo.jpg", "b/photo.jpg", "b/other.png")


def quiet(*counts: int) -> None:
    pass


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three images of 6 × 4 pixels, nothing labelled."""
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        for number, name in enumerate(NAMES):
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True)
            Image.new("RGB", (6, 4), (number, 90, 40)).save(file)
            project.add_image(file)
        yield project


def save(folder: Path, name: str, mask: Array | int) -> None:
    path = folder / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 6), mask, np.uint8) if isinstance(mask, int) else mask).save(path)


def mask_of(project: Project, name: str) -> Array:
    (record,) = [record for record in project.images() if record.path == name]
    return project.load_mask(record.id).read()


def bring_in(
    project: Project, folder: Path, merge: Merge = REPLACE, own: dict[str, int | None] | None = None
) -> ImportPlan:
    source = Source(folder)
    incoming = Incoming(source, recognised_format(source), ClassTable(project.classes, own), merge)
    plan = plan_import(project, incoming, quiet)
    import_masks(project, incoming, plan, quiet)
    return plan


def test_masks_find_their_images_by_name_and_folder(project: Project, tmp_path: Path) -> None:
    save(tmp_path / "in", "a/photo", 1)
    save(tmp_path / "in", "deep/b/photo", 2)
    save(tmp_path / "in", "OTHER", 3)
    save(tmp_path / "in", "stranger", 4)
    plan = bring_in(project, tmp_path / "in")
    assert [int(mask_of(project, name)[0, 0]) for name in NAMES] == [1, 2, 3]
    assert plan.left_out == ("stranger: the project has no image of that name.",)
    assert plan.changed == 3 * 24
    assert plan.overwritten == 0


def test_a_name_that_two_images_share_is_not_guessed(project: Project, tmp_path: Path) -> None:
    save(tmp_path / "in", "photo", 1)
    with pytest.raises(ImageError, match="several images have that name"):
        bring_in(project, tmp_path / "in")


def test_another_size_and_a_second_mask_are_left_out(project: Project, tmp_path: Path) -> None:
    save(tmp_path / "in", "a/photo", 1)
    save(tmp_path / "in", "b/other", 1)
    save(tmp_path / "in", "c/other", 2)
    save(tmp_path / "in", "b/photo", np.zeros((2, 2), np.uint8))
    plan = bring_in(project, tmp_path / "in")
    assert plan.left_out == (
        "b/photo: it is 2 × 2 pixels, the image 6 × 4.",
        "c/other: a mask before it is for the same image, b/other.png.",
    )


def test_one_damaged_file_and_nothing_is_imported(project: Project, tmp_path: Path) -> None:
    save(tmp_path / "in", "a/photo", 1)
    save(tmp_path / "in", "b/other", 1)
    (tmp_path / "in/b/photo.png").write_bytes((tmp_path / "in/b/other.png").read_bytes()[:-20])
    with pytest.raises(ImageError, match=r"b/photo\.png is cut off"):
        bring_in(project, tmp_path / "in")
    assert project.revision == 0


def test_a_failure_half_way_leaves_the_project_as_it_was(project: Project) -> None:
    first, second, _ = project.images()

    def fails() -> Iterator[tuple[int, Array]]:
        yield first.id, np.ones((4, 6), np.uint8)
        yield second.id, np.full((4, 6), 99, np.uint8)

    with pytest.raises(ImageError, match="holds the value 99"):
        project.import_masks(fails())
    assert project.revision == 0
    assert (project.load_mask(first.id).read() == UNLABELED).all()


def test_an_import_is_one_edit_an_image_that_undo_takes_back(project: Project, tmp_path: Path) -> None:
    save(tmp_path / "in", "other", 3)
    bring_in(project, tmp_path / "in")
    record = project.images()[1]
    assert [revision.kind for revision in project.revisions(record.id)] == ["import"]
    editor = project.open_editor(record.id)
    edit = editor.undo()
    assert edit is not None
    project.save_edit(record.id, edit)
    assert (project.load_mask(record.id).read() == UNLABELED).all()


NEW = np.array([[1, 2, UNLABELED, 1, 2, UNLABELED]] * 4, np.uint8)
OLD = np.array([[5, 5, 5, UNLABELED, UNLABELED, UNLABELED]] * 4, np.uint8)


@pytest.mark.parametrize(
    ("merge", "row", "overwritten"),
    [
        (Merge(), [1, 2, 255, 1, 2, 255], 12),
        (Merge(keep_labels=True), [5, 5, 5, 1, 2, 255], 0),
        (Merge(classes=frozenset({2})), [5, 2, 5, 255, 2, 255], 4),
        (Merge(keep_labels=True, classes=frozenset({2})), [5, 5, 5, 255, 2, 255], 0),
    ],
)
def test_the_rule_says_which_labels_stay(
    project: Project, tmp_path: Path, merge: Merge, row: list[int], overwritten: int
) -> None:
    record = project.images()[1]
    project.import_masks([(record.id, OLD)])
    save(tmp_path / "in", "other", NEW)
    plan = bring_in(project, tmp_path / "in", merge)
    after = project.load_mask(record.id).read()
    assert after[0].tolist() == row
    assert plan.changed == int((after != OLD).sum())
    assert plan.overwritten == overwritten


def test_looking_changes_nothing_and_an_unknown_class_imports_nothing(project: Project, tmp_path: Path) -> None:
    save(tmp_path / "in", "other", np.array([[0, 9, 9, 9, 9, 255]] * 4, np.uint8))
    source = Source(tmp_path / "in")
    incoming = Incoming(source, PALETTE_PNG, ClassTable(project.classes))
    plan = plan_import(project, incoming, quiet)
    assert [(c.name, c.pixels, c.to, c.known) for c in plan.classes] == [
        ("0", 4, CLASSES[0].name, True),
        ("9", 16, None, False),
    ]
    with pytest.raises(ImageError, match='no class "9"'):
        import_masks(project, incoming, plan, quiet)
    assert project.revision == 0
    bring_in(project, tmp_path / "in", own={"9": 4, "0": None})
    assert mask_of(project, "b/other.png")[0].tolist() == [255, 4, 4, 4, 4, 255]


def test_classes_are_found_by_name_and_a_table_has_the_first_word(tmp_path: Path) -> None:
    table = ClassTable(CLASSES)
    name = CLASSES[1].name
    assert table.class_id(f" {name.upper()} ") == 1
    assert table.found("Void", 3).known
    assert not table.found("martian", 3).known
    assert not table.found("7", 3).known
    write_table(tmp_path / "t.json", [table.found(name, 1), table.found("martian", 2), table.found("void", 1)])
    written = json.loads((tmp_path / "t.json").read_text())
    assert written == {name: name, "martian": "?", "void": None}
    with pytest.raises(ImageError, match='has no class "\\?"'):
        ClassTable.read(tmp_path / "t.json", CLASSES)
    (tmp_path / "t.json").write_text(json.dumps(written | {"martian": CLASSES[2].name, name: None}))
    changed = ClassTable.read(tmp_path / "t.json", CLASSES)
    assert (changed.class_id("martian"), changed.class_id(name)) == (2, UNLABELED)


# --- nothing outside the chosen folder


def test_links_that_lead_out_are_refused(project: Project, tmp_path: Path) -> None:
    save(tmp_path / "secret", "other", 1)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/other.png").symlink_to(tmp_path / "secret/other.png")
    with pytest.raises(ImageError, match=r"other\.png is a link out of the chosen folder"):
        bring_in(project, tmp_path / "in")
    (tmp_path / "in/other.png").unlink()
    (tmp_path / "in/secret").symlink_to(tmp_path / "secret", target_is_directory=True)
    with pytest.raises(ImageError, match="no masks of a known format"):
        bring_in(project, tmp_path / "in")


WINDOWS = ["C:\\a.png", "C:a.png", "\\\\server\\share\\a.png"]
OUTSIDE = ["../a.png", "/etc/passwd", "//server/a.png", "a/../../b", "a\0.png", *WINDOWS]


@pytest.mark.parametrize("name", ["", *OUTSIDE])
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    save(tmp_path, "a", 1)
    with pytest.raises(ImageError, match="leads out of the chosen folder"):
        Source(tmp_path / "in").inside(name)


def test_a_name_without_end_is_missing_and_a_packed_file_is_to_be_unpacked(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is missing"):
        Source(tmp_path).inside("a" * 100_000)
    (tmp_path / "a.tar.gz").write_bytes(b"")
    with pytest.raises(ImageError, match="Unpack it"):
        Source(tmp_path / "a.tar.gz")


def test_names_of_images_are_only_compared() -> None:
    assert image_name("..\\..\\C:\\photos\\a.jpg") == "photos/a.jpg"
    finder = ImageFinder(records_for([(1, 1)], ["photos/a.v2.jpg"]))
    for name in ("a.v2", "a.v2.jpg", "a.v2.png", "/far/away/A.V2.JPG"):
        assert not isinstance(finder.find(name), str)
    assert isinstance(finder.find("a"), str)


def test_a_pipe_is_not_waited_for(project: Project, tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes here")
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in/other.png")
    with pytest.raises(ImageError, match="not an ordinary file"):
        bring_in(project, tmp_path / "in")


# --- export


def test_the_same_labels_give_the_same_bytes(project: Project, tmp_path: Path) -> None:
    project.import_masks([(record.id, NEW) for record in project.images()])
    for folder in ("one", "two"):
        export_masks(project, tmp_path / folder, PALETTE_PNG, quiet)
    files = [path.relative_to(tmp_path / "one") for path in sorted((tmp_path / "one").rglob("*")) if path.is_file()]
    assert len(files) == 5
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_only_done_images_or_those_of_a_split_are_written(project: Project, tmp_path: Path) -> None:
    first, second, third = project.images()
    project.import_masks([(record.id, NEW) for record in (first, second, third)])
    project.set_done(second.id, True)
    project.set_split(third.id, "val")
    done = export_masks(project, tmp_path / "done", PALETTE_PNG, quiet, which=WhichMasks(done_only=True))
    assert [path.name for path in done.masks] == ["other.png"]
    val = export_masks(project, tmp_path / "val", PALETTE_PNG, quiet, which=WhichMasks("val"))
    assert val.images == 1
    with pytest.raises(ExportError, match="No labelled image in test is done"):
        export_masks(project, tmp_path / "x", PALETTE_PNG, quiet, which=WhichMasks("test", True))
    assert not (tmp_path / "x").exists()


def test_a_failing_export_leaves_the_folder_as_it_was(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.import_masks([(record.id, NEW) for record in project.images()])
    export_masks(project, tmp_path / "out", PALETTE_PNG, quiet)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.png")}
    project.import_masks([(record.id, OLD) for record in project.images()])

    def stop(count: int, total: int) -> None:
        if count == 3:
            raise KeyboardInterrupt

    for folder in ("out", "new"):
        with pytest.raises(KeyboardInterrupt):
            export_masks(project, tmp_path / folder, PALETTE_PNG, stop)
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.png")} == before
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []
    assert not (tmp_path / "new").exists()


def test_what_cannot_be_chosen_is_named(project: Project, tmp_path: Path) -> None:
    project.import_masks([(project.images()[0].id, NEW)])
    with pytest.raises(ExportError, match='png knows no "size=big"'):
        export_masks(project, tmp_path / "x", mask_format("png"), quiet, choices={"size": "big"})
    with pytest.raises(ExportError, match='no class "martian"'):
        export_masks(project, tmp_path / "x", mask_format("png"), quiet, things=frozenset({"martian"}))
