"""The mark of modules whose own flag switches random masks."""


class Stochastic:
    """Marks a module whose own `training` flag switches its random masks, and nothing else.

    `mc_dropout` finds the dropouts of `torch.nn` by their classes, and all others by this mark:
    the layers of this package that are no `ActivationDropout`, and a module of yours that calls
    `torch.nn.functional.dropout`.
    """

    p: float

    @property
    def draws(self) -> bool:
        """Whether a forward in training is random; a layer without a rate `p` overrides it."""
        return self.p > 0
