"""What the tools for whole models are made of."""
