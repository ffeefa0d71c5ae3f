"""The label model: spelling repair, tf-idf, sentence vectors and lexicon features under one logistic regression."""

from typing import Dict, List, NamedTuple, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from engine.understanding.asking import JOINED_FILE, NO_ENGLISH, joined
from engine.understanding.lexicon import Lexicon
from engine.understanding.neighbours import NearestPhrases
from engine.understanding.regression import SigmoidRegression, SoftmaxRegression
from engine.understanding.spelling import Speller
from stipple.encoder import Encoder
from stipple.phrases import AskingMessage, Phrase

# Weights of the sentence vector, a lexicon hit and the share of foreign words; the word block has unit length.
ENCODER_WEIGHT = 2.0
LEXICON_WEIGHT = 0.7
FOREIGN_WEIGHT = 2.0
SPARSE_DIMENSIONS = 300
# Every third phrase tells as well which words go together as all do, in a third of the time.
EVERY_COMPRESSED = 3
NEIGHBOURS = 3
# The regression's word is blended with that of the nearest training phrases: it generalises, they remember. A
# phrase's vote falls off with its distance from the message on this scale of cosines.
VOTERS = 30
VOTE_SCALE = 0.05
VOTE_SHARE = 0.5
# How many labels a prediction names.
MOST_GUESSES = 25
# Messages of several phrases that teach what a whole message asks; the written ones, which are fewer, weigh more.
JOINED, WRITTEN_WEIGHT = 4_000, 3.0
SEED = 7
WORD = r"[a-z0-9']+"
# A message of so many words, of which so large a share is unknown, is in another language or none.
FOREIGN_WORDS, FOREIGN_SHARE = 3, 0.6


class Guess(NamedTuple):
    """A label (``kind/topic``) and how likely it is, 0 to 1."""

    label: str
    probability: float


class Prediction(NamedTuple):
    """The most likely labels of one text, best first, and its mean cosine to the nearest training phrases.

    ``guesses`` share a probability of 1: which one label it has. ``asked`` do not: each is how likely it is that the
    text asks this, perhaps among other things.
    """

    guesses: List[Guess]
    nearness: float
    asked: List[Guess]


