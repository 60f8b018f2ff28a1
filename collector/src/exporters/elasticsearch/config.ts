import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { headersSchema, httpUrl } from '../http/config.js';
import { tlsSchema } from '../http/tls.js';

export const elasticsearchSchema = z
  .strictObject({
    endpoint: httpUrl().optional().describe('Where Elasticsearch listens.'),
    endpoints: z.array(httpUrl()).min(1).optional().describe('Several nodes of a cluster, used in turn.'),
    user: z.string().min(1).optional().describe('User for basic authentication; needs password.'),
    password: z.string().optional().describe('Password of the user; best from the environment.'),
    api_key: z.string().min(1).optional().describe('API key in its encoded form, instead of a user.'),
    headers: headersSchema,
    tls: tlsSchema.prefault({}).describe('TLS of the connections.'),
    compression: z.enum(['gzip', 'none']).default('gzip').describe('How requests are compressed.'),
    dataset: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_.]*$/, { message: 'is no dataset: lower-case letters, digits, _ and . only.' })
      .max(90)
      .default('generic')
      .describe('Dataset of the data streams, without the .otel behind it: traces-generic.otel-default.'),
    templates: z
      .strictObject({
        install: z.enum(['auto', 'always', 'never']).default('auto').describe('Whether index templates are put in place; auto: where Elasticsearch does not bring its own for OpenTelemetry.'),
        number_of_shards: z.int().min(1).max(1024).optional().describe('Of indices made by these templates.'),
        number_of_replicas: z.int().min(0).max(10).optional().describe('Of indices made by these templates.'),
        retention: z
          .string()
          .regex(/^[1-9]\d*[dhms]$/, { message: 'expected a time such as 30d.' })
          .optional()
          .describe('How long Elasticsearch keeps the data (data stream lifecycle); without it, for ever.'),
      })
      .prefault({}),
    max_request_bytes: byteSize({ min: 1024 }).default(5 * 1024 * 1024).describe('Size of a bulk request before compression; a larger document goes alone.'),
  })
  .refine(({ endpoint, endpoints }) => (endpoint === undefined) !== (endpoints === undefined), { message: 'give endpoint or endpoints.', path: ['endpoint'] })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), { message: 'user and password go together.', path: ['user'] })
  .refine(({ user, api_key }) => user === undefined || api_key === undefined, { message: 'give a user or an api_key, not both.', path: ['api_key'] });

export type ElasticsearchConfig = z.output<typeof elasticsearchSchema>;

export function parseElasticsearchConfig(raw: unknown, place: ConfigPlace): ElasticsearchConfig {
  return parseSection(elasticsearchSchema, raw, place);
}
