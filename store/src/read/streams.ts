import { RE2JS } from 're2js';
import type { Matcher } from '@signalbox/query/readers';

export type LabelSet = Readonly<Record<string, string>>;

/** A label matcher as a function; a label that is not there is ''. Regular expressions are anchored and run in linear time. */
export function labelTest({ name, op, value }: Matcher): (labels: LabelSet) => boolean {
  const of = (labels: LabelSet): string => (Object.hasOwn(labels, name) ? labels[name] : '');
  switch (op) {
    case '=':
      return (labels) => of(labels) === value;
    case '!=':
      return (labels) => of(labels) !== value;
    case '=~':
    case '!~': {
      const pattern = RE2JS.compile(value, RE2JS.DOTALL);
      const wanted = op === '=~';
      return (labels) => pattern.matches(of(labels)) === wanted;
    }
  }
}

export function labelTests(matchers: readonly Matcher[]): (labels: LabelSet) => boolean {
  const tests = matchers.map(labelTest);
  return (labels) => tests.every((test) => test(labels));
}

/** Answers for each stream, given as JSON, whether it matches; a stream is looked at once. */
export class StreamFilter {
  private readonly known = new Map<string, boolean>();
  private readonly test: (labels: LabelSet) => boolean;

  constructor(matchers: readonly Matcher[]) {
    this.test = labelTests(matchers);
  }

  matches(stream: string): boolean {
    let matches = this.known.get(stream);
    if (matches === undefined) this.known.set(stream, (matches = this.test(JSON.parse(stream) as LabelSet)));
    return matches;
  }
}
