"""The verbs that use a trained model. Every function returns the exit code."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.run_texts import checked_text, megabytes
from app.terminal import Terminal, columns, percent, table
from core.errors import ImageError, ProjectError
from core.evaluation.cautions import Caution, find_cautions
from core.formats.files import export_folder
from core.formats.names import mask_names
from core.formats.palette_png import write_legend, write_palette_png
from core.images import find_images, read_image
from core.model_formats import model_format
from core.model_formats.origin import held_out_labels, model_origin
from core.prediction.accepting import accept_predictions, to_prelabel
from core.project import Project
from core.records import ImageRecord, ModelOrigin, Split

if TYPE_CHECKING:
    from core.evaluation.figures import Evaluation
    from core.model_formats.export import ModelWritten


def evaluate(args: argparse.Namespace, terminal: Terminal) -> int:
    with Project.open(args.project) as project:
        project.run(args.run)  # says at once if there is none
        cautions = find_cautions(project)
        for caution in cautions:
            terminal.warn(caution.sentence)
        evaluation = evaluate_project(project, args.run, args.split, terminal)
        values = evaluation.to_mapping()
        if args.report is not None:
            values["report"] = str(_write_report(project, evaluation, args.report, cautions, terminal))
    terminal.say(_evaluation_text(evaluation))
    terminal.result(values)
    return 0


def evaluate_project(project: Project, run: int | None, split: Split | None, terminal: Terminal) -> "Evaluation":
    """Measure a run, and warn of what a reader of the figures should know."""
    project.run(run)  # says at once if there is none, before TensorFlow is loaded
    from core.evaluation.evaluate import evaluate as measure
    from core.training.quiet import load_keras

    load_keras()

    def progress(done: int, total: int) -> None:
        terminal.progress(f"evaluating: {done} of {total} images", key="evaluate")

    evaluation = measure(project, run, split=split, progress=progress)
    for sentence in evaluation.notes:
        terminal.warn(sentence)
    return evaluation


def _write_report(
    project: Project, evaluation: "Evaluation", folder: Path, cautions: Sequence[Caution], terminal: Terminal
) -> Path:
    from core.evaluation.report import write_report

    def progress(done: int, total: int) -> None:
        terminal.progress(f"drawing places: {done} of {total}", key="report")

    page = write_report(project, evaluation, folder, cautions, progress)
    terminal.say(f"The report is {page}.")
    return page


def _evaluation_text(evaluation: "Evaluation") -> str:
    from core.evaluation.words import title_of

    values = evaluation.to_mapping()
    totals = [("mIoU", values["miou"]), ("accuracy", values["accuracy"]), ("calibration error", values["ece"])]
    figures = ("iou", "precision", "recall", "boundary_f")
    rows = [(name, *(percent(values[figure][name]) for figure in figures)) for name in values["iou"]]
    return "\n".join(
        (
            title_of(evaluation),
            table([(name, percent(value)) for name, value in totals]),
            columns([("class", "IoU", "precision", "recall", "boundary F"), *rows]),
        )
    )


def predict(args: argparse.Namespace, terminal: Terminal) -> int:
    if args.accept is not None:
        return _accept(args, terminal)
    with Project.open(args.project) as project:
        paths = _chosen_images(project, args.images)
        written, refused = predict_images(project, args.run, paths, args.out, terminal)
    for sentence in refused:
        terminal.warn(f"maskwright: {sentence}")
    terminal.say(f"{len(written)} predictions in {args.out}.")
    terminal.result({"files": [str(path) for path in written], "refused": refused})
    return 1 if refused else 0


def predict_images(
    project: Project, run_id: int | None, paths: Sequence[Path], out: Path, terminal: Terminal
) -> tuple[list[Path], list[str]]:
    """Write the prediction for each image; returns the files, and a sentence for each image that was refused."""
    project.run(run_id)
    from core.prediction.inference import predict_image
    from core.prediction.trained import predictor_from, trained_model
    from core.training.quiet import load_keras

    load_keras()
    trained = trained_model(project, run_id)
    network = predictor_from(trained)
    written: list[Path] = []
    refused: list[str] = []
    names = mask_names(_short_paths(paths))
    with export_folder(out):
        for count, (path, name) in enumerate(zip(paths, names, strict=True), 1):
            terminal.progress(f"predicting {count} of {len(paths)}: {path.name}", key="predict")
            try:
                class_map, _ = predict_image(network, read_image(path))
            except ImageError as error:
                refused.append(str(error))
                continue
            write_palette_png(out / name, class_map, trained.classes)
            written.append(out / name)
        write_legend(out, trained.classes)
    return written, refused


def _accept(args: argparse.Namespace, terminal: Terminal) -> int:
    with Project.open(args.project) as project:
        run = project.run(args.run)
        records = _named_records(project, args.images) if args.images else to_prelabel(project.images())

        def progress(done: int, record: ImageRecord) -> None:
            terminal.progress(f"predicting {done + 1} of {len(records)}: {record.name}", key="predict")

        accepted = accept_predictions(project, records, args.accept, run.id, progress=progress)
    for sentence in accepted.refused:
        terminal.warn(f"maskwright: {sentence}")
    terminal.say(f"{len(accepted.images)} of {len(records)} images got labels that run {run.id} is sure of.")
    names = [record.path for record in accepted.images]
    terminal.result({"run": run.id, "images": len(records), "accepted": names, "refused": accepted.refused})
    return 1 if accepted.refused else 0


def _named_records(project: Project, asked: list[str]) -> list[ImageRecord]:
    records = project.images()
    for text in asked:
        if not any(text in (record.name, record.path) for record in records):
            raise ImageError(f"There is no image {text} in {project.path.name}. Add it first, or check the name.")
    return [record for record in records if record.name in asked or record.path in asked]


def _chosen_images(project: Project, asked: list[str]) -> list[Path]:
    """The files meant by what was typed: files, folders, names of the project's images; all of its images for none."""
    records = project.images()
    if not asked:
        if not records:
            raise ProjectError(f"{project.path.name} holds no image yet. Add some, or name the images to predict.")
        return [project.image_path(record) for record in records]
    return list(dict.fromkeys(path for text in asked for path in _images_meant(project, records, text)))


