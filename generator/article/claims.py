"""Claims: whether the condition of a sentence holds for the results.

A condition consists of comparisons between names from the results and numbers, joined by `and`, `or`, and `not`:

    test.accuracy.low > 0.97
    final.val_loss.mean < epochs[1].val_loss.mean and not data.preview

Names with `.low` and `.high` are the ends of 95% intervals: of those over the replicates, and of Wilson's for the
accuracy of a single one. A condition that asks for an end where there is no interval is undecided.

A comparison that uses the means of two measured quantities, or of the difference between them, compares two conditions.
It is judged by the two-sided p of a paired t-test on the differences between its sides within each replicate, so that
what the replicates have in common cancels; it can hold only in the direction claimed. All other comparisons are bounds,
which hold (p is 0) or do not (p is 1). For comparisons joined by `and`, the largest p counts; for those joined by `or`,
the smallest times their number. `not` asks for the opposite comparison, since failing to show a difference does not
show its opposite. An undecided part may have any p, and leaves the whole undecided unless the rest settles it; for the
adjustment of the other claims it counts as not holding.

The distinct claims of an article that compare conditions are one family. Each is adjusted for the others by Holm's
method, so that the probability that any of them holds by chance is at most 5%. Bounds are not adjusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path as FilePath
from typing import Any, TypeGuard

from jinja2 import nodes

from generator.core.errors import Place, ReportError
from generator.core.formatting import (
    NO_INTERVAL,
    SPREAD,
    counted,
    described,
    finite_number,
    is_spread,
    listed,
    significant,
)
from generator.prose.conditions import OPPOSITES, form, joined
from generator.prose.expressions import LATER, Values, read, result_of, value_at
from generator.prose.names import names_read, path_of
from generator.records.claims import Claim, Judgment, PairedDifference, Verdict
from generator.records.results import Number, Path
from generator.results.condition_values import VARIANTS
from generator.results.intervals import Quantity, of_replicates
from generator.results.significance import ALPHA, holm, paired_p

REPLICATE, DIFFERENCE = "replicate", "difference"
BOUND_DIGITS = 6
"""How many significant digits of a value are quoted when a claim does not hold."""

_EXAMPLE = 'Compare a result with something, as in claim="test.accuracy.low > 0.97".'

Chance = tuple[float, float]
"""The least and the largest p that a condition can have: they differ where a part of it is undecided."""

HOLDS: Chance = (0.0, 0.0)
FAILS: Chance = (1.0, 1.0)
UNDECIDED: Chance = (0.0, 1.0)

_CLAIMED: dict[str, Callable[[float], bool]] = {
    "gt": lambda difference: difference > 0,
    "gteq": lambda difference: difference >= 0,
    "lt": lambda difference: difference < 0,
    "lteq": lambda difference: difference <= 0,
    "ne": lambda difference: difference != 0,
}
"""Whether a mean difference, left less right, lies on the side that is claimed."""


@dataclass(frozen=True)
class Assessment:
    """A condition by itself.

    Attributes:
        form: the condition, normalized: equal for conditions that claim the same.
        chance: its p.
        values: what it read, by name.
        differences: those that it is judged on.
    """

    form: str
    chance: Chance
    values: dict[str, Any]
    differences: tuple[PairedDifference, ...]

    @property
    def compares(self) -> bool:
        """Whether it belongs to the family of claims that compare conditions."""
        return bool(self.differences)


def assess(condition: str, values: Values, place: Place) -> Assessment:
    """What a condition comes to for `values`; `place` is that of the claim.

    Raises:
        ReportError: the condition cannot be read, names what is not in `values`, uses no result in one of its
            comparisons, is no comparison at all, or compares what cannot be compared.
    """
    tree, shown = _read(condition, values, place)
    evaluation = _Evaluation(values, shown, place)
    evaluation.check(tree)
    chance = evaluation.chance(tree)
    return Assessment(form(tree), chance, evaluation.values_read(tree), tuple(evaluation.differences))


def check(condition: str, names: Values, place: Place) -> None:
    """Looks at the form and the names of a condition, and not at what it comes to; LATER stands for what is not known.

    Raises:
        ReportError: as `assess`, as far as the names tell.
    """
    tree, shown = _read(condition, names, place)
    _Evaluation(names, shown, place).check(tree)


def _read(condition: str, values: Values, place: Place) -> tuple[nodes.Expr, str]:
    """A condition, and how messages quote it."""
    shown = f'claim="{condition}"'
    tree = read(condition, values, shown, place)
    if not any(True for _ in names_read(tree)):
        raise ReportError(f"{shown} uses no result.", place, _EXAMPLE)
    return tree, shown


def judge(claims: Mapping[str, Assessment]) -> dict[str, Judgment]:
    """The judgment on each claim of an article, by its id; claims of one form are one hypothesis."""
    family = {one.form: one.chance[1] for one in claims.values() if one.compares}
    return {id: _judgment(one, family) for id, one in claims.items()}


def _judgment(claim: Assessment, family: Mapping[str, float]) -> Judgment:
    """`family` are the p of all claims that compare conditions, by their forms; what is undecided has its largest."""
    least, most = claim.chance
    p = least if least == most else None
    if claim.compares:
        least, most = (holm({**family, claim.form: one})[claim.form] for one in claim.chance)
    verdict: Verdict = "holds" if most <= ALPHA else "does not hold" if least > ALPHA else "undecided"
    if not claim.compares:
        return Judgment(verdict, claim.values, claim.differences)
    return Judgment(verdict, claim.values, claim.differences, p, most if least == most else None, len(family))


def refutations(claims: Iterable[Claim], path: FilePath) -> list[ReportError]:
    """One mistake for each claim of the prose in the file `path` that does not hold and is printed anyway."""
    return [_refutation(claim, Place(path, claim.line)) for claim in claims if claim.is_refuted]


def _refutation(claim: Claim, place: Place) -> ReportError:
    read = [f"{name} is {_told(value)}" for name, value in claim.values.items()]
    read += [
        f"the difference is {significant(difference.mean)} "
        f"({significant(difference.low)} to {significant(difference.high)} at 95%, unadjusted)"
        for difference in claim.differences
        if difference.low is not None and difference.high is not None
    ]
    if claim.adjusted_p is not None:
        read.append(f"p is {significant(claim.adjusted_p)} when adjusted for {counted(claim.family, 'claim')}")
    what = f'The claim "{claim.sentence}" does not hold: {claim.condition}, but {", ".join(read)}.'
    step = "Change the claim, add [other wording]{.otherwise}, or build with --draft to see it struck through."
    return ReportError(what, place, step)


def _told(value: Number) -> str:
    """Closely enough to be compared with a bound."""
    return significant(value, BOUND_DIGITS) if isinstance(value, float) else str(value)


_FILTER = (nodes.Filter,)
_PUBLISHED_TIMES = ("seconds", "milliseconds_per_step")
_LOGIC = (nodes.Compare, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr)


@dataclass
class _Evaluation:
    """One condition, checked and evaluated: gathers the differences that it is judged on.

    Attributes:
        values: by their names; where only its form is checked, LATER stands for those that are not known yet.
        shown: the condition as messages quote it.
        place: of the claim.
        differences: those that were judged so far.
    """

    values: Values
    shown: str
    place: Place
    differences: list[PairedDifference] = field(default_factory=list)

    def check(self, node: nodes.Node, is_denied: bool = False) -> None:
        """Refuses what cannot be judged whatever the values are."""
        if several := joined(node, is_denied):
            for part in several.parts:
                self.check(*part)
            return
        match node:
            case nodes.Not():
                self.check(node.node, not is_denied)
            case nodes.Compare(expr=left, ops=[operand]):
                self._check_comparison(left, OPPOSITES[operand.op] if is_denied else operand.op, operand.expr)
            case _:
                self._check_statement(node)

    def chance(self, node: nodes.Node, is_denied: bool = False) -> Chance:
        """The p of a condition that was checked, or of its opposite if it is denied."""
        if several := joined(node, is_denied):
            chances = list(starmap(self.chance, several.parts))
            return _all(chances) if several.word == "all" else _any(chances)
        match node:
            case nodes.Not():
                return self.chance(node.node, not is_denied)
            case nodes.Compare(expr=left, ops=[operand]):
                return self._comparison(left, OPPOSITES[operand.op] if is_denied else operand.op, operand.expr)
            case _:
                return HOLDS if self._statement(node) != is_denied else FAILS

    def _check_statement(self, node: nodes.Node) -> None:
        path = path_of(node)
        if not isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            raise self._refusal("has a part that is not a comparison", _EXAMPLE)
        if path and self._quantity(path):
            raise self._refusal("has a part that is a number, not a comparison", _EXAMPLE)

    def _statement(self, node: nodes.Node) -> bool:
        """A result that is itself true or false."""
        value = self._result(node)
        if not isinstance(value, bool):
            raise self._refusal(f"has a part that is {described(value)}, not a comparison", _EXAMPLE)
        return value

    def _check_comparison(self, left: nodes.Expr, operator: str, right: nodes.Expr) -> None:
        paths = [*names_read(left), *names_read(right)]
        if not paths:
            raise self._refusal("contains a comparison that uses no result", _EXAMPLE)
        if any(isinstance(part, _LOGIC) for side in (left, right) for part in (side, *side.find_all(_LOGIC))):
            raise self._refusal("contains a comparison inside another", 'Join comparisons with "and", "or", and "not".')
        if measured := self._compared(paths):
            self._check_paired(left, operator, right, paths, measured)

    def _comparison(self, left: nodes.Expr, operator: str, right: nodes.Expr) -> Chance:
        paths = [*names_read(left), *names_read(right)]
        if measured := self._compared(paths):
            return self._paired(left, operator, right, measured)
        if any(value_at(self.values, path) == NO_INTERVAL for path in paths):
            return UNDECIDED
        holds = bool(self._result(nodes.Compare(left, [nodes.Operand(operator, right)], lineno=1)))
        return HOLDS if holds else FAILS

    def _compared(self, paths: list[Path]) -> list[Path]:
        """The measured quantities that a comparison of two conditions reads; none if it is a bound."""
        measured = {owner for path in paths for owner in [self._quantity(path)] if owner}
        is_of_two = len(measured) > 1 or any(map(_is_difference, measured))
        return sorted(measured, key=str) if is_of_two else []

    def _quantity(self, path: Path) -> Path | None:
        """The measured quantity that a name is a part of: its mean, an end of its interval, or one replicate's."""
        name, value = _dotted(path), value_at(self.values, path)
        if restated := _restated(path):
            raise self._refusal(f"uses {name}, which restates {restated}", f"Write {restated}.")
        if _is_quantity(value):
            raise self._refusal(f"uses {name}, a quantity with an interval", f"Write {name}.mean, .low or .high.")
        if isinstance(value, Mapping):
            raise self._refusal(f"uses {name}, which stands for many results", "Write the whole name of one of them.")
        owners = (path[:length] for length in range(1, len(path)))
        return next((owner for owner in owners if self._is_measured(owner)), None)

    def _is_measured(self, path: Path) -> bool:
        value = value_at(self.values, path)
        return _is_quantity(value) and REPLICATE in value

    def _check_paired(
        self, left: nodes.Expr, operator: str, right: nodes.Expr, paths: list[Path], measured: list[Path]
    ) -> None:
        names = listed([_dotted(path) for path in measured])
        if any(path[:-1] in measured and path[-1] != "mean" or REPLICATE in path for path in paths):
            step = "Compare their means: a paired test then compares the replicates."
            raise self._refusal(f"compares {names} by values other than their means", step)
        if any(isinstance(part, nodes.Filter) for side in (left, right) for part in (side, *side.find_all(_FILTER))):
            step = "Compare the means without a filter; to bound a difference, write -0.1 < a.mean - b.mean < 0.1."
            raise self._refusal(f"compares {names} through a filter, which would distort their differences", step)
        if operator not in _CLAIMED:
            step = "Claim that one is larger, or that the difference lies between bounds: -0.1 < a.mean - b.mean < 0.1."
            raise self._refusal(f"claims that {names} are equal, which no measurement can show", step)

    def _paired(self, left: nodes.Expr, operator: str, right: nodes.Expr, measured: list[Path]) -> Chance:
        sides = [self._sides(left, right, _replaced(self.values, measured, seed)) for seed in self._seeds(measured)]
        difference = _difference(tuple(map(_dotted, measured)), sides)
        self.differences.append(difference)
        if difference.p is None:
            return UNDECIDED
        return (difference.p, difference.p) if _CLAIMED[operator](difference.mean) else FAILS

    def _seeds(self, measured: list[Path]) -> list[int]:
        """The replicates on which every quantity of a comparison was measured."""
        first, *others = (_mapping(value_at(self.values, (*path, REPLICATE))) for path in measured)
        shared = [seed for seed in first if all(seed in other for other in others)]
        if not shared:
            names = listed([_dotted(path) for path in measured])
            step = "Compare quantities that were measured on the same replicates."
            raise self._refusal(f"compares {names}, which were measured on different replicates", step)
        return shared

    def _sides(self, left: nodes.Expr, right: nodes.Expr, values: Values) -> tuple[float, float]:
        sides = [result_of(side, values, self.shown, self.place) for side in (left, right)]
        try:
            first, second = (float(finite_number(side, "A comparison of two conditions")) for side in sides)
        except (TypeError, ValueError) as error:
            raise self._refusal(f"cannot be judged: {error}", _EXAMPLE) from None
        return first, second

    def values_read(self, tree: nodes.Node) -> dict[str, Any]:
        """What the condition reads, by the names of results.json."""
        found = {".".join(map(str, path)): value_at(self.values, path) for path in names_read(tree)}
        return {name: value for name, value in found.items() if isinstance(value, int | float | str)}

    def _result(self, node: nodes.Node) -> object:
        if not isinstance(node, nodes.Expr):
            raise self._refusal("is not an expression", _EXAMPLE)
        return result_of(node, self.values, self.shown, self.place)

    def _refusal(self, why: str, next: str) -> ReportError:
        return ReportError(f"{self.shown} {why}.", self.place, next)


