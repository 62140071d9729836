import { broken, well, type Finding } from './finding.ts';

const LEAST = [22, 12] as const;

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return well('Node', `${version} is new enough.`);
  return broken('Node', `${version} is too old.`, `Use Node ${LEAST.join('.')} or later.`);
}
