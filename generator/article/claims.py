"""Claims: decides whether the condition of each claim holds for the results.

A condition consists of comparisons between names from the results and numbers, joined by `and`, `or`, and `not`:

    test.accuracy.low > 0.97
    final.val_loss.mean < epochs[1].val_loss.mean and not data.preview

Names ending in `.low` and `.high` are the ends of 95% intervals: over the replicates, or Wilson's interval for the
accuracy of a single replicate. A condition that uses an end where there is no interval is undecided.

A comparison that uses the means of two measured quantities, or of the difference between them, compares two conditions.
It is judged by the two-sided p of a paired t-test on the differences between its sides within each replicate, so that
variation shared by both sides cancels. It can hold only in the direction claimed. All other comparisons are bounds,
which hold (p is 0) or do not (p is 1). For comparisons joined by `and`, the largest p counts; for those joined by `or`,
the smallest p times the number of comparisons. `not` tests the opposite comparison, since failing to show a difference
does not show its opposite. An undecided part may have any p. The whole is then undecided unless the other parts settle
it, and counts with its largest possible p when other claims are adjusted.

The distinct claims of an article that compare conditions form one family. Their p values are adjusted by Holm's method,
so that the probability that any of them holds by chance is at most 5%. Bounds are not adjusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any, TypeGuard

from jinja2 import nodes

from generator.article import number_check
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
from generator.records.condition import MAIN
from generator.records.results import Number, Path
from generator.results.condition_values import VARIANTS, is_of_validation
from generator.results.intervals import Quantity, of_replicates
from generator.results.significance import ALPHA, holm, paired_p

Validated = Mapping[str, str]
_NOTHING: Validated = MappingProxyType({})

REPLICATE, DIFFERENCE = "replicate", "difference"
BOUND_DIGITS = 6
"""How many significant digits of a value a message quotes when a claim does not hold."""

_EXAMPLE = 'Compare a result with something, as in claim="test.accuracy.low > 0.97".'

Chance = tuple[float, float]
"""The smallest and the largest p that a condition can have. They differ if part of it is undecided."""

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
"""By operator, whether a mean difference (left minus right) is in the direction claimed."""


@dataclass(frozen=True)
class Assessment:
    """The assessment of a single condition, before adjustment for other claims.

    Attributes:
        form: the normalized condition: equal for conditions that claim the same.
        chance: the smallest and the largest p that it can have.
        values: the values that it uses, by name.
        differences: the differences that decide it.
    """

    form: str
    chance: Chance
    values: dict[str, Any]
    differences: tuple[PairedDifference, ...]

    @property
    def compares(self) -> bool:
        """Whether the claim belongs to the family of claims that compare conditions."""
        return bool(self.differences)


def assess(condition: str, values: Values, place: Place, validated: Validated = _NOTHING) -> Assessment:
    """Assesses a condition for `values`; `place` is where the claim is written.

    `validated` are digests of the images that the conditions validate on, by condition.

    Raises:
        ReportError: the condition cannot be parsed, uses a name that is not in `values`, has a comparison without a
            result, has a part that is not a comparison, or compares what cannot be compared.
    """
    tree, shown = _read(condition, values, place)
    evaluation = _Evaluation(values, shown, place, validated)
    evaluation.check(tree)
    chance = evaluation.chance(tree)
    return Assessment(form(tree), chance, evaluation.values_read(tree), tuple(evaluation.differences))


def check(condition: str, names: Values, place: Place, validated: Validated = _NOTHING) -> None:
    """Checks the form and the names of a condition without evaluating it; unknown values are LATER.

    Raises:
        ReportError: as for `assess`, if the names are enough to detect it.
    """
    tree, shown = _read(condition, names, place)
    _Evaluation(names, shown, place, validated).check(tree)
    number_check.check(condition, shown, place)


def _read(condition: str, values: Values, place: Place) -> tuple[nodes.Expr, str]:
    """A parsed condition, and how messages quote it."""
    shown = f'claim="{condition}"'
    tree = read(condition, values, shown, place)
    if not any(True for _ in names_read(tree)):
        raise ReportError(f"{shown} uses no result.", place, _EXAMPLE)
    return tree, shown


def judge(claims: Mapping[str, Assessment]) -> dict[str, Judgment]:
    """The judgment of each claim of an article, by its id; claims of the same form count as one hypothesis."""
    family = {one.form: one.chance[1] for one in claims.values() if one.compares}
    return {id: _judgment(one, family) for id, one in claims.items()}


def _judgment(claim: Assessment, family: Mapping[str, float]) -> Judgment:
    """The judgment of one claim.

    `family` has the p of all claims that compare conditions, by form; for undecided claims, the largest possible p.
    """
    least, most = claim.chance
    p = least if least == most else None
    if claim.compares:
        least, most = (holm({**family, claim.form: one})[claim.form] for one in claim.chance)
    verdict: Verdict = "holds" if most <= ALPHA else "does not hold" if least > ALPHA else "undecided"
    if not claim.compares:
        return Judgment(verdict, claim.values, claim.differences)
    return Judgment(verdict, claim.values, claim.differences, p, most if least == most else None, len(family))


def refutations(claims: Iterable[Claim], path: FilePath) -> list[ReportError]:
    """One error for each claim that does not hold but is printed anyway; `path` is the file of the prose."""
    return [_refutation(claim, Place(path, claim.line)) for claim in claims if claim.is_refuted]


def _refutation(claim: Claim, place: Place) -> ReportError:
    read = [f"{name} is {_told(value)}" for name, value in claim.values.items()]
    read += [
        f"the mean difference over {counted(difference.replicates, 'replicate')} is {significant(difference.mean)} "
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
    """A value as text, with enough digits to compare it with a bound."""
    return significant(value, BOUND_DIGITS) if isinstance(value, float) else str(value)


_FILTER = (nodes.Filter,)
_PUBLISHED_TIMES = ("seconds", "milliseconds_per_step")
_LOGIC = (nodes.Compare, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr)


@dataclass
class _Evaluation:
    """Checks and evaluates one condition, and collects the differences that decide it.

    Attributes:
        values: by name; when only the form is checked, values that are not known yet are LATER.
        shown: the condition as messages quote it.
        place: where the claim is written.
        validated: digests of the images that the conditions validate on, by condition; empty: not known.
        differences: the differences judged so far.
    """

    values: Values
    shown: str
    place: Place
    validated: Validated
    differences: list[PairedDifference] = field(default_factory=list)

    def check(self, node: nodes.Node, is_denied: bool = False) -> None:
        """Raises ReportError if the condition cannot be judged, whatever the values are."""
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
        """The p of a condition that has been checked, or of its opposite if `is_denied`."""
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
        """The value of a result that is itself true or false."""
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
        """The measured quantities in a comparison of two conditions; empty for a bound."""
        measured = {owner for path in paths for owner in [self._quantity(path)] if owner}
        is_of_two = len(measured) > 1 or any(map(_is_difference, measured))
        return sorted(measured, key=str) if is_of_two else []

    def _quantity(self, path: Path) -> Path | None:
        """The measured quantity that a name is part of: its mean, an end of its interval, or one replicate's value."""
        name, value = _dotted(path), value_at(self.values, path)
        if restated := _restated(path):
            raise self._refusal(f"uses {name}, which restates {restated}", f"Write {restated}.")
        if _is_quantity(value):
            raise self._refusal(f"uses {name}, a quantity with an interval", f"Write {name}.mean, .low or .high.")
        if isinstance(value, Mapping):
            raise self._refusal(f"uses {name}, which names many results", "Write the whole name of one of them.")
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
        if self._are_validated_apart(measured):
            step = "Compare a metric of the test set, such as test.accuracy."
            raise self._refusal(f"compares {names}, which are measured on different images", step)
        if operator not in _CLAIMED:
            step = "Claim that one is larger, or that the difference lies between bounds: -0.1 < a.mean - b.mean < 0.1."
            raise self._refusal(f"claims that {names} are equal, which no measurement can show", step)

    def _are_validated_apart(self, measured: list[Path]) -> bool:
        """Whether validation metrics of conditions are compared that are not all of the same images."""
        parts = [(str(path[1]), path[2:]) if path[0] == VARIANTS else (MAIN, path) for path in measured]
        return len({self.validated.get(name) for name, own in parts if is_of_validation(own)}) > 1

    def _paired(self, left: nodes.Expr, operator: str, right: nodes.Expr, measured: list[Path]) -> Chance:
        sides = [self._sides(left, right, _replaced(self.values, measured, seed)) for seed in self._seeds(measured)]
        difference = _difference(tuple(map(_dotted, measured)), sides)
        self.differences.append(difference)
        if difference.p is None:
            return UNDECIDED
        return (difference.p, difference.p) if _CLAIMED[operator](difference.mean) else FAILS

    def _seeds(self, measured: list[Path]) -> list[int]:
        """The seeds of the replicates in which every quantity of a comparison was measured."""
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
        """The values that the condition uses, by their names in results.json."""
        found = {".".join(map(str, path)): value_at(self.values, path) for path in names_read(tree)}
        return {name: value for name, value in found.items() if isinstance(value, int | float | str)}

    def _result(self, node: nodes.Node) -> object:
        if not isinstance(node, nodes.Expr):
            raise self._refusal("is not an expression", _EXAMPLE)
        return result_of(node, self.values, self.shown, self.place)

    def _refusal(self, why: str, next: str) -> ReportError:
        return ReportError(f"{self.shown} {why}.", self.place, next)


