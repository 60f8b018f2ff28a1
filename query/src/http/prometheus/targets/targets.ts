import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { goQuote } from '../../../go/strconv.js';
import { formOf } from '../../form.js';
import type { ApiOptions } from '../../options.js';
import { BadData } from '../errors.js';
import { success } from '../answer/response.js';

/** What scrapes, as `targets` answers it: the fields are Prometheus' own. */
export interface ScrapeTargets {
  readonly activeTargets: readonly ScrapeTarget[];
  readonly droppedTargets: readonly DroppedTarget[];
}

export interface ScrapeTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  /** RFC 3339. */
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: 'up' | 'down' | 'unknown';
  /** In Prometheus' notation, such as `15s`. */
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface DroppedTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
}

/** `targets` and what belongs to them; empty where nothing scrapes. */
export function targetRoutes(options: ApiOptions): FastifyPluginAsync {
  const read = async (request: FastifyRequest): Promise<ScrapeTargets> => (await options.targets?.(options.tenantOf(request))) ?? { activeTargets: [], droppedTargets: [] };
  return async (app) => {
    app.get<{ Querystring: { state?: string; scrapePool?: string } }>('/api/v1/targets', async (request, reply) => {
      const { scrapePool = '' } = request.query;
      const state = (request.query.state ?? '').toLowerCase();
      const shows = (which: string): boolean => ['', 'any', which].includes(state);
      const { activeTargets, droppedTargets } = await read(request);
      const ofPool = <T extends { readonly scrapePool: string }>(targets: readonly T[]): T[] => targets
        .filter((target) => scrapePool === '' || target.scrapePool === scrapePool)
        .sort((a, b) => (a.scrapePool < b.scrapePool ? -1 : a.scrapePool > b.scrapePool ? 1 : 0));
      const droppedTargetCounts: Record<string, number> = {};
      for (const target of [...activeTargets, ...droppedTargets]) droppedTargetCounts[target.scrapePool] ??= 0;
      for (const { scrapePool: pool } of droppedTargets) droppedTargetCounts[pool] = (droppedTargetCounts[pool] ?? 0) + 1;
      return success(reply, {
        activeTargets: shows('active') ? ofPool(activeTargets) : [],
        droppedTargets: shows('dropped') ? ofPool(droppedTargets) : [],
        droppedTargetCounts: shows('dropped') ? droppedTargetCounts : null,
      });
    });

    app.get('/api/v1/scrape_pools', async (request, reply) => {
      const { activeTargets, droppedTargets } = await read(request);
      return success(reply, { scrapePools: [...new Set([...activeTargets, ...droppedTargets].map((target) => target.scrapePool))].sort() });
    });

    const refusePool = async (request: FastifyRequest, form: URLSearchParams): Promise<never> => {
      const scrapePool = form.get('scrapePool') ?? '';
      const { activeTargets, droppedTargets } = await read(request);
      const known = [...activeTargets, ...droppedTargets].some((target) => target.scrapePool === scrapePool);
      throw new BadData(`error retrieving scrape config: ${known ? 'it is not told here; the configuration of Signalbox has it' : `scrape pool ${goQuote(scrapePool)} not found`}`);
    };
    app.get('/api/v1/scrape_pools/config', (request) => {
      const form = formOf(request);
      needed(form, 'scrapePool');
      return refusePool(request, form);
    });
    app.get('/api/v1/targets/relabel_steps', (request) => {
      const form = formOf(request);
      needed(form, 'scrapePool');
      checkLabels(needed(form, 'labels'));
      return refusePool(request, form);
    });
  };
}

/** Throws BadData. */
function needed(form: URLSearchParams, name: string): string {
  const text = form.get(name) ?? '';
  if (text === '') throw new BadData(`no ${name} parameter provided`);
  return text;
}

/** Labels as a JSON object of texts. Throws BadData. */
function checkLabels(text: string): void {
  let labels: unknown;
  try {
    labels = JSON.parse(text);
  } catch (error) {
    throw new BadData(`error parsing labels: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (labels === null || (typeof labels === 'object' && !Array.isArray(labels) && Object.values(labels).every((value) => typeof value === 'string'))) return;
  throw new BadData('error parsing labels: they are no object of texts');
}
