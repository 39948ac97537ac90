"""What a comparison of heads means, in plain words and with its own figures. Importing this brings in no Keras."""

from math import isnan

from core.training.head_figures import Figure, HeadResult
from core.training.messages import HeadsCompared


def explain(compared: HeadsCompared) -> str:
    """Paragraphs with empty lines between: which objective is right, what was measured, why another can look better."""
    heads = {head.name: head for head in compared.heads}
    paragraphs = [_principle(), _ranking(compared)]
    if {"softmax", "sigmoid"} <= heads.keys():
        paragraphs += [_accuracies(heads, compared.classes), _gradients(compared), _sums(heads)]
    paragraphs += [_calibration(compared), _caveats(compared)]
    return "\n\n".join(filter(None, paragraphs))


def percent(figure: Figure) -> str:
    """ "43.1 ± 0.5 %", without the spread where one seed has none."""
    spread = "" if isnan(figure.spread) else f" ± {100 * figure.spread:.1f}"
    return f"{100 * figure.mean:.1f}{spread} %"


def sums_text(head: HeadResult) -> str:
    """What a pixel's probabilities sum to: "1", or the range."""
    least, _, greatest = (round(value, 2) for value in head.sums)
    return f"{least:g}" if least == greatest else f"{least:g} to {greatest:g}"


def _principle() -> str:
    return (
        "A pixel has one class here. Softmax with categorical cross-entropy asks for just that: the classes compete, "
        "their probabilities sum to 1, and the loss looks at the true one. That makes it the right objective."
    )


def _ranking(compared: HeadsCompared) -> str:
    heads = sorted(compared.heads, key=_miou, reverse=True)
    figures = ", ".join(f"{head.title} {percent(head.figure('miou'))}" for head in heads)
    seeds = len(heads[0].measures)
    over = f", mean ± spread over {seeds} seeds" if seeds > 1 else ", one seed"
    return f"Mean IoU on {compared.measured_on}{over}: {figures}. {_verdict(heads)} {_same_loss(compared)}".rstrip()


def _verdict(heads: list[HeadResult]) -> str:
    """Who is ahead, and who only by chance."""
    best, *others = heads
    if not others:
        return "No other head was measured."
    if len(best.measures) < 2:
        return "One seed does not tell chance from merit: with two or more, differences can be weighed."
    ties = [head.title for head in others if head.figure("miou").ties_with(best.figure("miou"))]
    behind = [head.title for head in others if head.title not in ties]
    if not behind:
        return "That is a tie: no head is further from the best than chance takes it from seed to seed."
    tie = f" {_list(ties)} {'ties' if len(ties) == 1 else 'tie'} with it." if ties else ""
    return f"{best.title} is ahead of {_list(behind)} by more than chance moves them from seed to seed.{tie}"


def _same_loss(compared: HeadsCompared) -> str:
    heads = {head.name: head for head in compared.heads}
    if not {"softmax", "softmax-flat"} <= heads.keys():
        return ""
    same = f"Softmax and {heads['softmax-flat'].title} are the same loss in two shapes"
    apart = 100 * abs(_miou(heads["softmax"]) - _miou(heads["softmax-flat"]))
    if apart < 0.05:
        return f"{same}, and come to the same."
    return (
        f"{same}: the {apart:.1f} points between them are rounding that grew over the steps, a measure of how little "
        "the last digits mean."
    )


def _accuracies(heads: dict[str, HeadResult], classes: int) -> str:
    sigmoid, softmax = heads["sigmoid"], heads["softmax"]
    counted_alike = _against(softmax.figure("binary_accuracy"), sigmoid.figure("binary_accuracy"))
    shown, beside = sigmoid.figure("binary_accuracy").mean, softmax.figure("pixel_accuracy").mean
    looks = ", and looks better" if shown > beside else ", and does not even look better this time"
    pixels = _against(softmax.figure("pixel_accuracy"), sigmoid.figure("pixel_accuracy"))
    return (
        "Binary cross-entropy can look better than it is, by what is called accuracy beside it: binary accuracy, which "
        f"counts each of the {classes} classes of a pixel as a question of its own. Answering no to all of them is "
        f"right {100 * (classes - 1) / classes:.1f} % of the time. So Sigmoid shows "
        f"{percent(sigmoid.figure('binary_accuracy'))} where Softmax shows a pixel accuracy of "
        f"{percent(softmax.figure('pixel_accuracy'))}{looks}. Counted alike, Softmax has "
        f"{percent(softmax.figure('binary_accuracy'))} binary accuracy, {counted_alike}, and Sigmoid a pixel accuracy "
        f"of {percent(sigmoid.figure('pixel_accuracy'))}; there Softmax has {pixels}."
    )


def _gradients(compared: HeadsCompared) -> str:
    rates = ", ".join(f"{head.title} {head.learning_rate:g}" for head in compared.heads)
    return (
        f"Its loss is also a mean over {compared.classes} questions: at the start its gradient on the true class is "
        f"{2 * (compared.classes - 1)} times smaller, so that the same learning rate is another setting. Here each "
        f"head got the best of the same rates, chosen on {compared.rates_chosen_on} of the training images: {rates}."
    )


def _sums(heads: dict[str, HeadResult]) -> str:
    least, mean, greatest = heads["sigmoid"].sums
    return (
        f"A pixel's probabilities sum to 1 for the others; for Sigmoid to between {least:.2f} and {greatest:.2f}, "
        f"{mean:.2f} on average: each class is judged by itself, so two can be likely at once, or none."
    )


def _calibration(compared: HeadsCompared) -> str:
    heads = sorted(compared.heads, key=_calibration_error)
    figures = ", ".join(f"{head.title} {percent(head.figure('calibration_error'))}" for head in heads)
    best = heads[0].figure("calibration_error")
    ties = [head.title for head in heads if head.figure("calibration_error").ties_with(best)]
    tie = f" {_list(ties)} tie." if len(ties) > 1 and len(heads[0].measures) > 1 else ""
    return f"How far confidence is from the share that is right (expected calibration error): {figures}.{tie}"


def _caveats(compared: HeadsCompared) -> str:
    said = []
    if compared.stopped:
        said.append("The comparison was stopped before its end: these are the trainings that were through.")
    if compared.measured_on == "training pixels":
        said.append("There is too little labelled to keep any aside: these are pixels that were learned from.")
    elif compared.measured_on == "held-out pixels":
        said.append("The rates were chosen on the same held-out pixels, which flatters all heads alike.")
    for head in compared.heads:
        tried = [rate for rate, _ in head.rates]
        if tried and head.learning_rate in (min(tried), max(tried)):
            end = "lowest" if head.learning_rate == min(tried) else "highest"
            said.append(f"{head.title} did best with the {end} rate tried: one beyond it may do better still.")
    return " ".join(said)


def _against(ours: Figure, theirs: Figure) -> str:
    points = 100 * (ours.mean - theirs.mean)
    if ours.ties_with(theirs):
        return "a tie"
    return f"{abs(points):.1f} points {'more' if points > 0 else 'less'}"


def _miou(head: HeadResult) -> float:
    return head.figure("miou").mean


def _calibration_error(head: HeadResult) -> float:
    return head.figure("calibration_error").mean


def _list(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
