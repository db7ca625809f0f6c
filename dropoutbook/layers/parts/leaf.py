"""What the layers are for tools that look into a model: a unit, as the layers of torch.nn are."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

from torch import fx, nn

Arguments = ParamSpec("Arguments")
Module = TypeVar("Module", bound=nn.Module)
Output = TypeVar("Output")


def leaf(
    forward: Callable[Concatenate[Module, Arguments], Output],
) -> Callable[Concatenate[Module, Arguments], Output]:
    """A `forward` that `torch.fx` records as one call of its module, and does not look into."""

    @wraps(forward)
    def recorded(module: Module, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Output:
        for value in (*args, *kwargs.values()):
            if isinstance(value, fx.Proxy):
                tracer: Any = value.tracer
                return tracer.create_proxy(
                    "call_module", tracer.path_of_module(module), args, kwargs
                )
        return forward(module, *args, **kwargs)

    return recorded


class NotScriptable:
    """Tells `torch.jit.script` why it cannot compile a layer."""

    def __prepare_scriptable__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} cannot be compiled by torch.jit.script, which knows no "
            "properties and no generators: use torch.compile or torch.export, or torch.jit.trace "
            "of the model in evaluation"
        )
