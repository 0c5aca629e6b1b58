/** Downloads that survive cut connections. */
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";

/** `fetch` of Node or a test's own. */
export type Fetcher = (
  url: string,
  init: { headers: Record<string, string>; signal?: AbortSignal },
) => Promise<Response>;

/** The message is a byte string. */
export class DownloadError extends Error {
  /** HTTP status; `undefined` when there was no answer. */
  readonly status: number | undefined;

  constructor(url: ByteString, reason: ByteString, status?: number) {
    super(`unable to download '${url}': ${reason}`);
    this.status = status;
  }
}

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes so far. */
  readonly received?: ((bytes: number) => void) | undefined;
  /** What was received before, and the server's mark of the contents that it is a part of. */
  readonly resume?: { readonly done: number; readonly etag: string };
  /** Milliseconds before the second try; doubled for each further one. */
  readonly firstDelay?: number;
}

const TRIES = 5;
const FIRST_DELAY = 250;

/** May work at another time. */
function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/**
 * The body of a GET, piece by piece. A connection that breaks is tried again where it broke off if the
 * server can, else the bytes that were there already are left out. Throws `DownloadError`.
 */
export async function* download(
  fetcher: Fetcher,
  url: ByteString,
  { signal, received, resume, firstDelay = FIRST_DELAY }: DownloadOptions = {},
): AsyncGenerator<Uint8Array> {
  let done = resume?.done ?? 0;
  let etag: string | null = resume?.etag ?? null;
  for (let attempt = 1; ; attempt++) {
    let failure: DownloadError;
    try {
      const headers: Record<string, string> = { "accept-encoding": "identity" };
      if (done > 0) headers["range"] = `bytes=${done}-`;
      if (done > 0 && etag !== null) headers["if-range"] = etag;
      const init = signal === undefined ? { headers } : { headers, signal };
      const response = await fetcher(bytesToText(url), init);
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        throw new DownloadError(url, `HTTP error ${response.status}`, response.status);
      }
      etag = response.headers.get("etag");
      const start = response.status === 206 ? rangeStart(response) : 0;
      if (start > done) throw new DownloadError(url, "the server skipped a part");
      let skip = done - start;
      for await (const chunk of response.body) {
        const rest = skip < chunk.length ? chunk.subarray(skip) : new Uint8Array(0);
        skip -= Math.min(skip, chunk.length);
        if (rest.length === 0) continue;
        done += rest.length;
        received?.(done);
        yield rest;
      }
      return;
    } catch (error) {
      signal?.throwIfAborted();
      failure =
        error instanceof DownloadError
          ? error
          : new DownloadError(url, bytesFromText(reasonOf(error)));
      if (attempt === TRIES || (failure.status !== undefined && !isTransient(failure.status)))
        throw failure;
    }
    await delay(firstDelay * 2 ** (attempt - 1), signal);
  }
}

function rangeStart(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1] ?? 0);
}

/** Node hides why behind "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: Error };
  return cause?.message ?? message;
}

function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", cancel);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", cancel, { once: true });
  });
}
