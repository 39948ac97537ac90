"""Models for LiteRT in 8 bits, fitted to the project's pictures: https://ai.google.dev/edge/litert/models/post_training_quantization"""

import warnings
from pathlib import Path

from core.model_formats.litert_model import open_model
from core.model_formats.model_format import Examples, ModelFormat
from core.model_formats.portable import portable_model
from core.training.network import Network


def _write(network: Network, path: Path, examples: Examples) -> None:
    import tensorflow as tf

    kinds = tf.lite.OpsSet
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of the interpreter that TensorFlow itself calibrates with
        portable_model(network, for_8_bits=True).export(
            path,
            format="litert",
            verbose=False,
            optimizations=[tf.lite.Optimize.DEFAULT],
            representative_dataset=examples,
            target_spec={"supported_ops": [kinds.TFLITE_BUILTINS_INT8, kinds.TFLITE_BUILTINS]},
            experimental_enable_resource_variables=False,  # weights are constants, or they would stay as they are
        )


LITERT_INT8 = ModelFormat(
    name="litert-int8",
    words="a .tflite file in 8 bits: a quarter of the size, a little less exact",
    file="model.tflite",
    packages=("ai-edge-litert",),
    modules=("tensorflow", "ai_edge_litert"),
    write=_write,
    open_model=open_model,
    exact=False,
)
