import { ConfigError, mistakeAt, type ConfigMistake } from '../../../config/error.js';
import { nearestName } from '../../../config/nearest.js';
import type { ConfigPlace } from '../../../config/place.js';
import { parseSection } from '../../../config/section.js';
import type { Entry } from '../../../parsing/entry.js';
import { PARSE_ERROR_ATTRIBUTE } from '../../../parsing/parse-line.js';
import { operator } from './operator.js';
import { OPERATORS, isOperatorType, type OperatorConfig } from './schemas.js';

/** What became of an entry. */
export interface Verdict {
  readonly keep: boolean;
  /** An operator could not do its work. */
  readonly failed: boolean;
}

/** Runs the operators over an entry, in their order. `path` is the file's. */
export type Program = (entry: Entry, path: string) => Verdict;

const FINE: Verdict = { keep: true, failed: false };
const FAILED: Verdict = { keep: true, failed: true };
const DROPPED: Verdict = { keep: false, failed: true };

/** The program of a list of operators, or what is wrong with it. */
export function compileOperators(list: readonly Readonly<Record<string, unknown>>[], place: ConfigPlace): { readonly program: Program | null; readonly mistakes: readonly ConfigMistake[] } {
  const mistakes: ConfigMistake[] = [];
  const steps: { readonly name: string; readonly drops: boolean; readonly run: (entry: Entry, path: string) => string | null }[] = [];
  list.forEach((raw, i) => {
    const at = place.child(i);
    const { type } = raw;
    if (!isOperatorType(type)) {
      const known = Object.keys(OPERATORS);
      const what = type === undefined ? 'an operator needs a type' : `there is no operator '${String(type)}' here`;
      mistakes.push(mistakeAt(at.child('type'), type === undefined ? 'SBX_CONFIG_MISSING' : 'SBX_CONFIG_UNSUPPORTED', `${what}; those there are: ${known.join(', ')}. What only chooses or changes records can be done by processors (filter, transform).`, { nearest: typeof type === 'string' ? nearestName(type, known) : null }));
      return;
    }
    try {
      const config = parseSection(OPERATORS[type], raw, at) as OperatorConfig;
      steps.push({ name: type, drops: config.on_error.startsWith('drop'), run: operator(config) });
    } catch (error) {
      if (error instanceof ConfigError) mistakes.push(...error.mistakes);
      else mistakes.push(mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', `${error instanceof Error ? error.message : String(error)}.`));
    }
  });
  if (mistakes.length > 0) return { program: null, mistakes };
  return {
    mistakes,
    program(entry, path) {
      let verdict = FINE;
      for (const { name, drops, run } of steps) {
        const problem = run(entry, path);
        if (problem === null) continue;
        if (drops) return DROPPED;
        verdict = FAILED;
        if (!entry.attributes.has(PARSE_ERROR_ATTRIBUTE)) entry.attributes.set(PARSE_ERROR_ATTRIBUTE, `${name}: ${problem}`);
      }
      return verdict;
    },
  };
}
