import { HttpError } from '../http-error.ts';

/** What is wrong with one parameter. Recorded answers carry these two members, in this order, and no `code`. */
export interface Detail {
  message: string;
  parameter: string;
}

export function invalidArgument(details: Detail[]): HttpError {
  return new HttpError(400, {
    details,
    message: 'The supplied parameters are invalid.',
    title: 'Invalid Argument',
  });
}

export function unauthenticated(reason: 'is invalid' | 'expired' | 'was revoked'): HttpError {
  return new HttpError(401, { message: `The access token ${reason}`, title: 'Unauthenticated' });
}

export function permissionDenied(message = 'You do not have permission to access this resource.'): HttpError {
  return new HttpError(403, { message, title: 'Permission Denied' });
}

export function insufficientScope(requiredScopes: readonly string[]): HttpError {
  return new HttpError(403, {
    message: "This operation requires the scopes listed in the 'required_scopes' array.",
    required_scopes: requiredScopes,
    title: 'Insufficient scope',
  });
}

export function notFound(): HttpError {
  return new HttpError(404, {
    message: 'The server could not find the requested resource.',
    title: 'Resource Not Found',
  });
}

export function alreadyExists(): HttpError {
  return new HttpError(409, { message: 'Hook with this url already exists', title: 'Already Exists' });
}

/** For a fault: busy times whose calendar cannot be read. */
export const externalCalendarError = {
  message: 'There is a problem accessing your calendar.',
  title: 'External Calendar Error',
};

export const internalServerError = {
  message: 'The server encountered an unexpected condition that prevented it from fulfilling the request.',
  title: 'Internal Server Error',
};
