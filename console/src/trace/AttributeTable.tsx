import { Fragment } from 'react';
import type { ReactNode } from 'react';
import type { Attribute } from '../api/any-value.js';
import { Link } from '../app/Link.js';
import { Copy } from '../design/Notes.js';
import { SearchIcon } from '../design/icons.js';
import { searchHref } from '../traces/search.js';
import type { TraceSearch } from '../traces/search.js';
import { tagText } from '../traces/tags.js';
import '../design/attributes.css';

/** Keys and values; each can be copied, and traces that have it too be searched within `search`, where that is not null. */
export function AttributeTable({ attributes, search }: { readonly attributes: readonly Attribute[]; readonly search: Partial<TraceSearch> | null }) {
  if (attributes.length === 0) return <p className="muted">None.</p>;
  return (
    <table className="attributes">
      <tbody>
        {[...attributes].sort((a, b) => a.key.localeCompare(b.key)).map((attribute, index) => (
          <tr key={index}>
            <th scope="row">{breakable(attribute.key)}</th>
            <td className={attribute.kind}><div className="attribute-value">{attribute.kind === 'structure' ? indented(attribute.value) : attribute.value}</div></td>
            <td className="attribute-ways">
              <Copy text={attribute.value} what={attribute.key} />
              {search !== null && attribute.kind !== 'structure' && attribute.value.length < 500 && (
                <Link className="button quiet small icon" href={searchHref({ ...search, tags: tagText(attribute.key, attribute.value) })} title="Search traces with this" aria-label={`Search traces with this ${attribute.key}`}><SearchIcon /></Link>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Long keys break after their dots and underscores. */
function breakable(key: string): ReactNode {
  return key.split(/(?<=[._])/).map((part, index) => <Fragment key={index}>{index > 0 && <wbr />}{part}</Fragment>);
}

function indented(json: string): string {
  return json.length < 60 ? json : JSON.stringify(JSON.parse(json) as unknown, null, 2);
}
