import type { FastifyInstance } from 'fastify';
import { explainTrace, type ExplainOptions, type TraceExplanation } from '@signalbox/collector/sampling/explain-trace';

export interface SamplingOptions extends Pick<ExplainOptions, 'journal' | 'dataDir'> {
  /** Those of the configuration in force. */
  readonly samplers: () => ExplainOptions['samplers'];
}

/** `GET /api/v1/sampling/<trace id>` */
export interface SamplingAnswer {
  readonly traceId: string;
  /** One for each pipeline with tail sampling that has decided about the trace. */
  readonly decisions: readonly TraceExplanation[];
}

export const NOT_SAMPLING = 'no pipeline samples by whole traces, so that all traces stay; docs/processors.md shows how tail_sampling is configured';
const NO_DECISION = 'no decision about this trace is remembered: it has not been here, or is not decided yet (decision_wait), or more traces came since than decision_cache remembers. A logs pipeline with the sampler among its receivers keeps every decision (docs/processors.md)';

/** Why a trace was kept or dropped. */
export function registerSampling(app: FastifyInstance, { journal, dataDir, samplers }: SamplingOptions): void {
  app.get<{ Params: { id: string } }>('/api/v1/sampling/:id', async (request, reply) => {
    const { id } = request.params;
    if (!/^[0-9a-fA-F]{1,32}$/.test(id)) return reply.code(400).send({ error: { code: 'SBX_QUERY_BAD_REQUEST', message: 'a trace id has up to 32 hexadecimal digits; take it from /jaeger/api/traces or from a span' } });
    const traceId = id.toLowerCase().padStart(32, '0');
    const plans = samplers();
    if (plans.length === 0) return reply.code(404).send({ error: { code: 'SBX_SAMPLING_UNDECIDED', message: NOT_SAMPLING } });
    const decisions = await explainTrace({ journal, dataDir, samplers: plans, tenant: request.tenant, traceId });
    if (decisions.length === 0) return reply.code(404).send({ error: { code: 'SBX_SAMPLING_UNDECIDED', message: NO_DECISION } });
    const answer: SamplingAnswer = { traceId, decisions };
    return answer;
  });
}
