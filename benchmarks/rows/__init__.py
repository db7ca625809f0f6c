"""One module a family of rows; each has `rows()`."""
