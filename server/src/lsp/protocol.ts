/**
 * Snowglobe's own additions to the language server protocol: every custom request, notification
 * and initialization option, with its shape. Plain types and method names only, so that the
 * VS Code client (and any other client's author) can read or import this file and nothing else.
 *
 * Everything here is optional for a client: one that knows none of it has a working server.
 */

/**
 * `initializationOptions` of the `initialize` request, and the `settings.snowglobe` object of
 * `workspace/didChangeConfiguration`. The names are those of the `snowglobe.*` settings.
 */
export interface SnowglobeOptions {
  /** Whether the user trusts the workspace. A client that says nothing is trusted. */
  readonly trusted?: boolean;
  /** Entries of the lookup path, `name=path` or `path`; a relative path starts at the workspace folder. */
  readonly nixPath?: readonly string[];
  /** The value of `builtins.currentSystem`, for example `x86_64-linux`. Default: this machine's. */
  readonly system?: string;
  /** The Nix that values and hashes are those of: `auto`, `2.8`, `2.26` (default) or `newest`. */
  readonly nixVersion?: string;
  /** Binary caches to fetch from, `https://…` or `file://…`. Default: those of nix.conf, else cache.nixos.org. */
  readonly substituters?: readonly string[] | null;
  /** Keys whose signatures are trusted, `NAME:BASE64`. Default: those of nix.conf, else that of cache.nixos.org. */
  readonly trustedPublicKeys?: readonly string[] | null;
  /**
   * What files are that look like something else: path (absolute or in the workspace folder) to one of
   * the roles of `StatusParams`.
   */
  readonly roots?: Readonly<Record<string, string>>;
  /**
   * What derivations are compared with: a commit, branch or tag, `HEAD` for a start, or `lastBuild`. Where
   * there is no git, it is what was built or entered last.
   */
  readonly baseline?: string;
  readonly evaluation?: {
    /** Seconds that one evaluation may take. */
    readonly timeLimit?: number;
    /** Megabytes that the evaluation worker may take. */
    readonly memoryLimit?: number;
    /** Nested calls, as Nix's `max-call-depth`. */
    readonly depth?: number;
  };
  readonly hints?: {
    /** Whether derivations get an inlay hint. */
    readonly derivations?: boolean;
    /** Whether bindings show their values where these are simple. */
    readonly values?: boolean;
    /** `{hash}`, `{name}`, `{version}` and `{state}` stand for what they say. */
    readonly format?: string;
    /**
     * Whether binary caches are asked if they have what hints and lenses show. Default: no. Without it
     * only what is in the user's store is marked.
     */
    readonly askCaches?: boolean;
    /** Characters of hints that the editor shows on one line; 0 or nothing: any number. */
    readonly lineLength?: number;
  };
  readonly fetch?: {
    /** Whether what has a hash already is downloaded without being asked for. Only where the workspace is trusted. */
    readonly locked?: boolean;
  };
  /**
   * Whether the client has the commands of the extension: Markdown may link to
   * `snowglobe.showDerivation` and `snowglobe.copyStorePath`, each with a store path as its argument, to
   * `snowglobe.showValue` and `snowglobe.nextCall`, each with `ExpandedValueParams`, and the server registers none of its own. Default: no.
   */
  readonly commandLinks?: boolean;
  readonly formatter?: {
    /** Program and arguments that format a Nix file from standard input to standard output. */
    readonly command?: readonly string[];
  };
}

/**
 * Server to client, notification: what the evaluation of one open file is doing.
 *
 * - `evaluating`: an evaluation runs or waits.
 * - `ready`: the last evaluation finished; `derivations` is what its hints show.
 * - `error`: it ended with an error; `error` is its first line.
 * - `idle`: the file has nothing to evaluate: it is no root, but a library of functions, say.
 */
export const STATUS_METHOD = "snowglobe/status";

export type EvaluationState = "evaluating" | "ready" | "error" | "idle";

export interface StatusParams {
  /** The open document. */
  readonly uri: string;
  /** What is evaluated for it: the root's URI, or null when there is none. */
  readonly root: string | null;
  /**
   * What it is evaluated as: `expression`, `flake`, `package`, `overlay`, `module`, `home`, `network` or `library`; null
   * before the first evaluation.
   */
  readonly role: string | null;
  readonly state: EvaluationState;
  /** Number of derivations shown in the document. */
  readonly derivations: number;
  /** One line, without the `error: ` in front. */
  readonly error?: string;
  /** Whether the derivations shown are those from before the text was broken. */
  readonly stale?: boolean;
  /** While it takes long: files read and derivations made so far. */
  readonly progress?: {
    readonly files: number;
    readonly derivations: number;
    /** A path that is being hashed just now (`./src` in the workspace), and how many of its files have been. */
    readonly hashing?: { readonly path: string; readonly files: number };
  };
}

/** Client to server, notification: stop the evaluation of a document until something changes. */
export const STOP_METHOD = "snowglobe/stop";

/** Client to server, notification: evaluate a document again with ten times the time limit. */
export const RUN_LONGER_METHOD = "snowglobe/runLonger";

export interface DocumentParams {
  readonly uri: string;
}

/**
 * `workspace/executeCommand`, with a document's URI as the one argument: downloads what the evaluation
 * of the document needs and lacks, into the user's cache, and evaluates again until nothing is lacking.
 * The server shows progress that can be cancelled (`window/workDoneProgress/create`). Diagnostics with the
 * codes `not-fetched` and `fetch-failed` have a quick fix with this command. Result: whether all is there.
 */
