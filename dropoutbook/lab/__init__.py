"""What the book's experiments need: data, training, statistics, figures."""
