"""What acts on a tensor: one public layer a file, its definition in NumPy above it."""
