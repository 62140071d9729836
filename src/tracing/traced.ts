import { context, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { contextOf } from './traceparent.ts';

/** Does nothing until an SDK is registered, ours or that of a host which embeds the service. */
const tracer = trace.getTracer('calendly-reconnect');

export interface SpanOptions {
  /** The stored traceparent of what led to this; null: nothing did. Left out: it belongs to what is running. */
  parent?: string | null;
  /** `client`: a request to another system. */
  kind?: 'internal' | 'client';
  /** Ids, names and numbers. Never a token, a query or a body. */
  attributes?: Attributes;
}

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT };

/** Runs something as a span. What goes wrong is named by its kind alone: texts of errors may hold what is secret. */
export function traced<T>(
  name: string,
  { parent, kind = 'internal', attributes = {} }: SpanOptions,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const around = parent === undefined ? context.active() : contextOf(parent);
  return tracer.startActiveSpan(name, { kind: KINDS[kind], attributes }, around, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : typeof error });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A span of something that is over. */
export function recordSpan(
  name: string,
  { parent, start, attributes }: { parent: string | null; start: Date; attributes: Attributes },
): void {
  tracer.startSpan(name, { startTime: start, attributes }, contextOf(parent)).end();
}

/** Notes on the running span what happened in it. */
export function noteOnSpan(name: string, attributes: Attributes): void {
  trace.getActiveSpan()?.addEvent(name, attributes);
}
