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
  return withoutEmpty([...labels]);
}

/** Labels without empty values, sorted; none are fine, since every stream gets a service. */
export function withoutEmpty(labels: readonly (readonly [string, string])[]): StreamLabels {
  return labels.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The value of the first of these labels that a stream has. */
export function firstOf(names: readonly string[], labels: StreamLabels): string | undefined {
  for (const name of names) {
    const found = labels.find(([label]) => label === name);
    if (found !== undefined) return found[1];
  }
  return undefined;
}
