import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  url: string;
  close(): void;
}

/**
 * What stands before several instances: a connection goes to the next one in turn that takes it. It copies bytes and knows no HTTP, so it
 * tries no request again.
 */
export async function startProxy(ports: readonly number[], port: number): Promise<Proxy> {
  const open = new Set<Socket>();
  let turn = 0;
  const lead = (near: Socket, tries: number) => {
    const far = connect({ port: ports[turn++ % ports.length]!, host: '127.0.0.1', noDelay: true });
    let connected = false;
    far.once('connect', () => {
      connected = true;
      near.pipe(far).pipe(near);
      near.once('close', () => far.destroy());
      far.once('close', () => near.destroy());
    });
    far.on('error', () => {
      if (connected || tries === 1 || near.destroyed) near.destroy();
      else lead(near, tries - 1);
    });
  };
  const server = createServer({ noDelay: true }, (near) => {
    open.add(near);
    near.on('error', () => {}).on('close', () => open.delete(near));
    lead(near, ports.length);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
