"""Logistic regressions for sixty thousand phrases and two hundred labels, fitted in seconds.

TensorFlow, which Rasa brings along, fits them in small batches; scikit-learn's solvers, which look at all phrases at
each step, take minutes. Only the matrix is kept, so that predicting needs neither.
"""

from typing import Any, Callable, Sequence, Tuple

import numpy as np

EPOCHS = 10
BATCH = 1024
FIRST_RATE = 0.02
PENALTY = 5e-6
# A message asks few of the labels: where the fit begins, none is likely.
RARE = -5.0


class SoftmaxRegression:
    """Which one label a text has. Fitted on construction, each label weighing the same however many phrases it has."""

    def __init__(self, features: np.ndarray, labels: Sequence[str], seed: int) -> None:
        import tensorflow as tf

        self.classes, wanted = np.unique(labels, return_inverse=True)
        weights = (len(wanted) / (len(self.classes) * np.bincount(wanted)))[wanted]
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self._matrix, self._bias = _fitted(features, wanted, weights, len(self.classes), loss, 0.0, seed)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """One row per row of ``features``, one column per class; each row sums to 1."""
        scores = features @ self._matrix + self._bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
        return shares


class SigmoidRegression:
    """For each label whether a text has it, whatever others it has; ``wanted`` has a column of 0 and 1 for each."""

    def __init__(self, features: np.ndarray, wanted: np.ndarray, weights: np.ndarray, seed: int) -> None:
        self._matrix, self._bias = _fitted(features, wanted, weights, wanted.shape[1], _each_label, RARE, seed)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """One row per row of ``features``, one column per label, each 0 to 1."""
        shares: np.ndarray = 1 / (1 + np.exp(-(features @ self._matrix + self._bias)))
        return shares


def _each_label(wanted: Any, scores: Any) -> Any:
    import tensorflow as tf

    return tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(wanted, scores.dtype), scores), axis=-1)


def _fitted(
    features: np.ndarray,
    wanted: np.ndarray,
    weights: np.ndarray,
    labels: int,
    loss: Callable[[Any, Any], Any],
    start: float,
    seed: int,
) -> Tuple[np.ndarray, np.ndarray]:
    """Matrix and bias of a linear layer; seeded and repeatable."""
    import tensorflow as tf

    tf.keras.utils.set_random_seed(seed)
    rate = tf.keras.optimizers.schedules.PolynomialDecay(FIRST_RATE, EPOCHS * -(-len(features) // BATCH), 0.0)
    layer = tf.keras.layers.Dense(
        labels,
        kernel_initializer="zeros",
        bias_initializer=tf.keras.initializers.Constant(start),
        kernel_regularizer=tf.keras.regularizers.l2(PENALTY / 2),
    )
    model = tf.keras.Sequential([layer])
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss=loss)
    # In a list: Keras asks of each member whether it is there, and of an array the members are sixty thousand numbers.
    model.fit(features, wanted, sample_weight=[weights], batch_size=BATCH, epochs=EPOCHS, verbose=0)
    matrix, bias = layer.get_weights()
    return matrix, bias
