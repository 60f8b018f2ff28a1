import type { CSSProperties } from 'react';

export function Service({ name, colour }: { readonly name: string; readonly colour: string | undefined }) {
  return <span className="service" style={{ '--colour': colour } as CSSProperties} title={name}><span>{name}</span></span>;
}
