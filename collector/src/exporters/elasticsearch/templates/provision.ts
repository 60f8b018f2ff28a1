import { SIGNALS, type Signal } from '@signalbox/signals/model/signal';
import type { Clock } from '../../../component.js';
import { ElasticClient } from '../requests/client.js';
import type { ElasticsearchConfig } from '../config.js';
import { elasticsTemplateName } from './templates.js';
import { installTemplate, type InstalledTemplate } from './install-templates.js';

export interface Provisioned extends InstalledTemplate {
  readonly signal: Signal;
  /** Elasticsearch's own template for the same data, where it has one; ours stands above it. */
  readonly above: string | null;
}

/** Puts the templates for all signals in place, whatever `templates.install` says. @throws the client's errors, and TemplateRefused */
export async function provision(config: ElasticsearchConfig, clock: Clock, abort: AbortSignal): Promise<Provisioned[]> {
  const elastic = new ElasticClient(config, () => clock.monotonicMs());
  try {
    const client = await elastic.get();
    const all: Provisioned[] = [];
    for (const signal of SIGNALS) {
      const theirs = elasticsTemplateName(signal, config.mapping.mode);
      const above = (await client.indices.existsIndexTemplate({ name: theirs }, { signal: abort })) ? theirs : null;
      all.push({ signal, above, ...(await installTemplate(client, signal, config, abort)) });
    }
    return all;
  } finally {
    await elastic.close();
  }
}
