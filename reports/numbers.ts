/** Numbers as people read them. Every figure carries its unit or stands in a row that names it. */

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** The middle of an even number of counts may lie between two of them. */
const halves = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** `1,234,567`; `1,234.5` for the mean of two counts. */
export function count(value: number): string {
  return halves.format(value);
}

/** A reduction: `98.7%`, `-3.0%` where compared costs more. What is not whole never reads as 100% or 0%. */
export function percent(ratio: number): string {
  if (ratio === 0) return "0%";
  const text = (ratio * 100).toFixed(1);
  if (ratio < 1 && text === "100.0") return ">99.9%";
  if (text === "0.0" || text === "-0.0") return ratio > 0 ? "<0.1%" : ">-0.1%";
  return `${text}%`;
}

/** US dollars, three significant digits: `$12.3`, `$0.00451`. */
export function dollars(value: number): string {
  return value === 0 ? "$0" : `$${significant(value)}`;
}

/** Milliseconds or seconds, three significant digits: `4.12 ms`, `1.50 s`. */
export function duration(ms: number): string {
  return ms < 1000 ? `${significant(ms)} ms` : seconds(ms / 1000);
}

/** `1.50 s`, `75.0 s`. */
export function seconds(value: number): string {
  return `${significant(value)} s`;
}

/** Three significant digits, without a unit. */
export function significant(value: number): string {
  if (value >= 100) return whole.format(value);
  if (value === 0) return "0";
  const digits = 2 - Math.floor(Math.log10(value));
  return value.toFixed(Math.min(10, Math.max(0, digits)));
}
