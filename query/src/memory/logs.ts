import type { LogsData } from '@signalbox/signals/model/log-record';
import { serviceName } from '@signalbox/signals/model/service';
import { toLoki } from '@signalbox/signals/loki/stream';
import { Turns } from '../event-loop.js';
import { labelMatcher } from '../labels/matcher.js';
import type { LineFilter, LogEntry, LogReader, LogSelect, Matcher, ReadContext, StoredLog, TimeRange } from '../readers.js';
import { searchRegexp } from '../regexp/linear.js';

type Stream = Readonly<Record<string, string>>;

const NO_RESOURCE = { attributes: [], droppedAttributesCount: 0 };
const NO_SCOPE = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };

/** Log records in memory, by tenant in order of time. For tests and for small amounts: every query looks at every line. */
export class MemoryLogs implements LogReader {
  readonly #tenants = new Map<string, { entry: LogEntry; log: StoredLog }[]>();

  add(tenant: string, data: LogsData): void {
    const lines = this.#tenants.get(tenant) ?? [];
    this.#tenants.set(tenant, lines);
    for (const { resource, scopeLogs } of data.resourceLogs) {
      for (const { scope, logRecords } of scopeLogs) {
        for (const record of logRecords) {
          const log = { record, resource: resource ?? NO_RESOURCE, scope: scope ?? NO_SCOPE, service: serviceName(resource) };
          lines.push({ entry: toLoki(resource, scope, record), log });
        }
      }
    }
    lines.sort((a, b) => (a.entry.timeNs < b.entry.timeNs ? -1 : a.entry.timeNs > b.entry.timeNs ? 1 : 0));
  }

  async select(context: ReadContext, { range, matchers, metadata, lineFilters, limit, direction }: LogSelect): Promise<readonly LogEntry[]> {
    const inStream = labelMatcher(matchers);
    const onEntry = labelMatcher(metadata);
    const filters = lineFilters.map(lineTest);
    const turns = new Turns(context.signal);
    const found: LogEntry[] = [];
    const lines = this.#of(context);
    for (let i = 0; i < lines.length && found.length < limit; i++) {
      const entry = lines.at(direction === 'forward' ? i : -1 - i)?.entry;
      if (entry === undefined || entry.timeNs < range.startNs || entry.timeNs >= range.endNs) continue;
      const { stream, structuredMetadata, line } = entry;
      const wanted = inStream((name) => stream[name] ?? '')
        && onEntry((name) => stream[name] ?? structuredMetadata[name] ?? '')
        && filters.every((test) => test(line));
      if (wanted) found.push(entry);
      if (turns.due()) await turns.turn();
    }
    return found;
  }

  async labelNames(context: ReadContext, range: TimeRange, matchers: readonly Matcher[]): Promise<readonly string[]> {
    const names = new Set((await this.series(context, range, [matchers])).flatMap((stream) => Object.keys(stream)));
    return [...names].sort();
  }

  async labelValues(context: ReadContext, name: string, range: TimeRange, matchers: readonly Matcher[]): Promise<readonly string[]> {
    const values = new Set((await this.series(context, range, [matchers])).flatMap((stream) => stream[name] ?? []));
    return [...values].sort();
  }

  async series(context: ReadContext, range: TimeRange, selectors: readonly (readonly Matcher[])[]): Promise<readonly Stream[]> {
    const tests = selectors.map(labelMatcher);
    const turns = new Turns(context.signal);
    const streams = new Map<string, Stream>();
    for (const { entry } of this.#of(context)) {
      if (turns.due()) await turns.turn();
      if (entry.timeNs < range.startNs || entry.timeNs >= range.endNs) continue;
      if (tests.some((test) => test((name) => entry.stream[name] ?? ''))) streams.set(JSON.stringify(entry.stream), entry.stream);
    }
    return [...streams.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stream]) => stream);
  }

  ofTrace(context: ReadContext, traceId: string): Promise<readonly StoredLog[]> {
    return Promise.resolve(this.#of(context).filter(({ log }) => log.record.traceId === traceId).map(({ log }) => log));
  }

  #of(context: ReadContext): readonly { entry: LogEntry; log: StoredLog }[] {
    context.signal.throwIfAborted();
    return this.#tenants.get(context.tenant) ?? [];
  }
}

/** The meaning of a line filter. Throws RegexpError. */
function lineTest({ op, value }: LineFilter): (line: string) => boolean {
  switch (op) {
    case '|=': return (line) => line.includes(value);
    case '!=': return (line) => !line.includes(value);
    case '|~': return searchRegexp(value);
    case '!~': {
      const found = searchRegexp(value);
      return (line) => !found(line);
    }
  }
}
