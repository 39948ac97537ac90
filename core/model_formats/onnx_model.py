"""Models as ONNX, written layer by layer: https://onnx.ai/onnx/operators/, operator set 13.

Keras keeps channels last, ONNX first: the graph turns the picture round once at its beginning, and the probabilities
at its end.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ExportError
from core.model_formats.model_format import Examples, ModelFormat
from core.training.network import Network

if TYPE_CHECKING:
    import keras

FLOAT, UINT8, UINT16 = 1, 2, 4
"""Of onnx.TensorProto."""
OPSET, IR_VERSION = 13, 8
"""Both are years old: most runtimes read them."""


def _write(network: Network, path: Path, _: Examples) -> None:
    import onnx

    graph = _Graph()
    result = _head(graph, network.head.name, _layers(graph, network.model, _preprocessed(graph, network)))
    graph.add("Transpose", [result], name="probabilities", perm=[0, 2, 3, 1])
    free = ["batch", "height", "width"]
    kind = UINT8 if network.inputs.bits == 8 else UINT16
    taken = [onnx.helper.make_tensor_value_info("pixels", kind, [*free, network.inputs.channels])]
    if network.inputs.rows:
        taken.append(onnx.helper.make_tensor_value_info("place", FLOAT, ["batch", 2]))
    given = onnx.helper.make_tensor_value_info("probabilities", FLOAT, [*free, len(network.classes)])
    model = onnx.helper.make_model(
        onnx.helper.make_graph(graph.nodes, "maskwright", taken, [given], graph.values),
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="maskwright",
    )
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


class _Graph:
    """Nodes and constants, each with a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.values: list[Any] = []

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        from onnx import numpy_helper

        name = f"value{len(self.values)}"
        self.values.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], *, name: str = "", **attributes: Any) -> str:
        """The name of what comes out, a given one or a new one."""
        from onnx import helper

        name = name or f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name


def _preprocessed(graph: _Graph, network: Network) -> str:
    """What the network sees of the pixels, (N, depth, h, w)."""
    inputs = network.inputs
    gain, offset = (graph.constant(value) for value in inputs.gain_and_offset(2**inputs.bits - 1))
    x = graph.add("Cast", ["pixels"], to=FLOAT)
    x = graph.add("Add", [graph.add("Mul", [x, gain]), offset])
    x = graph.add("Transpose", [x], perm=[0, 3, 1, 2])
    return graph.add("Concat", [x, _rows(graph, x)], axis=1) if inputs.rows else x


def _rows(graph: _Graph, x: str) -> str:
    """How far down the picture each pixel is, from -1 to 1; see portable_model."""
    first = graph.add("Slice", [x, *(graph.constant([n], np.int64) for n in (0, 1, 1))])  # (N, 1, h, w)
    ones = graph.add("Add", [graph.add("Mul", [first, graph.constant(0)]), graph.constant(1)])
    below = graph.add("CumSum", [ones, graph.constant(2, np.int64)])
    parts = [graph.add("Gather", ["place", graph.constant([n], np.int64)], axis=1) for n in (0, 1)]  # (N, 1)
    wide = graph.constant([2, 3], np.int64)
    top, height = (graph.add("Unsqueeze", [part, wide]) for part in parts)  # (N, 1, 1, 1)
    middle = graph.add("Add", [graph.add("Sub", [below, graph.constant(0.5)]), top])
    share = graph.add("Div", [graph.add("Mul", [middle, graph.constant(2)]), height])
    return graph.add("Sub", [share, graph.constant(1)])


def _head(graph: _Graph, head: str, logits: str) -> str:
    """From logits to probabilities, (N, classes, h, w)."""
    if head == "sigmoid":
        return graph.add("Sigmoid", [logits])
    if head == "normalised-sigmoid":  # log σ(z) = -log(1 + e^-z)
        logits = graph.add("Neg", [graph.add("Softplus", [graph.add("Neg", [logits])])])
    return graph.add("Softmax", [logits], axis=1)


# --- layers


def _layers(graph: _Graph, model: "keras.Model", x: str) -> str:
    """Every layer after those before it, as the model lists them."""
    made = {id(model.inputs[0]): x}
    for layer in model.layers[1:]:
        kind = type(layer).__name__
        if kind not in LAYERS:
            raise ExportError(f'A layer "{kind}" cannot be written as ONNX yet. Choose another format.')
        taken = layer.input if isinstance(layer.input, list) else [layer.input]
        made[id(layer.output)] = LAYERS[kind](graph, layer, [made[id(tensor)] for tensor in taken])
    return made[id(model.outputs[0])]