export const FETCH_COMMAND = "snowglobe.fetch";

/**
 * `workspace/executeCommand`, with a document's URI and a branch, tag or commit of nixpkgs as arguments:
 * replaces every `<nixpkgs>` of the document by its archive with the hash of what it holds, which is
 * downloaded for that. The problem with the code `missing-nixpkgs` has quick fixes with this command.
 * Result: whether it was done.
 */
export const PIN_NIXPKGS_COMMAND = "snowglobe.pinNixpkgs";

/** What may be offered to be pinned. */
export { NIXPKGS_RELEASES } from "../ide/pin-nixpkgs.ts";

/**
 * Client to server, request: a readable text of one derivation that an evaluation of this session
 * made: outputs, inputs, builder, environment. Result: `DerivationResult`, or null when unknown.
 */
export const DERIVATION_METHOD = "snowglobe/derivation";

export interface DerivationParams {
  /** Full store path of the `.drv`. */
  readonly drvPath: string;
}

export interface DerivationResult {
  /** Store paths of other `.drv` files stand in it verbatim, so that a client can link them. */
  readonly text: string;
}

/**
 * Client to server, request: the derivations that the last evaluation found in a document, in the
 * order of the text. Result: `DerivationItem[]`, or null when nothing has been evaluated.
 */
export const DERIVATIONS_METHOD = "snowglobe/derivations";

export interface DerivationsParams {
  readonly uri: string;
  /**
   * Only those whose expression covers this position (0-based, in the negotiated encoding); the
   * innermost is the last.
   */
  readonly position?: { readonly line: number; readonly character: number };
}

export interface DerivationItem {
  /** The derivation's name, for example `hello-2.10`. */
  readonly name: string;
  readonly drvPath: string;
  /** Output name to store path. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Client to server, request: all of the value that a hover at a position shows, as text of many lines.
 * Its parts are evaluated for it, within a second and to a readable depth. Result: `ExpandedValue`, or
 * null when there is none. For clients that know no requests of ours there is `workspace/executeCommand`
 * with the same parameters as the one argument.
 */
export const EXPANDED_VALUE_METHOD = "snowglobe/expandedValue";
export const EXPANDED_VALUE_COMMAND = "snowglobe.expandedValue";

export interface ExpandedValueParams {
  readonly uri: string;
  /** 0-based, in the negotiated encoding. */
  readonly position: { readonly line: number; readonly character: number };
}

export interface ExpandedValue {
  readonly text: string;
}

/**
 * Client to server, notification, with the parameters of `DocumentParams`: of what the document's
 * functions were called with several times, hover shows the next call from now on.
 */
export const NEXT_CALL_METHOD = "snowglobe/nextCall";

/** Client to server, notification: the workspace's trust changed. */
export const TRUST_METHOD = "snowglobe/trust";

export interface TrustParams {
  readonly trusted: boolean;
}

/** The one argument of the lenses with the commands `snowglobe.enterDevShell` and `snowglobe.build`. */
export interface BuildTarget {
  /** Absolute path of a file whose value, or an attribute of it, is a derivation. */
  readonly file: string;
  /** Empty: the value itself. */
  readonly attributePath: readonly string[];
}

/**
 * Client to server, request: the derivations of a document that are not what they were in the last
 * commit, in the order of the text. Result: `ChangedDerivation[]`; null without a commit to compare with.
 */
export const CHANGED_DERIVATIONS_METHOD = "snowglobe/changedDerivations";

export interface ChangedDerivationsParams {
  readonly uri: string;
}

export interface ChangedDerivation {
  readonly name: string;
  /** Derivation paths. */
  readonly before: string;
  readonly after: string;
  /** What it is compared with, as people name it: `HEAD`, `the last build`. */
  readonly reference: string;
  /** Where it is in the file's value, or in the outputs of a flake; as in `BuildTarget`. */
  readonly attributePath: readonly string[];
}

/**
 * Client to server, request: compare all documents with another commit, branch or tag from now on, or with
 * `lastBuild`; at first it is what the settings say. Result: false when the repository of the document has
 * none of that name.
 */
export const COMPARE_WITH_METHOD = "snowglobe/compareWith";

export interface CompareWithParams {
  readonly uri: string;
  readonly revision: string;
}

/**
 * Client to server, request: the files at or below a path that are not what they were in the commit that
 * is compared with. Result: `PastFile[]`, or null without such a commit.
 */
export const PAST_FILES_METHOD = "snowglobe/pastFiles";

export interface PastFilesParams {
  /** Absolute. */
  readonly path: string;
}

export interface PastFile {
  readonly path: string;
  /** What it said; null: it was not there. */
  readonly before: string | null;
}

/**
 * Client to server, request: why one derivation is not another, both made by evaluations of this
 * session. Result: `Change`, or null when one is unknown.
 */
export const CHANGES_METHOD = "snowglobe/changes";

export interface ChangesParams {
  /** Derivation paths. */
  readonly before: string;
  readonly after: string;
}

export interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** What it says itself that differs; empty when only its inputs do, or when it stands in the tree before. */
  readonly reasons: readonly ChangeReason[];
  readonly inputs: readonly Change[];
}

export interface ChangeReason {
  /** `variable`, `arguments`, `builder`, `system`, `output`, `source` or `input`. */
  readonly kind: string;
  readonly name: string;
  /** Null: it was not there. */
  readonly before: string | null;
  /** Null: it is gone. */
  readonly after: string | null;
  /** For a source: where its files are. */
  readonly origin: string | null;
}
