import type { FastifyReply } from 'fastify';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { Turns } from '../../../event-loop.js';
import type { Answer } from '../../../promql/engine/engine.js';
import { tooMuchMemory } from '../../../promql/engine/evaluation.js';
import type { ResultSeries } from '../../../promql/engine/values/result.js';
import { formatValue } from '../../../promql/numbers/number-text.js';
import type { PrometheusError } from '../errors.js';
import { PointTexts, secondsText } from './point-texts.js';

/** What stands beside the data. */
export interface Notes {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

const NO_NOTES: Notes = { warnings: [], infos: [] };

export function success(reply: FastifyReply, data: unknown, notes = NO_NOTES): FastifyReply {
  return successText(reply, JSON.stringify(data), notes);
}

/** `text`: the data as JSON. */
export function successText(reply: FastifyReply, text: string, notes = NO_NOTES): FastifyReply {
  return send(reply, 200, `{"status":"success","data":${text}${notesText(notes)}}`);
}

export function failure(reply: FastifyReply, { status, errorType, error }: PrometheusError): FastifyReply {
  return send(reply, status, JSON.stringify({ status: 'error', errorType, error }));
}

/** A query's answer; written piece by piece, since it may be large. `limit`: series at most, 0 for all. */
export async function answer(reply: FastifyReply, { result, warnings, infos, bytesLeft }: Answer, limit: number, stats: object | null, more: readonly string[], signal: AbortSignal): Promise<FastifyReply> {
  const turns = new Turns(signal);
  const texts = new PointTexts();
  const notes = [...warnings, ...more];
  const pieces = new Pieces(bytesLeft);
  pieces.add(`{"status":"success","data":{"resultType":"${result.type}","result":`);
  if (result.type === 'scalar' || result.type === 'string') {
    const value = result.type === 'scalar' ? formatValue(result.value) : result.value;
    pieces.add(`[${secondsText(result.timeMs)},${JSON.stringify(value)}]`);
  } else {
    const truncated = limit > 0 && result.series.length > limit;
    if (truncated) notes.push('results truncated due to limit');
    const shown = truncated ? result.series.slice(0, limit) : result.series;
    let separator = '[';
    for (const series of shown) {
      pieces.add(separator + (result.type === 'vector' ? vectorElement(series, texts) : matrixElement(series, texts)));
      separator = ',';
      if (turns.due(series.values.length * (series.histograms === null ? 1 : 20))) await turns.turn();
    }
    pieces.add(shown.length === 0 ? '[]' : ']');
  }
  const statsText = stats === null ? '' : `,"stats":${JSON.stringify(stats)}`;
  pieces.add(`${statsText}}${notesText({ warnings: notes, infos })}}`);
  return send(reply, 200, pieces.bytes());
}

/** Characters that become bytes at a time. */
const PIECE_LENGTH = 1 << 16;

/** The text of an answer as bytes, which may be more than one string can hold. */
class Pieces {
  readonly #whole: Buffer[] = [];
  #text = '';

  /** `bytesLeft`: as much as the answer may be. */
  constructor(private bytesLeft: number) {}

  /** Throws PromQLExecutionError where the answer becomes too long. */
  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE_LENGTH) this.#flush();
  }

  bytes(): Buffer {
    this.#flush();
    return this.#whole.length === 1 ? this.#whole[0] ?? Buffer.alloc(0) : Buffer.concat(this.#whole);
  }

  #flush(): void {
    const piece = Buffer.from(this.#text);
    this.#text = '';
    // Once in pieces and once as a whole.
    this.bytesLeft -= 2 * piece.length;
    if (this.bytesLeft < 0) throw tooMuchMemory();
    this.#whole.push(piece);
  }
}

export function labelsObject(labels: Labels): Record<string, string> {
  return Object.fromEntries(labels);
}

function vectorElement(series: ResultSeries, texts: PointTexts): string {
  const { labels, timesMs, values } = series;
  const histogram = series.histograms?.[0] ?? null;
  const timeText = secondsText(timesMs[0] ?? 0);
  const metric = JSON.stringify(labelsObject(labels));
  if (histogram !== null) return `{"metric":${metric},"histogram":[${timeText},${texts.histogram(histogram)}]}`;
  return `{"metric":${metric},"value":[${timeText},"${formatValue(values[0] ?? NaN)}"]}`;
}

function matrixElement(series: ResultSeries, texts: PointTexts): string {
  const { labels, timesMs, values, histograms } = series;
  const heads = texts.headsOf(timesMs);
  let floats = '';
  let natives = '';
  for (let i = 0; i < timesMs.length; i++) {
    const histogram = histograms === null ? null : histograms[i] ?? null;
    if (histogram === null) floats += heads[i] + formatValue(values[i] as number);
    else natives += `,[${secondsText(timesMs[i] as number)},${texts.histogram(histogram)}]`;
  }
  // The first of each begins with what ends the one before.
  const valuesText = floats === '' ? '' : `,"values":[${floats.slice('"],'.length)}"]]`;
  const histogramsText = natives === '' ? '' : `,"histograms":[${natives.slice(1)}]`;
  return `{"metric":${JSON.stringify(labelsObject(labels))}${valuesText}${histogramsText}}`;
}

/** Annotations of one kind that an answer shows; Prometheus' own limit. */
const MAX_NOTES = 10;

function notesText({ warnings, infos }: Notes): string {
  return notesOfKind('warnings', 'warning', warnings) + notesOfKind('infos', 'info', infos);
}

function notesOfKind(field: string, kind: string, notes: readonly string[]): string {
  if (notes.length === 0) return '';
  const shown = notes.length <= MAX_NOTES ? notes : [...notes.slice(0, MAX_NOTES), `${notes.length - MAX_NOTES} more ${kind} annotations omitted`];
  return `,"${field}":${JSON.stringify(shown)}`;
}

function send(reply: FastifyReply, status: number, text: string | Buffer): FastifyReply {
  // Of a string fastify would say the charset, which JSON has none of.
  return reply.code(status).header('content-type', 'application/json').send(typeof text === 'string' ? Buffer.from(text) : text);
}
