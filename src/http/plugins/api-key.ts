import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClientAddresses } from '../../access/client-addresses.ts';
import { bearerOf, findKey, mayDo } from '../../access/find-key.ts';
import type { KeyGuesses } from '../../access/limit-key-guesses.ts';
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

interface ApiKeyDeps {
  apiKeys: readonly ApiKey[];
  addresses: ClientAddresses;
  keyGuesses: KeyGuesses;
}

/** A hook that lets requests with a key pass, if the key has the route's scope. */
export function requireApiKey({ apiKeys, addresses, keyGuesses }: ApiKeyDeps) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    const presented = bearerOf(request.headers.authorization);
    const key = presented === null ? null : findKey(apiKeys, presented);
    if (key === null) {
      await keyGuesses.refuse(addresses.of(request), presented);
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
