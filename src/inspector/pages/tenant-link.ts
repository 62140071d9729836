import type { PageContext } from './page-context.ts';

export const tenantLink = ({ base }: Pick<PageContext, 'base'>, tenantId: string, rest = ''): string =>
  `${base}/tenants/${encodeURIComponent(tenantId)}${rest === '' ? '' : `/${rest}`}`;

/** The address at which a tenant's page hears of changes. */
export const liveLink = ({ base }: Pick<PageContext, 'base'>, tenantId: string, seen: string): string =>
  `${base}/live?${new URLSearchParams({ tenant: tenantId, seen }).toString()}`;
