import type { FastifyRequest } from 'fastify';
import type { Session } from '../sessions.ts';

/** What every page needs to know about the request that it answers. */
export interface PageContext {
  /**
   * The relative reference from this page to `…/inspector`. The service can be reached below any path (a proxy's, or the prefix that it is
   * embedded with) and does not need to know it.
   */
  base: string;
  session: Session;
  formToken: string;
  now: Date;
  /** Whether the installation may act. */
  mayAct: boolean;
  /** Why whoever looks cannot change anything; null: they can. */
  refusal: string | null;
}

/** `/inspector/tenants/acme` → `..`; `/inspector` → `inspector`. */
export function baseOf(request: FastifyRequest): string {
  const path = request.url.slice(request.server.prefix.length).split('?')[0]!;
  const depth = path.slice('/inspector'.length).split('/').length - 1;
  return depth === 0
    ? 'inspector'
    : depth === 1
      ? '.'
      : Array(depth - 1)
          .fill('..')
          .join('/');
}

/** The list of all tenants, from a page with this base. */
export const homeOf = (base: string): string => (base === 'inspector' ? base : `${base}/../inspector`);
