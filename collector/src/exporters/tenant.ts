/** Who writes without naming a tenant; destinations that know tenants are told none for it, unless the configured headers name one. */
export const DEFAULT_TENANT = 'default';
