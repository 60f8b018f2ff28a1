import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { authSchema } from '../http/authorization.js';
import { foreignHttpShape, headersSchema, httpUrl } from '../http/config.js';
import { tlsSchema } from '../http/tls.js';

/** How documents look; the names are those of the OpenTelemetry Collector's exporter. */
export const MAPPING_MODES = ['otel', 'ecs', 'none', 'raw'] as const;
export type MappingMode = (typeof MAPPING_MODES)[number];

const indexName = z.string().regex(/^[a-z0-9.][^A-Z\\/*?"<>| ,#:]{0,199}$/, { message: 'is no name of an index: lower case, without \\ / * ? " < > | , # : and spaces.' });

const DYNAMIC = 'data streams are always named by the attributes data_stream.dataset and data_stream.namespace.';
const OWN_BATCHES = "every exporter's calls are batched already, as its own section `batch` says; max_request_bytes is the size of a request.";
const OWN_IDS = 'ids are those of the journal, so that nothing is stored twice.';

/** What the OpenTelemetry Collector's exporter has besides. */
const FOREIGN = {
  cloudid: refused('give the URL of the cluster: endpoint.'),
  index: refused('it is named by signal: traces_index, logs_index, metrics_index.'),
  logstash_format: refused('data streams roll over by themselves; name the one you want in traces_index, logs_index, metrics_index.'),
  pipeline: refused('set index.default_pipeline in the component template …@custom of the data streams (docs/elasticsearch.md).'),
  logs_dynamic_id: refused(OWN_IDS),
  traces_dynamic_id: refused(OWN_IDS),
  logs_dynamic_pipeline: refused('set index.default_pipeline in the component template …@custom of the data streams (docs/elasticsearch.md).'),
  traces_dynamic_index: withoutEffect(DYNAMIC),
  logs_dynamic_index: withoutEffect(DYNAMIC),
  metrics_dynamic_index: withoutEffect(DYNAMIC),
  num_workers: withoutEffect('sending_queue.num_consumers says how many batches are on their way at once.'),
  flush: withoutEffect(OWN_BATCHES),
  retry: withoutEffect('retry_on_failure says when it is tried again; each document has its own answer.'),
  discover: withoutEffect('the nodes are those of endpoints.'),
  telemetry: withoutEffect('requests are not logged.'),
  include_source_on_error: withoutEffect('what is refused is kept whole: `signalbox dead-letters show`.'),
  metadata_keys: withoutEffect('the tenant alone is kept of a request.'),
  max_conns_per_host: withoutEffect('sending_queue.num_consumers says how many batches are on their way at once.'),
};

export const elasticsearchSchema = z
  .strictObject({
    endpoint: httpUrl().optional().describe('Where Elasticsearch listens.'),
    endpoints: z.array(httpUrl()).min(1).optional().describe('Several nodes of a cluster, used in turn.'),
    user: z.string().min(1).optional().describe('User for basic authentication; needs password.'),
    password: z.string().optional().describe('Password of the user; best from the environment.'),
    api_key: z.string().min(1).optional().describe('API key in its encoded form, instead of a user.'),
    password_file: z.string().min(1).optional().describe('File that holds the password; read again when it changes.'),
    api_key_file: z.string().min(1).optional().describe('File that holds the API key; read again when it changes.'),
    auth: authSchema.prefault({}),
    proxy_url: httpUrl().optional().describe('HTTP proxy to go through; without it HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment hold.'),
    headers: headersSchema,
    ...foreignHttpShape,
    ...FOREIGN,
    tls: tlsSchema.prefault({}).describe('TLS of the connections.'),
    compression: z.enum(['gzip', 'none']).default('gzip').describe('How requests are compressed.'),
    compression_params: z.strictObject({ level: z.int().min(1).max(9).default(1).describe('Of gzip: 1 is quick, 9 makes requests a little smaller and takes several times as long.') }).prefault({}),
    dataset: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_.]*$/, { message: 'is no dataset: lower-case letters, digits, _ and . only.' })
      .max(90)
      .default('generic')
      .describe('Dataset of the data streams, without the .otel behind it (traces-generic.otel-default), where the attribute data_stream.dataset names none.'),
    traces_index: indexName.optional().describe('One index or data stream for all spans, instead of those by dataset and namespace.'),
    logs_index: indexName.optional().describe('The same for log records.'),
    metrics_index: indexName.optional().describe('The same for metrics.'),
    mapping: z
      .strictObject({
        mode: z.enum(MAPPING_MODES).default('otel').describe('How documents look: otel as OpenTelemetry has it, ecs as the Elastic Common Schema, none and raw as the Collector names its plain documents (Attributes.… or the attributes as they are called; logs and traces only).'),
        allowed_modes: withoutEffect('the mode holds for all that the exporter sends.'),
        dedup: withoutEffect('a key stands once in a document.'),
        dedot: withoutEffect('documents look as their mode has them.'),
      })
      .prefault({}),
    templates: z
      .strictObject({
        install: z
          .union([z.boolean(), z.enum(['auto', 'always', 'never'])])
          .default('auto')
          .transform((install) => (install === true ? 'always' : install === false ? 'never' : install))
          .describe('Whether index templates are put in place; true and always: ours; auto: ours where Elasticsearch does not bring its own.'),
        number_of_shards: z.int().min(1).max(1024).optional().describe('Of indices made by these templates.'),
        number_of_replicas: z.int().min(0).max(10).optional().describe('Of indices made by these templates.'),
        retention: z
          .string()
          .regex(/^[1-9]\d*[dhms]$/, { message: 'expected a time such as 30d.' })
          .optional()
          .describe('How long Elasticsearch keeps the data (data stream lifecycle); without it, for ever.'),
      })
      .prefault({}),
    max_request_bytes: byteSize({ min: 1024 }).default(8 * 1024 * 1024).describe('Size of a bulk request before compression; a larger document goes alone.'),
  })
  .refine(({ endpoint, endpoints }) => (endpoint === undefined) !== (endpoints === undefined), { message: 'give endpoint or endpoints.', path: ['endpoint'] })
  .refine(({ user, password, password_file }) => (user === undefined ? 0 : 1) === [password, password_file].filter((each) => each !== undefined).length, { message: 'user goes with either password or password_file.', path: ['user'] })
  .refine(({ user, api_key, api_key_file, auth }) => [user, api_key, api_key_file, auth.bearer_token ?? auth.bearer_token_file ?? auth.username].filter((each) => each !== undefined).length <= 1, { message: 'give one of user, api_key, api_key_file and auth.', path: ['api_key'] });

export type ElasticsearchConfig = z.output<typeof elasticsearchSchema>;

export function parseElasticsearchConfig(raw: unknown, place: ConfigPlace): ElasticsearchConfig {
  return parseSection(elasticsearchSchema, raw, place);
}
