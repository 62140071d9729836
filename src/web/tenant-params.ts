import { Type } from 'typebox';

/** One customer of the host product; its id is chosen by the host. */
export const TenantId = Type.String({
  pattern: '^[A-Za-z0-9._:-]{1,128}$',
  description: '1–128 of A-Z a-z 0-9 . _ : -',
});
export const TenantParams = Type.Object({ tenantId: TenantId });
