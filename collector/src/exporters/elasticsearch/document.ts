/** A document on its way. */
export interface EsDocument {
  readonly index: string;
  /** Nothing else may be made of the index than a data stream. */
  readonly isDataStream: boolean;
  /** Null where Elasticsearch makes it itself of the document's dimensions and time. */
  readonly id: string | null;
  /** Numbers in the batch of the items that it holds or is part of. */
  readonly items: readonly number[];
  readonly source: string;
  /** Which of the template's rules types a field, by the field's name. */
  readonly dynamicTemplates?: Readonly<Record<string, string>>;
}

/** A document cannot be made of an item. */
export interface DroppedItem {
  readonly item: number;
  readonly reason: string;
}
