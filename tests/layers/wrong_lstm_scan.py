"""Wrong scans: the forward pass of LSTMScan is right, a backward pass is not."""

from dropoutbook.layers.recurrent.scan import LSTMScan


class _Altered:
    """A context with other saved tensors or other factors."""

    def __init__(self, ctx, saved, factors):
        self.ctx, self.saved_tensors, self.factors = ctx, tuple(saved), factors

    def __getattr__(self, name):
        return getattr(self.ctx, name)


def altered(index=None, change=None, factor=None):
    """LSTMScan whose backward sees the saved tensor at `index` changed, or another factor."""

    class Wrong(LSTMScan):
        @staticmethod
        def backward(ctx, *gradients):
            saved = list(ctx.saved_tensors)
            if index is not None:
                saved[index] = change(saved[index])
            factors = [f if f is None or factor is None else factor(f) for f in ctx.factors]
            return LSTMScan.backward(_Altered(ctx, saved, factors), *gradients)

    return Wrong


CellMaskLeftOut = altered(2, lambda keep: None)
CellMaskInverted = altered(2, lambda keep: ~keep)
UpdateMaskLeftOut = altered(1, lambda keep: None)
UpdateMaskInverted = altered(1, lambda keep: ~keep)
UpdateFactorTwice = altered(factor=lambda factor: factor**2)
UpdateFactorLeftOut = altered(factor=lambda factor: 1.0)
HiddenMaskLeftOut = altered(0, lambda keep: keep | True)
OtherHiddenMask = altered(0, lambda keep: ~keep)
OneStepLate = altered(4, lambda hs: hs.roll(1, 0))
CellOneStepLate = altered(5, lambda cs: cs.roll(1, 0))
GatesInAnotherOrder = altered(3, lambda gates: gates.roll(gates.shape[-1] // 4, -1))


class LastCellHasNoGradient(LSTMScan):
    @staticmethod
    def backward(ctx, dy, dh, dc):
        return LSTMScan.backward(ctx, dy, dh, dc * 0)


class LastOutputHasNoGradient(LSTMScan):
    @staticmethod
    def backward(ctx, dy, dh, dc):
        return LSTMScan.backward(ctx, dy, dh * 0, dc)


class UnmaskedHInTheGradientOfWeights(LSTMScan):
    """dW_hh from h as it left the last step."""

    @staticmethod
    def backward(ctx, *gradients):
        found = list(LSTMScan.backward(ctx, *gradients))
        wrong = list(HiddenMaskLeftOut.backward(ctx, *gradients))
        return tuple(found[:4] + wrong[4:5] + found[5:])


MUTANTS = [
    ("CellMaskLeftOut", "RNNDropLSTM"),
    ("CellMaskInverted", "RNNDropLSTM"),
    ("UpdateMaskLeftOut", "RecurrentDropoutLSTM"),
    ("UpdateMaskInverted", "RecurrentDropoutLSTM(per_step=True)"),
    ("UpdateFactorTwice", "RecurrentDropoutLSTM"),
    ("UpdateFactorLeftOut", "RecurrentDropoutLSTM(per_step=True)"),
    ("HiddenMaskLeftOut", "VariationalLSTM"),
    ("HiddenMaskLeftOut", "VariationalLSTM(tied=False)"),
    ("OtherHiddenMask", "VariationalLSTM(tied=False)"),
    ("UnmaskedHInTheGradientOfWeights", "VariationalLSTM"),
    ("OneStepLate", "RNNDropLSTM"),
    ("CellOneStepLate", "RNNDropLSTM"),
    ("GatesInAnotherOrder", "RNNDropLSTM"),
    ("LastCellHasNoGradient", "RNNDropLSTM"),
    ("LastOutputHasNoGradient", "VariationalLSTM"),
]
