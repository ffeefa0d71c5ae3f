"""The Rasa component: from a message to intent, questions and the topics it names."""

import os
import pickle
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.phrases import ASKING_FOLDER, EXCHANGES_FOLDER, FOLDER
from engine.understanding.asking import asked_together, going_on
from engine.understanding.context import Before
from engine.understanding.model import Guess, LabelModel
from engine.understanding.questions import Question, QuestionFinder
from stipple.encoder import Encoder
from stipple.phrases import held_back, kind_of, read_asking, read_exchanges, read_phrases, read_terms, taught

FALLBACK = "nlu_fallback"
MODEL_FILE = "questions.pickle"
# How many likely labels each question reports, the chosen one first.
REPORTED_GUESSES = 4


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class QuestionClassifier(IntentClassifier, GraphComponent):
    """Sets the intent of the first question and one ``question`` entity for each question of the message.

    The entity's value is ``kind/topic``; its role is ``asked``, or ``alternative`` for the next likely labels of
    the same part, or ``possible`` for what the message may ask beside. A part that fits nothing known well enough makes
    the intent ``nlu_fallback``.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Needs nothing before it in the pipeline."""
        return []

    @staticmethod
    def required_packages() -> List[Text]:
        """Packages Rasa checks for before it trains."""
        return ["onnxruntime", "sklearn", "spacy", "symspellpy", "tokenizers"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """``least_probability`` and ``least_nearness``: below either a message counts as not understood."""
        return {"least_probability": 0.12, "least_nearness": 0.35}

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = storage
        self._resource = resource
        self._questions: QuestionFinder

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "QuestionClassifier":
        """An untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "QuestionClassifier":
        """The component with what `train` learned."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, (folder / MODEL_FILE).open("rb") as file:
            # Our own model archive, written by `train`: not data from outside.
            component._questions = pickle.load(file)  # noqa: S301
            component._questions.with_encoder(Encoder(_encoder_folder()))
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the project's own files: of their phrases Rasa's training data holds a sample only."""
        encoder = Encoder(_encoder_folder(), threads=os.cpu_count() or 1)
        asking, exchanges = read_asking(ASKING_FOLDER), read_exchanges(EXCHANGES_FOLDER)
        phrases = [*read_phrases(FOLDER), *going_on(taught(exchanges))]
        written = [*taught(asking), *asked_together(taught(exchanges))]
        model = LabelModel(encoder, phrases, read_terms(FOLDER), written)
        self._questions = QuestionFinder(model, held_back(asking), held_back(exchanges))
        with self._storage.write_to(self._resource) as folder:
            (folder / MODEL_FILE).write_bytes(pickle.dumps(self._questions))
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in the pipeline learns from this component's output."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Understand each message."""
        for message in messages:
            text = message.get(TEXT)
            if text and text.strip():
                self._understand(message, text)
        return messages

    def _understand(self, message: Message, text: Text) -> None:
        questions, possible = self._questions.find(text, _before(message))
        first = questions[0]
        intent = first.kind if self._is_understood(first) else FALLBACK
        message.set(INTENT, {"name": intent, "confidence": first.probability}, add_to_output=True)
        message.set("intent_ranking", _ranking(first), add_to_output=True)
        entities = [e for q in questions for e in _entities(q)]
        entities += [_entity(guess, "possible", 0, len(text)) for guess in possible] + self._mentions(text)
        message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)

    def _is_understood(self, question: Question) -> bool:
        return (
            question.probability >= self._config["least_probability"]
            and question.nearness >= self._config["least_nearness"]
        )

    def _mentions(self, text: Text) -> List[Dict[Text, Any]]:
        found = self._questions.model.lexicon().mentions(self._questions.model.repair(text))
        return [{"entity": "mention", "value": m.label, "start": m.start, "end": m.end} for m in found]


def _before(message: Message) -> Optional[Before]:
    """What the gateway says came before; it knows, because the engine keeps no history."""
    before = (message.get("metadata") or {}).get("before")
    return Before(before["text"], before["asked"]) if before else None


def _encoder_folder() -> Path:
    """Where `engine.understanding.weights` wrote the encoder, beside the Rasa model that was trained with it."""
    return Path(os.environ["STIPPLE_MODEL_DIR"])


def _entities(question: Question) -> List[Dict[Text, Any]]:
    return [
        _entity(guess, "asked" if rank == 0 else "alternative", question.start, question.end)
        for rank, guess in enumerate(question.guesses[:REPORTED_GUESSES])
    ]


def _entity(guess: Guess, role: str, start: int, end: int) -> Dict[Text, Any]:
    found = {"entity": "question", "role": role, "value": guess.label, "confidence_entity": guess.probability}
    return {**found, "start": start, "end": end}


def _ranking(question: Question) -> List[Dict[Text, Any]]:
    confidence: Dict[Text, float] = {}
    for guess in question.guesses:
        kind = kind_of(guess.label)
        confidence[kind] = confidence.get(kind, 0.0) + guess.probability
    return [{"name": k, "confidence": v} for k, v in sorted(confidence.items(), key=lambda item: -item[1])]
