"""The report of an evaluation: whole, with pictures, safe for any name, readable by spreadsheets."""

import csv
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from re import findall

import cv2
import numpy as np
import pytest

from core.classes import LabelClass
from core.errors import ExportError
from core.evaluation import measure
from core.evaluation.cautions import Caution
from core.evaluation.evaluate import begin
from core.evaluation.figures import Evaluation
from core.evaluation.measure import measure_image
from core.evaluation.pictures import shade
from core.evaluation.plan import Plan, read_labelled
from core.evaluation.report import write_report
from core.evaluation.words import title_of
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.project import Project
from core.training.messages import TrainedModel
from tests.core.evaluation.scenes import THREE, add_scene
from tests.core.training.scenes import CLASSES

SHARP = (LabelClass(0, "<b>ground</b>", "#996633"), LabelClass(1, 'wäter, "deep"', "#0072b2"), CLASSES[2])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.maskwright", SHARP) as made:
        yield made


@pytest.fixture
def evaluation(project: Project, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    """Of two images; the model takes a lake of 600 pixels in each for ground."""

    def all_ground(*_: object, region: Rect, **__: object) -> tuple[Array, Array]:
        size = region.height, region.width
        return np.zeros(size, np.uint8), np.full(size, 153, np.uint8)

    monkeypatch.setattr(measure, "predict_image", all_ground)
    truth = np.zeros((96, 120), np.uint8)
    truth[10:30, 40:70] = 1
    ids = [add_scene(project, seed, truth) for seed in (1, 2)]
    records = tuple(project.image(image_id) for image_id in ids)
    plan = Plan(replace(THREE, classes=SHARP), TrainedModel(4, {}, SHARP, b""), records, ())
    gathering = begin(plan)
    for record in records:
        cells = read_labelled(project, plan, record)
        assert cells is not None
        gathering.add(measure_image(None, cells))  # type: ignore[arg-type]
    return gathering.total()


def pictures(page: Path) -> list[Array]:
    found = findall(r'src="data:image/png;base64,([^"]+)"', page.read_text(encoding="utf-8"))
    return [np.asarray(cv2.imdecode(np.frombuffer(b64decode(each), np.uint8), cv2.IMREAD_COLOR)) for each in found]


def test_the_page_holds_all_its_pictures_and_no_name_becomes_markup(
    project: Project, evaluation: Evaluation, tmp_path: Path
) -> None:
    page = write_report(project, evaluation, tmp_path / "out", [Caution("a < b & c")])
    text = page.read_text(encoding="utf-8")
    assert "<b>ground" not in text and "&lt;b&gt;ground" in text and "a &lt; b &amp; c" in text
    assert "http" not in text and "<script" not in text
    assert "Run 4 on 2 validation images, 23,040 labelled pixels" in text
    matrix, calibration, first, second = pictures(page)
    assert min(matrix.shape[:2]) > 300 and min(calibration.shape[:2]) > 300
    assert first.shape == second.shape, "picture, labels and prediction side by side"
    left, middle, right = (first[:, part] for part in (np.s_[:160], np.s_[168:328], np.s_[336:]))
    assert (np.abs(middle.astype(int) - left).mean() > 5) and (np.abs(middle.astype(int) - right).mean() > 5)
    lake = middle[24:44, 60:100].reshape(-1, 3).mean(0)
    assert lake[0] > lake[2] + 40, "blue is laid over what is labelled as water"


def test_tables_open_in_spreadsheets_with_every_figure(
    project: Project, evaluation: Evaluation, tmp_path: Path
) -> None:
    write_report(project, evaluation, tmp_path / "out")
    with (tmp_path / "out" / "per-class.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (tmp_path / "out" / "per-class.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    ground, water, leaf = rows
    assert water["class"] == 'wäter, "deep"' and water["labelled pixels"] == "1200" and water["recall"] == "0.0"
    assert float(ground["precision"]) == pytest.approx(1 - 1200 / 23040, abs=1e-6)
    assert leaf["IoU"] == "" and leaf["boundary F"] == ""
    with (tmp_path / "out" / "confusion.csv").open(encoding="utf-8-sig", newline="") as file:
        _, *matrix = csv.reader(file)
    assert [[int(n) for n in row[1:]] for row in matrix] == evaluation.confusion.matrix.tolist()


def test_a_picture_that_is_gone_leaves_its_line(project: Project, evaluation: Evaluation, tmp_path: Path) -> None:
    project.image_path(project.images()[0]).unlink()
    project.remove_image(project.images()[1].id)
    page = write_report(project, evaluation, tmp_path / "out")
    assert len(pictures(page)) == 2
    assert page.read_text(encoding="utf-8").count("there is no picture of it") == 2


def test_a_report_takes_the_place_of_an_older_one_and_leaves_nothing_else(
    project: Project, evaluation: Evaluation, tmp_path: Path
) -> None:
    write_report(project, evaluation, tmp_path / "out")
    write_report(project, replace(evaluation, stopped=True), tmp_path / "out")
    assert "stopped before it had seen all images" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_a_folder_that_cannot_be_written_is_a_sentence(
    project: Project, evaluation: Evaluation, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ExportError, match="cannot be written"):
        write_report(project, evaluation, tmp_path / "out")


def test_a_larger_share_is_darker_and_text_stays_readable_on_the_darkest() -> None:
    tones = [sum(shade(share)) for share in (float("nan"), 0.0, 0.01, 0.2, 1.0)]
    assert tones[0] == tones[1] == 765 and tones[1:] == sorted(tones[1:], reverse=True)
    linear = [((tone / 255 + 0.055) / 1.055) ** 2.4 for tone in shade(1.0)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert (luminance + 0.05) / (0.013 + 0.05) > 4.5


def test_one_image_is_not_called_images(evaluation: Evaluation) -> None:
    assert "Run 4 on 1 validation image, " in title_of(replace(evaluation, images=1))
    held_out = replace(evaluation, subject=replace(evaluation.subject, measured_on="held-out pixels"))
    assert "Run 4 on held-out pixels of 2 images, " in title_of(held_out)
