/**
 * Called with the context filled, for each thing of the context that the statements are about. `first` and `count` are the items
 * that belong to it (all spans of a resource, for example). False takes a span event out; elsewhere the answer means nothing.
 */
export type Visit = (first: number, count: number) => boolean;
