"""The deterministic prefix of a network: what one forward pass computes for all samples."""

from collections.abc import Iterator

from torch import Tensor, nn

from dropoutbook.layers.parts.torch_private import has_any_global_hook
from dropoutbook.models.mc_dropout import draws

# the files of torch.nn whose modules, not in training, depend on their input and parameters alone
FILES = (
    "activation batchnorm channelshuffle container conv dropout flatten fold instancenorm linear "
    "normalization padding pixelshuffle pooling sparse transformer upsampling"
)
PURE = {f"torch.nn.modules.{name}" for name in FILES.split()}
RANDOM = (nn.FractionalMaxPool2d, nn.FractionalMaxPool3d)  # in evaluation, too


def split(model: nn.Module, input: Tensor) -> tuple[Tensor, list[nn.Module]]:
    """The output of the deterministic prefix of `model`, and the modules that remain.

    Calling these in turn on that output is a forward pass of `model`: same result, same draws.
    The prefix ends before the first module that is not `is_deterministic`, and before one that
    returns no tensor; a model that is no `nn.Sequential` has none.
    """
    modules = list(_chain(model))
    while modules and is_deterministic(modules[0]):
        output = modules[0](input)
        if not isinstance(output, Tensor):  # each sample gets a copy
            break
        input = output
        del modules[0]
    return input, modules


def _chain(model: nn.Module) -> Iterator[nn.Module]:
    """The modules that a forward of `model` calls one after another, through nested sequences."""
    if type(model) is not nn.Sequential or _is_altered(model):
        yield model
        return
    for module in model:
        yield from _chain(module)


def is_deterministic(module: nn.Module) -> bool:
    """Whether all that calling `module` in `mc_dropout` does is a function of its input.

    Said of classes of `torch.nn` alone. No trial can show it of others: a branch skipped one time
    in ten, by a generator of its own, gives two equal outputs in four trials of five.
    """
    return all(
        type(part).__module__ in PURE
        and not isinstance(part, RANDOM)
        and getattr(part, "max_norm", None) is None  # an embedding that writes to its weights
        and not draws(part)
        and not _is_altered(part)
        for part in module.modules()
    )


def _is_altered(module: nn.Module) -> bool:
    """Whether calling `module` is not the forward of its class: hooks, a patch, compiled code."""
    hooks = module._forward_hooks or module._forward_pre_hooks or has_any_global_hook()
    return bool(hooks) or not vars(module).keys().isdisjoint(("forward", "_compiled_call_impl"))
