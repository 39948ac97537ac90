"""What the pixels of generated pictures are."""

from core.pretraining.surfaces import PATTERNS

OUTDOORS = (
    "sky",
    "ground",
    "marking",
    "building",
    "crown",
    "low plants",
    "vehicle",
    "person",
    "pole",
    "fence",
    "sign",
)
SMALL = ("cell", "nucleus", "fibre")
KINDS = (*OUTDOORS, *(f"surface {name}" for name in PATTERNS), *SMALL)
ID = {kind: number for number, kind in enumerate(KINDS)}
