import type { Resource, Scope } from '@signalbox/signals/model/resource';
import { Phrase } from '../json/phrase.js';
import { SharedText } from './context-text.js';

/** The end of documents that share resource and scope, as bytes: `,"resource":{…},"scope":{…}}`. */
export class SharedBytes {
  private readonly text = new SharedText();

  of(resource: Resource | null, resourceSchemaUrl: string, scope: Scope | null, scopeSchemaUrl: string): Phrase {
    return Phrase.of(`,"resource":${this.text.resource(resource, resourceSchemaUrl)},"scope":${this.text.scope(scope, scopeSchemaUrl)}}`);
  }
}
