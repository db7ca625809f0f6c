"""One module a family of rows; each has `rows()`, and `summary(records)` if it sums them up."""

FAMILIES = (
    "dropout",
    "noise",
    "drop_block",
    "pooling",
    "drop_connect",
    "lstm",
    "mc_predict",
    "derive",
    "import_time",
)
