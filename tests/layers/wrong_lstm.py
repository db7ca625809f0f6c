"""Wrong LSTMs. Several mistakes were found in published code or in the formulas of a textbook."""

import torch
from torch import Generator
from torch.nn.functional import linear
from torch.nn.utils.rnn import PackedSequence

from dropoutbook import RecurrentDropoutLSTM, RNNDropLSTM, VariationalLSTM
from dropoutbook.layers.parts.mask import draw_keep, inverted, select
from dropoutbook.layers.recurrent.masked_lstm import Masks
from dropoutbook.layers.variational_lstm import masked_linear


class FreshCellMaskAtEachStep(RNNDropLSTM):
    def masks(self, x):
        shape = (*x.shape[:2], self.hidden_size)
        return Masks(cell=draw_keep(shape, self.p, x, self.generator))


class InverseFactorInsideTheRecurrence(RNNDropLSTM):
    def cell(self, i, f, g, c, keep):
        c = f * c + i * g
        return c if keep is None else inverted(c, keep, self.p)


class FactorAtEachStepInEvaluation(RNNDropLSTM):
    def cell(self, i, f, g, c, keep):
        return (1 - self.p) * (f * c + i * g) if keep is None else super().cell(i, f, g, c, keep)


class MaskAroundTheUpdateAlone(RNNDropLSTM):
    def cell(self, i, f, g, c, keep):
        return f * c + (i * g if keep is None else select(i * g, keep))


class OutputInPlaceOfTheCell(RNNDropLSTM):
    """The source's Eq. (10): h_(t-1) where c_(t-1) belongs."""

    def hidden_gates(self, h, weight, keep):
        self.h = h
        return super().hidden_gates(h, weight, keep)

    def cell(self, i, f, g, c, keep):
        return super().cell(i, f, g, self.h, keep)


class OutputInPlaceOfTheCellInTheUpdate(RecurrentDropoutLSTM):
    """The source's Eq. (11)."""

    def hidden_gates(self, h, weight, keep):
        self.h = h
        return super().hidden_gates(h, weight, keep)

    def cell(self, i, f, g, c, keep):
        return super().cell(i, f, g, self.h, keep)


class MasksTheCellInPlaceOfTheUpdate(RecurrentDropoutLSTM):
    def cell(self, i, f, g, c, keep):
        c = f * c + i * g
        return c if keep is None else inverted(c, keep, self.p)


class UpdateNotRescaled(RecurrentDropoutLSTM):
    def cell(self, i, f, g, c, keep):
        return f * c + (i * g if keep is None else select(i * g, keep))


class KeepsWithProbabilityP(RecurrentDropoutLSTM):
    def masks(self, x):
        shape = (1, x.shape[1], self.hidden_size)
        keep = draw_keep(shape, 1 - self.p, x, self.generator)
        return Masks(cell=keep.expand(len(x), -1, -1))


class OneMaskForTheBatch(RNNDropLSTM):
    def masks(self, x):
        keep = draw_keep((1, 1, self.hidden_size), self.p, x, self.generator)
        return Masks(cell=keep.expand(*x.shape[:2], -1))


class FrozenMask(RNNDropLSTM):
    def masks(self, x):
        shape = (1, x.shape[1], self.hidden_size)
        keep = draw_keep(shape, self.p, x, Generator().manual_seed(0))
        return Masks(cell=keep.expand(len(x), -1, -1))


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
        keep = super().masks(x).cell
        return Masks(cell=keep if self.order is None else keep[:, self.order.argsort()])


class StateRunsOnThroughPadding(RNNDropLSTM):
    def scan(self, x, h, c, index, active):
        return super().scan(x, h, c, index, None)


class AlwaysFixed(RecurrentDropoutLSTM):
    def masks(self, x):
        keep = draw_keep((1, x.shape[1], self.hidden_size), self.p, x, self.generator)
        return Masks(cell=keep.expand(len(x), -1, -1))


class FreshHiddenMaskAtEachStep(VariationalLSTM):
    def hidden_gates(self, h, weight, keep):
        if keep is not None:
            keep = draw_keep(keep.shape, self.p_hidden, h, self.generator)
        return super().hidden_gates(h, weight, keep)


class FreshInputMaskAtEachStep(VariationalLSTM):
    def input_gates(self, x, weight, keep):
        keep = draw_keep(x.shape, self.p_input, x, self.generator) if keep is not None else None
        return linear(x if keep is None else inverted(x, keep, self.p_input), weight)


class OutputGateNotMasked(VariationalLSTM):
    """Three gates with masks, as on the left of the source's Eq. (12)."""

    def hidden_gates(self, h, weight, keep):
        gates = super().hidden_gates(h, weight, keep)
        plain = linear(h, weight)
        return torch.cat([*gates.chunk(4, -1)[:3], plain.chunk(4, -1)[3]], -1)


class MasksTheGatesThemselves(VariationalLSTM):
    """The mask on what the gates receive from h, not on h."""

    def hidden_gates(self, h, weight, keep):
        if keep is None:
            return linear(h, weight)
        return inverted(linear(h, weight), keep[0].repeat(1, 4), self.p_hidden)


class TiedTheOtherWay(VariationalLSTM):
    def __init__(self, *sizes, tied=True, **options):
        super().__init__(*sizes, tied=not tied, **options)


class HiddenNotRescaled(VariationalLSTM):
    def hidden_gates(self, h, weight, keep):
        return masked_linear((1 - self.p_hidden) * h, weight, keep, self.p_hidden)


def gated(mutant, tied=True):
    """A factory with one rate, for a wrong VariationalLSTM."""

    def make(*sizes, p=0.5, **options):
        return mutant(*sizes, p_input=p, p_hidden=p, tied=tied, **options)

    make.__name__ = mutant.__name__
    return make
