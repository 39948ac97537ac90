"""The project file: what is saved stays saved, and what cannot be saved is said."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.classes import LabelClass, load_template
from core.errors import ImageError, ProjectError
from core.masks.editor import MaskEdit, MaskEditor
from core.project import Project
from core.records import Checkpoint
from core.store.engine import APPLICATION_ID, SCHEMA_VERSION

CLASSES = load_template("landcover")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return make_photo(tmp_path / "photos" / "a.png", seed=1)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        yield project


def make_photo(path: Path, seed: int = 0, height: int = 300, width: int = 400) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)).save(path)
    return path


def stroke(editor: MaskEditor, value: int, *points: tuple[float, float]) -> MaskEdit:
    editor.begin_stroke(value, 10)
    editor.extend_stroke(points)
    edit = editor.end_stroke()
    assert edit is not None
    return edit


def reopened(project: Project) -> Project:
    project.close()
    return Project.open(project.path)


# --- the file


def test_a_project_carries_its_file_mark_and_version(project: Project) -> None:
    project.close()
    with closing(sqlite3.connect(project.path)) as raw:
        assert raw.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert raw.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_migrations_and_tables_say_the_same(project: Project) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    from core.store.tables import Base

    project.close()
    with create_engine(f"sqlite:///{project.path}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_project_is_never_overwritten(project: Project) -> None:
    with pytest.raises(ProjectError, match="exists already"):
        Project.create(project.path, CLASSES)


def test_a_second_window_is_told(project: Project) -> None:
    with pytest.raises(ProjectError, match="open in another window"):
        Project.open(project.path)


def test_another_process_is_told_and_may_come_later(project: Project) -> None:
    code = "import sys; from pathlib import Path; from core.project import Project; Project.open(Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(project.path)]
    assert "open in another window" in subprocess.run(command, check=False, capture_output=True, text=True).stderr
    project.close()
    assert subprocess.run(command, check=False).returncode == 0


def test_a_missing_project_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="There is no project at"):
        Project.open(tmp_path / "none.maskwright")


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + b"\0" * 2000, b"x" * 10_000])
def test_a_foreign_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.maskwright"
    path.write_bytes(content)
    with pytest.raises(ProjectError):
        Project.open(path)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.maskwright"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE music (title)")
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="not a Maskwright project"):
        Project.open(path)
    assert path.read_bytes() == before


def test_a_newer_project_is_refused(project: Project) -> None:
    project.close()
    with closing(sqlite3.connect(project.path)) as raw:
        raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(ProjectError, match="newer Maskwright"):
        Project.open(project.path)


def older_file(path: Path, version: str) -> Path:
    """A project file as an older version left it: the migrations up to `version`, a class and a run."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    import core.store.migrations

    config = Config()
    config.set_main_option("script_location", str(Path(core.store.migrations.__file__).parent))
    with create_engine(f"sqlite:///{path}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {int(version)}")
        connection.exec_driver_sql("INSERT INTO label_classes VALUES (0, 'sea', '#000080'), (1, 'land', '#808000')")
        connection.exec_driver_sql(
            "INSERT INTO runs (created_at, seed, settings, label_revision, classes, device, seconds, metrics, curves,"
            " note, weight_bytes) VALUES ('2025-01-01 00:00:00', 3, '{}', 1, '[]', 'CPU', 5, '{}', '{}', 'first', 0)"
        )
    return path


def test_a_project_of_the_first_version_is_brought_up_to_date_with_all_it_holds(tmp_path: Path) -> None:
    with Project.open(older_file(tmp_path / "old.maskwright", "0001")) as project:
        assert [c.name for c in project.classes] == ["sea", "land"]
        assert project.run(1).note == "first" and not project.run(1).starred
        assert project.checkpoint() is None
        project.save_checkpoint(CHECKPOINT)
        assert project.faults() == []
    test_migrations_and_tables_say_the_same(project)


def test_a_closed_project_says_so(project: Project) -> None:
    project.close()
    with pytest.raises(ProjectError, match="is closed"):
        project.images()


