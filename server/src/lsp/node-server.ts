/** The language server on Node: everything that it needs of the machine, put together. */

import { readFileSync } from "node:fs";
import { type Connection, createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import { parseNixPath } from "../eval/search-path.ts";
import { AnalysisThread } from "../host/analysis-thread.ts";
import { storeInfoDirectories } from "../host/availability.ts";
import { cacheDirectory } from "../host/cache-directory.ts";
import { loadGrammar } from "../host/load-grammar.ts";
import { defaultSearchPath } from "../host/nix-settings.ts";
import { startEvaluationWorker } from "../host/node-evaluation-worker.ts";
import { nodeFiles } from "../host/node-files.ts";
import { runProcess } from "../host/run-process.ts";
import { FetchError, SourceCache } from "../host/source-cache.ts";
import { watchDirectory } from "../host/watch-directory.ts";
import { startServer } from "./server.ts";
import type { ServerDependencies } from "./session.ts";

export type Transport = "stdio" | "ipc";

/** Serves one client until it says good-bye or its side of the connection closes. */
export function runLanguageServer(transport: Transport): void {
  const connection =
    transport === "stdio"
      ? createConnection(ProposedFeatures.all, process.stdin, process.stdout)
      : createConnection(ProposedFeatures.all);
  // Nobody reads any more: whatever is still said would fail, and so would saying that it did.
  if (transport === "stdio") process.stdout.on("error", () => process.exit(1));
  // One request's mistake must not take the editor's other features away.
  process.on("uncaughtException", (error) => {
    connection.console.error(error.stack ?? String(error));
  });
  process.on("unhandledRejection", (reason) => {
    connection.console.error(reason instanceof Error ? (reason.stack ?? "") : String(reason));
  });
  loadGrammar().then(
    (grammar) => serve(connection, (text, lines) => grammar.open(text, lines)),
    (error: unknown) => {
      // Everything works without it but for texts with syntax errors.
      serve(connection, () => null);
      connection.console.error(`The tolerant parser could not be loaded: ${error}`);
    },
  );
}

function serve(connection: Connection, openTolerant: ServerDependencies["openTolerant"]): void {
  startServer(connection, {
    version: version(),
    files: nodeFiles,
    runProcess,
    startEvaluationWorker,
    analysisThread: new AnalysisThread(),
    fetchSource,
    watchStore: (onChange) => {
      const ends = storeInfoDirectories().map((each) => watchDirectory(each, onChange));
      return () => {
        for (const end of ends) end();
      };
    },
    openTolerant,
    nixPath: [...pathEntries(process.env["NIX_PATH"] ?? ""), ...defaultSearchPath(process.env)],
  });
}

const fetchSource: ServerDependencies["fetchSource"] = async (wanted, options) => {
  const { kind, url, sha256 } = wanted;
  const expected = sha256 === null ? null : Buffer.from(sha256, "hex");
  try {
    const request = { kind, url: bytesFromText(url), expected };
    const cache = new SourceCache(cacheDirectory(process.env));
    const { path, sha256: found } = await cache.fetch(request, options);
    return { ok: true, path: bytesToText(path), sha256: found };
  } catch (error) {
    if (error instanceof FetchError) return { ok: false, message: error.message };
    throw error;
  }
};

/** Of the package that the bundle is in. */
function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** The entries of NIX_PATH as settings write them. */
function pathEntries(nixPath: string): string[] {
  return parseNixPath(bytesFromText(nixPath)).map(({ prefix, path }) =>
    bytesToText(prefix === "" ? path : `${prefix}=${path}`),
  );
}
