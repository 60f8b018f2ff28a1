import { readFileSync } from 'node:fs';
import { checkTakenOnce } from '@signalbox/collector/delivery/reading/frame-feed';
import { pipelineGraph } from '@signalbox/collector/pipeline/graph';
import { formatMistake } from '@signalbox/collector/config/error';
import { TokenAuthenticator } from '../auth/authenticator.js';
import { decideAuthentication } from '../auth/listen-policy.js';
import { ApplianceError } from '../errors.js';
import { deliveredExporters, parseConfiguration } from './configuration.js';
import type { ConfigSource, Configuration } from './configuration.js';
import { DEFAULT_CONFIG } from './default-config.js';
import type { ApplianceSections } from './sections.js';
import { storeExporter } from './store-exporter.js';

/** What is decided before anything starts. */
export interface Settled {
  readonly source: ConfigSource;
  readonly config: Configuration;
  readonly sections: ApplianceSections;
  readonly warnings: readonly string[];
  readonly authRequired: boolean;
  /** Some exporter besides the store, a connector or tail sampling is used. */
  readonly needsDelivery: boolean;
}

/** Reads and checks the configuration and decides whether tokens are demanded. @throws with every mistake, or SBX_AUTH_REQUIRED */
export function settle(options: { configFile: string | undefined; dataDir: string; env: NodeJS.ProcessEnv }): Settled {
  const source = options.configFile === undefined ? DEFAULT_CONFIG : { file: options.configFile, text: readConfigFile(options.configFile) };
  const config = parseConfiguration(source, options.env);
  checkTakenOnce(config, storeExporter.type);
  const { sections } = config;
  const tokens = new TokenAuthenticator({ dataDir: options.dataDir, required: true, tokenFile: sections.auth.token_file }, () => performance.now()).size;
  const authRequired = decideAuthentication({ endpoints: [...receiverEndpoints(config), sections.serve.endpoint], required: sections.auth.required, tokens, dataDir: options.dataDir });
  return { source, config, sections, warnings: config.warnings.map(formatMistake), authRequired, needsDelivery: deliveredExporters(config).length + config.connectors.length + pipelineGraph(config).samplers.length > 0 };
}

/** @throws SBX_CONFIG_FILE */
export function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ApplianceError('SBX_CONFIG_FILE', `${file} cannot be read (${(error as NodeJS.ErrnoException).code}); --config takes a file in the OpenTelemetry Collector's shape, docs/configuration.md has one`);
  }
}

/** Every `endpoint` that a receiver's configuration has, however deep: receivers listen nowhere else. */
function receiverEndpoints(config: Configuration): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === 'endpoint' && typeof child === 'string') found.push(child);
      else visit(child);
    }
  };
  const used = new Set(config.pipelines.flatMap((p) => p.receivers));
  for (const receiver of config.receivers) if (used.has(receiver.id)) visit(receiver.config);
  return found;
}
