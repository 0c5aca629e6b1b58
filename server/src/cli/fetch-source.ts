/** Downloads what an evaluation waits for, and says so while it takes long. */
import { cacheDirectory } from "../host/cache-directory.ts";
import { FetchError, fetchKeyUrl, SourceCache } from "../host/source-cache.ts";

/** False when it failed, which has been said. @param key of a pending answer */
export async function fetchSource(key: string): Promise<boolean> {
  const progress = new Progress(fetchKeyUrl(key));
  try {
    await new SourceCache(cacheDirectory(process.env)).fulfil(key, {
      progress: (_, received, total) => progress.show(received, total),
    });
    return true;
  } catch (error) {
    progress.end();
    if (error instanceof FetchError) process.stderr.write(`error: ${error.message}\n`);
    else throw error;
    return false;
  } finally {
    progress.end();
  }
}

/** One line on a terminal; elsewhere only that it began. */
class Progress {
  readonly #url: string;
  #last = 0;
  #open = false;

  constructor(url: string) {
    this.#url = url;
    if (!process.stderr.isTTY) process.stderr.write(`downloading '${url}'...\n`);
  }

  show(received: number, total: number | null): void {
    if (!process.stderr.isTTY || Date.now() - this.#last < 100) return;
    this.#last = Date.now();
    this.#open = true;
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const of = total === null ? "" : ` of ${megabytes(total)}`;
    process.stderr.write(`\r\x1b[Kdownloading '${this.#url}': ${megabytes(received)}${of} MB`);
  }

  end(): void {
    if (this.#open) process.stderr.write("\r\x1b[K");
    this.#open = false;
  }
}
