/** The command Pin nixpkgs: a branch's newest commit, its archive, the archive's hash, and the edit. */
import type { CancellationToken } from "vscode-languageserver";
import { bytesToText } from "../base/bytes.ts";
import type { WantedSource } from "../ide/evaluation-view.ts";
import { NIXPKGS_REPOSITORY, type Pin } from "../ide/pin-nixpkgs.ts";
import { encodeNix32 } from "../store/base32.ts";
import { type FetchOutcome, fetchWithProgress } from "./fetches.ts";
import type { Session } from "./session.ts";
import { beginWork, signalOf } from "./work-progress.ts";

const { owner, repo } = NIXPKGS_REPOSITORY;
const IS_COMMIT = /^[0-9a-f]{40}$/;
/** What GitHub says of a commit may be long: it names every file that changed. */
const LARGEST_ANSWER = 16 * 1024 * 1024;

/** @param reference a branch, a tag or a commit. @returns whether the document was changed */
export async function pinNixpkgs(
  session: Session,
  uri: string,
  reference: string,
  token: CancellationToken,
): Promise<boolean> {
  if (!session.documents.get(uri) || !session.mayDownload()) return false;
  if (!/^[\w][\w./-]*$/.test(reference)) {
    session.warn(`'${reference}' is not the name of a branch, a tag or a commit.`);
    return false;
  }
  const work = await beginWork(session.connection, `Snowglobe: Pin nixpkgs to ${reference}`);
  const signal = AbortSignal.any([work.signal, signalOf(token)]);
  const get = async (kind: WantedSource["kind"], url: string) => {
    const wanted = { kind, url, sha256: null };
    const outcome = await fetchWithProgress(session.dependencies.fetchSource, wanted, work, signal);
    if (outcome?.ok === false) session.warn(outcome.message);
    return outcome?.ok === true ? outcome : null;
  };
  try {
    const commit = IS_COMMIT.test(reference)
      ? reference
      : await newestCommit(session, reference, (url) => get("file", url));
    if (commit === null) return false;
    const url = `https://github.com/${owner}/${repo}/archive/${commit}.tar.gz`;
    const archive = await get("tarball", url);
    if (archive === null) return false;
    const sha256 = bytesToText(encodeNix32(archive.sha256));
    return await edit(session, uri, {
      url,
      sha256,
      name: reference === commit ? null : reference,
    });
  } finally {
    work.done();
  }
}

async function newestCommit(
  session: Session,
  reference: string,
  get: (url: string) => Promise<Extract<FetchOutcome, { ok: true }> | null>,
): Promise<string | null> {
  const answer = await get(`https://api.github.com/repos/${owner}/${repo}/commits/${reference}`);
  if (answer === null) return null;
  const text = session.dependencies.files.read(answer.path, LARGEST_ANSWER);
  const commit = /"sha"\s*:\s*"([0-9a-f]{40})"/.exec(text ?? "")?.[1] ?? null;
  if (commit === null) session.warn(`GitHub names no commit for '${reference}'.`);
  return commit;
}

/** The document may have changed meanwhile: the places are those that it has now. */
async function edit(session: Session, uri: string, pin: Pin): Promise<boolean> {
  const asked = await session.ask(uri, "pinNixpkgs", () => [pin]);
  if (!asked) return false;
  const { answer: edits, to } = asked;
  if (edits.length === 0) {
    session.warn("This file has no <nixpkgs>.");
    return false;
  }
  const changes = { [uri]: edits.map((each) => ({ range: to.range(each), newText: each.text })) };
  const label = "Pin nixpkgs";
  return (await session.connection.workspace.applyEdit({ label, edit: { changes } })).applied;
}
