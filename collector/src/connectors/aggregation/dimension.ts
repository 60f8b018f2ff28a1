import { attribute, attributeText } from '@signalbox/signals/model/attribute-text';
import type { AnyValue, Attributes } from '@signalbox/signals/model/attributes';

/** The value of a dimension: of the first list that has the attribute. */
export function dimensionValue(name: string, first: Attributes, second: Attributes): AnyValue | undefined {
  const value = attribute(first, name);
  return value === undefined ? attribute(second, name) : value;
}

/** The text by which series are told apart, cut off at so many characters. */
export function dimensionText(value: AnyValue, maxLength: number): string {
  const text = typeof value === 'string' ? value : attributeText(value);
  return text.length > maxLength ? text.slice(0, maxLength) : text;
}

/** The value as a data point's attribute has it: booleans and numbers keep their type, all others are text. */
export function dimensionAttribute(value: AnyValue, maxLength: number): AnyValue {
  return typeof value === 'boolean' || typeof value === 'bigint' || typeof value === 'number' ? value : dimensionText(value, maxLength);
}
