"""Code that runs inside the Rasa process, on Rasa's own Python."""
