import type { Attributes, KeyValue } from '@signalbox/signals/model/attributes';
import type { Batch, ComponentContext, Processor } from '../../component.js';
import { withEntry } from '../../ottl/paths/nested.js';
import { processParts, type ProcessResult } from '../editing/dropped.js';
import { editData, type Edit } from '../editing/items.js';
import { editResource } from '../editing/resources.js';
import type { DetectorName, ResourceDetectionConfig } from './config.js';
import { detectors } from './detectors.js';
import type { Machine } from './machine.js';

const NAMES: Readonly<Record<string, DetectorName>> = { host: 'system', container: 'docker', kubernetes: 'k8s' };

/** Adds to resources what is known of the machine that this program runs on; it looks once, when it is made. */
export class ResourceDetectionProcessor implements Processor {
  readonly found: Attributes;
  readonly #edit: Edit;

  constructor(config: ResourceDetectionConfig, context: ComponentContext, machine: Machine) {
    this.found = detect(config, context, machine);
    const add = (attributes: Attributes): Attributes => this.found.reduce((left, { key, value }) => (config.override || !left.some((entry) => entry.key === key) ? withEntry(left, key, value) : left), attributes);
    this.#edit = { resource: (resource) => editResource(resource, add) };
  }

  process(batch: Batch): ProcessResult {
    return processParts(batch, (data) => editData(data, this.#edit));
  }
}

function detect(config: ResourceDetectionConfig, { clock, logger, id }: ComponentContext, machine: Machine): Attributes {
  const found = new Map<string, KeyValue>();
  const deadlineMs = clock.monotonicMs() + config.timeout;
  for (const name of config.detectors) {
    if (clock.monotonicMs() > deadlineMs) {
      logger.warn('a resource detector is left out: the time for detection is over', { processor: id, detector: name, timeoutMs: config.timeout });
      continue;
    }
    const detector = NAMES[name] ?? (name as DetectorName);
    const settings = detector === 'system' || detector === 'docker' ? config[detector].resource_attributes : {};
    for (const entry of detectors[detector](machine, config)) if (!found.has(entry.key) && settings[entry.key]?.enabled !== false) found.set(entry.key, entry);
  }
  logger.debug('resource detected', { processor: id, attributes: Object.fromEntries([...found.values()].map(({ key, value }) => [key, String(value)])) });
  return [...found.values()];
}
