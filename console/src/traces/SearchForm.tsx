import { useId, useState } from 'react';
import type { FormEvent, KeyboardEvent } from 'react';
import { listOperations } from '../api/search.js';
import { useClient } from '../api/context.js';
import { useLoad } from '../api/use-load.js';
import { SearchIcon } from '../design/icons.js';
import { RangePicker } from '../time/RangePicker.js';
import { emptySearch, limits } from './search.js';
import type { TraceSearch } from './search.js';
import { TagPicker } from './TagPicker.js';
import { toTraceQl } from './trace-ql.js';
import type { FormField } from './trace-ql.js';

/** The conditions of a search. Nothing is asked before "Search", except that a time range, being a whole choice, is taken at once. */
export function SearchForm({ search, services, submit }: { readonly search: TraceSearch; readonly services: readonly string[]; readonly submit: (search: TraceSearch) => void }) {
  const client = useClient();
  const [draft, setDraft] = useState(search);
  const [faults, setFaults] = useState<Partial<Record<FormField, string>>>(() => faultsOf(search));
  const operations = useLoad(draft.service === '' ? null : draft.service, (signal) => listOperations(client, draft.service, signal), draft.service);
  const change = (part: Partial<TraceSearch>): void => { setDraft((was) => ({ ...was, ...part })); };
  const send = (next: TraceSearch): void => {
    const found = faultsOf(next);
    setFaults(found);
    if (Object.keys(found).length === 0) submit(next);
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    send(draft);
  };
  const onTagKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    send(draft);
  };
  const ids = { service: useId(), operation: useId(), tags: useId(), tagsNote: useId(), limit: useId() };
  return (
    <form className="search-form" onSubmit={onSubmit} aria-label="Search traces">
      <div className="field">
        <label htmlFor={ids.service}>Service</label>
        <select id={ids.service} className="select" value={draft.service} onChange={(event) => { change({ service: event.target.value, operation: '' }); }}>
          <option value="">All services</option>
          {withChosen(services, draft.service).map((name) => <option key={name}>{name}</option>)}
        </select>
      </div>
      <div className="field">
        <label htmlFor={ids.operation}>Operation</label>
        <select id={ids.operation} className="select" value={draft.operation} disabled={draft.service === ''} onChange={(event) => { change({ operation: event.target.value }); }}>
          <option value="">{draft.service === '' ? 'Choose a service first' : 'All operations'}</option>
          {withChosen(operations.data ?? [], draft.operation).map((name) => <option key={name}>{name}</option>)}
        </select>
      </div>
      <div className="field tags">
        <div className="label-row">
          <label htmlFor={ids.tags}>Tags</label>
          <TagPicker add={(tag) => { change({ tags: draft.tags.trim() === '' ? tag : `${draft.tags.trim()} ${tag}` }); }} />
        </div>
        <textarea id={ids.tags} className="input" rows={2} spellCheck={false} placeholder={'http.route=/pay  user="A B"'} value={draft.tags}
          aria-invalid={faults.tags !== undefined} aria-describedby={ids.tagsNote} onKeyDown={onTagKey} onChange={(event) => { change({ tags: event.target.value }); }} />
        <p id={ids.tagsNote} className={faults.tags === undefined ? 'field-hint' : 'field-fault'}>{faults.tags ?? 'Also != =~ > <. All on the same span.'}</p>
      </div>
      <div className="pair">
        <DurationField label="At least" placeholder="100ms" value={draft.min} fault={faults.min} change={(min) => { change({ min }); }} />
        <DurationField label="At most" placeholder="1.5s" value={draft.max} fault={faults.max} change={(max) => { change({ max }); }} />
      </div>
      <label className="check"><input type="checkbox" checked={draft.errors} onChange={(event) => { change({ errors: event.target.checked }); }} />Errors only</label>
      <div className="field">
        <span className="field-label">Time range</span>
        <RangePicker range={draft.range} choose={(range) => { send({ ...draft, range }); }} />
      </div>
      <div className="field">
        <label htmlFor={ids.limit}>Limit</label>
        <select id={ids.limit} className="select" value={draft.limit} onChange={(event) => { change({ limit: Number(event.target.value) }); }}>
          {limits.map((limit) => <option key={limit} value={limit}>{limit} traces</option>)}
        </select>
      </div>
      <div className="go">
        <button type="submit" className="button primary"><SearchIcon />Search</button>
        <button type="button" className="button" onClick={() => { send({ ...emptySearch, range: draft.range }); }}>Clear</button>
      </div>
    </form>
  );
}

function DurationField({ label, placeholder, value, fault, change }: {
  readonly label: string; readonly placeholder: string; readonly value: string; readonly fault: string | undefined; readonly change: (text: string) => void;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="input" value={value} placeholder={placeholder} spellCheck={false} aria-invalid={fault !== undefined} aria-describedby={fault === undefined ? undefined : `${id}-fault`}
        onChange={(event) => { change(event.target.value); }} />
      {fault !== undefined && <p id={`${id}-fault`} className="field-fault">{fault}</p>}
    </div>
  );
}

function faultsOf(search: TraceSearch): Partial<Record<FormField, string>> {
  const translated = toTraceQl(search);
  return 'faults' in translated ? translated.faults : {};
}

/** What the address asks for stays to be seen, known or not. */
function withChosen(names: readonly string[], chosen: string): readonly string[] {
  return chosen === '' || names.includes(chosen) ? names : [chosen, ...names];
}
