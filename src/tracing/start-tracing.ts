import type { FastifyPluginCallback } from 'fastify';

export interface Tracing {
  /** A span for each request, on the application that it is registered with before the routes. */
  requests: FastifyPluginCallback;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Where OpenTelemetry's own variables say that spans are wanted. */
const ASKING = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_TRACES_EXPORTER'];
/** Asked for every few seconds, or every second by an open page. */
const QUIET = /^\/(?:health\/|metrics$|inspector\/assets\/)/;
/** The collector may be gone; stopping does not wait for it. */
const STOP_MS = 5_000;

/**
 * Starts OpenTelemetry's SDK if the standard variables ask for it, and else loads nothing of it. The SDK reads the rest of `OTEL_…`
 * itself. Throws where it is asked for and not installed.
 */
export async function startTracing(env: Readonly<Record<string, string | undefined>>): Promise<Tracing | null> {
  if (!isAskedFor(env)) return null;
  const [{ NodeSDK }, { FastifyOtelInstrumentation }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@fastify/otel'),
  ]);
  const sdk = new NodeSDK({ serviceName: env['OTEL_SERVICE_NAME'] ?? 'calendly-reconnect', instrumentations: [] });
  sdk.start();
  const requests = new FastifyOtelInstrumentation({
    instrumentHooks: false,
    // Texts of errors may quote what was sent.
    recordExceptions: false,
    ignorePaths: ({ url }) => QUIET.test(url.replace(/\?.*$/s, '')),
    // As the library says it, the path has the query, and that has codes and states.
    requestHook: (span, { url, id, method, routeOptions }) => {
      span.setAttributes({ 'url.path': url.replace(/[?#].*$/s, ''), 'http.request.id': id });
      span.updateName(`${method} ${routeOptions.url ?? 'nothing'}`);
    },
  });
  return {
    requests: requests.plugin() as FastifyPluginCallback,
    stop: () =>
      Promise.race([sdk.shutdown().catch(() => {}), new Promise<void>((done) => setTimeout(done, STOP_MS).unref())]),
  };
}

function isAskedFor(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  if (env['OTEL_TRACES_EXPORTER']?.trim() === 'none') return false;
  return ASKING.some((name) => (env[name]?.trim() ?? '') !== '');
}
