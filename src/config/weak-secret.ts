/** Words that people use as placeholders for a secret. The rest of a secret, without these words, must be hard to guess. */
const KNOWN_WORDS = [
  'password', 'passwort', 'passw0rd', 'changeme', 'change', 'secret', 'geheim', 'letmein', 'welcome', 'admin', 'administrator',
  'default', 'example', 'placeholder', 'qwertyuiop', 'qwertz', 'qwerty', 'asdfghjkl', 'asdfgh', 'iloveyou', 'dragon', 'monkey',
  'foobar', 'todo', 'replaceme', 'replace', 'your', 'here', 'insert', 'apikey', 'token', 'calendly', 'reconnect', 'inspector',
]; // prettier-ignore
const LEAST_DIFFERENT_CHARACTERS = 5;
const LEAST_LETTERS_BESIDE_WORDS = 4;
/** 24 random bytes have fewer than 12 different values once in 10^12 times. */
const LEAST_DIFFERENT_BYTES = 12;

/** What makes a password or key easy to guess, or null. Says it without repeating any of it. */
export function weaknessOf(secret: string): string | null {
  if (new Set(secret).size < LEAST_DIFFERENT_CHARACTERS) return 'is made of very few different characters';
  if (/^(.{1,16}?)\1+$/s.test(secret)) return 'repeats one short piece';
  if (shareOfRuns(secret) > 0.7) return 'is a run of neighbouring characters';
  const lower = secret.toLowerCase().replace(/[^a-z0-9]/g, '');
  const left = KNOWN_WORDS.reduce((text, word) => text.replaceAll(word, ''), lower);
  if (left !== lower && left.replace(/[^a-z]/g, '').length < LEAST_LETTERS_BESIDE_WORDS)
    return 'is made of well-known words';
  return null;
}

/** The same for bytes that have to come from a random generator. */
export function weaknessOfBytes(bytes: Buffer): string | null {
  if (new Set(bytes).size < LEAST_DIFFERENT_BYTES) return 'is not random';
  return weaknessOf(bytes.toString('latin1')) === null ? null : 'is not random';
}

/** How many of its characters continue a sequence such as 1234, dcba or 0000. */
function shareOfRuns(secret: string): number {
  let inRun = 0;
  for (let at = 1; at < secret.length; at++) {
    const step = secret.charCodeAt(at) - secret.charCodeAt(at - 1);
    if (Math.abs(step) <= 1 || step === -9 || step === 9) inRun++;
  }
  return inRun / Math.max(1, secret.length - 1);
}
