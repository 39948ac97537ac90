"""ONNX files of strangers: looked through, then run by onnxruntime on the processor."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from core.errors import ModelError
from core.foreign.opened import Opened, Port

DOMAINS = frozenset({"", "ai.onnx", "com.microsoft"})
"""Whose operators onnxruntime brings along; others would have to come from a library of somebody's."""
TYPES = {"tensor(uint8)": "uint8", "tensor(uint16)": "uint16", "tensor(float)": "float32"}


def open_file(data: bytes, name: str) -> Opened:
    """See open_foreign."""
    missing = [package for package in ("onnx", "onnxruntime") if find_spec(package) is None]
    if missing:
        raise ModelError(
            f"To run ONNX models, this needs {' and '.join(missing)}. "
            'Install Maskwright with what exports need: uv tool install ".[export]".'
        )
    _look_through(data, name)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(data, options, providers=providers, enable_fallback=False)
    inputs, outputs = (
        tuple(
            Port(
                end.name,
                tuple(n if isinstance(n, int) and n > 0 else None for n in end.shape) if end.shape else None,
                TYPES.get(end.type, end.type),
            )
            for end in ends
        )
        for ends in (session.get_inputs(), session.get_outputs())
    )

    def run(given: dict[str, Any]) -> Any:
        return session.run([outputs[0].name], given)[0]

    return Opened(inputs, outputs, run)


def _look_through(data: bytes, name: str) -> None:
    """ModelError where a part of it lies in another file, or in a library that is not here."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load_model_from_string(data)
    except DecodeError:
        raise ModelError(f"{name} is no ONNX file, or is damaged. Export the model again.") from None
    if not model.graph.node:
        raise ModelError(f"{name} is no ONNX file, or is damaged. Export the model again.")
    own = {(function.domain, function.name) for function in model.functions}
    for part in (model.graph, *model.functions):
        for graph in _graphs(part):
            for node in graph.node:
                if node.domain not in DOMAINS and (node.domain, node.op_type) not in own:
                    raise ModelError(
                        f'{name} needs the operator "{node.op_type[:60]}" of a library that is not part of it. '
                        "Export it with standard operators only."
                    )
            if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in _tensors(graph)):
                raise ModelError(f"The weights of {name} lie in another file. Export it as one file.")


def _graphs(part: Any) -> Iterator[Any]:
    """A graph or function, and those inside its nodes."""
    yield part
    for node in part.node:
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                if graph.node or graph.initializer:
                    yield from _graphs(graph)


def _tensors(graph: Any) -> Iterator[Any]:
    yield from getattr(graph, "initializer", ())
    for sparse in getattr(graph, "sparse_initializer", ()):
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
