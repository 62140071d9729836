import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf, findKey, mayDo } from '../../access/find-key.ts';
import { countGuesses } from '../../access/guesses.ts';
import type { ApiKey } from '../../config/parsers.ts';
import { ProblemError } from '../../errors.ts';
import { scopeOf } from '../route-scopes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every route under `/v1` once the key was found. */
    apiKey: ApiKey | null;
  }
  interface FastifyContextConfig {
    /** The route's address without the prefix of the application that embeds the service. */
    ownUrl?: string;
  }
}

/** Far above a host that was given a wrong key by mistake. */
const MOST_WRONG = 30;
const PAUSE_MS = 1_000;
const MOST_WAITING = 100;

/**
 * A hook that lets requests with a key pass, if the key has the route's scope. Whoever guesses waits longer and longer; a right key
 * never waits, because others guess from behind the same address.
 */
export function requireApiKey(keys: readonly ApiKey[], now: () => Date) {
  const wrong = countGuesses();
  let waiting = 0;
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    const presented = bearerOf(request.headers.authorization);
    const key = presented === null ? null : findKey(keys, presented);
    if (key === null) {
      if (presented !== null) wrong.add(request.ip, now());
      if (wrong.count(request.ip, now()) > MOST_WRONG) {
        if (waiting < MOST_WAITING) {
          waiting += 1;
          await delay(PAUSE_MS, undefined, { ref: false }).finally(() => (waiting -= 1));
        }
        throw new ProblemError('too_many_attempts', 'Too many wrong keys from this address.', {
          headers: { 'retry-after': '60' },
        });
      }
      throw new ProblemError('api_key_required', undefined, { headers: { 'www-authenticate': 'Bearer' } });
    }
    request.apiKey = key;
    const { method, config } = request.routeOptions;
    const scope = scopeOf(method, config.ownUrl);
    if (!mayDo(key, scope))
      throw new ProblemError('scope_missing', `The key ${key.name} lacks the scope ${scope}.`, {
        extensions: { scope },
      });
  };
}

export function keyOf(request: FastifyRequest): ApiKey {
  if (request.apiKey === null) throw new Error(`${request.url} is answered without a key`);
  return request.apiKey;
}
