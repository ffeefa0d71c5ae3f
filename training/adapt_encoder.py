"""Learns the encoders' adapters: `make adapt`.

The published weights know English, not what an SMP patient means by "barber thursday", nor that "no pus" and "pus" are
worlds apart. A low-rank change of the layers' matrices is learned so that messages of one label lie close together and
those of different labels apart: one for the engine, from the training phrases, messages that ask several things and
messages that follow one another, one for the screening, from what teaches its classifier, and one of a larger encoder
for the screening's second reading, with its classifier beside it. They are kept in the repository (3 to 4 MB each):
learning them takes four hours on two cores that multiply in bfloat16, and PyTorch, which nothing else needs. Run it
again after the phrases have changed a lot; it is seeded, and the result is checked by `make evaluate` and
`make benchmark-safety`, never by the loss printed here. ``further`` as the first argument goes on from the adapters
there are, in one pass of an hour and a quarter, and keeps the mean of before and after: enough after some thousand new
messages; then the names of those to learn. For the screening that pass must go over all messages: one over the new ones
and a quarter of the rest found what is new, and among the old lost an emergency in 170 and three signs for a doctor in
210.
"""

import random
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional as F

from engine.understanding.asking import asked_together, going_on, joined
from engine.understanding.networks import MATRICES, MINILM, NETWORKS, TOKENIZER, WEIGHTS, Network, distances
from stipple.phrases import read_asking, read_exchanges, read_phrases, read_screening, taught
from stipple.screening.classifier import write_classifier
from stipple.screening.learning import read_examples
from training.slips import slipped

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "engine" / "understanding" / "adapter.safetensors"
SCREENING = ROOT / "stipple" / "screening" / "adapter.safetensors"
SECOND, SECOND_CLASSIFIER = SCREENING.with_name("second.safetensors"), SCREENING.with_name("second.npz")
SEED = 7
BATCH = 64
ADAPTER_RATE, HEAD_RATE, WARM_UP_STEPS, LAST_SHARE = 1e-3, 1e-2, 100, 0.02
# The labels' mean directions, stretched by this, are where the linear head starts; smoothing keeps near neighbours from
# being pushed too far apart.
SCALE, SMOOTHING, DROPOUT = 20.0, 0.05, 0.1
LONGEST = 64
MOST_FOR_CENTRE = 100
# Beside the head that tells which one label a text has stands one that tells for each label whether the text asks it.
# Between a label's mean direction and another's, this share of the stretch divides what is asked from what is not.
ASKED_FROM = 0.6
# Of messages that ask several things, so many are joined from phrases, and the written ones stand among the texts so
# often.
JOINED, WRITTEN_TIMES = 15_000, 3
# Smoothing leaves every label some probability; scores stretched by this take it away again.
SHARPENED = 1.6
# This share of the texts is read with typing slips, others at each pass.
SLIPPED_SHARE = 0.25
LOG_STEPS = 50


