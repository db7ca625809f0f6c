"""Wrong contexts for `mc_dropout`: each turns on too much, too little, or forgets what was."""

from contextlib import contextmanager

from torch import nn

from dropoutbook import mc_dropout


def flags(model: nn.Module) -> list[bool]:
    return [module.training for module in model.modules()]


@contextmanager
def trains_everything(model):
    before = flags(model)
    yield model.train()
    for module, flag in zip(model.modules(), before, strict=True):
        module.training = flag


@contextmanager
def restores_evaluation(model):
    with mc_dropout(model):
        yield model
    model.eval()


@contextmanager
def forgets_exceptions(model):
    before = flags(model)
    for module in model.modules():
        module.training = isinstance(module, nn.Dropout)
    yield model
    for module, flag in zip(model.modules(), before, strict=True):
        module.training = flag


@contextmanager
def turns_on_recursively(model):
    with mc_dropout(model):
        for module in list(model.modules()):
            if module.training:
                module.train()
        yield model


@contextmanager
def accepts_anything(model):
    yield model


@contextmanager
def looks_for_dropout_layers_alone(model):
    with mc_dropout(model):
        for module in model.modules():
            module.training = isinstance(module, nn.Dropout)
        yield model
