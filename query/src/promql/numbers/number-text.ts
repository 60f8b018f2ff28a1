/** A sample's value as Prometheus' API writes it: the shortest text that reads back the same. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const text = String(value);
  const size = Math.abs(value);
  // Others have no exponent.
  if (size >= 1e-6 && size < 1e21) return text;
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** The same without an exponent, as count_values makes labels of values. */
export function formatPlain(value: number): string {
  const text = formatValue(value);
  const scientific = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (scientific === null) return text;
  const [, sign = '', first = '', rest = '', power = '0'] = scientific;
  const digits = first + rest;
  const exponent = Number(power);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return sign + digits.padEnd(exponent + 1, '0');
}

/** A number as Go's %.2g writes it: two digits that count. */
export function formatTwoDigits(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatValue(value);
  const scientific = value.toExponential(1);
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  return exponent >= -4 && exponent < 2 ? String(Number(scientific)) : scientific.replace('.0e', 'e').replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A number as Go's %g writes it. */
export function formatG(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatValue(value);
  const scientific = value.toExponential();
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  return exponent >= -4 && exponent < 6 ? String(value) : scientific.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A number as Go's %f writes it: six decimals, never an exponent. */
export function formatF(value: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  if (Object.is(value, -0)) return '-0.000000';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}