class AdaptedEncoder(nn.Module):
    """A published network with frozen weights and a trainable low-rank change beside its layers' matrices."""

    def __init__(self, network: Network, weights: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self.network = network
        self.weights = {name: value.float() for name, value in weights.items() if value.is_floating_point()}
        self.down, self.up = nn.ParameterDict(), nn.ParameterDict()
        for layer in range(network.adapted_from, network.layers):
            for name in (network.part(layer, matrix) for matrix in MATRICES):
                out, into = weights[name + ".weight"].shape
                self.down[key(name)] = nn.Parameter(torch.randn(network.rank, into) / into**0.5)
                self.up[key(name)] = nn.Parameter(torch.zeros(out, network.rank))

    def go_on_from(self, adapter: Path) -> None:
        """Start from a change that was learned before, also one of a lower rank."""
        kept = load_file(adapter)
        for name, value in kept.items():
            matrix, _, part = name.rpartition(".")
            if part == "down":
                self.down[key(matrix)].data[: len(value)] = value
            else:
                self.up[key(matrix)].data[:, : value.shape[1]] = value

    def dense(self, values: torch.Tensor, name: str) -> torch.Tensor:
        """The published matrix's product with its change added."""
        plain = F.linear(values, self.weights[name + ".weight"], self.weights[name + ".bias"])
        if key(name) not in self.down:
            return plain
        return plain + F.linear(F.linear(values, self.down[key(name)]), self.up[key(name)])

    def norm(self, values: torch.Tensor, name: str) -> torch.Tensor:
        """Layer normalisation."""
        weight, bias = self.weights[name + ".weight"], self.weights[name + ".bias"]
        return F.layer_norm(values, (self.network.hidden,), weight, bias, self.network.epsilon)

    def embedded(self, ids: torch.Tensor) -> torch.Tensor:
        """What the first layer reads."""
        first = self.network.first_position
        places = self.weights["embeddings.position_embeddings.weight"][first : first + ids.shape[1]]
        hidden = self.weights["embeddings.word_embeddings.weight"][ids] + places
        if self.network.segments:
            hidden = hidden + self.weights["embeddings.token_type_embeddings.weight"][0]
        return self.norm(hidden, "embeddings.LayerNorm")

    def shift(self, mask: torch.Tensor) -> torch.Tensor:
        """What is added to the attention's scores: nothing is read from padding, and distance has a weight."""
        blocked = (1 - mask)[:, None, None, :] * -1e4
        if not self.network.relative:
            return blocked
        table = self.weights["encoder.relative_attention_bias.weight"]
        return blocked + table[torch.tensor(distances(mask.shape[1]))].permute(2, 0, 1)[None]

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """One unit-length vector for each row of word pieces."""
        rows, length = ids.shape
        network, shift = self.network, self.shift(mask)
        hidden = F.dropout(self.embedded(ids), DROPOUT, self.training)
        for layer in range(network.layers):

            def dense(values: torch.Tensor, part: str, layer: int = layer) -> torch.Tensor:
                return self.dense(values, network.part(layer, part))

            query, keys, values = (
                dense(hidden, part).view(rows, length, network.heads, -1).transpose(1, 2)
                for part in ("query", "key", "value")
            )
            # Written out: of short texts PyTorch's own takes twice as long to go back through on a processor.
            scores = query @ keys.transpose(2, 3) * (network.hidden // network.heads) ** -0.5 + shift
            context = F.softmax(scores, dim=-1).to(values.dtype) @ values
            attended = dense(context.transpose(1, 2).reshape(rows, length, network.hidden), "attended")
            attended = F.dropout(attended, DROPOUT, self.training)
            hidden = self.norm(hidden + attended, network.part(layer, "attended_norm"))
            outer = F.dropout(dense(F.gelu(dense(hidden, "inner")), "outer"), DROPOUT, self.training)
            hidden = self.norm(hidden + outer, network.part(layer, "outer_norm"))
        return F.normalize((hidden * mask[..., None]).sum(1).float(), dim=-1)


def key(name: str) -> str:
    """A parameter's name without dots, which PyTorch does not allow in it."""
    return name.replace(".", "|")


@cache
def half_is_quicker() -> bool:
    """Whether this machine multiplies in bfloat16 at least as fast as in float32: some only imitate it, slowly."""
    spent = {}
    for kind in (torch.float32, torch.bfloat16):
        left = torch.ones(BATCH * 16, MINILM.hidden, dtype=kind)
        right = torch.ones(MINILM.hidden, 4 * MINILM.hidden, dtype=kind)
        started = time.monotonic()
        for _ in range(10):
            left @ right
        spent[kind] = time.monotonic() - started
    return spent[torch.bfloat16] <= spent[torch.float32]


def read_published(network: str) -> tuple[dict[str, torch.Tensor], Tokenizer]:
    """The published weights and tokenizer, whose digests the engine's environment has checked."""
    python = ROOT / "engine" / ".venv" / "bin" / "python"
    with tempfile.TemporaryDirectory() as scratch:
        command = [python, "-m", "engine.understanding.networks", network, scratch]
        subprocess.run(command, cwd=ROOT, check=True)
        tokenizer = Tokenizer.from_file(str(Path(scratch, TOKENIZER)))
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST)
        return load_file(Path(scratch, WEIGHTS)), tokenizer


def batches(pieces: list[list[int]], order: np.random.RandomState) -> list[list[int]]:
    """Row numbers in batches of like length, in random order."""
    shuffled, chosen = order.permutation(len(pieces)), []
    for start in range(0, len(shuffled), BATCH * LOG_STEPS):
        near = sorted(shuffled[start : start + BATCH * LOG_STEPS], key=lambda row: len(pieces[row]))
        chosen += [near[first : first + BATCH] for first in range(0, len(near), BATCH)]
    order.shuffle(chosen)
    return chosen


def padded(rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of one length, and the mask that tells pieces (1) from padding (0)."""
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1.0] * len(row) + [0.0] * (longest - len(row)) for row in rows])
    return ids, mask


@torch.no_grad()
def centres_of(model: AdaptedEncoder, pieces: list[list[int]], wanted: np.ndarray) -> torch.Tensor:
    """Mean direction of each label's first phrases: a start from which little must change."""
    sums = torch.zeros(wanted.shape[1], model.network.hidden)
    alone = wanted * (wanted.sum(axis=1, keepdims=True) == 1)
    sample = np.concatenate([np.flatnonzero(alone[:, label])[:MOST_FOR_CENTRE] for label in range(len(sums))])
    model.eval()
    for start in range(0, len(sample), BATCH):
        rows = sample[start : start + BATCH]
        with torch.autocast("cpu", torch.bfloat16, half_is_quicker()):
            sums.index_add_(0, torch.tensor(wanted[rows].argmax(axis=1)), model(*padded([pieces[row] for row in rows])))
    model.train()
    return F.normalize(sums, dim=-1)


def kept_head(classifier: Path, names: list[str]) -> tuple[torch.Tensor, torch.Tensor] | None:
    """The head that was learned with an adapter before, unless it knows other labels."""
    if not classifier.exists():
        return None
    with np.load(classifier) as kept:
        matrix, bias = torch.tensor(kept["matrix"].T), torch.tensor(kept["bias"])
        return (matrix / SHARPENED, bias / SHARPENED) if list(kept["classes"]) == names else None


def learn(
    network: str, texts: list[str], labels: list[tuple[str, ...]], epochs: int, adapter: Path, further: bool
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Learn the network's adapter that tells the labels apart, and write it; ``further`` goes on from the one there is.

    Where some texts have several labels, it also learns to tell for each label whether a text has it.

    The classifier that was learned with it: its matrix, its bias, and the labels in order. It too goes on from the one
    that was kept beside the adapter, where there is one.
    """
    torch.manual_seed(SEED)
    names = sorted({name for several in labels for name in several})
    wanted = np.array([[name in several for name in names] for several in labels], dtype=np.float32)
    weights, tokenizer = read_published(network)
    model = AdaptedEncoder(NETWORKS[network], weights)
    if further:
        model.go_on_from(adapter)
    clean = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    start = kept_head(adapter.with_suffix(".npz"), names) if further else None
    centres = centres_of(model, clean, wanted) * SCALE
    head, bias = map(nn.Parameter, start or (centres, torch.zeros(len(names))))
    asked, asked_bias = map(nn.Parameter, (centres.clone(), torch.full((len(names),), -ASKED_FROM * SCALE)))
    has_several = bool((wanted.sum(axis=1) > 1).any())
    learned = [*model.parameters(), head, bias]
    before = [parameter.detach().clone() for parameter in learned]
    rates = (ADAPTER_RATE, HEAD_RATE)
    groups = [{"params": list(model.parameters())}, {"params": [head, bias, asked, asked_bias]}]
    optimiser = torch.optim.AdamW(groups, lr=ADAPTER_RATE, weight_decay=0.01)
    order, chance = np.random.RandomState(SEED), random.Random(SEED)
    plan = [batch for _ in range(epochs) for batch in batches(clean, order)]
    started, losses = time.monotonic(), []
    for step, rows in enumerate(plan, 1):
        share = min(1, step / WARM_UP_STEPS) * max(LAST_SHARE, 1 - step / len(plan))
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * share
        read = [slipped(texts[row], chance) if chance.random() < SLIPPED_SHARE else texts[row] for row in rows]
        with torch.autocast("cpu", torch.bfloat16, half_is_quicker()):
            vectors = model(*padded([encoding.ids for encoding in tokenizer.encode_batch(read)]))
        right = torch.tensor(wanted[rows])
        loss = F.cross_entropy(F.linear(vectors, head, bias), F.normalize(right, 1.0), label_smoothing=SMOOTHING)
        if has_several:
            scores = F.linear(vectors, asked, asked_bias)
            loss = loss + F.binary_cross_entropy_with_logits(scores, right, reduction="none").sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if step % LOG_STEPS == 0:
            loss_now, seconds = np.mean(losses[-LOG_STEPS:]), time.monotonic() - started
            print(f"step {step} of {len(plan)}, loss {loss_now:.3f}, {seconds:.0f} s", flush=True)
    if further:
        # The mean of two learned states finds more danger signs than either (Wortsman and others, "Model soups", 2022).
        for parameter, earlier in zip(learned, before, strict=True):
            parameter.data = (parameter.data + earlier) / 2
    kept = {name.replace("|", ".") + ".down": value.detach().half().contiguous() for name, value in model.down.items()}
    kept |= {name.replace("|", ".") + ".up": value.detach().half().contiguous() for name, value in model.up.items()}
    save_file(kept, adapter)
    return head.detach().numpy().T, bias.detach().numpy(), names


def main() -> None:
    """Learn the adapters that are named on the command line, or all."""
    further = sys.argv[1:2] == ["further"]
    wanted = sys.argv[1 + further :] or ["engine", "screening", "second"]
    if "engine" in wanted:
        phrases = read_phrases(ROOT / "data" / "nlu")
        epochs = 1 if further else 2
        exchanges = taught(read_exchanges(ROOT / "data" / "exchanges"))
        written = taught(read_asking(ROOT / "data" / "questions")) + asked_together(exchanges)
        asking = WRITTEN_TIMES * written + joined(phrases, JOINED, SEED)
        phrases += going_on(exchanges)
        texts = [p.text for p in phrases] + [m.text for m in asking]
        labels = [(p.label,) for p in phrases] + [m.asked for m in asking]
        learn("minilm", texts, labels, epochs, ENGINE, further)
    # The messages written for the screening are read twice: each differs from a near-twin by what matters.
    twice = [] if further else read_screening(ROOT / "data" / "screening")
    epochs = 1 if further else 3
    if "screening" in wanted:
        examples = [*twice, *read_examples(ROOT / "data", every_other=2)]
        learn("minilm", [e.text for e in examples], [(e.flag,) for e in examples], epochs, SCREENING, further)
    if "second" in wanted:
        examples = read_examples(ROOT / "data", every_other=8)
        texts, flags = [e.text for e in examples], [(e.flag,) for e in examples]
        matrix, bias, classes = learn("mpnet", texts, flags, epochs, SECOND, further)
        write_classifier(SECOND_CLASSIFIER, SHARPENED * matrix, SHARPENED * bias, classes)


if __name__ == "__main__":
    main()
