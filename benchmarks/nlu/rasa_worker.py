"""A Rasa contender's process, run by the engine's Python: Rasa itself trains, loads and reads, whichever the pipeline.

For our own pipeline this is the project's `config.yml` with its importer and component, unchanged: both read `data/nlu`
below the working folder, where the benchmark put the phrases of the sample, and `data/questions` and `data/exchanges`,
which are the project's.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from benchmarks.nlu import worker
from engine.understanding import weights
from engine.understanding.networks import MINILM

RASA_SEPARATOR = "__"
FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
MODEL = "model"


def train() -> None:
    """Train with Rasa; our pipeline's encoder is written first, as `make run` does."""
    if adapter := worker.argument("adapter"):
        weights.write_encoder(MINILM, Path(adapter), Path(os.environ["STIPPLE_MODEL_DIR"]))
    train_nlu("config.yml", "data/nlu", MODEL, fixed_model_name=MODEL)


def load() -> Callable[[str], worker.Reading]:
    """The trained model as a function from a message to its labels."""
    agent = Agent.load(f"{MODEL}/{MODEL}.tar.gz")
    loop = asyncio.new_event_loop()
    understood = of_questions if worker.argument("adapter") else of_intents

    def read(text: str) -> worker.Reading:
        parsed = loop.run_until_complete(agent.parse_message(text))
        guesses = understood(parsed)
        refused = parsed["intent"]["name"] == FALLBACK or guesses[0][0].startswith(OUT_OF_SCOPE)
        return guesses, refused

    return read


def of_questions(parsed: dict[str, Any]) -> list[tuple[str, float]]:
    """The likely labels of the first question our component found: the one that decides Rasa's intent."""
    questions = [e for e in parsed["entities"] if e["entity"] == "question"]
    more = [i for i, e in enumerate(questions) if e["role"] == "asked" and i]
    return [(e["value"], e["confidence_entity"]) for e in questions[: more[0] if more else None]]


def of_intents(parsed: dict[str, Any]) -> list[tuple[str, float]]:
    """The likely intents; stock Rasa's fallback is no label, and stands before the ones it doubted."""
    ranking = [i for i in parsed["intent_ranking"] if i["name"] != FALLBACK]
    return [(i["name"].replace(RASA_SEPARATOR, "/"), i["confidence"]) for i in ranking]


if __name__ == "__main__":
    worker.main(train, load)
