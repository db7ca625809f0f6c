"""torch.nn.LSTM from the outside; inside, one layer in one direction that a subclass runs."""

from typing import Any, Self

import torch
from torch import Generator, Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from dropoutbook.layers.parts.arguments import (
    check_choice,
    check_floating,
    check_generator,
    check_integer,
    check_probability,
    probability,
)
from dropoutbook.layers.parts.leaf import NotScriptable, leaf
from dropoutbook.layers.parts.mask import draw_keep, inverted

State = tuple[Tensor, Tensor]  # (h, c), each (layer and direction, batch, hidden)
MAX_LAYERS = 1024  # far beyond any that is trained; building them takes a second


class LSTM(NotScriptable, nn.RNNBase):  # torch.compile refuses subclasses of nn.LSTM
    """The arguments, weights, inputs and outputs of `torch.nn.LSTM`; a subclass adds the `scan`.

    Args:
        input_size ... bidirectional, device, dtype: as in `torch.nn.LSTM`.
        dropout: Drop probability of the outputs of every layer but the last, in [0, 1].
        proj_size: only 0, no projection.
        generator: Source of randomness; None means PyTorch's global one.

    Raises:
        TypeError: if the input is not a real floating-point tensor or a `PackedSequence`, or hx
            not tensors.
        ValueError: if the shape of the input or of hx does not fit, if there are more than 1024
            layers, or an argument is refused.
    """

    dropout = probability("dropout")
    weight_ih_l0: Tensor

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        generator: Generator | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        sizes: dict[str, Any] = {
            "input_size": check_integer("input_size", input_size, least=1),
            "hidden_size": check_integer("hidden_size", hidden_size, least=1),
            "num_layers": check_integer("num_layers", num_layers, least=1, most=MAX_LAYERS),
        }
        flags = {"bias": bias, "batch_first": batch_first, "bidirectional": bidirectional}
        flags = {name: check_choice(name, flag, (False, True)) for name, flag in flags.items()}
        dropout = check_probability("dropout", dropout)
        if proj_size != 0:
            raise ValueError(
                f"proj_size must be 0, got {proj_size!r}: there is no projection here; train an "
                "LSTM without one, with a torch.nn.Linear behind it, or drop the weights of "
                "torch.nn.LSTM by WeightDrop"
            )
        super().__init__("LSTM", **sizes, **flags, dropout=dropout, device=device, dtype=dtype)
        self.generator = check_generator(generator)

    @property
    def draws_between_layers(self) -> bool:
        """Whether `dropout` acts on anything."""
        return self.dropout > 0 and self.num_layers > 1

    @classmethod
    def from_lstm(cls, lstm: nn.LSTM, **options: Any) -> Self:
        """The layer with a copy of the weights of `lstm`, its `dropout`, and in its mode.

        Args:
            lstm: A network without a projection.
            options: The rates and the generator of the layer.
        """
        if not isinstance(lstm, nn.LSTM):
            raise TypeError(
                f"lstm must be a torch.nn.LSTM, got {type(lstm).__name__}; WeightDrop drops the "
                "recurrent weights of other networks"
            )
        names = ("num_layers", "bias", "batch_first", "dropout", "bidirectional", "proj_size")
        same = {name: getattr(lstm, name) for name in names}
        layer = cls(lstm.input_size, lstm.hidden_size, **same, **options).to(
            next(lstm.parameters())
        )
        layer.load_state_dict(lstm.state_dict())
        for ours, theirs in zip(layer.parameters(), lstm.parameters(), strict=True):
            ours.requires_grad_(theirs.requires_grad)
        return layer.train(lstm.training)

    def scan(
        self, x: Tensor, h: Tensor, c: Tensor, weights: list[Tensor], active: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One layer in one direction, forwards: outputs of all steps, last h, last c.

        Args:
            x: (time, batch, feature).
            h, c: (batch, hidden), the state before the first step.
            weights: W_ih, W_hh and, if there are any, both biases.
            active: (time, batch, 1), False on padding; None where there is none.
        """
        raise NotImplementedError

    @leaf
    def forward(
        self, input: Tensor | PackedSequence, hx: State | None = None
    ) -> tuple[Tensor | PackedSequence, State]:
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        self._check(input)
        batch = () if input.ndim == 2 else (input.shape[0 if self.batch_first else 1],)
        self._check_state(hx, *batch)
        if input.ndim == 2:
            state: Any = None if hx is None else tuple(part.unsqueeze(1) for part in hx)
            y, (h, c) = self._layers(input.unsqueeze(1), state)
            return y.squeeze(1), (h.squeeze(1), c.squeeze(1))
        y, state = self._layers(input.transpose(0, 1) if self.batch_first else input, hx)
        return y.transpose(0, 1) if self.batch_first else y, state

    def _packed(self, input: PackedSequence, hx: State | None) -> tuple[PackedSequence, State]:
        x, lengths = pad_packed_sequence(input)  # in the order of hx, not sorted by length
        self._check(x)
        self._check_state(hx, x.shape[1])
        steps = torch.arange(len(x), device=x.device)[:, None, None]
        y, state = self._layers(x, hx, steps < lengths.to(x.device)[:, None])
        if input.sorted_indices is not None:
            y, lengths = y[:, input.sorted_indices], lengths[input.sorted_indices.cpu()]
        return input._replace(data=pack_padded_sequence(y, lengths).data), state

    def _check(self, x: Tensor) -> None:
        check_floating(x)
        time = 1 if self.batch_first and x.ndim == 3 else 0
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size or x.shape[time] == 0:
            wanted = f"(time >= 1, {self.input_size}), with or without a batch axis"
            raise ValueError(f"input must have the shape {wanted}, got {tuple(x.shape)}")

    def _check_state(self, hx: Any, *batch: int) -> None:
        """Raises unless `hx` is None or the state before the first step."""
        if hx is None:
            return
        shape = (len(self.all_weights), *batch, self.hidden_size)
        rule = f"hx, the initial state, must be two tensors (h_0, c_0), each of shape {shape}"
        parts = hx if isinstance(hx, tuple | list) else [hx]
        if not all(isinstance(part, Tensor) for part in parts):
            raise TypeError(f"{rule}, got {[type(part).__name__ for part in parts]}")
        if len(parts) != 2 or any(part.shape != shape for part in parts):
            raise ValueError(f"{rule}, got {[tuple(part.shape) for part in parts]}")

    def _layers(
        self, x: Tensor, hx: State | None, active: Tensor | None = None
    ) -> tuple[Tensor, State]:
        if hx is None:
            shape = (len(self.all_weights), x.shape[1], self.hidden_size)
            hx = (x.new_zeros(shape, dtype=self.weight_ih_l0.dtype),) * 2
        directions, last = 1 + self.bidirectional, []
        for layer in range(self.num_layers):
            if layer > 0 and self.training and self.draws_between_layers:
                x = inverted(x, draw_keep(x.shape, self.dropout, x, self.generator), self.dropout)
            indices = range(layer * directions, (layer + 1) * directions)
            parts = [self._direction(x, hx[0][n], hx[1][n], n, active) for n in indices]
            x = torch.cat([y for y, _, _ in parts], -1)
            last += [state for _, *state in parts]
        h, c = (torch.stack(part) for part in zip(*last, strict=True))
        return x, (h, c)

    def _direction(
        self, x: Tensor, h: Tensor, c: Tensor, index: int, active: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """`scan`, of the reversed sequence where the direction is backwards."""
        if index % (1 + self.bidirectional) == 0:
            return self.scan(x, h, c, [*self.all_weights[index]], active)
        active = None if active is None else active.flip(0)
        y, h, c = self.scan(x.flip(0), h, c, [*self.all_weights[index]], active)
        return y.flip(0), h, c
