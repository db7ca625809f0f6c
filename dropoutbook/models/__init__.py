"""What acts on a whole model."""
