"""An encoder's two files: a published network, adapted to what patients write, as a small ONNX file, and its tokenizer.

`encoder_graph` writes the network down, because no wheel holds an ONNX file. An adapter is a low-rank change of the
layers' matrices, learned by `training/adapt_encoder.py`: with the engine's, messages that ask the same lie closer
together; with the screening's two, those that tell of the same danger sign.
"""

import shutil
import sys
from pathlib import Path
from typing import Dict

import numpy as np
from safetensors.numpy import load_file

from engine.understanding.encoder_graph import write_graph
from engine.understanding.networks import NETWORKS, TOKENIZER, WEIGHTS, Network, published
from stipple.encoder import GRAPH_FILE, TOKENIZER_FILE


def adapted(weights: Dict[str, np.ndarray], adapter_file: Path) -> Dict[str, np.ndarray]:
    """The published weights with the adapter's change added: for each matrix ``up @ down``."""
    adapter = load_file(str(adapter_file))
    for name in (n[: -len(".down")] for n in adapter if n.endswith(".down")):
        change = adapter[name + ".up"].astype(np.float32) @ adapter[name + ".down"].astype(np.float32)
        weights[name + ".weight"] = weights[name + ".weight"] + change
    return weights


def write_encoder(network: Network, adapter_file: Path, folder: Path) -> None:
    """Write the adapted network and its tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    with published(network) as files:
        write_graph(network, adapted(load_file(str(files[WEIGHTS])), adapter_file), folder / GRAPH_FILE)
        shutil.copyfile(files[TOKENIZER], folder / TOKENIZER_FILE)


if __name__ == "__main__":
    write_encoder(NETWORKS[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3]))
