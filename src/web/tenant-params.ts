import { Type } from 'typebox';

/** One customer of the host product; its id is chosen by the host. */
export const TenantId = Type.String({
  // Clients take "." and ".." out of a path before they send it: DELETE …/tenants/./connection would erase the tenant "connection".
  pattern: '^(?!\\.{1,2}$)[A-Za-z0-9._:-]{1,128}$',
  description: '1–128 of A-Z a-z 0-9 . _ : -, and neither . nor ..',
});
export const TenantParams = Type.Object({ tenantId: TenantId });
