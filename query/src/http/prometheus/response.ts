import type { FastifyReply } from 'fastify';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { Turns } from '../../event-loop.js';
import type { Answer } from '../../promql/engine/engine.js';
import type { ResultSeries } from '../../promql/engine/result.js';
import { formatValue } from '../../promql/number-text.js';
import type { PrometheusError } from './errors.js';

/** What stands beside the data. */
export interface Notes {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

const NO_NOTES: Notes = { warnings: [], infos: [] };

export function success(reply: FastifyReply, data: unknown, notes = NO_NOTES): FastifyReply {
  return send(reply, 200, `{"status":"success","data":${JSON.stringify(data)}${notesText(notes)}}`);
}

export function failure(reply: FastifyReply, { status, errorType, error }: PrometheusError): FastifyReply {
  return send(reply, status, JSON.stringify({ status: 'error', errorType, error }));
}

/** A query's answer; written piece by piece, since it may be large. `limit`: series at most, 0 for all. */
export async function answer(reply: FastifyReply, { result, warnings, infos }: Answer, limit: number, stats: object | null, more: readonly string[], signal: AbortSignal): Promise<FastifyReply> {
  const turns = new Turns(signal);
  const notes = [...warnings, ...more];
  const pieces: string[] = [];
  if (result.type === 'scalar' || result.type === 'string') {
    const value = result.type === 'scalar' ? formatValue(result.value) : result.value;
    pieces.push(JSON.stringify([result.timeMs / 1000, value]));
  } else {
    const truncated = limit > 0 && result.series.length > limit;
    if (truncated) notes.push('results truncated due to limit');
    const shown = truncated ? result.series.slice(0, limit) : result.series;
    pieces.push('[');
    for (const [i, series] of shown.entries()) {
      pieces.push(i === 0 ? '' : ',', result.type === 'vector' ? vectorElement(series) : matrixElement(series));
      if (turns.due(series.values.length)) await turns.turn();
    }
    pieces.push(']');
  }
  const statsText = stats === null ? '' : `,"stats":${JSON.stringify(stats)}`;
  return send(reply, 200, `{"status":"success","data":{"resultType":"${result.type}","result":${pieces.join('')}${statsText}}${notesText({ warnings: notes, infos })}}`);
}

export function labelsObject(labels: Labels): Record<string, string> {
  return Object.fromEntries(labels);
}

function vectorElement({ labels, timesMs, values }: ResultSeries): string {
  return `{"metric":${JSON.stringify(labelsObject(labels))},"value":[${(timesMs[0] ?? 0) / 1000},"${formatValue(values[0] ?? NaN)}"]}`;
}

function matrixElement({ labels, timesMs, values }: ResultSeries): string {
  let text = `{"metric":${JSON.stringify(labelsObject(labels))},"values":[`;
  timesMs.forEach((timeMs, i) => { text += `${i === 0 ? '' : ','}[${timeMs / 1000},"${formatValue(values[i] ?? NaN)}"]`; });
  return `${text}]}`;
}

function notesText({ warnings, infos }: Notes): string {
  return `${warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`}${infos.length === 0 ? '' : `,"infos":${JSON.stringify(infos)}`}`;
}

function send(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).header('content-type', 'application/json').send(text);
}
