const HEAD = '{"errors":false,"items":[';
const ITEM = '{"create":{"status":201}}';
const TAIL = ']}';

/** An answer that every document of a request was created, which is what nearly all say. */
export class AllCreated {
  constructor(readonly count: number) {}
}

/** Tells such an answer by its text, so that no object is made for a document. Null: any other text. */
export function allCreated(json: string): AllCreated | null {
  const count = (json.length - HEAD.length - TAIL.length + 1) / (ITEM.length + 1);
  if (!Number.isInteger(count) || count < 1 || !json.startsWith(HEAD)) return null;
  return json === `${HEAD}${`${ITEM},`.repeat(count - 1)}${ITEM}${TAIL}` ? new AllCreated(count) : null;
}
