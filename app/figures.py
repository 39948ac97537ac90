"""Figures as a person reads them."""


def clock(seconds: float) -> str:
    """Minutes and seconds, like "0:42"."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def points(difference: float | None) -> str:
    """A difference of two shares, in hundredths: "+3.2"."""
    return "–" if difference is None else f"{100 * difference:+.1f}"
