import { setTimeout as sleep } from 'node:timers/promises';
import { between, oneOf } from '../random.js';
import { jsonRequest } from '../http.js';
import { PRODUCTS } from '../inventory/products.js';

/** Visits at once; what would come on top is left out, so that a slow shop is not buried. */
const MAX_UNDER_WAY = 100;
const REQUEST_TIMEOUT_MS = 10_000;
const CUSTOMERS = ['ada', 'edsger', 'grace', 'katherine', 'linus'] as const;

export interface Load {
  /** Sends no more and waits, `timeoutMs` at most, for the answers under way. */
  stop(timeoutMs: number): Promise<void>;
}

/** Visitors of the storefront: each looks around, then checks out; `rate` of them a second. */
export function startLoad(storefrontUrl: string, rate: number): Load {
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();
  const stopping = new AbortController();
  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(next, between([0.5, 1.5]) * (1_000 / rate));
    if (underWay.size >= MAX_UNDER_WAY) return;
    const one = visit(storefrontUrl, closing.signal, stopping.signal).catch(() => {}).finally(() => underWay.delete(one));
    underWay.add(one);
  };
  next();
  return {
    async stop(timeoutMs) {
      clearTimeout(timer);
      closing.abort();
      const all = Promise.all(underWay);
      await Promise.race([all, sleep(timeoutMs, undefined, { ref: false })]);
      stopping.abort();
      await all;
    },
  };
}

/** What a visitor does, who asks for nothing more once `closing`. Answers that are errors are the shop's affair, which its telemetry tells of. */
async function visit(storefrontUrl: string, closing: AbortSignal, stopping: AbortSignal): Promise<void> {
  const get = async (path: string, init: RequestInit = {}): Promise<void> => {
    if (closing.aborted) return;
    const response = await fetch(`${storefrontUrl}${path}`, { ...init, signal: AbortSignal.any([stopping, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) });
    await response.arrayBuffer();
  };
  const { sku } = oneOf(PRODUCTS);
  await get('/products');
  await get(`/products/${sku}`);
  const items = [{ sku, quantity: Math.ceil(between([0, 3])) }];
  await get('/checkout', jsonRequest('POST', { customer: oneOf(CUSTOMERS), items }));
}
