import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ScrapedMetadata } from '@signalbox/collector/component';
import type { TargetMetadata, TargetMetadataAnswer, TargetMetadataQuery } from '@signalbox/query/http/prometheus/targets/target-metadata';
import { labelMatcher } from '@signalbox/query/labels/matcher';
import type { Matcher } from '@signalbox/query/readers';
import { askReceive } from './ask-receive.js';

/** Where the receive role says what its targets say of their metrics. */
export const TARGET_METADATA_PATH = '/internal/target-metadata';

/** Characters of an answer, and how long one slice of gathering it may hold the event loop. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
const SLICE_MS = 5;
/** Each character may take several bytes. */
const LIMITS = { timeoutMs: 10_000, maxBytes: 6 * MAX_CHARACTERS };
/** Of an entry, beside its texts: names of fields, quotes and commas. */
const ENTRY_CHARACTERS = 60;

/** Asks the receive role over its local socket. @throws when it is not reached */
export async function readTargetMetadata(socketPath: string, tenant: string, { matchers, metric, limit }: TargetMetadataQuery): Promise<TargetMetadataAnswer> {
  const query = new URLSearchParams({ tenant, metric, matchers: JSON.stringify(matchers), ...(limit === Infinity ? {} : { limit: String(limit) }) });
  return await askReceive(socketPath, `${TARGET_METADATA_PATH}?${query.toString()}`, LIMITS) as TargetMetadataAnswer;
}

/** What the targets of a tenant say, as `readTargetMetadata` asks for it. */
export async function gatherTargetMetadata(scraped: readonly ScrapedMetadata[], asked: URLSearchParams, maxCharacters = MAX_CHARACTERS): Promise<TargetMetadataAnswer> {
  const metric = asked.get('metric') ?? '';
  const limit = Number(asked.get('limit') ?? Infinity);
  const matches = labelMatcher(JSON.parse(asked.get('matchers') ?? '[]') as readonly Matcher[]);
  const entries: TargetMetadata[] = [];
  let characters = 0;
  let sliceMs = performance.now();
  for (const { labels, families } of scraped.filter(({ tenant }) => tenant === asked.get('tenant')).flatMap(({ targets }) => targets)) {
    if (entries.length >= limit) break;
    if (!matches((name) => labels[name] ?? '')) continue;
    const labelCharacters = JSON.stringify(labels).length;
    for (const { name, type, help, unit } of families()) {
      if (metric !== '' && name !== metric) continue;
      entries.push({ target: labels, ...(metric === '' ? { metric: name } : {}), type, help, unit });
      characters += labelCharacters + name.length + help.length + unit.length + ENTRY_CHARACTERS;
    }
    if (characters > maxCharacters) return { entries: [], isWhole: false };
    if (performance.now() - sliceMs <= SLICE_MS) continue;
    await nextTurn();
    sliceMs = performance.now();
  }
  return { entries, isWhole: true };
}
