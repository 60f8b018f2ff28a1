import type { FastifyPluginAsync } from 'fastify';
import type { Matcher } from '../../../readers.js';
import { formOf } from '../../form.js';
import type { ApiOptions } from '../../options.js';
import { BadData } from '../errors.js';
import { goInteger, named } from '../request/params.js';
import { success } from '../answer/response.js';
import { parseSelector } from '../request/selector.js';

/** Which targets and metric families are asked for. */
export interface TargetMetadataQuery {
  /** Of the target's labels; none: every target. */
  readonly matchers: readonly Matcher[];
  /** Name of a metric family; empty: all of them. */
  readonly metric: string;
  /** No further target is looked at once there are so many entries. */
  readonly limit: number;
}

/** What a target says of one metric family, as Prometheus shows it. */
export interface TargetMetadata {
  readonly target: Readonly<Record<string, string>>;
  /** Left out where one metric was asked for. */
  readonly metric?: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface TargetMetadataAnswer {
  readonly entries: readonly TargetMetadata[];
  /** False where there is more than can be told at once. */
  readonly isWhole: boolean;
}

/** `targets/metadata`; empty where nothing scrapes. */
export function targetMetadataRoutes(options: ApiOptions): FastifyPluginAsync {
  return async (app) => {
    app.get('/api/v1/targets/metadata', async (request, reply) => {
      const form = formOf(request);
      const [limitText, matchTarget] = [form.get('limit') ?? '', form.get('match_target') ?? ''];
      const limit = limitText === '' ? -1 : goInteger(limitText);
      if (limit === null) throw new BadData('limit must be a number');
      const matchers = matchTarget === '' ? [] : named('match_target', () => parseSelector(matchTarget));
      const query = { matchers, metric: form.get('metric') ?? '', limit: limit < 0 ? Infinity : limit };
      const { entries, isWhole } = (await options.targetMetadata?.(options.tenantOf(request), query)) ?? { entries: [], isWhole: true };
      if (!isWhole) throw new BadData('the targets say more of their metrics than can be told at once; narrow it with match_target, metric or limit');
      return success(reply, entries);
    });
  };
}
