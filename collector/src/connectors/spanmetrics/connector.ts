import { deserialize, serialize } from 'node:v8';
import type { Scope } from '@signalbox/signals/model/resource';
import type { Batch, ComponentContext, ComponentState, Connector, Derived } from '../../component.js';
import { FlushInterval } from '../aggregation/flush-interval.js';
import { MetricsFrames } from '../aggregation/metrics-frames.js';
import type { SavedGroup } from '../aggregation/series-table.js';
import type { SpanMetricsConfig } from './config.js';
import { SpanTable, tablePlans, type TablePlan } from './span-tables.js';

const VERSION = 1;
const NS_PER_MS = 1_000_000n;
const SCOPE: Scope = { name: 'spanmetricsconnector', version: '', attributes: [], droppedAttributesCount: 0 };

interface Saved {
  readonly lastNs: bigint;
  /** One for each plan. */
  readonly fingerprints: readonly string[];
  readonly tenants: readonly { readonly tenant: string; readonly tables: readonly (readonly SavedGroup[])[] }[];
}

/** Counts spans and their durations by service, name, kind, status and further dimensions, tenant by tenant. */
export class SpanMetrics implements Connector, ComponentState {
  readonly state: ComponentState = this;
  readonly #config: SpanMetricsConfig;
  readonly #context: ComponentContext;
  readonly #plans: readonly TablePlan[];
  readonly #interval: FlushInterval;
  readonly #expirationNs: bigint;
  readonly #delta: boolean;
  #tenants = new Map<string, readonly SpanTable[]>();

  constructor(config: SpanMetricsConfig, context: ComponentContext) {
    this.#config = config;
    this.#context = context;
    this.#plans = tablePlans(config);
    this.#interval = new FlushInterval(BigInt(Math.round(config.metrics_flush_interval)) * NS_PER_MS);
    this.#expirationNs = BigInt(Math.round(config.metrics_expiration)) * NS_PER_MS;
    this.#delta = config.aggregation_temporality === 'AGGREGATION_TEMPORALITY_DELTA';
  }

  consume({ tenant, parts }: Batch): void {
    const tables = this.#tablesOf(tenant);
    for (const { data, receivedNs } of parts) {
      if (data.signal !== 'traces') continue;
      // Deltas join on to one another from the first span on.
      if (this.#interval.lastNs === 0n && this.#delta) this.#interval.lastNs = receivedNs;
      for (const { resource, scopeSpans } of data.traces.resourceSpans) {
        for (const table of tables) table.enterResource(resource, receivedNs);
        for (const { scope, spans } of scopeSpans) {
          for (const table of tables) {
            table.enterScope(scope);
            for (let i = 0; i < spans.length; i++) table.consume(spans[i], receivedNs);
          }
        }
      }
    }
  }

  flush(nowNs: bigint): readonly Derived[] {
    if (!this.#interval.isDue(nowNs)) return [];
    const sinceNs = this.#delta ? this.#interval.lastNs : null;
    const derived: Derived[] = [];
    let series = 0;
    let overflown = 0;
    for (const [tenant, tables] of this.#tenants) {
      const frames = new MetricsFrames(tenant, SCOPE);
      for (const table of tables) {
        if (this.#expirationNs > 0n) table.expire(nowNs - this.#expirationNs);
        table.emit(frames, nowNs, sinceNs);
        series += table.size;
        overflown += table.takeOverflown();
        if (this.#delta) table.clear();
      }
      for (const frame of frames.take()) derived.push(frame);
      if (this.#delta || tables.every(({ isEmpty }) => isEmpty)) this.#tenants.delete(tenant);
    }
    // Before the first span there is nothing to wait for.
    if (derived.length > 0 || this.#interval.lastNs !== 0n) this.#interval.lastNs = nowNs;
    const labels = { connector: this.#context.id };
    this.#context.metrics.gauge('signalbox_spanmetrics_series', labels, series);
    if (overflown > 0) this.#context.metrics.count('signalbox_spanmetrics_overflown_spans', labels, overflown);
    return derived;
  }

  snapshot(): Uint8Array {
    const saved: Saved = {
      lastNs: this.#interval.lastNs,
      fingerprints: this.#plans.map(({ fingerprint }) => fingerprint),
      tenants: [...this.#tenants].map(([tenant, tables]) => ({ tenant, tables: tables.map((table) => table.save()) })),
    };
    return Buffer.concat([Uint8Array.of(VERSION), serialize(saved)]);
  }

  restore(snapshot: Uint8Array): void {
    if (snapshot[0] !== VERSION) throw new Error(`the snapshot has version ${snapshot[0] ?? 'none'}, known is ${VERSION}`);
    const saved: unknown = deserialize(Buffer.from(snapshot.subarray(1)));
    if (!isSaved(saved)) throw new Error('the snapshot holds something else than span metrics');
    const tenants = new Map<string, readonly SpanTable[]>();
    let unlike = false;
    for (const { tenant, tables } of saved.tenants) {
      tenants.set(tenant, this.#plans.map((plan) => {
        const table = new SpanTable(this.#config, plan);
        const at = saved.fingerprints.indexOf(plan.fingerprint);
        if (at >= 0) table.load(tables[at]);
        else unlike = true;
        return table;
      }));
    }
    if (unlike) this.#context.logger.info('the settings of span metrics have changed: the series that they concern begin anew', { connector: this.#context.id });
    this.#tenants = tenants;
    this.#interval.lastNs = saved.lastNs;
  }

  async shutdown(): Promise<void> {}

  #tablesOf(tenant: string): readonly SpanTable[] {
    let tables = this.#tenants.get(tenant);
    if (tables === undefined) this.#tenants.set(tenant, (tables = this.#plans.map((plan) => new SpanTable(this.#config, plan))));
    return tables;
  }
}

function isSaved(saved: unknown): saved is Saved {
  return typeof saved === 'object' && saved !== null && 'lastNs' in saved && typeof saved.lastNs === 'bigint' && 'fingerprints' in saved && Array.isArray(saved.fingerprints) && 'tenants' in saved && Array.isArray(saved.tenants);
}
