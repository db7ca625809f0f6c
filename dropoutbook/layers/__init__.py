"""One module a method: its definition in NumPy, then the PyTorch layer."""
