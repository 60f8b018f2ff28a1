import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attributeText } from '@signalbox/signals/model/attribute-text';
import type { KeyValue } from '@signalbox/signals/model/attributes';
import type { MetricsData, ResourceMetrics } from '@signalbox/signals/model/metric';
import { countItems } from '@signalbox/signals/otlp/count';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import type { Receiver, ReceiverContext } from '../../component.js';
import { ReceiverMeter } from '../../intake/receiver-meter.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import type { HostMetricsConfig } from './config.js';
import { Host, type HostReading } from './host.js';

/** Reads the host at a fixed pace. A reading that the journal does not take is left out: the next one has what it had. */
export class HostMetricsReceiver implements Receiver {
  readonly #config: HostMetricsConfig;
  readonly #context: ReceiverContext;
  readonly #host: Host;
  readonly #meter: ReceiverMeter;
  readonly #log: RateLimitedLog;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(config: HostMetricsConfig, context: ReceiverContext) {
    this.#config = config;
    this.#context = context;
    this.#host = new Host(config.root_path, config.scrapers ?? {});
    this.#meter = new ReceiverMeter(context.metrics, context.id, 'host');
    this.#log = new RateLimitedLog(context.logger, context.clock, 600_000);
  }

  async start(): Promise<void> {
    this.#running = this.#run();
  }

  async shutdown(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  endpoints(): readonly { readonly protocol: string; readonly address: string }[] {
    return [{ protocol: 'host', address: this.#config.root_path }];
  }

  async #run(): Promise<void> {
    const { clock } = this.#context;
    const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    await wait(this.#config.initial_delay);
    for (let due = clock.monotonicMs(); !this.#stop.signal.aborted;) {
      await this.#collect();
      due += this.#config.collection_interval;
      // What was missed while the machine slept is not made up for.
      if (due < clock.monotonicMs()) due = clock.monotonicMs();
      await wait(due - clock.monotonicMs());
    }
  }

  async #collect(): Promise<void> {
    const begun = this.#context.clock.monotonicMs();
    let items = 0;
    try {
      const reading = await this.#host.read(this.#context.clock.nowNs());
      for (const [scraper, error] of reading.failed) this.#log.warn(scraper, 'a part of the host cannot be read', { code: 'SBX_HOSTMETRICS_UNREADABLE', receiver: this.#context.id, scraper, error });
      const data = this.#toData(reading);
      items = countItems(data);
      if (items === 0) return;
      await this.#context.intake.accept({ signal: 'metrics', encoding: 'otlp', tenant: this.#config.tenant, payload: encodeMetrics(data), items, rejected: [] });
      this.#meter.accepted('metrics', items);
    } catch (error) {
      this.#meter.refused('metrics', items);
      this.#log.warn('refused', 'metrics of the host were not taken; the next reading goes on', { code: 'SBX_HOSTMETRICS_REFUSED', receiver: this.#context.id, error: error instanceof Error ? error.message : String(error) });
    }
    this.#context.metrics.observe('signalbox_hostmetrics_read_seconds', { receiver: this.#context.id }, (this.#context.clock.monotonicMs() - begun) / 1000);
  }

  #toData({ metrics, processes }: HostReading): MetricsData {
    const host: KeyValue[] = [{ key: 'host.name', value: hostName(this.#config.root_path) }, { key: 'os.type', value: 'linux' }];
    for (const [key, value] of Object.entries(this.#config.resource)) {
      const at = host.findIndex((each) => each.key === key);
      host.splice(at < 0 ? host.length : at, at < 0 ? 0 : 1, { key, value: typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value });
    }
    // Of what is known of a resource Prometheus makes the instance a label, and nothing else: without one the series of several hosts,
    // and of all processes, would be the same.
    const instance = host.find(({ key }) => key === INSTANCE) ?? { key: INSTANCE, value: host[0]!.value };
    const ofHost = host.filter(({ key }) => key !== INSTANCE);
    const resourceMetrics: ResourceMetrics[] = [];
    const add = (attributes: readonly KeyValue[], of: ResourceMetrics['scopeMetrics'][number]['metrics']): void => {
      if (of.length > 0) resourceMetrics.push({ resource: { attributes, droppedAttributesCount: 0 }, schemaUrl: SCHEMA, scopeMetrics: [{ scope: { name: 'signalbox/hostmetrics', version: '', attributes: [], droppedAttributesCount: 0 }, schemaUrl: '', metrics: of }] });
    };
    add([...ofHost, instance], metrics);
    for (const process of processes) {
      add([...ofHost, { key: INSTANCE, value: `${attributeText(instance.value)}:${process.pid}` }, { key: 'process.pid', value: BigInt(process.pid) }, { key: 'process.parent_pid', value: BigInt(process.parentPid) }, { key: 'process.executable.name', value: process.name }], process.metrics);
    }
    return { resourceMetrics };
  }
}

const INSTANCE = 'service.instance.id';

/** The conventions whose names are used. */
const SCHEMA = 'https://opentelemetry.io/schemas/1.37.0';

/** Of the host whose file system it is, not of the container. */
function hostName(root: string): string {
  if (root === '/') return hostname();
  try {
    return readFileSync(join(root, 'etc/hostname'), 'utf8').trim() || hostname();
  } catch {
    return hostname();
  }
}
