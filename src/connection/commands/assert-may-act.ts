import { ProblemError } from '../../errors.ts';

/** Throws while the database belongs to another installation, because commands change things at Calendly. */
export function assertMayAct({ mayAct }: { mayAct(): boolean }): void {
  if (mayAct()) return;
  throw new ProblemError(
    'installation_changed',
    'Set ADOPT_INSTALLATION to the new PUBLIC_URL if this database has moved.',
  );
}
