/** What was checked, what was found, and what a person can do about it. `verdict`: what it means for a start. */
export interface Finding {
  about: string;
  verdict: 'well' | 'warning' | 'broken' | 'unknown';
  says: string;
  /** What to do, in one sentence. */
  advice?: string;
}

export const well = (about: string, says: string): Finding => ({ about, verdict: 'well', says });
export const warning = (about: string, says: string, advice: string): Finding => ({
  about,
  verdict: 'warning',
  says,
  advice,
});
export const broken = (about: string, says: string, advice: string): Finding => ({
  about,
  verdict: 'broken',
  says,
  advice,
});
export const unknown = (about: string, says: string): Finding => ({ about, verdict: 'unknown', says });

/** The error's message, without what a connection string or a secret could have put into it. */
export const reasonOf = (error: unknown): string => {
  const { message, code, cause } = error as { message?: string; code?: string; cause?: { code?: string } };
  return code ?? cause?.code ?? message ?? String(error);
};
