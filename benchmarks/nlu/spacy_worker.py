"""spaCy's process, run by the application's Python: a text classifier trained with the settings spaCy proposes itself.

`spacy init config` writes these settings, of which one is changed: the table that words are hashed into has 32,768 rows
rather than 262,144, because with over two hundred labels the longer one takes a second for each step, and the phrases
have some thousand different words. Training stops when the score on the watched phrases has long stopped rising.
There are no pretrained vectors: spaCy's need a download, and its smallest package holds none.
"""

import json
from collections.abc import Callable
from pathlib import Path

import spacy
from spacy.cli.init_config import init_config
from spacy.pipeline.textcat import DEFAULT_SINGLE_TEXTCAT_MODEL
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_loop

from benchmarks.nlu import worker

OUT_OF_SCOPE = "out_of_scope"
# As many as Rasa reports.
REPORTED_GUESSES = 10
MODEL = Path("model")
HASH_ROWS = 32_768


def train() -> None:
    """Train the text classifier whose architecture the benchmark chose: ``bow`` or ``ensemble``."""
    config = init_config(lang="en", pipeline=["textcat"], optimize="efficiency", gpu=False)
    if worker.argument("architecture") == "ensemble":
        config["components"]["textcat"]["model"] = DEFAULT_SINGLE_TEXTCAT_MODEL
        config["components"]["textcat"]["model"]["linear_model"]["length"] = HASH_ROWS
    else:
        config["components"]["textcat"]["model"]["length"] = HASH_ROWS
    config["paths"].update(train=_as_documents("sample"), dev=_as_documents("watched"))
    MODEL.mkdir()
    train_loop(init_nlp(config.interpolate()), MODEL)


def _as_documents(name: str) -> str:
    """Path of the pairs of ``name`` in spaCy's own format."""
    pairs = json.loads(Path(f"{name}.json").read_text(encoding="utf-8"))
    labels = sorted({label for label, _ in pairs})
    nlp, documents = spacy.blank("en"), DocBin()
    for label, text in pairs:
        document = nlp.make_doc(text)
        document.cats = {other: float(other == label) for other in labels}
        documents.add(document)
    documents.to_disk(f"{name}.spacy")
    return f"{name}.spacy"


def load() -> Callable[[str], worker.Reading]:
    """The trained model as a function from a message to its labels."""
    nlp = spacy.load(MODEL / "model-best")

    def read(text: str) -> worker.Reading:
        guesses = sorted(nlp(text).cats.items(), key=lambda guess: -guess[1])[:REPORTED_GUESSES]
        return guesses, guesses[0][0].startswith(OUT_OF_SCOPE)

    return read


if __name__ == "__main__":
    worker.main(train, load)
