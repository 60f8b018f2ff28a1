import { RE2JS } from 're2js';
import type { Turns } from '../../../event-loop.js';
import { labelValue } from '../../../labels/labels.js';
import { PromQLExecutionError } from '../../error.js';
import { withLabel } from '../../engine/values/labels.js';
import { mergeSame } from '../../engine/values/result.js';
import type { StepSeries } from '../../engine/values/values.js';
import { withLabels } from '../../engine/values/values.js';

/** `vector` is evaluated once the other arguments are known to be right. */
export async function labelReplace(turns: Turns, vector: () => Promise<readonly StepSeries[]>, [to = '', replacement = '', from = '', pattern = '']: readonly string[]): Promise<StepSeries[]> {
  let regexp: RE2JS;
  try {
    regexp = RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch {
    throw new PromQLExecutionError(`invalid regular expression in label_replace(): ${pattern}`);
  }
  if (!isLabelName(to)) throw new PromQLExecutionError(`invalid destination label name in label_replace(): ${to}`);
  return mergeSame(await vector(), (one) => {
    const matcher = regexp.matcher(labelValue(one.labels, from));
    if (!matcher.matches()) return one;
    const groups: string[] = [];
    for (let group = 0; group <= regexp.groupCount(); group++) groups.push(matcher.group(group) ?? '');
    return relabelled(one, to, expand(replacement, groups, regexp.namedGroups()));
  }, turns);
}

export async function labelJoin(turns: Turns, vector: () => Promise<readonly StepSeries[]>, [to = '', separator = '', ...from]: readonly string[]): Promise<StepSeries[]> {
  const bad = from.find((name) => !isLabelName(name));
  if (bad !== undefined) throw new PromQLExecutionError(`invalid source label name in label_join(): ${bad}`);
  if (!isLabelName(to)) throw new PromQLExecutionError(`invalid destination label name in label_join(): ${to}`);
  return mergeSame(await vector(), (one) => relabelled(one, to, from.map((name) => labelValue(one.labels, name)).join(separator)), turns);
}

/** Any UTF-8; what was none was read as the replacement character. */
function isLabelName(name: string): boolean {
  return name !== '' && !name.includes('\ufffd');
}

function relabelled(series: StepSeries, name: string, value: string): StepSeries {
  // A name that is set on purpose stays.
  return withLabels(series, withLabel(series.labels, name, value), name === '__name__' ? false : series.dropName);
}

/** Go's Regexp.Expand: `$1`, `${1}`, `$name`, `${name}`, `$$`; a group that is not there is empty. */
function expand(template: string, groups: readonly string[], names: Readonly<Record<string, number>>): string {
  return template.replace(/\$(?:\$|\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g, (whole, braced?: string, bare?: string) => {
    if (whole === '$$') return '$';
    const name = braced ?? bare ?? '';
    const index = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined;
    return index === undefined ? '' : groups[index] ?? '';
  });
}
