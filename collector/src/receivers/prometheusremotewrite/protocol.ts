import type { IncomingMessage } from 'node:http';
import { countExemplars, countHistograms, countSamples } from '@signalbox/signals/prometheus/remote-write/count';
import { decodeWriteV1, decodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/decode';
import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import type { WriteLimits } from '@signalbox/signals/prometheus/remote-write/limits';
import type { DecodedWrite } from '@signalbox/signals/prometheus/remote-write/types';
import type { ReceiverContext } from '../../component.js';
import type { ReceiverMeter } from '../../intake/receiver-meter.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { appendPush } from '../push/append.js';
import type { Compression, PushAnswer, PushProtocol } from '../push/exchange.js';
import type { TenantShare } from '../requests/tenant-limits.js';
import type { RemoteWriteReceiverConfig } from './config.js';
import { checkEncoding, writeVersion } from './content-type.js';

/** Problems that an answer names; Prometheus names them all, however long that becomes. */
const PROBLEMS_NAMED = 1000;
const NOTHING_WRITTEN = statistics(0, 0, 0);

/**
 * Remote write as Prometheus' own receiver answers it: version 2 counts what it wrote in headers and tells in 400 what it left
 * out; version 1 leaves out silently what has invalid labels, which is told in the log. Samples of any time from 1970 on are taken,
 * in any order.
 */
export class RemoteWriteProtocol implements PushProtocol {
  readonly cost = 2;
  readonly #context: ReceiverContext;
  readonly #meter: ReceiverMeter;
  readonly #limits: WriteLimits;
  readonly #log: RateLimitedLog;

  constructor({ limits }: RemoteWriteReceiverConfig, context: ReceiverContext, meter: ReceiverMeter) {
    this.#context = context;
    this.#meter = meter;
    this.#log = new RateLimitedLog(context.logger, context.clock);
    this.#limits = {
      maxSeries: limits.max_series,
      maxItems: limits.max_samples,
      maxLabels: limits.max_labels,
      maxLabelsPerSeries: limits.max_labels_per_series,
      maxLabelValueLength: limits.max_label_value_length,
      minTimeMs: 0,
    };
  }

  compression(request: IncomingMessage): Compression {
    writeVersion(request.headers['content-type']);
    checkEncoding(request.headers['content-encoding']);
    return 'snappy';
  }

  async accept(body: Buffer, tenant: string, request: IncomingMessage, share: TenantShare | null): Promise<PushAnswer> {
    const version = writeVersion(request.headers['content-type']);
    const write = version === 1 ? decodeWriteV1(body, this.#limits) : decodeWriteV2(body, { ...this.#limits, demandSamples: true });
    const items = countSamples(write);
    if (write.series.length > 0) {
      // A version 2 request in which all is well is what a frame holds; the body may be a pooled slab, so it stays until the disk has it.
      const payload = version === 2 && write.problems.length === 0 ? body : encodeWriteV2(write);
      await appendPush({ signal: 'metrics', encoding: 'prometheus', tenant, payload, items, rejected: [], reserved: true }, { intake: this.#context.intake, meter: this.#meter, share });
    }
    this.#tellProblems(write, tenant);
    return version === 1 ? answerV1(write) : answerV2(write, items);
  }

  #tellProblems({ problems }: DecodedWrite, tenant: string): void {
    if (problems.length === 0) return;
    this.#meter.refused('metrics', problems.reduce((sum, { items }) => sum + items, 0));
    this.#log.warn(problems[0]!.kind, 'a remote write brought what cannot be taken; the rest of it was', { tenant, problem: problems[0]!.text.slice(0, 500), problems: problems.length });
  }
}

/** Invalid labels are no error in version 1; a bad sample is, although here the rest was taken, and which series it is of is not said. */
function answerV1({ problems }: DecodedWrite): PushAnswer {
  const first = problems.find(({ kind }) => kind === 'histogram' || kind === 'time');
  return first === undefined ? { status: 204 } : { status: 400, error: first.kind === 'time' ? 'out of bounds' : first.text.replace(/ for series \{[^]*$/, '') };
}

function answerV2(write: DecodedWrite, items: number): PushAnswer {
  const histograms = countHistograms(write);
  const headers = items === 0 && write.series.length === 0 ? NOTHING_WRITTEN : statistics(items - histograms, histograms, countExemplars(write));
  const { problems } = write;
  if (problems.length === 0) return { status: 204, headers };
  const named = problems.slice(0, PROBLEMS_NAMED).map(({ text }) => text);
  if (problems.length > PROBLEMS_NAMED) named.push(`and ${problems.length - PROBLEMS_NAMED} more`);
  return { status: 400, headers, error: named.join('\n') };
}

function statistics(samples: number, histograms: number, exemplars: number): Readonly<Record<string, string>> {
  return {
    'X-Prometheus-Remote-Write-Samples-Written': String(samples),
    'X-Prometheus-Remote-Write-Histograms-Written': String(histograms),
    'X-Prometheus-Remote-Write-Exemplars-Written': String(exemplars),
  };
}
