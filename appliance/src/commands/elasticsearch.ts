import { failureOf } from '@signalbox/collector/exporters/elasticsearch/requests/client';
import type { ElasticsearchConfig } from '@signalbox/collector/exporters/elasticsearch/config';
import { elasticsearch } from '@signalbox/collector/exporters/elasticsearch/index';
import { TemplateRefused } from '@signalbox/collector/exporters/elasticsearch/templates/install-templates';
import { provision, type Provisioned } from '@signalbox/collector/exporters/elasticsearch/templates/provision';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { ApplianceError } from '../errors.js';
import { parseConfiguration } from '../settings/configuration.js';
import { DEFAULT_CONFIG } from '../settings/default-config.js';
import { readConfigFile } from '../settings/settle.js';
import { table } from './table.js';

const TIMEOUT_MS = 60_000;

export interface InstallOptions {
  readonly config?: string;
  readonly exporter?: string;
  readonly json?: boolean;
}

/** Puts index templates, component templates and lifecycle in place for each Elasticsearch exporter of the configuration. */
export async function installTemplates(options: InstallOptions): Promise<void> {
  const config = parseConfiguration(options.config === undefined ? DEFAULT_CONFIG : { file: options.config, text: readConfigFile(options.config) }, process.env);
  const all = config.exporters.filter(({ type }) => type === elasticsearch.type);
  const chosen = all.filter(({ id }) => options.exporter === undefined || id === options.exporter);
  if (chosen.length === 0) {
    throw new ApplianceError('SBX_ELASTICSEARCH_NO_EXPORTER', all.length === 0 ? 'the configuration has no elasticsearch exporter; give one with --config' : `no elasticsearch exporter is called '${options.exporter ?? ''}'; there are: ${all.map(({ id }) => id).join(', ')}`);
  }
  const rows: (Provisioned & { readonly exporter: string })[] = [];
  for (const { id, config: section } of chosen) for (const each of await provisioned(id, section as ElasticsearchConfig)) rows.push({ exporter: id, ...each });
  if (options.json === true) return void process.stdout.write(`${JSON.stringify({ templates: rows }, null, 2)}\n`);
  process.stdout.write(table(
    ['exporter', 'index template', 'what was done', 'components', 'left out, since the server lacks it'],
    rows.map(({ exporter, name, installed, components, serverLacks, above }) => [exporter, name, installed ? `installed${above === null ? '' : `, above Elasticsearch's ${above}`}` : 'is in place', components.join(', '), serverLacks.join(', ')]),
  ));
}

async function provisioned(id: string, config: ElasticsearchConfig): Promise<readonly Provisioned[]> {
  try {
    return await provision(config, systemClock(), AbortSignal.timeout(TIMEOUT_MS));
  } catch (error) {
    throw new ApplianceError('SBX_ELASTICSEARCH_TEMPLATES', `${id}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TemplateRefused) return error.message;
  const failure = failureOf(error);
  return failure.kind === 'retry' ? failure.cause.reason : failure.reason;
}
