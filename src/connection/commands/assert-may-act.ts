import { ProblemError } from '../../errors.ts';

/** Commands change things at Calendly: not while the database is known to belong to another installation. */
export function assertMayAct({ mayAct }: { mayAct(): boolean }): void {
  if (mayAct()) return;
  throw new ProblemError(
    'installation_changed',
    'Set ADOPT_INSTALLATION to the new PUBLIC_URL if this database has moved.',
  );
}
