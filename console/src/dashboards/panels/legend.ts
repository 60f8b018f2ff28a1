import type { Labels } from '../../api/prometheus.js';

/** A series' name: `{{label}}` in the template is replaced; without a template the labels themselves are shown. */
export function legendText(template: string, labels: Labels, expr: string): string {
  if (template !== '' && template !== '__auto') return template.replaceAll(/\{\{\s*([^}\s]+)\s*\}\}/g, (_, name: string) => labels[name] ?? '').trim();
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__');
  const metric = labels['__name__'] ?? '';
  if (pairs.length === 0) return metric === '' ? expr : metric;
  if (template === '__auto' && pairs.length === 1) return pairs[0]?.[1] ?? '';
  return `${metric}{${pairs.map(([name, value]) => `${name}="${value}"`).join(', ')}}`;
}
