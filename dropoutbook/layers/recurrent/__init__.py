"""The engine of the LSTMs with dropout."""
