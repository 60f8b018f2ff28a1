import { Client, Transport } from '@elastic/elasticsearch';

const MEDIA = 'application/vnd.elasticsearch+json; compatible-with=8';

/** A client that both version 8 and version 9 understand; by itself it asks for 9, which 8 refuses. */
export function clientOf(url: string): Client {
  return new Client({
    node: url,
    Transport: class extends Transport {
      constructor(options: ConstructorParameters<typeof Transport>[0]) {
        super({ ...options, vendoredHeaders: { jsonContentType: MEDIA, ndjsonContentType: MEDIA.replace('+json', '+x-ndjson'), accept: `${MEDIA},text/plain` } });
      }
    },
  });
}
