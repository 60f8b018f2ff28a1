import type { Batch, Logger } from '@signalbox/collector/component';
import type { ConfiguredComponent } from '@signalbox/collector/config/loaded';
import { createProcessors, type NamedProcessor } from '@signalbox/collector/delivery/create';
import { LogRequest } from '@signalbox/collector/parsing/log-request';
import type { FilelogConfig } from '@signalbox/collector/receivers/filelog/config';
import { RecordMaker } from '@signalbox/collector/receivers/filelog/records/record-maker';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { toLoki } from '@signalbox/signals/loki/stream';
import type { LogsData } from '@signalbox/signals/model/log-record';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { applianceRegistry } from '../settings/configuration.js';
import { fileBytes, linesOf } from './file-line.js';
import type { Marked } from './marked.js';

/** The line to write, and whether its record will have the trace id; null: no line comes through with its marker. */
export type Foreseen = { readonly line: string; readonly traced: boolean } | null;

/** Processors that may read the ids of a record; those that leave records out are told of elsewhere. */
const READING: ReadonlySet<string> = new Set(['logparser', 'transform']);

/**
 * Which of the lines that verify knows becomes a record that can be found again: it is made into one as the receiver and the processors of
 * its pipelines will do it. One whose trace id is read goes before one that has it in its text alone.
 * @param pipelines the processors of each pipeline behind the receiver
 */
export function foreseeLine(settings: FilelogConfig, pipelines: readonly (readonly ConfiguredComponent[])[], marked: Marked): Foreseen {
  return foreseen(linesOf(settings, marked), (line) => recordsOf(settings, line), pipelines, marked);
}

/** The same of any lines. @param recordsOf what the receiver makes of one */
export function foreseen(lines: readonly string[], recordsOf: (line: string) => LogsData, pipelines: readonly (readonly ConfiguredComponent[])[], marked: Marked): Foreseen {
  const chains = pipelines.map(readingProcessors);
  let untraced: Foreseen = null;
  for (const line of lines) {
    const made = chains.map((processors) => after(processors, recordsOf(line), marked));
    if (!made.every((each) => isMarked(each, marked))) continue;
    if (made.every((each) => firstRecord(each)?.record.traceId === marked.traceId)) return { line, traced: true };
    untraced ??= { line, traced: false };
  }
  return untraced;
}

/** @param what gets none: `filelog gets no line` */
export function lostNote(what: string): string {
  return `${what}: what it and its pipelines make of every line that verify can write has the marker no more (operators that drop or rewrite it)`;
}

export function untracedNote(receiver: string): string {
  return `${receiver}: nothing on the way sets the trace id of the marked line (an operator that parses it with trace: { trace_id: … }, trace_parser, parse, or the processor logparser would), so it is looked for by its text, and not among the logs of the trace`;
}

/** What the receiver makes of a file with the line. */
function recordsOf(settings: FilelogConfig, line: string): LogsData {
  const bytes = fileBytes({ encoding: settings.encoding, compression: '' }, line);
  const maker = new RecordMaker(settings);
  const file = maker.labels('/signalbox-verify.log', '/signalbox-verify.log', new Map());
  const request = new LogRequest(1 << 12);
  maker.beginBlock(bytes, bytes.length, BigInt(Date.now()) * 1_000_000n);
  for (maker.cutter.begin(bytes, 0, bytes.length, true); maker.cutter.next();) maker.make(bytes, maker.cutter.start, maker.cutter.end, file, request);
  maker.flush(file, request);
  return decodeLogs(request.finish());
}

function after(processors: readonly NamedProcessor[], logs: LogsData, { nowNs }: Marked): LogsData | null {
  if (firstRecord(logs) === null) return null;
  let batch: Batch = { tenant: 'default', signal: 'logs', items: 1, parts: [{ position: 0, receivedNs: nowNs, data: { signal: 'logs', logs }, items: 1, ordinals: Uint32Array.of(0) }] };
  for (const { processor } of processors) batch = processor.process(batch).batch;
  const data = batch.parts[0]?.data;
  return data?.signal === 'logs' ? data.logs : null;
}

/** Whether it is found by its text. */
function isMarked(logs: LogsData | null, { marker }: Marked): boolean {
  const first = firstRecord(logs);
  return first !== null && toLoki(first.resource, null, first.record).line.includes(marker);
}

function firstRecord(logs: LogsData | null): { readonly resource: LogsData['resourceLogs'][number]['resource']; readonly record: LogsData['resourceLogs'][number]['scopeLogs'][number]['logRecords'][number] } | null {
  for (const { resource, scopeLogs } of logs?.resourceLogs ?? []) for (const { logRecords } of scopeLogs) for (const record of logRecords) return { resource, record };
  return null;
}

function readingProcessors(configured: readonly ConfiguredComponent[]): readonly NamedProcessor[] {
  const silent = (): void => undefined;
  const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
  return createProcessors(configured.filter(({ type }) => READING.has(type)), { registry: applianceRegistry(), dataDir: '.', logger, clock: systemClock(), metrics: createMetrics() }, '');
}
