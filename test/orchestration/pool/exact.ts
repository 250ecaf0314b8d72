/** The decimal that prints a number, times 10^400: sums of it are exact. */
export function exact(value: number): bigint {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return BigInt(whole + fraction) * 10n ** BigInt(400 + Number(exponent) - fraction.length);
}

export function exactSum(values: readonly number[]): bigint {
  return values.reduce((sum, value) => sum + exact(value), 0n);
}

export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The same value; whoever writes to it, at any depth, throws. */
export function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
