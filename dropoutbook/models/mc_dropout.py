"""MC dropout: dropout stays on at test, and nothing else does."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from dropoutbook.layers.parts.torch_private import DropoutNd
from dropoutbook.layers.stochastic import Stochastic


def draws(module: nn.Module) -> bool:
    """Whether the module's own `training` flag, with those below it unchanged, matters to masks.

    Rates of 0 count as no dropout, and so does the `dropout` of a recurrent network of one layer.
    """
    if isinstance(module, Stochastic):
        return module.draws
    if isinstance(module, DropoutNd):
        return module.p > 0
    if isinstance(module, nn.RNNBase):
        return module.dropout > 0 and module.num_layers > 1
    if isinstance(module, nn.MultiheadAttention):
        return module.dropout > 0
    if isinstance(module, nn.TransformerEncoderLayer):
        # in evaluation it may call a fused kernel that passes its dropout layers by
        return any(draws(child) for child in module.children())
    return False


@contextmanager
def mc_dropout(model: nn.Module) -> Iterator[nn.Module]:
    """Inside, every dropout in `model` draws masks, and everything else is in evaluation mode.

        with mc_dropout(model):
            samples = torch.stack([model(x) for _ in range(100)])

    Each module's flag is set on its own, never its children's: batch normalization uses its
    running statistics and leaves them alone, whatever mode the model was in. On the way out every
    flag is what it was, also after an exception. Found are the dropouts of `torch.nn` with a rate
    above 0, `nn.LSTM`, `nn.GRU`, `nn.RNN` and `nn.MultiheadAttention` with `dropout=`, and the
    modules of `dropoutbook`; `torch.nn.functional.dropout` inside a forward cannot be seen.

    Args:
        model: Any module, itself a dropout or with dropouts anywhere below.

    Raises:
        TypeError: if `model` is not a module.
        ValueError: if there is no dropout with a rate above 0: all samples would be equal.

    Source:
        Gal and Ghahramani (2016), Dropout as a Bayesian approximation, ICML. Their p is the
        probability of keeping.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}")
    modules = list(model.modules())
    stochastic = [draws(module) for module in modules]
    if not any(stochastic):
        raise ValueError(f"model must hold a dropout with p > 0, got a {type(model).__name__}")
    flags = [module.training for module in modules]
    try:
        for module, flag in zip(modules, stochastic, strict=True):
            module.training = flag
        yield model
    finally:
        for module, flag in zip(modules, flags, strict=True):
            module.training = flag
