import { createContext, use } from 'react';
import type { Client } from './client.js';

export const ClientContext = createContext<Client | null>(null);

export function useClient(): Client {
  const client = use(ClientContext);
  if (client === null) throw new Error('there is no ClientContext above');
  return client;
}
