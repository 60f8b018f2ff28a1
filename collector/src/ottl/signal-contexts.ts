import type { Signal } from '@signalbox/signals/model/signal';
import { nearestName } from '../config/nearest.js';
import { OttlError } from './error.js';
import type { OttlContext } from './paths/contexts.js';

/** The contexts that statements for a signal can have, from the outermost in. */
export const SIGNAL_CONTEXTS: Readonly<Record<Signal, readonly OttlContext[]>> = {
  traces: ['resource', 'scope', 'span', 'spanevent'],
  metrics: ['resource', 'scope', 'metric', 'datapoint'],
  logs: ['resource', 'scope', 'log'],
};

/** @throws OttlError for a context that the signal has not */
export function allowedContext(named: string, allowed: readonly OttlContext[]): OttlContext {
  const found = allowed.find((context) => context === named || (named === 'instrumentation_scope' && context === 'scope'));
  if (found) return found;
  throw new OttlError(named, 0, `There is no context '${named}' here; known: ${allowed.join(', ')}`, nearestName(named, allowed));
}
