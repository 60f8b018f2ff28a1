/**
 * The attribute values whose text is `text`: protocols that know texts only (Jaeger's tags, Tempo's `tags`) mean any
 * of them, since our attributes have types.
 */
export function valuesOfText(text: string): (string | number | bigint | boolean)[] {
  if (text === 'true' || text === 'false') return [text, text === 'true'];
  if (/^-?\d{1,19}$/.test(text) && String(BigInt(text)) === text) return [text, BigInt(text)];
  const number = Number(text);
  return text !== '' && Number.isFinite(number) && String(number) === text ? [text, number] : [text];
}