def _difference(quantities: tuple[str, ...], sides: Sequence[tuple[float, float]]) -> PairedDifference:
    """The differences between two sides by replicate, with their interval and p if these are defined."""
    differences = tuple(left - right for left, right in sides)
    p = paired_p(differences, size=max(abs(side) for both in sides for side in both))
    spread = of_replicates(Quantity(dict(enumerate(differences))))
    low, high = (None, None) if p is None else (spread.low, spread.high)
    return PairedDifference(quantities, spread.mean, low, high, len(differences), p, differences)


def _all(chances: Sequence[Chance]) -> Chance:
    """The p of parts joined by `and`: the largest (an intersection-union test: Berger, 1982)."""
    return max(least for least, _ in chances), max(most for _, most in chances)


def _any(chances: Sequence[Chance]) -> Chance:
    """The p of parts joined by `or`: the smallest times the number of parts (Bonferroni's inequality)."""
    least, most = (min(1.0, len(chances) * min(chance[end] for chance in chances)) for end in (0, 1))
    return least, most


def _is_quantity(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is a quantity over replicates, even if its numbers are not known yet."""
    return is_spread(value) or (isinstance(value, Mapping) and all(value.get(end) is LATER for end in SPREAD))


def _restated(path: Path) -> str:
    """The name of the mean that a comparison with a published metric repeats as a single number; empty otherwise."""
    match path:
        case ("published", "epochs", number, metric, "reproduced") if metric not in _PUBLISHED_TIMES:
            return _dotted(("epochs", number, metric, SPREAD[0]))
        case _:
            return ""


def _is_difference(path: Path) -> bool:
    """Whether a quantity is a difference: from the untrained twin, or of a variant from the main condition."""
    return path[-1] == DIFFERENCE or (path[0] == VARIANTS and path[2:3] == (DIFFERENCE,))


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _replaced(values: Values, measured: list[Path], seed: int) -> Values:
    """The values for a single replicate: each quantity's mean is replaced by the value measured in that replicate."""
    for path in measured:
        one = value_at(values, (*path, REPLICATE, seed))
        values = _with(values, (*path, SPREAD[0]), one)
    return values


def _with(values: Mapping[Any, Any], path: Path, value: object) -> dict[Any, Any]:
    first, *rest = path
    return {**values, first: _with(values[first], tuple(rest), value) if rest else value}


def _dotted(path: Path) -> str:
    """A name as it is written in the prose: epochs[1].loss."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
