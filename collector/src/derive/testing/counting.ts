import type { Batch, ComponentState, Connector, ConnectorFactory, Derived } from '../../component.js';

interface Counted {
  traces: number;
  /** Told in the last flush. */
  told: number;
}

/** Counts spans by tenant and derives one delta log record for each flush that found new ones. For tests; registered as `count`. */
export class CountingConnector implements Connector {
  readonly #counts = new Map<string, Counted>();
  readonly state: ComponentState = {
    snapshot: () => Buffer.from(`1${JSON.stringify([...this.#counts])}`),
    restore: (bytes) => {
      const text = Buffer.from(bytes).toString();
      if (!text.startsWith('1')) throw new Error('not a snapshot of this version');
      this.#counts.clear();
      for (const [tenant, counted] of JSON.parse(text.slice(1)) as [string, Counted][]) this.#counts.set(tenant, counted);
    },
  };

  consume(batch: Batch): void {
    const counted = this.#counts.get(batch.tenant) ?? { traces: 0, told: 0 };
    counted.traces += batch.items;
    this.#counts.set(batch.tenant, counted);
  }

  flush(nowNs: bigint): readonly Derived[] {
    return [...this.#counts].flatMap(([tenant, counted]): Derived[] => {
      const delta = counted.traces - counted.told;
      if (delta === 0) return [];
      counted.told = counted.traces;
      const record = { timeNs: nowNs, observedTimeNs: nowNs, severityNumber: 0, severityText: '', body: String(delta), attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '' };
      return [{ tenant, data: { signal: 'logs', logs: { resourceLogs: [{ resource: null, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords: [record] }] }] } } }];
    });
  }

  async shutdown(): Promise<void> {}
}

export const counting: ConnectorFactory = { type: 'count', takes: ['traces'], gives: ['logs'], parseConfig: () => ({}), create: () => new CountingConnector() };
