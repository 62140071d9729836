import { once } from 'node:events';
import { createServer } from 'node:net';

/** Another program listens there already. */
export class PortInUseError extends Error {
  override name = 'PortInUseError';
  readonly port: number;
  /** The setting that chooses this port. */
  readonly variable: string;

  constructor(port: number, variable: string) {
    super(`Port ${port} is in use by another program, perhaps by this service in another terminal.`);
    this.port = port;
    this.variable = variable;
  }
}

/** `variable` is the setting that chooses this port. */
export async function assertPortFree(host: string, port: number, variable: string): Promise<void> {
  const probe = createServer().listen({ host, port, exclusive: true });
  try {
    await once(probe, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortInUseError(port, variable);
    throw error;
  }
  probe.close();
  await once(probe, 'close');
}
