"""Claims: whether the condition of a sentence holds for what was measured.

A condition is made of comparisons between names from the results and numbers, joined by `and`, `or` and `not`:

    test.accuracy.low > 0.97
    final.val_loss.mean < epochs[1].val_loss.mean and not data.preview

Names with `.low` and `.high` are the ends of 95% intervals: of Student's over the replicates, and of Wilson's for
the accuracy of a single one. A comparison that reads the means of two measured quantities, or of the difference
between them, compares two conditions. It is judged on the differences between its sides, taken within each
replicate, so that what the replicates have in common cancels: it holds if the 95% t-interval for the mean difference
lies wholly on the side that is claimed. With one replicate there is no such interval, and what asks for one is
undecided. `not` asks for the opposite comparison, since a difference that is not shown does not show its opposite.
Verdicts are joined by Kleene's logic of three values (1952): what is undecided leaves the whole so, unless the rest
settles it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from jinja2 import nodes

from generator.core.errors import Place, ReportError
from generator.core.formatting import SPREAD, described, finite_number, is_spread, significant
from generator.prose.expressions import Values, read, result_of
from generator.prose.names import names_read
from generator.records.claims import Claim, Judgement, PairedDifference, Verdict
from generator.records.results import Number, Path
from generator.results.intervals import Spread, of_replicates

VERDICTS: dict[bool | None, Verdict] = {True: "holds", False: "does not hold", None: "undecided"}
REPLICATE, DIFFERENCE = "replicate", "difference"
BOUND_DIGITS = 6
"""A refusal tells what a condition read with as many significant digits."""

_EXAMPLE = 'Compare a result with something, as in claim="test.accuracy.low > 0.97".'

_SHOWN: dict[str, Callable[[Spread], bool]] = {
    "gt": lambda difference: difference.low > 0,
    "gteq": lambda difference: difference.low >= 0,
    "lt": lambda difference: difference.high < 0,
    "lteq": lambda difference: difference.high <= 0,
    "ne": lambda difference: difference.low > 0 or difference.high < 0,
}
"""When the interval of a difference, left less right, shows what is claimed of it."""

_OPPOSITES = {
    "gt": "lteq", "lteq": "gt", "lt": "gteq", "gteq": "lt", "eq": "ne", "ne": "eq", "in": "notin", "notin": "in",
}  # fmt: skip


def judge(condition: str, values: Values, place: Place) -> Judgement:
    """Whether a condition holds for `values`; `place` is that of the claim.

    Raises:
        ReportError: the condition cannot be read, names what is not in `values`, reads no result in one of its
            comparisons, is no comparison at all, or compares what cannot be compared.
    """
    shown = f'claim="{condition}"'
    tree = read(condition, values, shown, place)
    if not any(True for _ in names_read(tree)):
        raise ReportError(f"{shown} reads no result.", place, _EXAMPLE)
    court = _Court(values, shown, place)
    verdict = VERDICTS[court.truth(tree)]
    return Judgement(verdict, court.values_read(tree), tuple(court.differences))


def refutations(claims: Iterable[Claim], path: FilePath) -> list[ReportError]:
    """One mistake for each claim of the prose in the file `path` that does not hold and is printed all the same."""
    return [_refutation(claim, Place(path, claim.line)) for claim in claims if claim.is_refuted]


def _refutation(claim: Claim, place: Place) -> ReportError:
    read = [f"{name} is {_told(value)}" for name, value in claim.values.items()]
    read += [
        f"the difference is {significant(difference.mean)} "
        f"({significant(difference.low)} to {significant(difference.high)} at 95%)"
        for difference in claim.differences
        if difference.low is not None and difference.high is not None
    ]
    what = f'The claim "{claim.sentence}" does not hold: {claim.condition}, but {", ".join(read)}.'
    step = "Change the claim, add [another wording]{.otherwise}, or see it struck through with --draft."
    return ReportError(what, place, step)


def _told(value: Number) -> str:
    """Closely enough to be held against a bound."""
    return significant(value, BOUND_DIGITS) if isinstance(value, float) else str(value)


_FILTER = (nodes.Filter,)
_LOGIC = (nodes.Compare, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr)


@dataclass
class _Court:
    """One condition's hearing: gathers the differences that were judged on the way."""

    values: Values
    shown: str
    place: Place
    differences: list[PairedDifference] = field(default_factory=list)

    def truth(self, node: nodes.Node, is_denied: bool = False) -> bool | None:
        """True, False, or None for undecided; of its opposite, if the node is denied."""
        match node:
            case nodes.And() | nodes.Or():
                both = [self.truth(side, is_denied) for side in (node.left, node.right)]
                return _any(*both) if isinstance(node, nodes.And) == is_denied else _all(*both)
            case nodes.Not():
                return self.truth(node.node, not is_denied)
            case nodes.Compare():
                pairs = zip([node.expr, *(operand.expr for operand in node.ops)], node.ops, strict=False)
                each = [
                    self._comparison(left, _OPPOSITES[operand.op] if is_denied else operand.op, operand.expr)
                    for left, operand in pairs
                ]
                return _any(*each) if is_denied else _all(*each)
            case _:
                return self._statement(node) != is_denied

    def _statement(self, node: nodes.Node) -> bool:
        """A result that is itself true or false."""
        if not isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            raise self._refusal("compares nothing: a part of it is no comparison", _EXAMPLE)
        value = self._result(node)
        if not isinstance(value, bool):
            raise self._refusal(f"compares nothing: a part of it is {described(value)}", _EXAMPLE)
        return value

    def _comparison(self, left: nodes.Expr, operator: str, right: nodes.Expr) -> bool | None:
        paths = [*names_read(left), *names_read(right)]
        if not paths:
            raise self._refusal("holds a comparison that reads no result", _EXAMPLE)
        if any(isinstance(part, _LOGIC) for side in (left, right) for part in (side, *side.find_all(_LOGIC))):
            raise self._refusal("holds a comparison inside another", "Join comparisons by and, or and not.")
        measured = {owner for path in paths for owner in [self._quantity(path)] if owner}
        if len(measured) > 1 or any(path[-2:] == (DIFFERENCE, SPREAD[0]) for path in paths):
            return self._paired(left, operator, right, paths, sorted(measured, key=str))
        if any(self._lacks_interval(path) for path in paths):
            return None
        return bool(self._result(nodes.Compare(left, [nodes.Operand(operator, right)], lineno=1)))

    def _lacks_interval(self, path: Path) -> bool:
        """Whether a name is the end of an interval that one replicate does not give."""
        owner = _at(self.values, path[:-1])
        if path[-1] not in SPREAD[1:] or not is_spread(owner) or len(_mapping(owner.get(REPLICATE))) != 1:
            return False
        return owner["low"] == owner["high"]

    def _quantity(self, path: Path) -> Path | None:
        """The measured quantity that a name is a part of: its mean, an end of its interval, or one replicate's."""
        name, value = _dotted(path), _at(self.values, path)
        if is_spread(value):
            raise self._refusal(f"reads {name}, a quantity with an interval", f"Write {name}.mean, .low or .high.")
        if isinstance(value, Mapping):
            raise self._refusal(f"reads {name}, which is many results", "Write out the whole name of one of them.")
        owners = (path[:length] for length in range(1, len(path)))
        return next((owner for owner in owners if self._is_measured(owner)), None)

    def _is_measured(self, path: Path) -> bool:
        value = _at(self.values, path)
        return is_spread(value) and REPLICATE in value

    def _paired(
        self, left: nodes.Expr, operator: str, right: nodes.Expr, paths: list[Path], measured: list[Path]
    ) -> bool | None:
        names = " and ".join(map(_dotted, measured))
        if any(path[:-1] in measured and path[-1] != "mean" or REPLICATE in path for path in paths):
            step = "Compare their means: the comparison is then judged on the differences within the replicates."
            raise self._refusal(f"compares {names} by something else than their means", step)
        if any(isinstance(part, nodes.Filter) for side in (left, right) for part in (side, *side.find_all(_FILTER))):
            step = "Compare the means as they are; for a bound on both sides write -0.1 < a.mean - b.mean < 0.1."
            raise self._refusal(f"compares {names} through a filter, which would bend their differences", step)
        if operator not in _SHOWN:
            step = "Claim that one is larger, or that the difference lies between bounds: -0.1 < a.mean - b.mean < 0.1."
            raise self._refusal(f"claims that {names} are equal, which no measurement can show", step)
        differences = [
            self._difference(left, right, _replaced(self.values, measured, seed)) for seed in self._seeds(measured)
        ]
        spread, count = of_replicates(differences), len(differences)
        low, high = (spread.low, spread.high) if count > 1 else (None, None)
        quantities = tuple(map(_dotted, measured))
        self.differences.append(PairedDifference(quantities, spread.mean, low, high, count))
        return _SHOWN[operator](spread) if count > 1 else None

    def _seeds(self, measured: list[Path]) -> list[int]:
        """The replicates, which must be the same for every quantity of a comparison."""
        seeds = [list(_mapping(_at(self.values, (*path, REPLICATE)))) for path in measured]
        if any(set(others) != set(seeds[0]) for others in seeds):
            names = " and ".join(map(_dotted, measured))
            step = "Compare quantities that were measured on the same replicates."
            raise self._refusal(f"compares {names}, which were measured on different replicates", step)
        return seeds[0]

    def _difference(self, left: nodes.Expr, right: nodes.Expr, values: Values) -> float:
        sides = [result_of(side, values, self.shown, self.place) for side in (left, right)]
        try:
            first, second = (finite_number(side, "A comparison of two conditions") for side in sides)
        except (TypeError, ValueError) as error:
            raise self._refusal(f"cannot be judged: {error}", _EXAMPLE) from None
        return float(first - second)

    def values_read(self, tree: nodes.Node) -> dict[str, Any]:
        """What the condition reads, by the names of results.json."""
        found = {".".join(map(str, path)): _at(self.values, path) for path in names_read(tree)}
        return {name: value for name, value in found.items() if isinstance(value, int | float | str)}

    def _result(self, node: nodes.Node) -> object:
        if not isinstance(node, nodes.Expr):
            raise self._refusal("is not an expression", _EXAMPLE)
        return result_of(node, self.values, self.shown, self.place)

    def _refusal(self, why: str, next: str) -> ReportError:
        return ReportError(f"{self.shown} {why}.", self.place, next)


def _all(*truths: bool | None) -> bool | None:
    return False if False in truths else None if None in truths else True


def _any(*truths: bool | None) -> bool | None:
    return True if True in truths else None if None in truths else False


def _at(values: object, path: Path) -> object:
    """What stands at a path, or None."""
    for part in path:
        try:
            values = values[part]  # type: ignore[index]
        except (LookupError, TypeError):
            return None
    return values


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _replaced(values: Values, measured: list[Path], seed: int) -> Values:
    """The values as one replicate saw them: each quantity's mean is what was measured on that replicate."""
    for path in measured:
        one = _at(values, (*path, REPLICATE, seed))
        values = _with(values, (*path, SPREAD[0]), one)
    return values


def _with(values: Mapping[Any, Any], path: Path, value: object) -> dict[Any, Any]:
    first, *rest = path
    return {**values, first: _with(values[first], tuple(rest), value) if rest else value}


def _dotted(path: Path) -> str:
    """A name as the prose writes it: epochs[1].loss."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
