import type { Batch, Exporter, Outcome } from '../../component.js';

/** What an attempt came to. */
export type Attempt =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  /** Ended by `abort`: nobody knows what arrived. */
  | { readonly kind: 'aborted' }
  /** The exporter broke its contract: threw, or answered what cannot be. Nobody knows what arrived. */
  | { readonly kind: 'broken'; readonly error: unknown };

/** After its time is over an exporter may still say what became of the batch. */
const GRACE_MS = 2000;

/** Calls the exporter once, for `timeoutMs` at most; never rejects. */
export async function attempt(exporter: Exporter, batch: Batch, timeoutMs: number, abort: AbortSignal): Promise<Attempt> {
  const controller = new AbortController();
  const end = (): void => controller.abort(abort.reason);
  abort.addEventListener('abort', end, { once: true });
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  let graceTimer: NodeJS.Timeout | undefined;
  try {
    if (abort.aborted) return { kind: 'aborted' };
    const outlived = new Promise<null>((resolve) => {
      controller.signal.addEventListener('abort', () => (graceTimer = setTimeout(() => resolve(null), GRACE_MS)), { once: true });
    });
    const outcome = await Promise.race([exporter.export(batch, controller.signal), outlived]);
    if (outcome === null) {
      return abort.aborted ? { kind: 'aborted' } : { kind: 'outcome', outcome: { kind: 'retryable', reason: `no answer within ${timeoutMs} ms`, unknown: true } };
    }
    const fault = faultOf(outcome, batch);
    return fault === null ? { kind: 'outcome', outcome } : { kind: 'broken', error: new Error(fault) };
  } catch (error) {
    return abort.aborted ? { kind: 'aborted' } : { kind: 'broken', error };
  } finally {
    clearTimeout(timer);
    clearTimeout(graceTimer);
    abort.removeEventListener('abort', end);
  }
}

/** What is wrong with an outcome, or null. */
function faultOf(outcome: Outcome, batch: Batch): string | null {
  if (outcome.kind === 'retryable') return null;
  const { delivered, duplicate, retry, rejected } = outcome;
  const sum = delivered + duplicate + retry.items.length + rejected.length;
  if (sum !== batch.items || delivered < 0 || duplicate < 0) return `the outcome is about ${sum} items, the batch has ${batch.items}`;
  const named = new Set<number>();
  for (const item of [...retry.items, ...rejected.map((rejection) => rejection.item)]) {
    if (!Number.isInteger(item) || item < 0 || item >= batch.items || named.has(item)) return `the outcome names item ${item} of ${batch.items}, or names it twice`;
    named.add(item);
  }
  return null;
}
