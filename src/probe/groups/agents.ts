import { isApiError } from '../../calendly/failure.ts';
import type { Findings, Group } from '../probe.ts';

/** User agents as the libraries send them. What comes back is the part before the slash, because the switch compares that. */
const AGENTS = [
  'curl/8.14.1',
  'python-requests/2.32.5',
  'Python-urllib/3.14',
  'aiohttp/3.13.2',
  'axios/1.13.2',
  'node-fetch/1.0',
  'undici/7.16.0',
  'Go-http-client/2.0',
  'Java-http-client/25',
  'okhttp/5.3.0',
  'Faraday v2.14.0',
  'GuzzleHttp/7',
  'libwww-perl/6.81',
];

export const agents: Group = {
  name: 'agents',
  does: `Reads the account ${AGENTS.length} times, each time under the default name of another HTTP library.`,
  finds: ['refusedUserAgents'],
  async run({ api }): Promise<Findings> {
    const refused: string[] = [];
    const notes: string[] = [];
    for (const userAgent of AGENTS) {
      const { status, body } = await api.call(`GET /users/me as ${userAgent}`, '/users/me', { userAgent });
      if (status === 403 && !isApiError(body)) refused.push(userAgent.split(/[/ ]/)[0]!);
      else if (status !== 200) notes.push(`As ${userAgent}: ${status}.`);
    }
    return { switches: { refusedUserAgents: refused }, notes };
  },
};
