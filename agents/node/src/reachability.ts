import type { Signal } from '@signalbox/signals/model/signal';
import { SIGNALS } from '@signalbox/signals/model/signal';
import type { Failure, FailureKind } from './export/failure.js';
import type { SpoolLoss } from './export/spool/spool.js';
import type { Notices } from './notices.js';
import type { OtlpTarget } from './settings/otlp.js';
import { hostOf } from './settings/otlp.js';

const REMEDY: Readonly<Record<FailureKind, string>> = {
  unreachable: 'Is Signalbox running there (npm start)? OTEL_EXPORTER_OTLP_ENDPOINT names another place',
  timeout: 'Is it the right address and protocol? OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL set them',
  overloaded: 'The collector is busy or full; `signalbox doctor` says why',
  unauthenticated: 'Set SIGNALBOX_TOKEN to a token with scope write (signalbox token create)',
  forbidden: 'The token does not allow writing; make one with scope write (signalbox token create)',
  unimplemented: 'No OTLP is served there; OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL must fit each other',
  rejected: 'The collector took the connection, but not the data',
};

const NOUN: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log records', metrics: 'metric points' };

const CODE: Readonly<Record<FailureKind, string>> = {
  unreachable: 'SBX_AGENT_UNREACHABLE',
  timeout: 'SBX_AGENT_UNREACHABLE',
  overloaded: 'SBX_AGENT_OVERLOADED',
  unauthenticated: 'SBX_AGENT_UNAUTHENTICATED',
  forbidden: 'SBX_AGENT_FORBIDDEN',
  unimplemented: 'SBX_AGENT_NOT_OTLP',
  rejected: 'SBX_AGENT_REJECTED',
};

const SPOOL_LOSS: Readonly<Record<SpoolLoss, string>> = {
  evicted: 'there are more than SIGNALBOX_AGENT_SPOOL_MAX_BYTES; the oldest went',
  expired: 'they waited longer than SIGNALBOX_AGENT_SPOOL_MAX_AGE_MS',
  corrupt: 'they cannot be read from disk any more',
};

const QUEUE: Readonly<Record<Signal, string>> = { traces: 'OTEL_BSP_MAX_QUEUE_SIZE', logs: 'OTEL_BLRP_MAX_QUEUE_SIZE', metrics: 'OTEL_METRIC_EXPORT_INTERVAL' };

/**
 * Says once that telemetry does not arrive and why, and once that it does again, with what was lost meanwhile. All
 * signals of one endpoint are one story.
 */
export class Reachability {
  readonly #notices: Notices;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #targets: Readonly<Record<Signal, OtlpTarget>>;

  constructor(notices: Notices, targets: Readonly<Record<Signal, OtlpTarget>>) {
    this.#notices = notices;
    this.#targets = targets;
    this.#places = new Map(SIGNALS.map((signal) => [hostOf(targets[signal]), new Place()]));
  }

  /** True once something failed and nothing has succeeded since. */
  get away(): boolean {
    return [...this.#places.values()].some((place) => place.failing.size > 0);
  }

  sent(signal: Signal): void {
    const place = this.#place(signal);
    if (!place.failing.delete(signal) || place.failing.size > 0) return;
    place.warned.clear();
    const lost = SIGNALS.flatMap((name) => (place.lost[name] > 0 ? [`${place.lost[name]} ${NOUN[name]}`] : []));
    place.lost = noLoss();
    this.#notices.warn(`${this.#name(signal)} takes telemetry again${lost.length > 0 ? `; lost meanwhile: ${lost.join(', ')}` : '; nothing was lost'}`);
  }

  /** `items` are lost; 0 where they are tried again. */
  failed(signal: Signal, failure: Failure, items: number): void {
    const place = this.#place(signal);
    place.failing.add(signal);
    place.lost[signal] += items;
    if (place.warned.has(failure.kind)) return;
    place.warned.add(failure.kind);
    this.#notices.warn(`[${CODE[failure.kind]}] telemetry does not arrive at ${this.#name(signal)}: ${failure.text}. ${REMEDY[failure.kind]}. The application runs on`);
  }

  /** Items that a full queue could not take. */
  dropped(signal: Signal, items: number): void {
    const place = this.#place(signal);
    place.lost[signal] += items;
    if (place.failing.size > 0 || place.overflowed) return;
    place.overflowed = true;
    this.#notices.warn(`[SBX_AGENT_QUEUE_FULL] more ${NOUN[signal]} arise than can be sent to ${this.#name(signal)}; what is too much is dropped. ${QUEUE[signal]} sets how many may wait`);
  }

  /** Items that were kept on disk and are lost there. */
  spoolLost(signal: Signal, items: number, reason: SpoolLoss): void {
    const place = this.#place(signal);
    place.lost[signal] += items;
    if (place.spoolWarned.has(reason)) return;
    place.spoolWarned.add(reason);
    this.#notices.warn(`[SBX_AGENT_SPOOL] ${NOUN[signal]} that were kept on disk for ${this.#name(signal)} are lost: ${SPOOL_LOSS[reason]}`);
  }

  #place(signal: Signal): Place {
    const place = this.#places.get(hostOf(this.#targets[signal]));
    if (place === undefined) throw new Error(`no place for ${signal}`);
    return place;
  }

  #name(signal: Signal): string {
    const { endpoint, protocol } = this.#targets[signal];
    return `${endpoint} (${protocol})`;
  }
}

class Place {
  overflowed = false;
  readonly failing = new Set<Signal>();
  /** Kinds of failure that were told since the last success. */
  readonly warned = new Set<FailureKind>();
  readonly spoolWarned = new Set<SpoolLoss>();
  lost: Record<Signal, number> = noLoss();
}

function noLoss(): Record<Signal, number> {
  return { traces: 0, logs: 0, metrics: 0 };
}
