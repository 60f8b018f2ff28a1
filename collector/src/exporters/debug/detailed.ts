import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import type { Batch, SignalData } from '../../component.js';
import { attributesText, timeText, valueText } from './text.js';

const INDENT = '  ';

/** All that a batch holds, field by field, with empty fields left out. */
export function* detailedLines(batch: Batch): Generator<string> {
  for (const part of batch.parts) {
    yield `request at position ${part.position}, received ${timeText(part.receivedNs)}`;
    yield* fields(contentOf(part.data), INDENT);
  }
}

function contentOf(data: SignalData): object {
  switch (data.signal) {
    case 'traces':
      return data.traces;
    case 'logs':
      return data.logs;
    case 'metrics':
      return data.metrics;
  }
}

function* fields(of: object, indent: string): Generator<string> {
  for (const [name, value] of Object.entries(of) as [string, unknown][]) {
    if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) continue;
    if (name === 'attributes' || name === 'filteredAttributes' || name === 'metadata') {
      yield `${indent}${name}: ${attributesText(value as Parameters<typeof attributesText>[0])}`;
    } else if (name.endsWith('Ns') && typeof value === 'bigint') {
      if (value !== 0n) yield `${indent}${name.slice(0, -2)}: ${timeText(value)}`;
    } else if (Array.isArray(value) && typeof value[0] === 'object') {
      for (const [i, element] of (value as object[]).entries()) {
        yield `${indent}${name}[${i}]`;
        yield* fields(element, indent + INDENT);
      }
    } else if (name !== 'body' && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof KeyValueList)) {
      yield `${indent}${name}`;
      yield* fields(value, indent + INDENT);
    } else {
      yield `${indent}${name}: ${valueText(value as AnyValue)}`;
    }
  }
}