def _padding(size: int, stride: int, dilation: int) -> tuple[int, int]:
    """Before and after, as Keras's "same" pads what is a multiple of the stride."""
    total = max((size - 1) * dilation + 1 - stride, 0)
    return total // 2, total - total // 2


def _convolution(graph: _Graph, layer: Any, inputs: Sequence[str]) -> str:
    kernel = np.asarray(layer.kernel)  # (rows, columns, in, out)
    pads = [(0, 0)] * 2
    if layer.padding == "same":
        sides = zip(kernel.shape[:2], layer.strides, layer.dilation_rate, strict=True)
        pads = [_padding(*side) for side in sides]
    groups = 1
    if type(layer).__name__ == "DepthwiseConv2D":  # (rows, columns, in, 1)
        kernel, groups = kernel.transpose(0, 1, 3, 2), kernel.shape[2]
    return graph.add(
        "Conv",
        [*inputs, graph.constant(kernel.transpose(3, 2, 0, 1)), *_bias(graph, layer)],
        strides=list(layer.strides),
        dilations=list(layer.dilation_rate),
        pads=[pads[0][0], pads[1][0], pads[0][1], pads[1][1]],
        group=groups,
    )


def _transposed_convolution(graph: _Graph, layer: Any, inputs: Sequence[str]) -> str:
    kernel = np.asarray(layer.kernel)  # (rows, columns, out, in)
    before, after = zip(*(_padding(k, s, 1) for k, s in zip(kernel.shape[:2], layer.strides, strict=True)), strict=True)
    weights = [graph.constant(kernel.transpose(3, 2, 0, 1)), *_bias(graph, layer)]
    return graph.add("ConvTranspose", [*inputs, *weights], strides=list(layer.strides), pads=[*before, *after])


def _bias(graph: _Graph, layer: Any) -> list[str]:
    return [graph.constant(np.asarray(layer.bias))] if layer.use_bias else []


def _batch_norm(graph: _Graph, layer: Any, inputs: Sequence[str]) -> str:
    weights = (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance)
    values = [graph.constant(np.asarray(weight)) for weight in weights]
    return graph.add("BatchNormalization", [*inputs, *values], epsilon=float(layer.epsilon))


def _relu(graph: _Graph, layer: Any, inputs: Sequence[str]) -> str:
    if layer.max_value is None:
        return graph.add("Relu", inputs)
    return graph.add("Clip", [*inputs, graph.constant(0), graph.constant(layer.max_value)])


def _max_pool(graph: _Graph, layer: Any, inputs: Sequence[str]) -> str:
    return graph.add("MaxPool", inputs, kernel_shape=list(layer.pool_size), strides=list(layer.strides))


def _twice_as_large(graph: _Graph, layer: Any, inputs: Sequence[str]) -> str:
    scales = graph.constant([1, 1, *layer.size])
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return graph.add("Resize", [*inputs, "", scales], **how)


def _zero_padding(graph: _Graph, layer: Any, inputs: Sequence[str]) -> str:
    (top, bottom), (left, right) = layer.padding
    return graph.add("Pad", [*inputs, graph.constant([0, 0, top, left, 0, 0, bottom, right], np.int64)])


def _sum(graph: _Graph, layer: Any, inputs: Sequence[str]) -> str:
    return graph.add("Add", inputs)


LAYERS: dict[str, Callable[[_Graph, Any, Sequence[str]], str]] = {
    "Conv2D": _convolution,
    "DepthwiseConv2D": _convolution,
    "Conv2DTranspose": _transposed_convolution,
    "BatchNormalization": _batch_norm,
    "ReLU": _relu,
    "MaxPooling2D": _max_pool,
    "UpSampling2D": _twice_as_large,
    "ZeroPadding2D": _zero_padding,
    "Add": _sum,
}
"""What our networks are made of."""


def open_model(path: Path) -> Callable[[dict[str, Any]], Any]:
    """From arrays by the name of the input to probabilities (1, rows, columns, classes)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def run(inputs: dict[str, Any]) -> Any:
        return session.run(None, inputs)[0]

    return run


ONNX = ModelFormat(
    name="onnx",
    words="a file that many runtimes and languages read",
    file="model.onnx",
    packages=("onnxruntime",),
    modules=("onnx", "onnxruntime"),
    write=_write,
    open_model=open_model,
)
