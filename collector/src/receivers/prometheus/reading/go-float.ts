/** A number as Go's strconv.ParseFloat reads it where targets write such; undefined where it is none. */
export function parseFloatText(text: string): number | undefined {
  const value = Number(text);
  const first = text.charCodeAt(0);
  // Digits, or a sign or point before them: Number() also takes the empty text, blanks and words.
  if (Number.isFinite(value) && ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46) && !SPECIAL.test(text)) return value;
  switch (text.toLowerCase()) {
    case 'nan': case '+nan': case '-nan': return NaN;
    case 'inf': case '+inf': case 'infinity': case '+infinity': return Infinity;
    case '-inf': case '-infinity': return -Infinity;
    default: return undefined;
  }
}

const SPECIAL = /[^0-9.eE+-]/;

/** A bound or quantile as Prometheus 3 keeps it: Go's shortest %g, with `.0` behind whole numbers. */
export function canonicalFloat(text: string): string {
  const value = parseFloatText(text);
  if (value === undefined) return text;
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 6) return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}
