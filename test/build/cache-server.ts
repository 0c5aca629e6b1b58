/** A folder over HTTP on loopback, that can be made to misbehave. */
import * as fs from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";

/** Handles a request instead of the folder when it returns true. */
export type Misbehave = (
  request: IncomingMessage,
  response: ServerResponse,
  file: Buffer,
) => boolean;

export interface CacheServer {
  readonly address: string;
  /** Every path that was asked for, in order. */
  readonly requests: string[];
  misbehave: Misbehave;
  close(): Promise<void>;
}

export async function serveFolder(folder: string): Promise<CacheServer> {
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? "/").slice(1);
    state.requests.push(url);
    const file = path.join(folder, url);
    if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const contents = fs.readFileSync(file);
    if (state.misbehave(request, response, contents)) return;
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const size = contents.length;
    if (start > 0) {
      response.writeHead(206, { "content-range": `bytes ${start}-${size - 1}/${size}` });
    }
    response.end(contents.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const state: CacheServer = {
    address: `http://127.0.0.1:${port}`,
    requests: [],
    misbehave: () => false,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return state;
}
