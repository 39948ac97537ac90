"""The command line: what can be asked for, and what becomes of errors. Only `open` imports Qt."""

import argparse
import errno
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

from app import head_verbs, import_verb, mask_verbs, model_verbs, run_verbs, train_verb, verbs
from app.demo import demo
from app.terminal import Terminal
from core.errors import MaskwrightError
from core.foreign.facts import SCALES
from core.formats import MASK_FORMATS
from core.model_formats import MODEL_FORMATS
from core.records import SPLITS
from core.training.heads import HEADS
from core.training.settings import Scene, TrainingSettings
from core.training.unet import OFFERED, SHAPES

Verb = Callable[[argparse.Namespace, Terminal], int]

OK, KNOWN_ERROR, INTERRUPTED = 0, 1, 130

EPILOG = """\
Without a verb, or with "open PROJECT", the window opens. Each verb has its own --help.

A first round:
  maskwright new fields --template landcover
  maskwright add fields photos/ --masks masks/
  maskwright train fields --budget 120
  maskwright predict fields --out predictions/
"""


def main(argv: Sequence[str]) -> int:
    """Run one verb. Returns 0, 1 after a known error, or 130 when interrupted; usage errors exit with 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a file's name may hold what the terminal cannot show
    args = build_parser().parse_args(argv)
    verb: Verb = args.verb
    terminal = Terminal(as_json=args.json)
    try:
        code = verb(args, terminal)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains on its way out
        return KNOWN_ERROR
    except KeyboardInterrupt:
        terminal.warn("maskwright: stopped.")
        return INTERRUPTED
    except MaskwrightError as error:
        terminal.warn(f"maskwright: {error}")
    except OSError as error:
        terminal.warn(f"maskwright: {_sentence(error)}")
    except MemoryError:
        terminal.warn("maskwright: there was not enough memory. Close other programs and try again.")
    return KNOWN_ERROR


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="maskwright",
        description="Label images by hand, train a segmentation model on the labels, use it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for add in (
        _open,
        _demo,
        _new,
        _add,
        _info,
        _train,
        _runs,
        _compare_heads,
        _evaluate,
        _predict,
        _import_masks,
        _export_masks,
        _import_model,
        _export_model,
        _doctor,
    ):
        add(subparsers)
    return parser


def _verb(subparsers: Any, name: str, verb: Verb, summary: str, *, project: bool = True) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=summary, description=_sentence_case(summary))
    parser.set_defaults(verb=verb)
    if project:
        parser.add_argument("project", metavar="PROJECT", type=verbs.project_path, help="a .maskwright file")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line of the output")
    return parser


def _open(subparsers: Any) -> None:
    parser = _verb(subparsers, "open", _window, "open the window on a project, or on a folder of images", project=False)
    parser.add_argument("project", metavar="PROJECT", type=Path, help="a .maskwright file or a folder")
    parser.add_argument("--screenshot", metavar="FILE", type=Path, help="save a picture of the window there, and close")
    parser.add_argument("--size", metavar="WxH", type=_size, help="of the window in pixels")


def _window(args: argparse.Namespace, terminal: Terminal) -> int:
    from PySide6.QtCore import QSize

    from app.start import run_window

    path = args.project if args.project.is_dir() else verbs.project_path(str(args.project))
    return run_window(path, picture=args.screenshot, size=QSize(*args.size) if args.size else None)


def _demo(subparsers: Any) -> None:
    summary = "make the sample project, label it, train, evaluate, predict and export, then show the window"
    parser = _verb(subparsers, "demo", demo, summary, project=False)
    parser.add_argument("folder", metavar="DIR", type=Path, help="where everything goes")
    _budget(parser, 60)


def _new(subparsers: Any) -> None:
    parser = _verb(subparsers, "new", verbs.new, "make an empty project")
    text = 'classes to start with: "landcover", "cityscapes", or a JSON file [{"name": …, "color": …}, …]'
    parser.add_argument("--template", default="landcover", metavar="NAME|FILE", help=f"{text} (landcover)")


def _add(subparsers: Any) -> None:
    parser = _verb(subparsers, "add", verbs.add, "add images, or folders of them")
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="image files and folders")
    text = "folder of PNGs named like the images, their pixels class ids (255 unlabelled), grey or palette"
    parser.add_argument("--masks", metavar="DIR", type=Path, help=text)
    parser.add_argument("--split", choices=SPLITS, default="train", help="what the images are for (train)")


def _info(subparsers: Any) -> None:
    _verb(subparsers, "info", verbs.info, "tell what a project holds")


def _train(subparsers: Any) -> None:
    parser = _verb(
        subparsers, "train", train_verb.train, "train a model on the labels; Ctrl+C ends it and keeps the result"
    )
    parser.usage = "maskwright train [OPTION…] PROJECT"
    _budget(parser, TrainingSettings().budget_s)
    parser.set_defaults(budget_s=None)  # so that it is known whether somebody asked for it
    text = "end after so many steps instead: the same seed then gives the same figures on the same processor"
    parser.add_argument("--steps", dest="max_steps", type=_whole(1, 10**7), metavar="N", help=text)
    parser.add_argument("--seed", type=_whole(0, 2**32 - 1), metavar="N", help="for repeatable runs (0)")
    _network(parser)
    text = f"last step to probabilities, with its loss ({TrainingSettings().head})"
    parser.add_argument("--head", choices=list(HEADS), help=text)
    parser.add_argument("--patch", type=_whole(32, 2048), metavar="N", help="side of a training patch in pixels")
    parser.add_argument("--batch", type=_whole(1, 256), metavar="N", help="patches a step")
    parser.add_argument("--workers", type=_whole(1, 64), metavar="N", help="threads that prepare patches")
    parser.add_argument("--learning-rate", type=_rate, metavar="R", help="the highest, like 0.003")
    parser.add_argument("--scene", choices=get_args(Scene), help="whether up is up in the pictures (auto)")
    start = parser.add_mutually_exclusive_group()
    text = "go on from this run's weights, or the last that fits, or afresh (none)"
    start.add_argument("--from", dest="start_from", type=_start, default="none", metavar="RUN|last|none", help=text)
    start.add_argument("--resume", action="store_true", help="go on with the training that was cut off")


def _runs(subparsers: Any) -> None:
    summary = "list the runs, show one, compare two, note, star or delete one"
    parser = _verb(subparsers, "runs", run_verbs.runs, summary, project=False)
    parser.usage = f"maskwright runs [-h] [--json] PROJECT [{run_verbs.FORMS}]"
    text = "a .maskwright file, and what to do: tell all runs, one in full or how two differ; note, star or delete one"
    parser.add_argument("project", metavar="PROJECT", nargs="+", action=run_verbs.RunsAsked, help=text)


def _compare_heads(subparsers: Any) -> None:
    summary = "train every head alike and show what each is worth; Ctrl+C ends it with what is there"
    parser = _verb(subparsers, "compare-heads", head_verbs.compare_heads, summary)
    text = "training time in seconds for each head and seed (30); choosing rates costs as much as one more seed"
    parser.add_argument("--budget", dest="budget_s", type=_seconds, default=30.0, metavar="SECONDS", help=text)
    parser.add_argument("--seeds", type=_whole(1, 100), default=3, metavar="K", help="trainings of each head (3)")
    _network(parser, default=TrainingSettings().network)


def _network(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    text = f"({TrainingSettings().network})"
    parser.add_argument("--network", choices=list(SHAPES), metavar="|".join(OFFERED), default=default, help=text)


def _evaluate(subparsers: Any) -> None:
    parser = _verb(subparsers, "evaluate", model_verbs.evaluate, "compare a run's predictions with the labels")
    _run(parser)
    text = "which images (val; where none is labelled, the pixels of training images that were kept for measuring)"
    parser.add_argument("--split", choices=SPLITS, help=text)
    text = "also write a report there, as a web page with pictures and as tables for spreadsheets"
    parser.add_argument("--report", metavar="DIR", type=Path, help=text)


def _predict(subparsers: Any) -> None:
    summary = "write a run's predictions as palette PNGs, or take them over as labels"
    parser = _verb(subparsers, "predict", model_verbs.predict, summary)
    text = "image files, folders, or names of the project's images; all of the project's by default"
    parser.add_argument("images", metavar="IMAGE", nargs="*", help=text)
    _run(parser)
    purpose = parser.add_mutually_exclusive_group(required=True)
    purpose.add_argument("--out", metavar="DIR", type=Path, help="folder to write into")
    text = (
        "label what is not labelled where the run is at least this sure, 0 to 1: the named images of the project, or "
        "all those to train on that have no label yet; undo takes it back image by image"
    )
    purpose.add_argument("--accept", metavar="SURE", type=_share, help=text)


def _import_masks(subparsers: Any) -> None:
    summary = "take in masks that were made elsewhere, all of them or none"
    parser = _verb(subparsers, "import-masks", mask_verbs.import_masks, summary)
    text = "a file, a folder or a zip archive; nothing outside of it is read"
    parser.add_argument("path", metavar="PATH", type=Path, help=text)
    text = "(auto); export-masks --formats tells them"
    parser.add_argument("--format", choices=["auto", *MASK_FORMATS], default="auto", metavar="NAME", help=text)
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen, and change nothing")
    text = (
        'JSON file that says what the classes of the files become: {"car": "vehicle", "other": null}; '
        "with --dry-run a FILE that is not there yet is written, for you to change"
    )
    parser.add_argument("--map", metavar="FILE", type=Path, help=text)
    text = "replace the labels, or write only where nothing is labelled (replace)"
    parser.add_argument("--merge", choices=["replace", "unlabelled"], default="replace", help=text)
    parser.add_argument("--only", metavar="CLASS", action="append", help="take over only this class; may be repeated")


def _export_masks(subparsers: Any) -> None:
    parser = _verb(subparsers, "export-masks", mask_verbs.export_masks, "write the labels in a format for other tools")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    text = "tell all formats, and what they offer to choose"
    parser.add_argument("--formats", action="version", version=mask_verbs.formats_told(), help=text)
    parser.add_argument("--format", choices=list(MASK_FORMATS), default="png", metavar="NAME", help="(png)")
    _out(parser)
    parser.add_argument("--split", choices=SPLITS, help="only the images of this split (all)")
    parser.add_argument("--done", action="store_true", help="only the images that are marked as done")
    text = "what some formats offer to choose; may be repeated"
    parser.add_argument("--choose", metavar="NAME=VALUE", action="append", type=_choice, help=text)
    text = "a class whose regions are things, counted one by one, where a format makes that difference; may be repeated"
    parser.add_argument("--thing", metavar="CLASS", action="append", help=text)


def _import_model(subparsers: Any) -> None:
    summary = "take in a model that was made elsewhere, as a run that predicts"
    parser = _verb(subparsers, "import-model", import_verb.import_model, summary)
    text = "a .keras or .onnx file, or a folder that export-model wrote; it is tried on a picture of the project first"
    parser.add_argument("path", metavar="FILE", type=Path, help=text)
    text = 'JSON file that says what the channels of the model become: {"0": "water", "1": null}'
    parser.add_argument("--map", metavar="FILE", type=Path, help=text)
    words = "; ".join(f"{name}: {scale.words}" for name, scale in SCALES.items())
    text = f"what numbers it takes for pixels, where it takes numbers (1, or 255 if its layers say so): {words}"
    parser.add_argument("--scale", choices=list(SCALES), default="", help=text)
    text = "agree: a model file is a program from elsewhere, and is run on your pictures"
    parser.add_argument("--yes", action="store_true", help=text)


def _export_model(subparsers: Any) -> None:
    parser = _verb(subparsers, "export-model", model_verbs.export_model, "write a run's network for use elsewhere")
    parser.add_argument(
        "run", type=_whole(1), metavar="RUN", nargs="?", default=argparse.SUPPRESS, help="which run (the newest)"
    )
    parser.add_argument("--run", type=_whole(1), default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.set_defaults(run=None)
    words = "; ".join(f"{format.name}: {format.words}" for format in MODEL_FORMATS.values())
    parser.add_argument("--format", choices=list(MODEL_FORMATS), default="keras", help=f"(keras) {words}")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="folder to write; it must be empty or not exist"
    )
    parser.add_argument("--licence", metavar="NAME", default="", help="for the card: who may use it (not chosen yet)")


def _doctor(subparsers: Any) -> None:
    parser = _verb(subparsers, "doctor", verbs.doctor, "check that everything is in place", project=False)
    parser.add_argument("project", metavar="PROJECT", type=verbs.project_path, nargs="?", help="check it too")


def _budget(parser: argparse.ArgumentParser, default: float) -> None:
    text = f"training time in seconds ({default:g}); preparing and measuring come on top"
    parser.add_argument(
        "--budget", dest="budget_s", type=_seconds, default=float(default), metavar="SECONDS", help=text
    )


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=_whole(1), metavar="N", help="which run (the newest)")


def _out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder to write into")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 0 < int(width) <= 16384 and 0 < int(height) <= 16384):
        raise argparse.ArgumentTypeError(f"{text} is not a size: write it like 1280x800")
    return int(width), int(height)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text} is not a time: give seconds above 0")
    return value


def _rate(text: str) -> float:
    value = _seconds(text) if text.strip() else math.nan
    if not value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no learning rate: give a number above 0, like 0.003")
    return value


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no confidence: give a number from 0 to 1, like 0.8")
    return value


def _choice(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not (name and found and value):
        raise argparse.ArgumentTypeError(f"{text} is no choice: write it like NAME=VALUE")
    return name, value


def _start(text: str) -> str:
    if text not in ("none", "last") and not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f'{text} is no run: give its number, "last" or "none"')
    return text


def _whole(lowest: int, highest: int = 2**63 - 1) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"{text} does not fit: give a whole number from {lowest} on")
        return int(text)

    return whole_number


def _sentence_case(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _sentence(error: OSError) -> str:
    """What the system refused, and what to do about it."""
    what = f"{error.filename}: " if error.filename else ""
    advice = {
        errno.ENOSPC: "The disk is full. Free some space and try again.",
        errno.EACCES: "Permission denied. Change the permission, or choose another place.",
        errno.EPERM: "Permission denied. Change the permission, or choose another place.",
        errno.EROFS: "That place is read-only. Choose another.",
    }
    return what + advice.get(error.errno or 0, f"{error.strerror or error}.")
