import { createHash } from 'node:crypto';
import { RE2JS } from 're2js';
import type { RelabelConfig } from '../config.js';

export type LabelMap = ReadonlyMap<string, string>;

interface Rule {
  readonly config: RelabelConfig;
  readonly regex: RE2JS;
  /** `(.*)`, which matches everything. */
  readonly any: boolean;
}

/** Rules as Prometheus has them (model/relabel): each takes the labels that the one before it left. */
export class Relabeling {
  readonly #rules: readonly Rule[];

  constructor(configs: readonly RelabelConfig[]) {
    this.#rules = configs.map((config) => ({ config, regex: compileAnchored(config.regex), any: config.regex === '(.*)' }));
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** The labels that remain, without empty ones; null where they are dropped. */
  apply(labels: LabelMap): Map<string, string> | null {
    const map = new Map(labels);
    for (const rule of this.#rules) if (!applyRule(rule, map)) return null;
    return map;
  }
}

/** @throws RE2JSSyntaxException where it is no regular expression */
export function compileAnchored(regex: string): RE2JS {
  return RE2JS.compile(`^(?s:${regex})$`);
}

function applyRule({ config, regex, any }: Rule, labels: Map<string, string>): boolean {
  const value = config.source_labels.map((name) => labels.get(name) ?? '').join(config.separator);
  switch (config.action) {
    case 'keep': return regex.matches(value);
    case 'drop': return !regex.matches(value);
    case 'keepequal': return (labels.get(config.target_label ?? '') ?? '') === value;
    case 'dropequal': return (labels.get(config.target_label ?? '') ?? '') !== value;
    case 'lowercase': set(labels, config.target_label ?? '', value.toLowerCase()); return true;
    case 'uppercase': set(labels, config.target_label ?? '', value.toUpperCase()); return true;
    case 'hashmod': set(labels, config.target_label ?? '', String(hash(value) % BigInt(config.modulus ?? 1))); return true;
    case 'labeldrop':
      for (const name of [...labels.keys()]) if (regex.matches(name)) labels.delete(name);
      return true;
    case 'labelkeep':
      for (const name of [...labels.keys()]) if (!regex.matches(name)) labels.delete(name);
      return true;
    case 'labelmap':
      for (const [name, text] of [...labels]) {
        const match = regex.matcher(name);
        if (match.matches()) set(labels, expand(config.replacement, (group) => groupOf(match, group)), text);
      }
      return true;
    case 'replace': {
      const target = config.target_label ?? '';
      if (any && config.replacement === '$1') {
        set(labels, target, value);
        return true;
      }
      const match = regex.matcher(value);
      if (!match.matches()) return true;
      const name = expand(target, (group) => groupOf(match, group));
      if (name !== '') set(labels, name, expand(config.replacement, (group) => groupOf(match, group)));
      return true;
    }
  }
}

function groupOf(match: ReturnType<RE2JS['matcher']>, group: string): string {
  try {
    return (/^\d+$/.test(group) ? match.group(Number(group)) : match.group(group)) ?? '';
  } catch {
    // A group that the expression does not have is empty, as in Go.
    return '';
  }
}

/** Go's Regexp.Expand: `$1`, `${1}`, `$name`, `$$`. */
function expand(template: string, group: (name: string) => string): string {
  return template.includes('$') ? template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (all, plain: string | undefined, braced: string | undefined) => (all === '$$' ? '$' : group(plain ?? braced ?? ''))) : template;
}

function set(labels: Map<string, string>, name: string, value: string): void {
  if (value === '') labels.delete(name);
  else labels.set(name, value);
}

/** The last eight bytes of the MD5, as Prometheus takes them. */
function hash(value: string): bigint {
  return createHash('md5').update(value).digest().readBigUInt64BE(8);
}
