import type { LogEntry } from '../../readers.js';

type Value = readonly [timeNs: string, line: string] | readonly [timeNs: string, line: string, metadata: object];

export interface LokiStream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: Value[];
}

/**
 * Entries as Loki groups them. By default structured metadata is part of the labels, so that lines of one stream fall
 * into several; with `categorize` (the client's encoding flag `categorize-labels`) each line carries its own.
 */
export function groupStreams(entries: readonly LogEntry[], categorize: boolean): LokiStream[] {
  const groups = new Map<string, LokiStream>();
  const labelsOf = new Map<Readonly<Record<string, string>>, string>();
  for (const entry of entries) {
    const labels = categorize ? entry.stream : mergedLabels(entry);
    let key = categorize ? labelsOf.get(labels) : undefined;
    if (key === undefined) {
      key = JSON.stringify(labels);
      if (categorize) labelsOf.set(labels, key);
    }
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { stream: labels, values: [] }));
    const { line, structuredMetadata } = entry;
    const time = String(entry.timeNs);
    if (!categorize) group.values.push([time, line]);
    else group.values.push([time, line, Object.keys(structuredMetadata).length === 0 ? {} : { structuredMetadata }]);
  }
  return [...groups.values()];
}

/** Stream labels win; metadata of the same name is renamed as Loki does it. */
function mergedLabels({ stream, structuredMetadata }: LogEntry): Record<string, string> {
  const labels: Record<string, string> = { ...stream };
  for (const [name, value] of Object.entries(structuredMetadata)) labels[Object.hasOwn(stream, name) ? `${name}_extracted` : name] = value;
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