def _short_paths(paths: Sequence[Path]) -> list[str]:
    """The paths from the folder that they share."""
    whole = [path.absolute() for path in paths]
    try:
        root = os.path.commonpath([path.parent for path in whole])
        return [path.relative_to(root).as_posix() for path in whole]
    except ValueError:  # none, or on several drives
        return [path.as_posix() for path in whole]


def _images_meant(project: Project, records: list[ImageRecord], text: str) -> list[Path]:
    path = Path(text)
    if path.is_dir():
        return find_images(path)
    if path.exists():
        return [path]
    named = [project.image_path(record) for record in records if text in (record.name, record.path)]
    if not named:
        raise ImageError(f"There is no image {text}, neither as a file nor in {project.path.name}. Check the name.")
    return named


def export_model(args: argparse.Namespace, terminal: Terminal) -> int:
    with Project.open(args.project) as project:
        run = project.run(args.run)
        origin = model_origin(project, run.id, args.licence)
        path, figures = export_project_model(project, origin, args.format, args.out, terminal)
    terminal.say(f"The model is in {args.out}, {megabytes(figures.size_bytes)}. {checked_text(figures)}")
    terminal.result({"model": str(path), "run": run.id, "format": args.format, **asdict(figures)})
    return 0


def export_project_model(
    project: Project, origin: ModelOrigin, format_name: str, out: Path, terminal: Terminal
) -> "ModelWritten":
    from core.model_formats.export import export_model
    from core.prediction.trained import trained_model
    from core.training.quiet import load_keras

    def report(doing: str) -> None:
        terminal.progress(f"exporting the model: {doing}", key=doing.partition(",")[0])

    load_keras()
    format, run = model_format(format_name), origin.run.id
    held_out = () if format.exact else held_out_labels(project, run)
    return export_model(trained_model(project, run), origin, format, out, report, held_out=held_out)
