import { NOT_SAMPLING, type SamplingAnswer } from '../http/sampling.js';
import type { Caller } from '../probe/caller.js';
import { authorization } from '../probe/endpoints.js';

/** What tail sampling made of a trace; `none` where nothing samples, or that is not known. */
export type SamplingVerdict = { readonly kind: 'none' } | { readonly kind: 'undecided' } | { readonly kind: 'kept' } | { readonly kind: 'left out'; readonly by: string };

/** Asks the appliance at `base` what was decided about a trace. Never rejects. */
export async function samplingVerdict(base: string, traceId: string, { token, timeoutMs, caller }: { readonly token: string | null; readonly timeoutMs: number; readonly caller: Caller }): Promise<SamplingVerdict> {
  try {
    const response = await caller.fetch(new URL(`/api/v1/sampling/${traceId}`, base), { headers: authorization(token), signal: AbortSignal.timeout(timeoutMs) });
    if (response.status === 404) {
      const { error } = (await response.json()) as { readonly error?: { readonly message?: string } };
      return { kind: error?.message === undefined || error.message === NOT_SAMPLING ? 'none' : 'undecided' };
    }
    if (!response.ok) return { kind: 'none' };
    const { decisions } = (await response.json()) as SamplingAnswer;
    if (decisions.some(({ sampled }) => sampled)) return { kind: 'kept' };
    return { kind: 'left out', by: [...new Set(decisions.map(({ sampler }) => sampler))].join(', ') };
  } catch {
    return { kind: 'none' };
  }
}
