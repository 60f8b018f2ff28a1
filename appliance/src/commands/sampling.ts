import { ApplianceError } from '../errors.js';
import type { SamplingAnswer } from '../http/sampling.js';
import { Caller, type CallerFiles } from '../probe/caller.js';
import { authorization, unreachable } from '../probe/endpoints.js';
import { table } from './table.js';

const TIMEOUT_MS = 30_000;

/** Which policy kept or dropped a trace, and what the others said. */
export async function explain(traceId: string, options: { readonly url: string; readonly token?: string; readonly json?: boolean } & CallerFiles): Promise<void> {
  const target = new URL(`/api/v1/sampling/${encodeURIComponent(traceId)}`, options.url);
  let response: Response;
  try {
    response = await Caller.of(options, options.url).fetch(target, { headers: authorization(options.token ?? null), signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw unreachable(target, error);
  }
  const body = (await response.json().catch(() => ({}))) as Partial<SamplingAnswer> & { readonly error?: { readonly code: string; readonly message: string } };
  if (!response.ok || body.decisions === undefined) throw new ApplianceError(body.error?.code ?? 'SBX_STATUS_REFUSED', body.error?.message ?? `${target.origin} answered HTTP ${response.status}`);
  if (options.json) return void process.stdout.write(JSON.stringify(body) + '\n');
  for (const { pipeline, sampled, policy, verdicts, early, decidedAt, spans, durationMs } of body.decisions) {
    const why = policy === '' ? 'no policy wanted it' : `policy ${policy}`;
    process.stdout.write(`${body.traceId} was ${sampled ? 'kept' : 'dropped'} by pipeline ${pipeline}: ${why}\n`);
    process.stdout.write(`decided at ${decidedAt}${early ? ' (early: too many traces were undecided, num_traces)' : ''}, when it had ${spans} spans over ${durationMs} ms\n\n`);
    process.stdout.write(table(['policy', 'said'], verdicts.map((each) => [each.policy, each.verdict])));
  }
}
