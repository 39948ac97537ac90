"""What people call the formats of models, and what each is for and needs."""

TITLES: dict[str, tuple[str, str]] = {
    "keras": ("Keras", "A file for Python, to predict with or to train further. Runs with Keras and TensorFlow."),
    "savedmodel": ("TensorFlow SavedModel", "A folder for servers and programs of TensorFlow, which runs it."),
    "onnx": ("ONNX", "A file for C++, C#, Java, Python and browsers. Runs with ONNX Runtime, on most computers."),
    "litert": ("LiteRT (.tflite)", "A file for phones and small boards. Runs with LiteRT, once TensorFlow Lite."),
    "litert-int8": (
        "LiteRT in 8 bits (.tflite)",
        "A quarter of the size, for small boards; a little less exact: how much is told. Runs with LiteRT.",
    ),
}
"""By name of the format: how people call it, and what it is for and runs with."""


def title_of(name: str) -> str:
    return TITLES[name][0] if name in TITLES else name


def purpose_of(name: str) -> str:
    return TITLES[name][1] if name in TITLES else ""
