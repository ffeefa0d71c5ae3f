"""The public door: sign-in, chat API, conversation log, and the way to Rasa."""
