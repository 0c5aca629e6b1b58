/** The builder `builtin:fetchurl`, which is a part of Nix itself: a download whose hash is known. */
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { type ByteString, bytesToText } from "../base/bytes.ts";
import type { Derivation } from "../store/derivation.ts";
import { createNarParser } from "../store/nar-parse.ts";
import { BuildError } from "./build-error.ts";
import { decompress } from "./decompress.ts";
import { download, type Fetcher } from "./download.ts";
import { nodePath } from "./node-path.ts";
import { restoreNar } from "./restore-nar.ts";

/** Writes the output to `file`. Throws `BuildError` and `DownloadError`. */
export async function fetchUrlBuilder(
  drvPath: ByteString,
  drv: Derivation,
  file: ByteString,
  fetcher: Fetcher,
  signal: AbortSignal | undefined,
): Promise<void> {
  const output = drv.outputs.get("out");
  if (output?.kind !== "fixed") {
    throw new BuildError(drvPath, "'builtin:fetchurl' must be a fixed-output derivation");
  }
  const url = drv.env.get("url");
  if (url === undefined) {
    throw new BuildError(drvPath, `derivation '${drvPath}' lacks the attribute 'url'`);
  }
  const bytes = url.startsWith("file://")
    ? fs.createReadStream(fileURLToPath(bytesToText(url)))
    : download(fetcher, url, { signal });
  if (drv.env.get("unpack") === "1") {
    const restoring = restoreNar(file);
    const parser = createNarParser(restoring);
    try {
      const compression = url.endsWith(".xz") ? "xz" : "none";
      for await (const chunk of decompress(compression, bytes)) parser.push(chunk);
      parser.end();
    } finally {
      restoring.close();
    }
    return;
  }
  const fd = fs.openSync(nodePath(file), "wx", 0o644);
  try {
    for await (const chunk of bytes)
      for (let done = 0; done < chunk.length; ) done += fs.writeSync(fd, chunk, done);
    if (drv.env.get("executable") === "1") fs.fchmodSync(fd, 0o755);
  } finally {
    fs.closeSync(fd);
  }
}
