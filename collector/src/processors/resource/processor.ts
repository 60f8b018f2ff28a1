import type { Batch, Processor } from '../../component.js';
import { compileActions } from '../editing/actions.js';
import { processParts, type ProcessResult } from '../editing/dropped.js';
import { editData, type Edit } from '../editing/items.js';
import { editResource } from '../editing/resources.js';
import type { ResourceConfig } from './config.js';

/** Changes the attributes of resources. */
export class ResourceProcessor implements Processor {
  readonly #edit: Edit;

  constructor(config: ResourceConfig) {
    const actions = compileActions(config.attributes);
    this.#edit = { resource: (resource) => editResource(resource, actions) };
  }

  process(batch: Batch): ProcessResult {
    return processParts(batch, (data) => editData(data, this.#edit));
  }
}
