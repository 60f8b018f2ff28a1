import type { SignalData } from '../../component.js';
import type { EvaluationContext } from '../evaluation-context.js';
import type { OttlContext } from '../paths/contexts.js';
import { walkLogs } from './logs.js';
import { walkMetrics } from './metrics.js';
import { walkTraces } from './traces.js';
import type { Visit } from './visit.js';

/** Visits everything of a context in document order. The same data where nothing changed. */
export function walkData(data: SignalData, context: EvaluationContext, level: OttlContext, visit: Visit): SignalData {
  switch (data.signal) {
    case 'traces': {
      const traces = walkTraces(data.traces, context, level, visit);
      return traces === data.traces ? data : { signal: 'traces', traces };
    }
    case 'logs': {
      const logs = walkLogs(data.logs, context, level, visit);
      return logs === data.logs ? data : { signal: 'logs', logs };
    }
    case 'metrics': {
      const metrics = walkMetrics(data.metrics, context, level, visit);
      return metrics === data.metrics ? data : { signal: 'metrics', metrics };
    }
  }
}
