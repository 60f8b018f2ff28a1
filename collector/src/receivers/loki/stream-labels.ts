import { quotedValue } from './quoted.js';

/** What Loki says of labels that it cannot read. */
export class StreamLabelsError extends Error {}

export type StreamLabels = readonly (readonly [name: string, value: string])[];

const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;

/** Reads `{app="shop", env='prod'}` as Loki's push does (pkg/logql/syntax, ParseLabels); sorted. @throws StreamLabelsError */
export function parseStreamLabels(text: string): StreamLabels {
  const labels = new Map<string, string>();
  let at = 0;
  const skip = (): void => {
    while (/\s/.test(text.charAt(at))) at++;
  };
  const fail = (what: string): never => {
    throw new StreamLabelsError(`error parsing labels ${text.slice(0, 300)}: parse error at line 1, col ${at + 1}: ${what}`);
  };
  skip();
  if (text.charAt(at) !== '{') fail('syntax error: expected {');
  at++;
  for (;;) {
    skip();
    if (text.charAt(at) === '}') break;
    NAME.lastIndex = at;
    const name = NAME.exec(text)?.[0] ?? fail('syntax error: expected a label name');
    at += name.length;
    skip();
    if (text.charAt(at) !== '=') fail('syntax error: expected =');
    at++;
    skip();
    const quoted = quotedValue(text, at) ?? fail('syntax error: expected a quoted value');
    at = quoted.next;
    if (labels.has(name)) fail(`the label ${name} stands twice`);
    labels.set(name, quoted.value);
    skip();
    if (text.charAt(at) === ',') at++;
    else if (text.charAt(at) !== '}') fail('syntax error: expected , or }');
  }
  at++;
  skip();
  if (at < text.length) fail('syntax error: expected the end');
  return checked([...labels]);
}

/** Labels without empty values, sorted. @throws StreamLabelsError where there are none, or names that are none */
export function checked(labels: readonly (readonly [string, string])[]): StreamLabels {
  const kept = labels.filter(([, value]) => value !== '');
  if (kept.length === 0) throw new StreamLabelsError('error at least one label pair is required per stream');
  return kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
