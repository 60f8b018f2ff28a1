import type { ScanOptions } from '@signalbox/signals/otlp/scan';
import { MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { scanRequest } from '@signalbox/signals/otlp/scan';
import { SecretKeys } from '@signalbox/signals/otlp/scan/secret-keys';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Intake } from '../component.js';
import type { ReceiverMeter } from '../intake/receiver-meter.js';
import { LogRequest } from './log-request.js';
import type { RateLimitedLog } from '../telemetry/rate-limited.js';

export interface LogSenderOptions {
  readonly intake: Intake;
  readonly tenant: string;
  readonly maxInFlight: number;
  readonly meter: ReceiverMeter;
  readonly log: RateLimitedLog;
}

/** Waits at most so long between tries while the journal refuses. */
const MAX_WAIT_MS = 5000;

/**
 * Sends requests until they are on disk: it waits while there is no room in the budget and while the disk refuses, and takes no more
 * requests than may be in flight, so that readers of files and sockets wait too.
 */
export class LogSender {
  readonly #options: LogSenderOptions;
  readonly #scan: ScanOptions = { secrets: new SecretKeys(), maxDepth: MAX_DEPTH_CEILING };
  readonly #free: LogRequest[];
  readonly #waiting: ((request: LogRequest) => void)[] = [];
  readonly #inFlight = new Set<Promise<boolean>>();

  constructor(options: LogSenderOptions) {
    this.#options = options;
    this.#free = Array.from({ length: options.maxInFlight }, () => new LogRequest(1 << 19));
  }

  /** An empty request, as soon as one is free. Given back by `send` or `release`. */
  async acquire(): Promise<LogRequest> {
    const request = this.#free.pop() ?? (await new Promise<LogRequest>((resolve) => this.#waiting.push(resolve)));
    request.reset();
    return request;
  }

  release(request: LogRequest): void {
    const next = this.#waiting.shift();
    // One that had to grow far for a rare line is not kept so large.
    const kept = request.bytes.length > MAX_KEPT_BYTES ? new LogRequest(1 << 19) : request;
    if (next) next(kept);
    else this.#free.push(kept);
  }

  /** True: it is on disk (or can never be, which is counted). False: `signal` ended the wait, and it is not known to be. */
  send(request: LogRequest, batchId: string | undefined, signal: AbortSignal): Promise<boolean> {
    const sending = this.#send(request, batchId, signal).finally(() => {
      this.#inFlight.delete(sending);
      this.release(request);
    });
    this.#inFlight.add(sending);
    return sending;
  }

  async drain(): Promise<void> {
    await Promise.allSettled([...this.#inFlight]);
  }

  async #send(request: LogRequest, batchId: string | undefined, signal: AbortSignal): Promise<boolean> {
    const { intake, tenant, meter, log } = this.#options;
    const payload = request.finish();
    let scanned;
    try {
      scanned = scanRequest('logs', payload, this.#scan);
    } catch (error) {
      // Never on disk, since nobody could read it there; waiting would not mend it.
      meter.refused('logs', request.items);
      log.error('request', 'log records could not be written as OTLP, which is an error of this program; they are left out', { code: 'SBX_LOGS_UNWRITABLE', records: request.items, error: error instanceof Error ? error.message : String(error) });
      return true;
    }
    const { items, rejected } = scanned;
    for (let waitMs = 10; !intake.take(payload.length); waitMs = Math.min(waitMs * 2, 1000)) if (!(await pause(waitMs, signal))) return false;
    try {
      for (;;) {
        try {
          await intake.accept({ signal: 'logs', encoding: 'otlp', tenant, payload, items, rejected: rejected.map(({ ordinal }) => ordinal), reserved: true, ...(batchId === undefined ? {} : { batchId }) });
          meter.accepted('logs', items - rejected.length);
          if (rejected.length > 0) meter.refused('logs', rejected.length);
          return true;
        } catch (error) {
          log.error('journal', 'the journal does not take log records; they wait and are tried again', { code: codeOf(error) ?? 'SBX_INTAKE_JOURNAL_FAILED', error: error instanceof Error ? error.message : String(error) });
          if (!(await pause(Math.min(MAX_WAIT_MS, Math.max(100, intake.retryAfterMs)), signal))) return false;
        }
      }
    } finally {
      intake.give(payload.length);
    }
  }
}

const MAX_KEPT_BYTES = 4 << 20;

async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

export function codeOf(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