def test_a_full_disk_loses_nothing_that_was_saved(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    editor = project.open_editor(image.id)
    project.save_edit(image.id, stroke(editor, 1, (50, 50)))
    saved = editor.mask.read()
    assert project._engine is not None
    with project._engine.connect() as connection:  # SQLite's own page limit fails just as a full disk does
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    editor.apply("import", editor.mask.bounds, np.ones((300, 400), bool), noise(7))
    edit = editor.undo()
    assert edit is not None
    with pytest.raises(ProjectError, match="The disk is full"):
        project.save_edit(image.id, edit)
    with project._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    with reopened(project) as again:
        assert np.array_equal(again.load_mask(image.id).read(), saved)
        assert again.faults() == []


def noise(classes: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, classes, (300, 400), np.uint8)


# --- classes


def test_classes_can_be_renamed_and_recolored(project: Project) -> None:
    renamed = (LabelClass(0, "sea", "#000080"), *CLASSES[1:])
    project.set_classes(renamed)
    with reopened(project) as again:
        assert again.classes == renamed


def test_a_class_in_use_is_not_dropped(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    project.save_edit(image.id, stroke(project.open_editor(image.id), 6, (50, 50)))
    with pytest.raises(ProjectError, match='labelled "bare ground"'):
        project.set_classes(CLASSES[:-1])
    assert project.classes == CLASSES


@pytest.mark.parametrize(
    "classes",
    [CLASSES[:1], CLASSES[1:], [LabelClass(0, "a", "red"), CLASSES[1]], [CLASSES[0], LabelClass(1, "", "#12ab56")]],
)
def test_impossible_classes_are_refused(tmp_path: Path, classes: list[LabelClass]) -> None:
    with pytest.raises(ProjectError):
        Project.create(tmp_path / "q.maskwright", classes)


# --- images


def test_images_are_stored_by_relative_path_and_found_after_a_move_of_the_whole_folder(
    project: Project, photo: Path, tmp_path: Path
) -> None:
    image = project.add_image(photo)
    assert (image.path, image.height, image.width, image.channels, image.bits) == ("photos/a.png", 300, 400, 3, 8)
    project.close()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("p.maskwright", "photos"):
        shutil.move(tmp_path / name, moved / name)
    with Project.open(moved / "p.maskwright") as again:
        assert again.file_state(again.image(image.id)) == "ok"


def test_the_same_file_again_keeps_its_record(project: Project, photo: Path) -> None:
    assert project.add_image(photo) == project.add_image(photo)
    assert len(project.images()) == 1


def test_a_missing_file_is_noticed_and_relocated(project: Project, photo: Path, tmp_path: Path) -> None:
    image = project.add_image(photo)
    moved = photo.rename(tmp_path / "moved.png")
    assert project.file_state(image) == "missing"
    other = make_photo(tmp_path / "other.png", seed=2)
    with pytest.raises(ImageError, match="another picture"):
        project.relocate_image(image.id, other)
    image = project.relocate_image(image.id, moved)
    assert image.path == "moved.png"
    assert project.file_state(image) == "ok"


def test_a_changed_file_is_noticed_and_adopted(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    project.save_edit(image.id, stroke(project.open_editor(image.id), 2, (50, 50)))
    make_photo(photo, seed=3)
    assert project.file_state(image) == "changed"
    assert project.snapshot_labels().left_out == ("a.png is changed",)
    adopted = project.adopt_changed_image(image.id)
    assert project.file_state(adopted) == "ok"
    assert adopted.labelled > 0


def test_a_file_that_was_only_touched_is_still_the_same(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    photo.write_bytes(photo.read_bytes())
    assert project.file_state(image) == "ok"


def test_a_changed_size_is_not_adopted(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    make_photo(photo, height=200)
    with pytest.raises(ImageError, match="400 × 200 pixels now"):
        project.adopt_changed_image(image.id)


def test_masks_come_in_with_images_as_one_edit(project: Project, photo: Path) -> None:
    image = project.add_image(photo, mask=noise(7))
    assert np.array_equal(project.load_mask(image.id).read(), noise(7))
    assert image.coverage == 1.0
    editor = project.open_editor(image.id)
    editor.undo()
    assert (editor.mask.read() == 255).all()


def test_a_mask_that_does_not_fit_adds_nothing(project: Project, photo: Path) -> None:
    with pytest.raises(ImageError, match="400 × 299 pixels, the image 400 × 300"):
        project.add_image(photo, mask=noise(7)[1:])
    with pytest.raises(ImageError, match="holds the value 7"):
        project.add_image(photo, mask=noise(8))
    assert project.images() == []


def test_thumbnails_keep_the_shape_of_the_picture(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    assert project.thumbnail(image.id).shape == (120, 160, 3)
    photo.unlink()
    assert project.thumbnail(image.id).shape == (120, 160, 3)  # stored, not made again


def test_a_removed_image_takes_its_labels_along(project: Project, photo: Path) -> None:
    image = project.add_image(photo, mask=noise(7))
    project.remove_image(image.id)
    assert project.images() == []
    assert project.faults() == []


# --- masks and history


def test_strokes_and_undo_survive_a_restart(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    editor = project.open_editor(image.id)
    looks = [editor.mask.read()]
    for value, x in ((1, 50), (2, 70), (3, 390)):
        project.save_edit(image.id, stroke(editor, value, (x, 50), (x, 250)))
        looks.append(editor.mask.read())
    with reopened(project) as again:
        editor = again.open_editor(image.id)
        assert np.array_equal(editor.mask.read(), looks[3])
        for look in looks[2::-1]:
            edit = editor.undo()
            assert edit is not None
            again.save_edit(image.id, edit)
            assert np.array_equal(editor.mask.read(), look)
        with reopened(again) as third:
            editor = third.open_editor(image.id)
            assert not editor.can_undo
            for look in looks[1:]:
                assert editor.redo() is not None
                assert np.array_equal(editor.mask.read(), look)


def test_a_stroke_after_an_undo_ends_the_redo_also_after_a_restart(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    editor = project.open_editor(image.id)
    project.save_edit(image.id, stroke(editor, 1, (50, 50)))
    undone = editor.undo()
    assert undone is not None
    project.save_edit(image.id, undone)
    project.save_edit(image.id, stroke(editor, 2, (80, 80)))
    with reopened(project) as again:
        editor = again.open_editor(image.id)
        assert not editor.can_redo
        assert editor.undo() is not None
        assert (editor.mask.read() == 255).all()


def test_every_revision_of_a_mask_can_be_looked_at(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    editor = project.open_editor(image.id)
    looks = {}
    for value, x in ((1, 50), (2, 70), (3, 390), (255, 60)):
        record = project.save_edit(image.id, stroke(editor, value, (x, 50), (x, 250)))
        looks[record.revision] = editor.mask.read()
    for revision, look in looks.items():
        assert np.array_equal(project.mask_at(image.id, revision).read(), look)


def test_pixel_counts_follow_the_mask(project: Project, photo: Path) -> None:
    image = project.add_image(photo)
    editor = project.open_editor(image.id)
    for value, x in ((1, 50), (2, 60), (255, 55)):
        record = project.save_edit(image.id, stroke(editor, value, (x, 50), (x, 250)))
        assert record.class_pixels == editor.mask.class_pixels()


def test_a_snapshot_holds_labelled_images_and_leaves_test_images_out(project: Project, tmp_path: Path) -> None:
    for name, split, labelled in (("a", "train", True), ("b", "val", True), ("c", "test", True), ("d", "train", False)):
        path = make_photo(tmp_path / f"{name}.png", seed=ord(name))
        project.add_image(path, split=split, mask=noise(3) if labelled else None)  # type: ignore[arg-type]
    snapshot = project.snapshot_labels()
    assert [Path(i.path).stem for i in snapshot.images] == ["a", "b"]
    assert snapshot.revision == project.revision


# --- runs and view


def add_run(project: Project, weights: bytes = b"w" * 1000) -> int:
    return project.add_run(
        seed=3, settings={"budget_s": 5.0}, label_revision=2, classes=CLASSES, device="CPU", seconds=5.2,
        metrics={"miou": 0.5}, curves={"loss": [2.0, 1.0]}, weights=weights,
    ).id  # fmt: skip


def test_runs_keep_everything(project: Project) -> None:
    first = add_run(project)
    second = add_run(project, b"other")
    with reopened(project) as again:
        assert [run.id for run in again.runs()] == [second, first]
        run = again.run(first)
        assert (run.seed, run.settings, run.metrics, run.weight_bytes) == (3, {"budget_s": 5.0}, {"miou": 0.5}, 1000)
        assert again.run_weights(second) == b"other"
        again.delete_runs([second])
        assert again.run().id == first
        with pytest.raises(ProjectError, match="weights of run"):
            again.run_weights(second)


def test_a_deleted_runs_number_is_not_given_again(project: Project) -> None:
    first = add_run(project)
    project.delete_runs([first])
    assert add_run(project) > first


def test_a_note_and_a_star_stay_with_their_run(project: Project) -> None:
    first, second = add_run(project), add_run(project)
    assert project.note_run(first, "with hedges").note == "with hedges"
    assert project.star_run(first, True).starred
    with reopened(project) as again:
        assert [(run.note, run.starred) for run in again.runs()] == [("", False), ("with hedges", True)]
        assert not again.star_run(first, False).starred
        with pytest.raises(ProjectError, match="no run 99"):
            again.note_run(99, "lost")
        assert again.run(second).note == ""


def test_a_starred_run_is_not_deleted_nor_any_that_should_go_with_it(project: Project) -> None:
    run, other = add_run(project), add_run(project)
    project.star_run(run, True)
    with pytest.raises(ProjectError, match="Take its star away"):
        project.delete_runs([other, run])
    assert project.run_weights(run) == project.run_weights(other) == b"w" * 1000
    project.star_run(run, False)
    project.delete_runs([other, run])
    assert project.runs() == []
    with pytest.raises(ProjectError, match=f"no run {run}"):
        project.delete_runs([run])


def test_what_a_deleted_run_took_is_used_again_and_the_file_stays_as_large(project: Project) -> None:
    weights = bytes(2_000_000)
    run = add_run(project, weights)
    before = project.room()
    project.delete_runs([run])
    after = project.room()
    assert after.size == before.size and after.free - before.free > 0.99 * len(weights)
    add_run(project, weights)
    assert project.room() == before
    project.close()
    assert project.path.stat().st_size == before.size


CHECKPOINT = Checkpoint(
    settings={"budget_s": 60.0, "inputs": {"channels": 3}},
    classes=CLASSES,
    label_revision=4,
    step=120,
    seconds=31.5,
    curves={"seconds": [0.5, 1.0], "measured_miou": [0.25]},
    state=bytes(range(256)) * 1000,
)


def test_the_newest_checkpoint_survives_a_restart(project: Project) -> None:
    assert project.checkpoint() is None
    project.save_checkpoint(replace(CHECKPOINT, step=60))
    project.save_checkpoint(CHECKPOINT)
    with reopened(project) as again:
        kept = again.checkpoint()
        assert kept is not None
        assert all(getattr(kept, f.name) == getattr(CHECKPOINT, f.name) for f in fields(Checkpoint))
        again.drop_checkpoint()
        assert again.checkpoint() is None


def test_a_finished_run_takes_the_place_of_its_checkpoint(project: Project) -> None:
    project.save_checkpoint(CHECKPOINT)
    add_run(project)
    assert project.checkpoint() is None


def test_a_project_without_runs_says_what_to_do(project: Project) -> None:
    with pytest.raises(ProjectError, match="Train first"):
        project.run()


def test_the_view_comes_back(project: Project) -> None:
    project.save_view_state({"image": 3, "centre": [1.5, 2.5]})
    project.save_view_state({"image": 4})
    with reopened(project) as again:
        assert again.view_state() == {"image": 4, "centre": [1.5, 2.5]}
