import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { entryValue } from '../paths/nested.js';
import { isList, typeOf } from '../values.js';

interface Level {
  readonly name: string;
  readonly texts: ReadonlySet<string>;
  /** Both ends belong to them. */
  readonly ranges: readonly { readonly min: bigint; readonly max: bigint }[];
}

const STATUS_RANGES: Readonly<Record<string, bigint>> = { '2xx': 200n, '3xx': 300n, '4xx': 400n, '5xx': 500n };
const SHAPE = '{"error": [{"equals": ["err", "fatal"]}, {"range": {"min": 500, "max": 599}}, {"range": "4xx"}]}';

/** The name of the first level with a criterion that the text or whole number meets. */
const ParseSeverity = define('ParseSeverity', { target: 'value', mapping: 'value' }, 'string', (args) => {
  const target = args.value('target');
  const levels = levelsOf(args.literal('mapping'));
  return (context) => {
    const value = target(context);
    if (typeof value !== 'string' && typeof value !== 'bigint') throw new OttlFailure(`ParseSeverity: expected string or int, found ${typeOf(value)}`);
    const found = levels.find(({ texts, ranges }) => (typeof value === 'string' ? texts.has(value) : ranges.some(({ min, max }) => value >= min && value <= max)));
    if (!found) throw new OttlFailure(`ParseSeverity: no level is for '${String(value).slice(0, 80)}'`);
    return found.name;
  };
});

/** @throws Error that says what is expected */
function levelsOf(mapping: unknown): readonly Level[] {
  if (!(mapping instanceof KeyValueList)) throw new Error(`the mapping is a map, written out, such as ${SHAPE}`);
  return mapping.entries.map(({ key, value }) => {
    const criteria = mapsIn(value);
    if (criteria === null) throw new Error(`'${key}' is mapped from a list of criteria, such as ${SHAPE}`);
    return {
      name: key,
      texts: new Set(criteria.flatMap(({ entries }) => textsOf(key, entryValue(entries, 'equals')))),
      ranges: criteria.flatMap(({ entries }) => rangesOf(key, entryValue(entries, 'range'))),
    };
  });
}

function mapsIn(value: AnyValue): readonly KeyValueList[] | null {
  return isList(value) && value.every((each) => each instanceof KeyValueList) ? value : null;
}

function textsOf(level: string, equals: AnyValue): readonly string[] {
  if (equals === null) return [];
  if (isList(equals) && equals.every((each) => typeof each === 'string')) return equals;
  throw new Error(`of '${level}', equals is a list of texts`);
}

function rangesOf(level: string, range: AnyValue): Level['ranges'] {
  if (range === null) return [];
  if (typeof range === 'string' && Object.hasOwn(STATUS_RANGES, range)) return [{ min: STATUS_RANGES[range], max: STATUS_RANGES[range] + 99n }];
  const [min, max] = range instanceof KeyValueList ? [entryValue(range.entries, 'min'), entryValue(range.entries, 'max')] : [null, null];
  if (typeof min !== 'bigint' || typeof max !== 'bigint') throw new Error(`of '${level}', a range has min and max, whole numbers, or is one of ${Object.keys(STATUS_RANGES).join(', ')}`);
  return [{ min, max }];
}

export const severityConverters: readonly FunctionDefinition[] = [ParseSeverity];
