"""Wrong LSTMs. Several mistakes were found in published code or in the formulas of a textbook."""

import torch
from torch.nn.functional import linear
from torch.nn.utils.rnn import PackedSequence

from dropoutbook import RecurrentDropoutLSTM, RNNDropLSTM, VariationalLSTM
from dropoutbook.layers.parts.mask import draw_keep
from dropoutbook.layers.recurrent.masks import Mask, Masks, drop, inverse


class FreshCellMaskAtEachStep(RNNDropLSTM):
    def masks(self, x):
        shape = (*x.shape[:2], self.hidden_size)
        return Masks(cell=Mask(draw_keep(shape, self.p, x, self.generator)))


class InverseFactorInsideTheRecurrence(RNNDropLSTM):
    def masks(self, x):
        return Masks(cell=Mask(super().masks(x).cell.keep, inverse(self.p)))


class FactorAtEachStepInEvaluation(RNNDropLSTM):
    def cell(self, *parts):
        return super().cell(*parts) * (1 if self.training else 1 - self.p)


class MaskAroundTheUpdateAlone(RNNDropLSTM):
    def masks(self, x):
        return Masks(update=super().masks(x).cell)


class OutputInPlaceOfTheCell(RNNDropLSTM):
    """The source's Eq. (10): h_(t-1) where c_(t-1) belongs."""

    def hidden_gates(self, h, weight, mask):
        self.h = h
        return super().hidden_gates(h, weight, mask)

    def cell(self, i, f, g, c, *masks):
        return super().cell(i, f, g, self.h, *masks)


class OutputInPlaceOfTheCellInTheUpdate(RecurrentDropoutLSTM):
    """The source's Eq. (11)."""

    def hidden_gates(self, h, weight, mask):
        self.h = h
        return super().hidden_gates(h, weight, mask)

    def cell(self, i, f, g, c, *masks):
        return super().cell(i, f, g, self.h, *masks)


class MasksTheCellInPlaceOfTheUpdate(RecurrentDropoutLSTM):
    def masks(self, x):
        return Masks(cell=super().masks(x).update)


class UpdateNotRescaled(RecurrentDropoutLSTM):
    def masks(self, x):
        return Masks(update=Mask(super().masks(x).update.keep))


class KeepsWithProbabilityP(RecurrentDropoutLSTM):
    def masks(self, x):
        shape = (1, x.shape[1], self.hidden_size)
        keep = draw_keep(shape, 1 - self.p, x, self.generator)
        return Masks(update=Mask(keep, inverse(self.p)))


class OneMaskForTheBatch(RNNDropLSTM):
    def masks(self, x):
        keep = draw_keep((1, 1, self.hidden_size), self.p, x, self.generator)
        return Masks(cell=Mask(keep.expand(*x.shape[:2], -1)))


class OneMaskForAllLayers(RNNDropLSTM):
    def forward(self, input, hx=None):
        self.drawn = None
        return super().forward(input, hx)

    def masks(self, x):
        self.drawn = self.drawn or super().masks(x)
        return self.drawn


class MasksSortedByLength(RNNDropLSTM):
    """Hands row n of the mask to the n-th longest sequence."""

    def forward(self, input, hx=None):
        packed = isinstance(input, PackedSequence)
        self.order = input.sorted_indices if packed else None
        return super().forward(input, hx)

    def masks(self, x):
        keep = super().masks(x).cell.keep
        return Masks(cell=Mask(keep if self.order is None else keep[:, self.order.argsort()]))


class StateRunsOnThroughPadding(RNNDropLSTM):
    def scan(self, x, h, c, weights, active):
        return super().scan(x, h, c, weights, None)


class AlwaysFixed(RecurrentDropoutLSTM):
    def masks(self, x):
        keep = draw_keep((1, x.shape[1], self.hidden_size), self.p, x, self.generator)
        return Masks(update=Mask(keep.expand(len(x), -1, -1), inverse(self.p)))


class FreshHiddenMaskAtEachStep(VariationalLSTM):
    def hidden_gates(self, h, weight, mask):
        if mask is not None:
            keep = draw_keep(mask.keep.shape, self.p_hidden, h, self.generator)
            mask = mask._replace(keep=keep)
        return super().hidden_gates(h, weight, mask)


class FreshInputMaskAtEachStep(VariationalLSTM):
    def input_gates(self, x, weight, mask):
        if mask is not None:
            mask = mask._replace(keep=draw_keep(x.shape, self.p_input, x, self.generator))
        return linear(drop(x, mask), weight)


class OutputGateNotMasked(VariationalLSTM):
    """Three gates with masks, as on the left of the source's Eq. (12)."""

    def hidden_gates(self, h, weight, mask):
        gates = super().hidden_gates(h, weight, mask)
        plain = linear(h, weight)
        return torch.cat([*gates.chunk(4, -1)[:3], plain.chunk(4, -1)[3]], -1)


class MasksTheGatesThemselves(VariationalLSTM):
    """The mask on what the gates receive from h, not on h."""

    def hidden_gates(self, h, weight, mask):
        if mask is not None:
            mask = mask._replace(keep=mask.keep[0].repeat(1, 4))
        return drop(linear(h, weight), mask)


class TiedTheOtherWay(VariationalLSTM):
    def __init__(self, *sizes, tied=True, **options):
        super().__init__(*sizes, tied=not tied, **options)


class HiddenNotRescaled(VariationalLSTM):
    def hidden_gates(self, h, weight, mask):
        return super().hidden_gates(h, weight, None if mask is None else Mask(mask.keep))


def gated(mutant, tied=True):
    """A factory with one rate, for a wrong VariationalLSTM."""

    def make(*sizes, p=0.5, **options):
        return mutant(*sizes, p_input=p, p_hidden=p, tied=tied, **options)

    make.__name__ = mutant.__name__
    return make
