/** The text of a float as C's `%g` gives it (six significant digits), which is how Nix prints floats. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  }
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, exponentText] = sixDigits(value).split("e") as [string, string];
  const exponent = Number(exponentText);
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "").replace(/0+$/, "");
  if (exponent < -4 || exponent >= 6) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = digits.slice(exponent + 1);
  return sign + (rest === "" ? whole : `${whole}.${rest}`);
}

/** Six significant digits and an exponent, ties to even as in C (JavaScript rounds ties up). */
function sixDigits(value: number): string {
  const exact = value.toExponential(100);
  const tie = /^(-?\d\.\d{4}(\d))50*e(.*)$/.exec(exact);
  if (tie !== null && Number(tie[2]) % 2 === 0) return `${tie[1]}e${tie[3]}`;
  return value.toExponential(5);
}
