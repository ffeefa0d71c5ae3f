"""The label model: spelling repair, tf-idf, sentence vectors and lexicon features under one logistic regression."""

from typing import Dict, List, NamedTuple, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from engine.understanding.lexicon import Lexicon
from engine.understanding.neighbours import NearestPhrases
from engine.understanding.regression import SoftmaxRegression
from engine.understanding.spelling import Speller
from stipple.encoder import Encoder

# Weights of the sentence vector, a lexicon hit and the share of foreign words; the word block has unit length.
ENCODER_WEIGHT = 2.0
LEXICON_WEIGHT = 0.7
FOREIGN_WEIGHT = 2.0
SPARSE_DIMENSIONS = 300
NEIGHBOURS = 3
# The regression's word is blended with that of the nearest training phrases: it generalises, they remember. A
# phrase's vote falls off with its distance from the message on this scale of cosines.
VOTERS = 30
VOTE_SCALE = 0.05
VOTE_SHARE = 0.5
SEED = 7
WORD = r"[a-z0-9']+"
# A message of so many words, of which so large a share is unknown, is in another language or none.
FOREIGN_WORDS, FOREIGN_SHARE = 3, 0.6
# Their phrases do not teach which words are English.
FOREIGN = ("out_of_scope/other_language", "out_of_scope/gibberish")


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
        english = [p for p, label in zip(phrases, labels) if label not in FOREIGN]
        english += [" ".join(words) for label, words in terms.items() if label not in FOREIGN]
        self._speller = Speller(english, encoder.words())
        self._lexicon = Lexicon(terms)
        texts = [self._speller.repair(p) for p in phrases]
        self._words = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=WORD, dtype=np.float32
        )
        self._words.fit(texts)
        compression = TruncatedSVD(SPARSE_DIMENSIONS, n_iter=2, random_state=SEED).fit(self._words.transform(texts))
        # A row for each word and pair of words, at half precision: it is the largest thing the engine keeps of its own.
        self._compress = np.ascontiguousarray(compression.components_.T, dtype=np.float16)
        vectors = encoder.encode(texts)
        self._nearest = NearestPhrases(vectors, VOTERS)
        self._regression = SoftmaxRegression(self._features(texts, vectors), labels, SEED)
        self._known_classes = np.searchsorted(self._regression.classes, labels)

    def repair(self, text: str) -> str:
        """``text`` in lower case with its misspelt words replaced."""
        return self._speller.repair(text)

    def is_foreign(self, text: str) -> bool:
        """Whether ``text`` is in no English that patients write."""
        return len(text.split()) >= FOREIGN_WORDS and self._speller.foreign_share(text) >= FOREIGN_SHARE

    def lexicon(self) -> Lexicon:
        """The lexicon, to find the topics that a message names."""
        return self._lexicon

    def predict(self, texts: Sequence[str], most: int = 10) -> List[Prediction]:
        """One prediction per text, with its ``most`` likely labels. Texts must be repaired already."""
        vectors = self._encoder.encode(texts)
        cosines, numbers = self._nearest.find(vectors)
        fitted = self._regression.probabilities(self._features(texts, vectors))
        probabilities = (1 - VOTE_SHARE) * fitted + VOTE_SHARE * self._votes(cosines, numbers)
        nearest = cosines[:, :NEIGHBOURS].mean(axis=1)
        classes = self._regression.classes
        return [
            Prediction([Guess(str(classes[i]), float(row[i])) for i in np.argsort(-row)[:most]], float(near))
            for row, near in zip(probabilities, nearest)
        ]

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
