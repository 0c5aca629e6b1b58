/** Downloads to a file, and goes on with what an earlier process has of it. */
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { bytesFromText } from "../base/bytes.ts";
import { DownloadError, download, type Fetcher } from "../build/download.ts";

export interface DownloadFileOptions {
  readonly fetcher?: Fetcher;
  readonly progress?: (url: string, received: number, total: number | null) => void;
  readonly signal?: AbortSignal;
}

/** What the server has is not any more what it was when the download began. */
const CHANGED = 412;

/** Throws `DownloadError`, or the signal's reason. `file:` URLs are copied. */
export async function downloadFile(
  url: string,
  file: string,
  options: DownloadFileOptions = {},
): Promise<void> {
  try {
    await goOn(url, file, options);
  } catch (error) {
    if (!(error instanceof DownloadError) || error.status !== CHANGED) throw error;
    fs.rmSync(file, { force: true });
    await goOn(url, file, options);
  }
}

async function goOn(
  url: string,
  file: string,
  { fetcher = mirroring(process.env), progress, signal }: DownloadFileOptions,
): Promise<void> {
  if (/^file:/i.test(url)) {
    copyFile(url, file);
    return;
  }
  if (!/^https?:/i.test(url))
    throw new DownloadError(bytesFromText(url), "only http, https and file URLs are supported");
  let total: number | null = null;
  const have = partOf(file);
  const noting: Fetcher = async (address, init) => {
    const response = await fetcher(address, init);
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    if (Number.isFinite(length)) total = length + (response.status === 206 ? received : 0);
    const tag = response.headers.get("etag");
    const begun = init.headers["if-range"];
    if (init.headers["range"] !== undefined && response.status === 200 && tag !== (begun ?? null)) {
      await response.body?.cancel();
      throw new DownloadError(bytesFromText(url), "it changed meanwhile", CHANGED);
    }
    if (response.ok && tag !== null) fs.writeFileSync(`${file}.etag`, tag);
    return response;
  };
  let received = have?.size ?? 0;
  const out = await fs.promises.open(file, have === null ? "w" : "a");
  try {
    const body = download(noting, bytesFromText(url), {
      ...(signal === undefined ? {} : { signal }),
      ...(have === null ? {} : { resume: { done: have.size, etag: have.etag } }),
    });
    for await (const chunk of body) {
      await out.writeFile(chunk);
      received += chunk.length;
      progress?.(url, received, total);
    }
  } finally {
    await out.close();
  }
  fs.rmSync(`${file}.etag`, { force: true });
}

/**
 * Where networks have their own copies: `SNOWGLOBE_MIRRORS` holds pairs `PREFIX=PREFIX` of URLs with spaces
 * between; what begins with the first is asked of the second. What has a hash is checked all the same.
 */
function mirroring(env: Readonly<Record<string, string | undefined>>): Fetcher {
  const mirrors = (env["SNOWGLOBE_MIRRORS"] ?? "").split(/\s+/).flatMap((pair) => {
    const at = pair.indexOf("=");
    return at < 1 ? [] : [[pair.slice(0, at), pair.slice(at + 1)] as const];
  });
  return (url, init) => {
    const mirror = mirrors.find(([prefix]) => url.startsWith(prefix));
    return fetch(mirror ? mirror[1] + url.slice(mirror[0].length) : url, init);
  };
}

/** What is there of it, if the server's mark of its contents is known too. */
function partOf(file: string): { size: number; etag: string } | null {
  try {
    const { size } = fs.statSync(file);
    const etag = fs.readFileSync(`${file}.etag`, "utf8");
    return size > 0 && etag.startsWith('"') ? { size, etag } : null;
  } catch {
    return null;
  }
}

function copyFile(url: string, file: string): void {
  try {
    fs.copyFileSync(fileURLToPath(url), file);
  } catch (error) {
    throw new DownloadError(bytesFromText(url), bytesFromText((error as Error).message));
  }
}
