/** How OTLP names become Prometheus names: Prometheus' setting `otlp.translation_strategy`. */
export const TRANSLATION_STRATEGIES = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
] as const;
export type TranslationStrategy = (typeof TRANSLATION_STRATEGIES)[number];

/** What decides about a suffix: counters get `_total`, gauges with unit `1` get `_ratio`. */
export type NameKind = 'counter' | 'gauge' | 'other';

const UNITS: Readonly<Record<string, string>> = {
  d: 'days', h: 'hours', min: 'minutes', s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds',
  By: 'bytes', KiBy: 'kibibytes', MiBy: 'mebibytes', GiBy: 'gibibytes', TiBy: 'tibibytes',
  KBy: 'kilobytes', MBy: 'megabytes', GBy: 'gigabytes', TBy: 'terabytes',
  m: 'meters', V: 'volts', A: 'amperes', J: 'joules', W: 'watts', g: 'grams',
  Cel: 'celsius', Hz: 'hertz', '1': '', '%': 'percent',
};
const PER_UNITS: Readonly<Record<string, string>> = {
  s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week', mo: 'month', y: 'year',
};

export function escapes(strategy: TranslationStrategy): boolean {
  return strategy === 'UnderscoreEscapingWithSuffixes' || strategy === 'UnderscoreEscapingWithoutSuffixes';
}

function addsSuffixes(strategy: TranslationStrategy): boolean {
  return strategy === 'UnderscoreEscapingWithSuffixes' || strategy === 'NoUTF8EscapingWithSuffixes';
}

/**
 * The metric family's name, or null where none can be made of it (empty, or nothing but underscores left).
 * Source: prometheus/otlptranslator 1.0 (MetricNamer).
 */
export function metricName(name: string, unit: string, kind: NameKind, strategy: TranslationStrategy, namespace = ''): string | null {
  const built = escapes(strategy)
    ? (addsSuffixes(strategy) ? fromTokens(name, unit, kind, namespace) : escaped(name, namespace))
    : (addsSuffixes(strategy) ? suffixed(prefixed(name, namespace), unit, kind) : prefixed(name, namespace));
  if (name === '' || built === '') return null;
  return built !== name && /^_+$/.test(built) ? null : built;
}

/** The unit in metadata: words for the usual abbreviations, `per` for a slash, nothing for annotations in braces. */
export function unitName(unit: string): string {
  const [main, per] = unitSuffixes(unit).map(cleanUnit) as [string, string];
  return [main, per].filter((part) => part !== '').join('_').replace(/^_/, '').replace(/_$/, '');
}

function fromTokens(name: string, unit: string, kind: NameKind, namespace: string): string {
  let tokens = name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  let [main, per] = unitSuffixes(unit).map(cleanUnit) as [string, string];
  if (tokens.includes(main)) main = '';
  per = per === 'per_' ? '' : per.replace(/_$/, '');
  if (tokens.includes(per)) per = '';
  if (per !== '') main = main.replace(/_$/, '');
  if (main !== '') tokens.push(main);
  if (per !== '') tokens.push(per);
  if (kind === 'counter') tokens = [...tokens.filter((token) => token !== 'total'), 'total'];
  if (unit === '1' && kind === 'gauge') tokens = [...tokens.filter((token) => token !== 'ratio'), 'ratio'];
  if (namespace !== '') tokens.unshift(escapeRuns(namespace));
  return noLeadingDigit(tokens.join('_'));
}

function escaped(name: string, namespace: string): string {
  return noLeadingDigit(namespace === '' ? escapeRuns(name) : `${escapeRuns(namespace)}_${escapeRuns(name)}`);
}

/** Runs of characters that a name cannot hold become one underscore; those at the ends go. */
function escapeRuns(name: string): string {
  return name.split(/[^a-zA-Z0-9:_]+/).filter((token) => token !== '').join('_');
}

function noLeadingDigit(name: string): string {
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function prefixed(name: string, namespace: string): string {
  return namespace === '' ? name : `${namespace}_${name}`;
}

function suffixed(name: string, unit: string, kind: NameKind): string {
  const outer: string[] = [];
  let base = name;
  const moveOut = (suffix: string): void => {
    if (base.endsWith(suffix) && base.length > suffix.length + 1) base = base.slice(0, -(suffix.length + 1));
    outer.unshift(suffix);
  };
  if (unit === '1' && kind === 'gauge') moveOut('ratio');
  if (kind === 'counter') moveOut('total');
  const [main, per] = unitSuffixes(unit);
  if (per !== '') moveOut(per);
  if (main !== '' && !base.endsWith(main)) base += `_${main}`;
  return [base, ...outer].join('_');
}

function unitSuffixes(unit: string): [main: string, per: string] {
  const slash = unit.indexOf('/');
  const main = (slash < 0 ? unit : unit.slice(0, slash)).trim();
  const per = slash < 0 ? '' : unit.slice(slash + 1).trim();
  const perWord = word(per, PER_UNITS);
  return [word(main, UNITS), perWord === '' ? '' : `per_${perWord}`];
}

function word(unit: string, words: Readonly<Record<string, string>>): string {
  if (unit === '' || /[{}]/.test(unit)) return '';
  return Object.hasOwn(words, unit) ? (words[unit] ?? '') : unit;
}

function cleanUnit(unit: string): string {
  return unit.replace(/[^a-zA-Z0-9:]/gu, '_').replace(/_+/g, '_').replace(/^_/, '');
}
