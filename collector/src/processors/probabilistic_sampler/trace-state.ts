import { parseRandomness, parseThreshold, thresholdText, type Hex56 } from './threshold.js';

/** What the `ot` member of a W3C tracestate says of sampling. */
export interface SamplingState {
  readonly threshold: Hex56 | null;
  readonly randomness: Hex56 | null;
  /** Other members of `ot`, and of the tracestate, as they came. */
  readonly otherFields: readonly string[];
  readonly otherMembers: readonly string[];
}

const NOTHING: SamplingState = { threshold: null, randomness: null, otherFields: [], otherMembers: [] };

/** Null where `ot` cannot be read. */
export function readTraceState(traceState: string): SamplingState | null {
  if (traceState === '') return NOTHING;
  let threshold: Hex56 | null = null;
  let randomness: Hex56 | null = null;
  const otherFields: string[] = [];
  const otherMembers: string[] = [];
  for (const member of traceState.split(',')) {
    const trimmed = member.trim();
    if (!trimmed.startsWith('ot=')) {
      if (trimmed !== '') otherMembers.push(trimmed);
      continue;
    }
    for (const field of trimmed.slice(3).split(';')) {
      if (field.startsWith('th:')) {
        threshold = parseThreshold(field.slice(3));
        if (threshold === null) return null;
      } else if (field.startsWith('rv:')) {
        randomness = parseRandomness(field.slice(3));
        if (randomness === null) return null;
      } else if (field !== '') otherFields.push(field);
    }
  }
  return { threshold, randomness, otherFields, otherMembers };
}

/** `ot` stands in front, as the member that was changed last. */
export function writeTraceState({ threshold, randomness, otherFields, otherMembers }: SamplingState): string {
  const fields = [...(threshold === null ? [] : [`th:${thresholdText(threshold)}`]), ...(randomness === null ? [] : [`rv:${randomness}`]), ...otherFields];
  return [...(fields.length > 0 ? [`ot=${fields.join(';')}`] : []), ...otherMembers].join(',');
}
