import type { FastifyRequest } from 'fastify';
import type { Readers } from '../readers.js';
import type { ParseOptions } from '../promql/parsing/parse.js';
import type { QueryLimits } from './limits.js';
import type { QueryGate } from './query-gate.js';
import type { SelfMetricFamily } from './prometheus/status/self-metrics.js';
import type { TargetMetadataAnswer, TargetMetadataQuery } from './prometheus/targets/target-metadata.js';
import type { ScrapeTargets } from './prometheus/targets/targets.js';

/** `limited`: by time or what it may read, or since too many queries wait; `failed`: for any other reason, the client's mistakes included. */
export type QueryOutcome = 'answered' | 'failed' | 'limited' | 'canceled';

/** What every API plugin is registered with. */
export interface ApiOptions {
  readonly readers: Readers;
  /** The tenant that a request speaks for. May throw an error with a `statusCode`. */
  tenantOf(request: FastifyRequest): string;
  /**
   * Resolves when the readers see everything that was acknowledged before, or when that has taken too long; awaited before each query.
   * Answers how many bytes of the journal they have not seen; none where it answers nothing.
   */
  fresh(signal: AbortSignal): Promise<number | void>;
  readonly limits?: Partial<QueryLimits>;
  /** Shared by the plugins that share the readers; without it each has a gate of its own. */
  readonly gate?: QueryGate;
  /** What our scraper scrapes, for Prometheus' `targets`. */
  targets?(tenant: string): ScrapeTargets | Promise<ScrapeTargets>;
  /** What the targets of our scraper say of their metrics, for Prometheus' `targets/metadata`. */
  targetMetadata?(tenant: string, query: TargetMetadataQuery): Promise<TargetMetadataAnswer>;
  /** What of PromQL is switched off that Prometheus has behind feature flags. */
  readonly parsing?: ParseOptions;
  /** Told of each query that was run or refused: how it ended, and how long it took with its waiting. */
  onQuery?(outcome: QueryOutcome, seconds: number): void;
  /** Our own metrics, for Prometheus' `status/self_metrics`. */
  ownMetrics?(): readonly SelfMetricFamily[];
}
