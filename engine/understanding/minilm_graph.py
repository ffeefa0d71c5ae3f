"""The MiniLM network written down as an ONNX graph: six BERT layers, mean pooling, unit length."""

from typing import Dict, List

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

HIDDEN = 384
HEADS = 12
HEAD_SIZE = HIDDEN // HEADS
LAYERS = 6
NORM_EPSILON = 1e-12
OPSET = 17


class _Graph:
    """Collects nodes and constants; each method returns the name of its output."""

    def __init__(self, weights: Dict[str, np.ndarray]) -> None:
        self.nodes: List[NodeProto] = []
        self.constants: Dict[str, np.ndarray] = {}
        self._weights = weights

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        output = "v%d" % len(self.nodes)
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, value: object, kind: type = np.float32) -> str:
        name = "c%d" % len(self.constants)
        self.constants[name] = np.asarray(value, dtype=kind)
        return name

    def weight(self, name: str, transposed: bool = False) -> str:
        value = self._weights[name]
        self.constants[name] = np.ascontiguousarray(value.T if transposed else value)
        return name

    def dense(self, values: str, name: str) -> str:
        product = self.add("MatMul", values, self.weight(name + ".weight", transposed=True))
        return self.add("Add", product, self.weight(name + ".bias"))

    def norm(self, values: str, name: str) -> str:
        scale, bias = self.weight(name + ".weight"), self.weight(name + ".bias")
        return self.add("LayerNormalization", values, scale, bias, axis=-1, epsilon=NORM_EPSILON)

    def gelu(self, values: str) -> str:
        error = self.add("Erf", self.add("Div", values, self.constant(np.sqrt(2.0))))
        half = self.add("Mul", values, self.constant(0.5))
        return self.add("Mul", half, self.add("Add", error, self.constant(1.0)))

    def layer(self, hidden: str, blocked: str, name: str) -> str:
        split = self.constant([0, 0, HEADS, HEAD_SIZE], np.int64)
        join = self.constant([0, 0, HIDDEN], np.int64)

        def heads(part: str, order: List[int]) -> str:
            projected = self.dense(hidden, name + "attention.self." + part)
            return self.add("Transpose", self.add("Reshape", projected, split), perm=order)

        scores = self.add("MatMul", heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]))
        scaled = self.add("Div", scores, self.constant(np.sqrt(HEAD_SIZE)))
        attention = self.add("Softmax", self.add("Add", scaled, blocked), axis=-1)
        context = self.add("MatMul", attention, heads("value", [0, 2, 1, 3]))
        merged = self.add("Reshape", self.add("Transpose", context, perm=[0, 2, 1, 3]), join)
        attended = self.add("Add", hidden, self.dense(merged, name + "attention.output.dense"))
        hidden = self.norm(attended, name + "attention.output.LayerNorm")
        inner = self.gelu(self.dense(hidden, name + "intermediate.dense"))
        return self.norm(self.add("Add", hidden, self.dense(inner, name + "output.dense")), name + "output.LayerNorm")


def minilm_graph(weights: Dict[str, np.ndarray]) -> ModelProto:
    """ONNX model with inputs ``ids`` (rows of word pieces) and ``mask`` (1 = piece, 0 = padding).

    Its output ``vectors`` holds one unit-length row per input row.
    """
    g = _Graph(weights)
    length = g.add("Slice", g.add("Shape", "ids"), g.constant([1], np.int64), g.constant([2], np.int64))
    zero, axis = g.constant([0], np.int64), g.constant([0], np.int64)
    positions = g.add("Slice", g.weight("embeddings.position_embeddings.weight"), zero, length, axis)
    kinds = g.add("Gather", g.weight("embeddings.token_type_embeddings.weight"), g.constant(0, np.int64))
    words = g.add("Gather", g.weight("embeddings.word_embeddings.weight"), "ids")
    hidden = g.norm(g.add("Add", g.add("Add", words, positions), kinds), "embeddings.LayerNorm")
    padding = g.add("Mul", g.add("Sub", g.constant(1.0), "mask"), g.constant(-1e9))
    blocked = g.add("Unsqueeze", padding, g.constant([1, 2], np.int64))
    for number in range(LAYERS):
        hidden = g.layer(hidden, blocked, "encoder.layer.%d." % number)
    kept = g.add("Mul", hidden, g.add("Unsqueeze", "mask", g.constant([2], np.int64)))
    # The mean's divisor cancels out when the sum is brought to unit length.
    total = g.add("ReduceSum", kept, g.constant([1], np.int64), keepdims=0)
    g.nodes.append(helper.make_node("LpNormalization", [total], ["vectors"], axis=-1, p=2))
    graph = helper.make_graph(
        g.nodes,
        "minilm",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["rows", "pieces"]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["rows", "pieces"]),
        ],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["rows", HIDDEN])],
        [numpy_helper.from_array(value, name) for name, value in g.constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
