"""A row of the benchmark: what was measured, beside a peer that was measured in the same run.

Machines differ and are shared, so the ratio of a row says more than its value.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.core.formatting import significant

DIGITS = 3
FEW = 0.1
"""A smaller ratio is written as one over a number."""


@dataclass(frozen=True)
class Row:
    """A measurement.

    Attributes:
        name: what was measured.
        value: in `unit`; None if it could not be measured, which the note explains.
        unit: of the value and of the peer's value.
        aim: what is wanted, in words; empty if nothing is.
        peer: what was measured beside it, in words; empty if nothing was.
        peer_value: in `unit`.
        note: what else there is to say.
    """

    name: str
    value: float | None
    unit: str
    aim: str = ""
    peer: str = ""
    peer_value: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the peer's; None if either is missing or zero."""
        return self.value / self.peer_value if self.value and self.peer_value else None


def unmeasured(name: str, reason: str) -> Row:
    """The row of what could not be measured."""
    return Row(name, None, "", note=f"not measured: {reason}")


def cells(row: Row) -> tuple[str, str, str, str]:
    """The row as the table has it: name, value, aim, and what is beside it."""
    peer = f"{multiple(row.ratio)} {row.peer}, {amount(row.peer_value, row.unit)}" if row.ratio else row.peer
    return row.name, amount(row.value, row.unit), row.aim, "; ".join(filter(None, (peer, row.note)))


def multiple(ratio: float) -> str:
    """How a ratio is written before the name of the peer."""
    return f"1/{significant(1 / ratio, DIGITS)} of" if ratio < FEW else f"{significant(ratio, DIGITS)} ×"


def amount(value: float | None, unit: str) -> str:
    """A value with its unit; a dash if there is none."""
    return "—" if value is None else f"{significant(value, DIGITS)} {unit}"