def _difference(quantities: tuple[str, ...], sides: Sequence[tuple[float, float]]) -> PairedDifference:
    """The differences between two sides, by replicate, with their interval and p where these are defined."""
    differences = tuple(left - right for left, right in sides)
    p = paired_p(differences, size=max(abs(side) for both in sides for side in both))
    spread = of_replicates(Quantity(dict(enumerate(differences))))
    low, high = (None, None) if p is None else (spread.low, spread.high)
    return PairedDifference(quantities, spread.mean, low, high, len(differences), p, differences)


def _all(chances: Sequence[Chance]) -> Chance:
    """The largest p (an intersection-union test: Berger, 1982)."""
    return max(least for least, _ in chances), max(most for _, most in chances)


def _any(chances: Sequence[Chance]) -> Chance:
    """The smallest p times the number of parts (Bonferroni's inequality)."""
    least, most = (min(1.0, len(chances) * min(chance[end] for chance in chances)) for end in (0, 1))
    return least, most


def _is_quantity(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is a quantity over replicates, known or not known yet."""
    return is_spread(value) or (isinstance(value, Mapping) and all(value.get(end) is LATER for end in SPREAD))


def _restated(path: Path) -> str:
    """The name of the mean that a comparison with a published metric repeats as one number; empty for other names."""
    match path:
        case ("published", "epochs", number, metric, "reproduced") if metric not in _PUBLISHED_TIMES:
            return _dotted(("epochs", number, metric, SPREAD[0]))
        case _:
            return ""


def _is_difference(path: Path) -> bool:
    """Whether a quantity is a difference: of a trained network from its twin, or of a variant from the main one."""
    return path[-1] == DIFFERENCE or (path[0] == VARIANTS and path[2:3] == (DIFFERENCE,))


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _replaced(values: Values, measured: list[Path], seed: int) -> Values:
    """The values as one replicate saw them: each quantity's mean is what was measured on that replicate."""
    for path in measured:
        one = value_at(values, (*path, REPLICATE, seed))
        values = _with(values, (*path, SPREAD[0]), one)
    return values


def _with(values: Mapping[Any, Any], path: Path, value: object) -> dict[Any, Any]:
    first, *rest = path
    return {**values, first: _with(values[first], tuple(rest), value) if rest else value}


def _dotted(path: Path) -> str:
    """A name as the prose writes it: epochs[1].loss."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
