import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { KIND_NAMES, STATUS_NAMES } from '../../spans/vocabulary.js';
import type { Field } from '../../traceql/ast.js';
import { TraceQLError } from '../../traceql/error.js';
import { parseField } from '../../traceql/parser.js';
import { formOf } from '../form.js';
import type { Serving } from '../serving.js';
import { BadRequest, limitParam, parseRange } from './params.js';

/** Intrinsics that a query may name. */
const INTRINSIC_TAGS = [
  'duration', 'instrumentation:name', 'kind', 'name', 'rootName', 'rootServiceName', 'span:duration', 'span:id', 'span:kind', 'span:name',
  'span:parentID', 'span:status', 'span:statusMessage', 'status', 'statusMessage', 'trace:id', 'trace:rootName', 'trace:rootService',
];

/** Scopes that Tempo has; those of events, links and scopes hold nothing here, since attributes there are not indexed. */
const SCOPES = new Set(['', 'none', 'span', 'resource', 'intrinsic', 'event', 'link', 'instrumentation']);

/** Intrinsics whose values are too many to list. */
const UNLISTED = new Set(['duration', 'traceId', 'spanId', 'parentId']);

/** Names that the older API has for intrinsics. */
const OLDER_NAMES: Readonly<Record<string, Field>> = {
  'root.name': { scope: 'intrinsic', key: 'rootName' },
  'root.service.name': { scope: 'intrinsic', key: 'rootService' },
  'status.code': { scope: 'intrinsic', key: 'status' },
};

type TagValue = { readonly type: string; readonly value: string };

/** Tag names and values, in both versions of Tempo's API. */
export function tempoTags(serving: Serving): FastifyPluginAsync {
  const { spans } = serving.readers;

  const names = async (request: FastifyRequest, reply: FastifyReply) => {
    const form = formOf(request);
    const scope = form.get('scope') ?? '';
    if (!SCOPES.has(scope)) throw new BadRequest(`invalid scope: ${scope}`);
    const range = parseRange(form);
    const limit = limitParam(form, serving.limits.maxTagValues);
    const all = scope === '' || scope === 'none';
    const found = all || scope === 'span' || scope === 'resource' ? await serving.query(request, reply, (context) => spans.tagNames(context, range)) : { span: [], resource: [] };
    return [
      { name: 'span', tags: all || scope === 'span' ? found.span.slice(0, limit) : [] },
      { name: 'resource', tags: all || scope === 'resource' ? found.resource.slice(0, limit) : [] },
      { name: 'intrinsic', tags: all || scope === 'intrinsic' ? INTRINSIC_TAGS : [] },
    ].filter(({ tags }) => tags.length > 0);
  };

  const values = async (request: FastifyRequest, reply: FastifyReply, field: Field): Promise<readonly TagValue[]> => {
    const form = formOf(request);
    const range = parseRange(form);
    const limit = limitParam(form, serving.limits.maxTagValues);
    if (field.scope === 'intrinsic') {
      if (UNLISTED.has(field.key)) return [];
      if (field.key === 'status') return STATUS_NAMES.map((value) => ({ type: 'keyword', value }));
      if (field.key === 'kind') return KIND_NAMES.map((value) => ({ type: 'keyword', value }));
    }
    return serving.query(request, reply, (context) => spans.tagValues(context, field.scope, field.key, range, limit));
  };

  return async (app) => {
    app.get('/api/search/tags', async (request, reply) => {
      const scopes = (await names(request, reply)).filter(({ name }) => name !== 'intrinsic' || formOf(request).get('scope') === 'intrinsic');
      return { tagNames: [...new Set(scopes.flatMap(({ tags }) => tags))].sort(), metrics: {} };
    });

    app.get('/api/v2/search/tags', async (request, reply) => ({ scopes: await names(request, reply), metrics: {} }));

    // A tag's name may hold slashes, so the rest of the path is taken whole.
    app.get<{ Params: { '*': string } }>('/api/search/tag/*', async (request, reply) => {
      const name = tagName(request.params['*']);
      const found = await values(request, reply, olderField(name));
      return { tagValues: [...new Set(found.map(({ value }) => value))], metrics: {} };
    });

    app.get<{ Params: { '*': string } }>('/api/v2/search/tag/*', async (request, reply) => {
      const name = tagName(request.params['*']);
      let field: Field;
      try {
        field = parseField(name);
      } catch (error) {
        if (error instanceof TraceQLError) throw new BadRequest(`please provide a valid tagName: failed to parse identifier ${name}: ${error.message}`);
        throw error;
      }
      return { tagValues: await values(request, reply, field), metrics: {} };
    });
  };
}

function tagName(rest: string): string {
  if (!rest.endsWith('/values')) throw Object.assign(new Error('404 page not found'), { statusCode: 404 });
  const name = rest.slice(0, -'/values'.length);
  if (name === '') throw new BadRequest('please provide a non-empty tagName');
  return name;
}

function olderField(name: string): Field {
  if (Object.hasOwn(OLDER_NAMES, name)) return OLDER_NAMES[name] ?? { scope: 'any', key: name };
  if (['name', 'status', 'kind', 'rootName', 'statusMessage'].includes(name)) return { scope: 'intrinsic', key: name };
  if (name === 'rootServiceName') return { scope: 'intrinsic', key: 'rootService' };
  return { scope: 'any', key: name };
}
