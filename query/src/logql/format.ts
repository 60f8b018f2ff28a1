import { matcherText } from '../labels/matcher.js';
import type { LogQLQuery } from './ast.js';

/** A query as Loki writes it. */
export function formatLogQL(query: LogQLQuery): string {
  if (query.kind === 'constant') return query.type === 'vector' ? `vector(${query.value.toFixed(6)})` : String(query.value);
  const stages = query.stages.map((stage) => (stage.kind === 'line'
    ? `${stage.op} ${stage.values.map((value) => JSON.stringify(value)).join(' or ')}`
    : `| ${stage.matchers.map(matcherText).join(' , ')}`));
  return [`{${query.matchers.map(matcherText).join(', ')}}`, ...stages].join(' ');
}
