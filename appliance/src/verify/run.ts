import { setTimeout as sleep } from 'node:timers/promises';
import type { Signal } from '@signalbox/signals/model/signal';
import { describeError } from '../errors.js';
import type { Caller } from '../probe/caller.js';
import { makeMarked } from './marked.js';
import type { Marked } from './marked.js';
import type { Reach } from './reach.js';
import type { SamplingVerdict } from './sampling.js';
import type { WayIn } from './ways-in.js';
import type { WayOut } from './ways-out.js';

/** One line of the table: one signal sent one way and looked for another. */
export interface Link {
  readonly signal: Signal;
  readonly wayIn: string;
  /** Milliseconds until it was acknowledged; null when it was not, or the way in acknowledges nothing. */
  readonly acknowledgedMs: number | null;
  readonly wayOut: string;
  /** Milliseconds from sending until it was found; null when it was not. */
  readonly foundMs: number | null;
  readonly failure: string | null;
  /** The sampler that did not keep it, as it was told to; null where none did. */
  readonly leftOut: string | null;
}

const FIRST_WAIT_MS = 10;
const MAX_WAIT_MS = 500;

export interface VerifyOptions {
  readonly token: string | null;
  readonly timeoutMs: number;
  readonly caller: Caller;
  readonly reach: Reach;
  /** What tail sampling made of a trace. */
  verdict(traceId: string): Promise<SamplingVerdict>;
}

type Looked = Pick<Link, 'foundMs' | 'failure' | 'leftOut'>;

/** Sends through every way in, then looks for each through every way out that it reaches, until it is there or the time is over. */
export async function runVerify(ways: { readonly in: readonly WayIn[]; readonly out: readonly WayOut[] }, options: VerifyOptions): Promise<Link[]> {
  const links: Link[] = [];
  for (const way of ways.in) {
    const marked = makeMarked(BigInt(Date.now()) * 1_000_000n);
    for (const signal of way.signals) {
      const outs = ways.out.filter((out) => out.signal === signal && options.reach(way, out) && !(way.untraced && out.byTraceId));
      if (outs.length > 0) links.push(...(await through(way, outs, marked, signal, options)));
    }
  }
  return links;
}

async function through(way: WayIn, outs: readonly WayOut[], marked: Marked, signal: Signal, options: VerifyOptions): Promise<Link[]> {
  const sentAt = performance.now();
  try {
    await way.send(marked, signal, options);
    const acknowledgedMs = way.silence === undefined ? performance.now() - sentAt : null;
    return await Promise.all(outs.map(async (out) => ({ signal, wayIn: way.name, acknowledgedMs, wayOut: out.name, ...(await look(out, way, marked, sentAt, options)) })));
  } catch (error) {
    const failure = `not accepted: ${describeError(error)}`;
    return outs.map((out) => ({ signal, wayIn: way.name, acknowledgedMs: null, wayOut: out.name, foundMs: null, failure, leftOut: null }));
  } finally {
    await way.done?.();
  }
}

async function look(out: WayOut, way: WayIn, marked: Marked, sentAt: number, { timeoutMs, verdict }: VerifyOptions): Promise<Looked> {
  const notFound = `${way.silence === undefined ? 'accepted' : 'sent'}, but not found within ${timeoutMs / 1000} s${way.silence === undefined ? '' : ` (${way.silence})`}`;
  let failure = notFound;
  for (let waitMs = FIRST_WAIT_MS; performance.now() - sentAt < timeoutMs; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    try {
      if (await out.find(marked, way)) return { foundMs: performance.now() - sentAt, failure: null, leftOut: null };
      failure = notFound;
    } catch (error) {
      failure = describeError(error);
    }
    const sampling = out.signal === 'traces' ? await verdict(marked.traceId) : { kind: 'none' as const };
    if (sampling.kind === 'left out') return { foundMs: null, failure: null, leftOut: sampling.by };
    if (sampling.kind === 'undecided') failure = `${notFound}: tail sampling has not decided about it; let verify wait longer than decision_wait (--timeout)`;
    await sleep(waitMs);
  }
  return { foundMs: null, failure, leftOut: null };
}