class LabelModel:
    """Predicts what a message, or a part of one, asks."""

    def __init__(
        self,
        encoder: Encoder,
        phrases: Sequence[Phrase],
        terms: Dict[str, List[str]],
        asking: Sequence[AskingMessage],
    ) -> None:
        self._encoder = encoder
        english = [p.text for p in phrases if p.label not in NO_ENGLISH]
        english += [" ".join(words) for label, words in terms.items() if label not in NO_ENGLISH]
        self._speller = Speller(english, encoder.words())
        self._lexicon = Lexicon(terms)
        texts = [self._speller.repair(p.text) for p in phrases]
        self._words = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=WORD, dtype=np.float32
        )
        self._words.fit(texts)
        # The words that stand in one phrase only, twice as many as are kept, for whoever wants to look at them.
        del self._words.stop_words_
        compression = TruncatedSVD(SPARSE_DIMENSIONS, n_iter=2, random_state=SEED)
        compression.fit(self._words.transform(texts[::EVERY_COMPRESSED]))
        # A row for each word and pair of words, at half precision: it is the largest thing the engine keeps of its own.
        self._compress = np.ascontiguousarray(compression.components_.T, dtype=np.float16)
        vectors = encoder.encode(texts)
        self._nearest = NearestPhrases(vectors, VOTERS)
        features = self._features(texts, vectors)
        labels = [p.label for p in phrases]
        self._regression = SoftmaxRegression(features, labels, SEED)
        self._known_classes = np.searchsorted(self._regression.classes, labels)
        self._several = self._fit_several(features, [*asking, *joined(phrases, JOINED, SEED)])

    def repair(self, text: str) -> str:
        """``text`` in lower case with its misspelt words replaced."""
        return self._speller.repair(text)

    def is_foreign(self, text: str) -> bool:
        """Whether ``text`` is in no English that patients write."""
        return len(text.split()) >= FOREIGN_WORDS and self._speller.foreign_share(text) >= FOREIGN_SHARE

    def lexicon(self) -> Lexicon:
        """The lexicon, to find the topics that a message names."""
        return self._lexicon

    def predict(self, texts: Sequence[str]) -> List[Prediction]:
        """One prediction per text, with its likeliest labels. Texts must be repaired already."""
        vectors = self._encoder.encode(texts)
        cosines, numbers = self._nearest.find(vectors)
        features = self._features(texts, vectors)
        fitted = self._regression.probabilities(features)
        probabilities = (1 - VOTE_SHARE) * fitted + VOTE_SHARE * self._votes(cosines, numbers)
        nearest = cosines[:, :NEIGHBOURS].mean(axis=1)
        asked = self._several.probabilities(features)
        return [
            Prediction(self._likeliest(row), float(near), self._likeliest(several))
            for row, near, several in zip(probabilities, nearest, asked)
        ]

    def _likeliest(self, chances: np.ndarray) -> List[Guess]:
        return [Guess(str(self._regression.classes[i]), float(chances[i])) for i in np.argsort(-chances)[:MOST_GUESSES]]

    def _fit_several(self, alone: np.ndarray, messages: Sequence[AskingMessage]) -> SigmoidRegression:
        """``alone`` are the features of the phrases, each of which asks one thing."""
        texts = [self._speller.repair(m.text) for m in messages]
        features = np.vstack([alone, self._features(texts, self._encoder.encode(texts))])
        column = {str(label): i for i, label in enumerate(self._regression.classes)}
        wanted = np.zeros((len(features), len(column)), dtype=np.float32)
        wanted[np.arange(len(alone)), self._known_classes] = 1
        for row, message in enumerate(messages, len(alone)):
            wanted[row, [column[label] for label in message.asked]] = 1
        counts = np.bincount(self._known_classes)
        alike = (len(alone) / (len(counts) * counts))[self._known_classes]
        others = [1.0 if m.file == JOINED_FILE else WRITTEN_WEIGHT for m in messages]
        return SigmoidRegression(features, wanted, np.concatenate([alike, others]), SEED)

    def _votes(self, cosines: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Share of the nearest training phrases' votes for each class, by row."""
        votes = np.zeros((len(cosines), len(self._regression.classes)), dtype=np.float32)
        weights = np.exp((cosines - cosines[:, :1]) / VOTE_SCALE)
        weights /= weights.sum(axis=1, keepdims=True)
        np.add.at(votes, (np.arange(len(votes))[:, None], self._known_classes[numbers]), weights)
        return votes

    def _features(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        words = self._compressed(texts)
        lexicon = self._lexicon_features(texts).toarray()
        foreign = np.array([[self._speller.foreign_share(text)] for text in texts])
        blocks = [ENCODER_WEIGHT * vectors, normalize(words), LEXICON_WEIGHT * lexicon, FOREIGN_WEIGHT * foreign]
        return np.hstack(blocks).astype(np.float32)

    def _compressed(self, texts: Sequence[str]) -> np.ndarray:
        found = self._words.transform(texts)
        rows = [slice(start, end) for start, end in zip(found.indptr, found.indptr[1:])]
        return np.stack([found.data[row] @ self._compress[found.indices[row]].astype(np.float32) for row in rows])

    def _lexicon_features(self, texts: Sequence[str]) -> csr_matrix:
        column = {label: i for i, label in enumerate(self._lexicon.labels)}
        hits = [sorted({column[m.label] for m in self._lexicon.mentions(text)}) for text in texts]
        rows = [row for row, found in enumerate(hits) for _ in found]
        ones = np.ones(len(rows), dtype=np.float32)
        return csr_matrix((ones, (rows, [c for found in hits for c in found])), shape=(len(texts), len(column)))

    def __getstate__(self) -> dict:
        # The encoder has files of its own.
        return {k: v for k, v in self.__dict__.items() if k != "_encoder"}

    def with_encoder(self, encoder: Encoder) -> "LabelModel":
        """This model, loaded from storage, with the encoder put back."""
        self._encoder = encoder
        return self
