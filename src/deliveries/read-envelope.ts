import { readObject, readText, type JsonObject } from '../meetings/read-json.ts';

export type Envelope = Readonly<{
  /** Shortened to what a column or a metric may hold; names of Calendly's events are far shorter. */
  event: string;
  json: JsonObject;
}>;

/** Null for anything that is not a delivery's envelope. Never throws: these bytes may be anything. */
export function readEnvelope(rawBody: Buffer): Envelope | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(rawBody);
    const json = readObject(JSON.parse(text));
    const event = readText(json?.['event'])?.slice(0, 100) ?? '';
    return json === null || event === '' ? null : { event, json };
  } catch {
    return null;
  }
}
