"""Multinomial logistic regression for forty thousand phrases and two hundred labels, fitted in seconds.

TensorFlow, which Rasa brings along, fits it in small batches; scikit-learn's solvers, which look at all phrases at each
step, take minutes. Only the matrix is kept, so that predicting needs neither.
"""

from typing import Sequence

import numpy as np

EPOCHS = 10
BATCH = 1024
FIRST_RATE = 0.02
PENALTY = 5e-6


class SoftmaxRegression:
    """Fitted on construction, each label weighing the same however many phrases it has. Seeded and repeatable."""

    def __init__(self, features: np.ndarray, labels: Sequence[str], seed: int) -> None:
        import tensorflow as tf

        tf.keras.utils.set_random_seed(seed)
        self.classes, wanted = np.unique(labels, return_inverse=True)
        counts = np.bincount(wanted)
        steps = EPOCHS * -(-len(wanted) // BATCH)
        layer = tf.keras.layers.Dense(
            len(self.classes), kernel_initializer="zeros", kernel_regularizer=tf.keras.regularizers.l2(PENALTY / 2)
        )
        model = tf.keras.Sequential([layer])
        model.compile(
            optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.PolynomialDecay(FIRST_RATE, steps, 0.0)),
            loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        weights = (len(wanted) / (len(counts) * counts))[wanted]
        model.fit(features, wanted, sample_weight=weights, batch_size=BATCH, epochs=EPOCHS, verbose=0)
        self._matrix, self._bias = layer.get_weights()

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """One row per row of ``features``, one column per class; each row sums to 1."""
        scores = features @ self._matrix + self._bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
        return shares
