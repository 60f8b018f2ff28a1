import type { Client } from '@elastic/elasticsearch';
import type { Signal } from '@signalbox/signals/model/signal';
import type { Logger } from '../../../component.js';
import { errorAnswer } from '../requests/client.js';
import type { ElasticsearchConfig } from '../config.js';
import { componentTemplates, elasticsTemplateName, indexTemplate, MANAGED_BY, TEMPLATE_VERSION, templateName, typesToTry, withoutSetting, withoutType, type Template } from './templates.js';

/** What the templates in force make of a signal's data streams. */
export interface StreamShape {
  /** Elasticsearch makes the ids of documents from their dimensions and time, and takes no others. */
  readonly timeSeries: boolean;
  /** Rules for fields that bulk requests may name. */
  readonly rules: ReadonlySet<string>;
}

/** No form of a template that we know suits the server. */
export class TemplateRefused extends Error {}

/** More than there are types and settings with a stand-in. */
const MAX_ATTEMPTS = 12;
const LIFECYCLE = 'lifecycle';

type ComponentRequest = Parameters<Client['cluster']['putComponentTemplate']>[0];

export type TemplateSettings = Pick<ElasticsearchConfig, 'templates' | 'mapping'>;

/**
 * Puts our index template in place where it is wanted, and tells what holds for the data stream then.
 * @throws the client's errors, and TemplateRefused
 */
export async function prepareStreams(client: Client, signal: Signal, stream: string, config: TemplateSettings, logger: Logger, abort: AbortSignal): Promise<StreamShape> {
  const { install } = config.templates;
  if (install === 'always' || (install === 'auto' && !(await client.indices.existsIndexTemplate({ name: elasticsTemplateName(signal, config.mapping.mode) }, { signal: abort })))) {
    const { name, installed, serverLacks } = await installTemplate(client, signal, config, abort);
    if (installed) logger.info('index template installed', { name, ...(serverLacks.length === 0 ? {} : { serverLacks }) });
  }
  const simulated: unknown = await client.indices.simulateIndexTemplate({ name: stream }, { signal: abort });
  return shapeOf(simulated);
}

export interface InstalledTemplate {
  readonly name: string;
  /** False: one of this version, or of somebody else's, is in place and was left alone. */
  readonly installed: boolean;
  readonly components: readonly string[];
  /** Types of fields and settings that were left out or replaced. */
  readonly serverLacks: readonly string[];
}

/** @throws the client's errors, and TemplateRefused */
export async function installTemplate(client: Client, signal: Signal, { templates, mapping: { mode } }: TemplateSettings, abort: AbortSignal): Promise<InstalledTemplate> {
  const name = templateName(signal, mode);
  if (await isInPlace(client, name, abort)) return { name, installed: false, components: [], serverLacks: [] };
  const lacks = new Set<string>();
  const components: string[] = [];
  for (const component of componentTemplates(signal, mode, templates)) {
    let { template } = component;
    if (mode === 'otel' && component.name.endsWith('@mappings')) template = await withKnownTypes(client, signal, template, lacks, abort);
    const put = await putAdapted(component.name, template, lacks, (body) => client.cluster.putComponentTemplate({ name: component.name, ...body } as ComponentRequest, { signal: abort }));
    if (put) components.push(component.name);
  }
  await putAdapted(name, indexTemplate(signal, mode, components), lacks, (body) => client.indices.putIndexTemplate({ name, ...body }, { signal: abort }));
  return { name, installed: true, components, serverLacks: [...lacks] };
}

/** Rules may name types that the server does not have, which it tells only when a field comes: so they are tried. */
async function withKnownTypes(client: Client, signal: Signal, template: Template, lacks: Set<string>, abort: AbortSignal): Promise<Template> {
  let known = template;
  for (const mapping of typesToTry(signal)) {
    const lacking = await refusalOf(() => client.indices.simulateTemplate({ index_patterns: ['signalbox-try-*'], template: { mappings: { properties: { field: mapping as { type: 'keyword' } } } } }, { signal: abort }), known);
    if (lacking === null) continue;
    lacks.add(lacking.missing);
    known = lacking.template;
  }
  return known;
}

/** Puts a template without what the server lacks. False where nothing is left of it: a lifecycle that the server does not know. */
async function putAdapted(name: string, template: Template, lacks: Set<string>, put: (template: Template) => Promise<unknown>): Promise<boolean> {
  let current = template;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const lacking = await refusalOf(() => put(current), current);
    if (lacking === null) return true;
    lacks.add(lacking.missing);
    if (lacking.missing === LIFECYCLE) return false;
    current = lacking.template;
  }
  throw new TemplateRefused(`the server refuses the template ${name} in every form; set templates.install to never and make one of your own`);
}

interface Adapted {
  readonly template: Template;
  /** What the server lacks. */
  readonly missing: string;
}

/** Null where the request went well; the template to go on with where the server lacks something. @throws what else went wrong */
async function refusalOf(request: () => Promise<unknown>, template: Template): Promise<Adapted | null> {
  try {
    await request();
    return null;
  } catch (error) {
    const answer = errorAnswer(error);
    const next = answer?.status === 400 ? adapted(template, JSON.stringify(answer.body)) : null;
    if (next === null) throw error;
    return next;
  }
}

/** Another's template of that name, or a newer one of ours, is left alone. */
async function isInPlace(client: Client, name: string, abort: AbortSignal): Promise<boolean> {
  const { index_templates } = await client.indices.getIndexTemplate({ name }, { signal: abort, ignore: [404] });
  const found = (index_templates ?? []).find((each) => each.name === name);
  if (found === undefined) return false;
  const meta: Readonly<Record<string, unknown>> = found.index_template._meta ?? {};
  return meta['managed_by'] !== MANAGED_BY || Number(meta['version'] ?? 0) >= TEMPLATE_VERSION;
}

/** The template without what the server's refusal names as unknown to it. */
export function adapted(template: Template, refusal: string): Adapted | null {
  const type = /(?:No handler for type|mapper type) \[([a-z_]+)\]/i.exec(refusal)?.[1];
  if (type !== undefined) {
    const without = withoutType(template, type);
    return without === null ? null : { template: without, missing: type };
  }
  if (/(?:unknown field|unexpected field|Unknown key)[^"]*\[lifecycle\]/i.test(refusal)) return { template, missing: LIFECYCLE };
  const setting = /unknown setting \[([a-z_.]+)\]/.exec(refusal)?.[1];
  return setting === undefined ? null : { template: withoutSetting(template, setting), missing: setting };
}

function shapeOf(simulated: unknown): StreamShape {
  const template = (simulated as { template?: { settings?: { index?: { mode?: unknown } }; mappings?: { dynamic_templates?: unknown } } }).template;
  const rules = template?.mappings?.dynamic_templates;
  return {
    timeSeries: template?.settings?.index?.mode === 'time_series',
    rules: new Set(Array.isArray(rules) ? rules.flatMap((rule: unknown) => (typeof rule === 'object' && rule !== null ? Object.keys(rule) : [])) : []),
  };
}
