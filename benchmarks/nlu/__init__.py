"""The parts of `make benchmark-nlu`: our understanding, stock Rasa and spaCy, taught and tested on the same phrases."""
