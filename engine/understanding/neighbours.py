"""The training phrases nearest to a message: one multiplication by an 8-bit matrix of all their vectors.

Held in onnxruntime, because the same in numpy reads four times the memory and takes ten times as long.
"""

import tempfile
from pathlib import Path
from typing import Dict, Tuple

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

OPSET = 17
# Rows looked up at once: each is compared with every phrase, and a thousand rows would take a quarter of a gigabyte.
BATCH = 64


class NearestPhrases:
    """Finds the ``count`` nearest rows of ``vectors``, which have unit length."""

    def __init__(self, vectors: np.ndarray, count: int) -> None:
        self._graph = _graph(vectors, count)
        self._session = _opened(self._graph)

    def find(self, vectors: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """For each row of ``vectors`` the cosines to its nearest phrases, highest first, and the phrases' numbers."""
        starts = range(0, len(vectors), BATCH)
        found = [self._session.run(None, {"vectors": vectors[start : start + BATCH]}) for start in starts]
        cosines, numbers = (np.concatenate(blocks) for blocks in zip(*found))
        return cosines, numbers

    def __getstate__(self) -> Dict[str, bytes]:
        return {"graph": self._graph}

    def __setstate__(self, state: Dict[str, bytes]) -> None:
        # Without the graph's bytes, which the session holds in its own form: what was loaded is not stored again.
        self._session = _opened(state["graph"])


def _opened(graph: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _graph(vectors: np.ndarray, count: int) -> bytes:
    nodes = [
        helper.make_node("MatMul", ["vectors", "phrases"], ["cosines"]),
        helper.make_node("TopK", ["cosines", "count"], ["nearest", "numbers"], axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "nearest_phrases",
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["rows", vectors.shape[1]])],
        [
            helper.make_tensor_value_info("nearest", TensorProto.FLOAT, ["rows", count]),
            helper.make_tensor_value_info("numbers", TensorProto.INT64, ["rows", count]),
        ],
        [
            numpy_helper.from_array(np.ascontiguousarray(vectors.T, dtype=np.float32), "phrases"),
            numpy_helper.from_array(np.array([count], dtype=np.int64), "count"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    with tempfile.TemporaryDirectory() as folder:
        full, small = Path(folder, "full.onnx"), Path(folder, "small.onnx")
        full.write_bytes(model.SerializeToString())
        quantize_dynamic(str(full), str(small), weight_type=QuantType.QInt8)
        return small.read_bytes()
