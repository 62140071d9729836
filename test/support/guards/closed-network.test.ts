import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns';
import dnsPromises from 'node:dns/promises';
import { createServer } from 'node:http';
import { get } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import ky from 'ky';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLoopback } from './closed-network.ts';

const server = createServer((_, response) => response.writeHead(204, { connection: 'close' }).end());
let port: number;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const REFUSED = 'Tests have no network';

describe('addresses', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', '::ffff:127.0.0.1', 'localhost', 'host.localhost'])(
    '%s is this machine',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  test.each([
    '192.0.2.1',
    '0.0.0.0.example.com',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '2001:db8::1',
    '::ffff:192.0.2.1',
  ])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('connections', () => {
  test('servers of this machine are reached', async () => {
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(204);
    expect((await ky.get(`http://localhost:${port}/`)).status).toBe(204);
  });

  test('sockets to foreign hosts are refused at once', () => {
    expect(() => connect(443, '192.0.2.1')).toThrow(REFUSED);
    expect(() => connect({ host: 'example.com', port: 443 })).toThrow(REFUSED);
    expect(() => connectTls({ host: 'example.com', port: 443 })).toThrow(REFUSED);
    expect(() => connectTls(443, 'example.com')).toThrow(REFUSED);
  });

  test('so are HTTP clients', async () => {
    await expect(fetch('http://192.0.2.1/')).rejects.toMatchObject({
      cause: { message: expect.stringContaining(REFUSED) },
    });
    await expect(fetch('https://example.com/')).rejects.toMatchObject({
      cause: { message: expect.stringContaining(REFUSED) },
    });
    expect(() => get('https://example.com/')).toThrow(REFUSED);
  });

  test('so are names and datagrams', async () => {
    expect(() => lookup('example.com', () => {})).toThrow(REFUSED);
    expect(() => dnsPromises.resolve4('example.com')).toThrow(REFUSED);
    const socket = createSocket('udp4');
    expect(() => socket.send('hello', 53, '192.0.2.1')).toThrow(REFUSED);
    socket.close();
  });
});
