import type { Signal } from '@signalbox/signals/model/signal';
import { SIGNALS } from '@signalbox/signals/model/signal';
import type { AgentSettings } from './settings/settings.js';

const VERB: Readonly<Record<Signal, string>> = { traces: 'tracing', logs: 'logs of', metrics: 'metrics of' };

/** The line at the start: what is instrumented, as which service, and where it is sent. */
export function announcement(
  settings: Pick<AgentSettings, 'exporters' | 'otlp'>,
  labels: Readonly<Record<Signal, readonly string[]>>,
  service: string,
): string {
  const sending = SIGNALS.filter((signal) => settings.exporters[signal].length > 0);
  const what = sending.filter((signal) => labels[signal].length > 0).map((signal) => `${VERB[signal]} ${labels[signal].join(', ')}`);
  return `${what.length > 0 ? what.join('; ') : 'nothing to instrument'} as "${service}" → ${where(settings, sending)}`;
}

function where({ exporters, otlp }: Pick<AgentSettings, 'exporters' | 'otlp'>, sending: readonly Signal[]): string {
  if (sending.length === 0) return 'nowhere (all exporters are off)';
  const places = new Map<string, Signal[]>();
  for (const signal of sending) {
    for (const exporter of exporters[signal]) {
      const place = exporter === 'otlp' ? `${base(otlp[signal].endpoint)} (${otlp[signal].protocol})` : exporter;
      places.set(place, [...(places.get(place) ?? []), signal]);
    }
  }
  if (places.size === 1) return [...places.keys()].join();
  return [...places].map(([place, signals]) => `${place} for ${signals.join(', ')}`).join('; ');
}

/** Without the path that each signal has of its own over HTTP. */
function base(endpoint: string): string {
  return endpoint.replace(/\/v1\/(traces|logs|metrics)$/, '');
}
