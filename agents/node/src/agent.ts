import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { metrics } from '@opentelemetry/api';
// Not through the package's front: that also loads a YAML parser and a schema validator, for 60 ms, for nothing here.
import { NodeSDK } from '@opentelemetry/sdk-node/build/src/sdk.js';
import { announcement } from './announce.js';
import { AgentContextManager } from './context-manager.js';
import { showDiagnostics, warnOnce } from './diagnostics.js';
import { flushAtExit } from './exit-flush.js';
import { Outbox } from './export/outbox/outbox.js';
import { startSender } from './export/start-sender.js';
import { hookImports, reachImports } from './instrumentations/hooks.js';
import { chooseInstrumentations } from './instrumentations/instrumentations.js';
import type { Notices } from './notices.js';
import { stderrNotices } from './notices.js';
import { createPipeline } from './pipeline.js';
import { PromClientProducer } from './prom-client/producer.js';
import { Registries } from './prom-client/registries.js';
import { Reachability } from './reachability.js';
import { findApplication } from './resource/application.js';
import { createResource } from './resource/resource.js';
import { SelfMetrics } from './self-metrics.js';
import type { AgentSettings } from './settings/settings.js';
import { readSettings } from './settings/settings.js';

/** Batches of a signal under way at once: enough to keep the sender busy, few enough to bound what a dead collector costs. */
const MAX_OUTSTANDING = 4;
/** What an exit waits for metrics of the application's that take time to collect. */
const MAX_COLLECT_MS = 500;
/** What an exit waits while the collector is known to be away: long enough for one more try. */
const MAX_DRAIN_AWAY_MS = 100;

/** Instruments this process and starts to send. Never throws: without telemetry, the application runs all the same. */
export async function startAgent(): Promise<void> {
  const settings = readSettings(process.env);
  const notices = stderrNotices(settings.logLevel);
  if (settings.disabled) {
    if (!settings.quiet) notices.info('off (OTEL_SDK_DISABLED=true)');
    return;
  }
  try {
    for (const problem of settings.problems) notices.warn(`[SBX_AGENT_SETTING] ${problem}`);
    await start(settings, notices);
  } catch (error) {
    notices.warn(`[SBX_AGENT_FAILED] could not start, the application runs without telemetry: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

async function start(settings: AgentSettings, notices: Notices): Promise<void> {
  if (settings.logLevel === null) showDiagnostics(notices);
  const application = findApplication(process.argv[1], process.cwd());
  const agentVersion = ownVersion();
  const resource = createResource(application, agentVersion, settings.resourceDetectors);
  const serviceVersion = textOf(resource.attributes['service.version']);

  const reachability = new Reachability(notices, settings.otlp);
  const selfMetrics = new SelfMetrics(() => metrics.getMeter('@signalbox/agent', agentVersion), settings.otlp);
  const warning = warnOnce(notices);
  const outbox = new Outbox({
    start: (shared, report, lost) => startSender(settings.otlp, resource.attributes, settings.spool, shared, report, lost),
    maxOutstanding: MAX_OUTSTANDING,
    sent(signal, items) {
      reachability.sent(signal);
      selfMetrics.exported(signal, items, null);
    },
    failed(signal, failure, items) {
      reachability.failed(signal, failure, items);
      selfMetrics.exported(signal, items, failure.kind);
    },
    spoolLost(signal, items, reason) {
      reachability.spoolLost(signal, items, reason);
      selfMetrics.exported(signal, items, `spool_${reason}`);
    },
    warning,
    nowMs: () => performance.now(),
  });
  const registries = new Registries();
  let ending = false;
  // At the end, the application has closed what its metrics would ask.
  const notCollected = (text: string): void => void (ending || warning(text));
  const pipeline = createPipeline(settings, outbox, { reachability, selfMetrics }, () => new PromClientProducer(registries, unixNs(0), () => unixNs(performance.now()), notCollected));

  const chosen = await chooseInstrumentations(
    settings.enabledInstrumentations,
    settings.disabledInstrumentations,
    { agentVersion, serviceVersion, registries },
    packagesOf(application.entry),
  );
  for (const name of chosen.unknown) notices.warn(`[SBX_AGENT_SETTING] OTEL_NODE_ENABLED_INSTRUMENTATIONS names "${name}", which there is no instrumentation for`);
  reachImports(chosen.instrumentations);
  hookImports(chosen.bundled);

  const { spanProcessors, logRecordProcessors, metricReaders, views } = pipeline;
  new NodeSDK({
    resource, autoDetectResources: false, contextManager: new AgentContextManager(), spanLimits: settings.spanLimits, spanProcessors, logRecordProcessors, metricReaders, views,
    instrumentations: [...chosen.instrumentations, ...chosen.bundled],
  }).start();

  if (settings.spool !== null && hasEntries(settings.spool.dir)) outbox.prepare();

  flushAtExit(process, {
    collect() {
      ending = true;
      return withinMs(Promise.all(metricReaders.map((reader) => reader.forceFlush())), MAX_COLLECT_MS);
    },
    collectNow() {
      ending = true;
      try {
        pipeline.collectNow();
      } catch {
        // Without the last metrics, the process ends all the same.
      }
    },
    drain() {
      pipeline.flush();
      const graceMs = Math.min(reachability.away ? MAX_DRAIN_AWAY_MS : Infinity, settings.exitTimeoutMs);
      // A spool needs a moment longer, for what was not sent.
      if (settings.spool === null) outbox.drain(graceMs);
      else outbox.drain(settings.exitTimeoutMs, Math.min(graceMs, settings.exitTimeoutMs / 2));
    },
    signals: isMainThread,
  });
  if (!settings.quiet && isMainThread) notices.info(announcement(settings, chosen.labels, textOf(resource.attributes['service.name']) ?? 'unknown_service'));
}

/** Unix nanoseconds of a time that is `sinceStartMs` after the start of the process. */
function unixNs(sinceStartMs: number): bigint {
  return BigInt(Math.round((performance.timeOrigin + sinceStartMs) * 1e6));
}

/** Whether an earlier process may have left something to send. */
function hasEntries(dir: string): boolean {
  try {
    return readdirSync(dir).length > 0;
  } catch {
    return false;
  }
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('@signalbox/agent/package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Whether the application can load a package. */
function packagesOf(entry: string): (name: string) => boolean {
  const load = createRequire(entry);
  return (name) => {
    try {
      load.resolve(name);
      return true;
    } catch {
      return false;
    }
  };
}

async function withinMs(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  try {
    await Promise.race([work, limit]);
  } catch {
    // What could not be collected at the end is told nowhere: the process is gone in a moment.
  } finally {
    clearTimeout(timer);
  }
}
