import { context, isSpanContextValid, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';

const FORM = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The W3C `traceparent` of what is running, to be stored with work that goes on later. null: nothing is traced. */
export function currentTraceparent(): string | null {
  const of = trace.getSpanContext(context.active());
  if (of === undefined || !isSpanContextValid(of)) return null;
  return `00-${of.traceId}-${of.spanId}-${of.traceFlags.toString(16).padStart(2, '0')}`;
}

/** Where work goes on that was stored with this traceparent. Without one it begins a trace of its own. */
export function contextOf(traceparent: string | null): Context {
  const [, traceId, spanId, flags] = FORM.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: parseInt(flags, 16), isRemote: true });
}
