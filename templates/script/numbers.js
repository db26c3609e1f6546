// How the page's scripts write numbers: by the rules of generator/core/formatting.py, which a test holds them to.

const SIGNIFICANT_DIGITS = 4;
const LEAST_EXPONENT = -4, MOST_EXPONENT = 5; // powers of ten of the numbers that are written in full
const EXACT = 100; // decimals, the most that a number is asked for

const signed = (text) => text.replace("-", "−");
const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** A decimal text without the digits from `end` on, which are 0 or half a unit in the last place: to the even digit. */
function evenly(exact, end, rounded) {
  const lower = exact.slice(0, end), isTie = /^\.?50*$/.test(exact.slice(end));
  return isTie && "02468".includes(lower.at(-1)) ? lower : rounded;
}

/** With so many decimals and the thousands apart; a tie goes to the even digit, as in Python. */
function fixed(value, places) {
  const exact = value.toFixed(EXACT), end = exact.length - EXACT + (places || -1);
  const [whole, ...decimals] = evenly(exact, end, value.toFixed(places)).split(".");
  return signed([whole.replace(/\B(?=(\d{3})+$)/g, ","), ...decimals].join("."));
}

/** A count, its thousands apart: 156,650. */
const writtenInteger = (value) => fixed(value, 0);

/** A number with four significant digits at most, and all of its whole part: 0.0431, 3.715, 12,346, 4.3 × 10⁻⁶. */
function writtenSignificant(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const exponent = Number(value.toExponential(EXACT).split("e")[1]);
  if (exponent < LEAST_EXPONENT || exponent > MOST_EXPONENT) return power(value);
  return trimmed(fixed(value, Math.max(0, SIGNIFICANT_DIGITS - 1 - exponent)));
}

function power(value) {
  const [exact] = value.toExponential(EXACT).split("e"), end = exact.length - EXACT + SIGNIFICANT_DIGITS - 1;
  const [digits, exponent] = value.toExponential(SIGNIFICANT_DIGITS - 1).split("e");
  const raised = String(Number(exponent)).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]));
  return `${trimmed(signed(evenly(exact, end, digits)))}\u00a0×\u00a010${raised}`;
}

/** Three decimals; one that rounding would make certain is "over 0.999". */
const writtenProbability = (value) => (value >= 0.9995 ? "over 0.999" : fixed(value, 3));
