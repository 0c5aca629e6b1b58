/**
 * The requests of a client, each translated into a question of `ide` and back. A document that is
 * not open, or a place where there is nothing, is answered with null.
 */
import type * as protocol from "vscode-languageserver";
import { CodeActionKind, DocumentHighlightKind } from "vscode-languageserver";
import type { CodeAction } from "../ide/code-actions.ts";
import { counterpart, type LensChange } from "../ide/code-lenses.ts";
import type { ChangeView, ValueView } from "../ide/evaluation-view.ts";
import type { DefinitionLink } from "../ide/goto-definition.ts";
import { renderValue } from "../ide/hover.ts";
import type { ValueTarget } from "../ide/value-target.ts";
import type { OpenDocument } from "./documents.ts";
import { formatText, smallestEdit } from "./formatting.ts";
import { pinNixpkgs } from "./pin-nixpkgs.ts";
import { fromPosition, fromRange } from "./positions.ts";
import {
  type ChangedDerivation,
  type ChangedDerivationsParams,
  type ChangesParams,
  type DerivationItem,
  type DerivationParams,
  type DerivationResult,
  type DerivationsParams,
  EXPANDED_VALUE_COMMAND,
  type ExpandedValue,
  type ExpandedValueParams,
  FETCH_COMMAND,
  type PastFile,
  type PastFilesParams,
  PIN_NIXPKGS_COMMAND,
} from "./protocol.ts";
import type { Session } from "./session.ts";
import {
  type CompletionData,
  type Converter,
  encodeTokens,
  toCodeAction,
  toCodeLens,
  toCompletionList,
  toDocumentSymbol,
  toFoldingRange,
  toInlayHint,
  toSelectionRange,
  toSymbolInformation,
} from "./to-protocol.ts";
import { idOfUri, uriOfId } from "./uri.ts";

/** How long a hint request waits for the evaluation of the newest text. In ms. */
const HINTS_WAIT = 150;
/** How long a value that says more of a completion is waited for. */
const VALUE_WAIT = 500;
/** How long hover waits for a value; an editor that has lost interest says so. */
const HOVER_WAIT = 5000;
/** How long an evaluation may keep hover waiting for what is known already. */
const PATIENCE = 150;
/** Longer: an editor asks for completions once per word, and drops what comes too late itself. */
const COMPLETION_WAIT = 5000;
/** A derivation's text may need a few files, and the list of them is that of the newest text. */
const DERIVATION_WAIT = 5000;

interface Place {
  readonly id: string;
  readonly offset: number;
  readonly to: Converter;
}

/** Where a request points, or null when the document is not open. */
function placeOf(session: Session, params: protocol.TextDocumentPositionParams): Place | null {
  const { uri } = params.textDocument;
  const to = session.converter(uri);
  if (!to) return null;
  const offset = fromPosition(to.lines, params.position, session.unit);
  return { id: idOfUri(uri), offset, to };
}

export async function documentSymbol(
  session: Session,
  { textDocument }: protocol.DocumentSymbolParams,
): Promise<protocol.DocumentSymbol[] | protocol.SymbolInformation[] | null> {
  const symbols = await session.ask(idOfUri(textDocument.uri), "documentSymbols");
  const to = session.converter(textDocument.uri);
  if (!to) return null;
  const { documentSymbol: support } = session.capabilities.textDocument ?? {};
  return support?.hierarchicalDocumentSymbolSupport === true
    ? symbols.map((symbol) => toDocumentSymbol(symbol, to))
    : toSymbolInformation(symbols, to);
}

export async function foldingRange(
  session: Session,
  { textDocument }: protocol.FoldingRangeParams,
): Promise<protocol.FoldingRange[] | null> {
  const ranges = await session.ask(idOfUri(textDocument.uri), "foldingRanges");
  return session.converter(textDocument.uri) && ranges.map(toFoldingRange);
}

export async function semanticTokens(
  session: Session,
  { textDocument }: protocol.SemanticTokensParams,
  range?: protocol.Range,
): Promise<protocol.SemanticTokens> {
  const before = session.converter(textDocument.uri);
  const span = before && range ? fromRange(before.lines, range, session.unit) : undefined;
  const tokens = await session.ask(idOfUri(textDocument.uri), "semanticTokens", span);
  const to = session.converter(textDocument.uri);
  return { data: to ? encodeTokens(tokens, to) : [] };
}

export async function selectionRange(
  session: Session,
  { textDocument, positions }: protocol.SelectionRangeParams,
): Promise<protocol.SelectionRange[] | null> {
  const to = session.converter(textDocument.uri);
  if (!to) return null;
  const id = idOfUri(textDocument.uri);
  const offsets = positions.map((position) => fromPosition(to.lines, position, session.unit));
  const found = await Promise.all(
    offsets.map((offset) => session.ask(id, "selectionRanges", offset)),
  );
  return found.map((spans) => toSelectionRange(spans, to));
}

export async function definition(
  session: Session,
  params: protocol.DefinitionParams,
): Promise<protocol.LocationLink[] | protocol.Location[] | null> {
  const place = placeOf(session, params);
  if (!place) return null;
  const links = session.analysis.gotoDefinition(place.id, place.offset);
  if (links.length === 0 || links.some(({ isGuess }) => isGuess === true)) {
    const evaluated = await evaluatedDefinition(session, place, params.textDocument.uri);
    if (evaluated) return [evaluated];
  }
  if (links.length === 0) return null;
  const { definition: support } = session.capabilities.textDocument ?? {};
  const targets = links.map((link) => ({ link, ...targetOf(session, link, place.to) }));
  if (support?.linkSupport !== true) return targets.map(({ uri, range }) => ({ uri, range }));
  return targets.map(({ link, uri, range }) => ({
    originSelectionRange: place.to.range(link.origin),
    targetUri: uri,
    targetRange: range,
    targetSelectionRange: range,
  }));
}

/** Where the value of an expression comes from, as the evaluation knows: a package's file, a function. */
async function evaluatedDefinition(
  session: Session,
  { id, offset }: Place,
  uri: string,
): Promise<protocol.Location | null> {
  const document = session.documents.get(uri);
  const target = session.analysis.valueTarget(id, offset);
  if (!document || !target) return null;
  const { path } = document;
  const value = await session.client.query({ kind: "value", path, ...target }, COMPLETION_WAIT);
  const [, file, line] = /^(\/.*):([0-9]+)$/.exec(value?.meta?.position ?? "") ?? [];
  const found =
    file === undefined ? value?.definition : { file, line: Number(line), column: 1, text: "" };
  if (!found?.file?.startsWith("/")) return null;
  return session.locate({ file: found.file, line: found.line, column: found.column, message: "" });
}

function targetOf(session: Session, link: DefinitionLink, to: Converter): protocol.Location {
  if (link.file === null) return to.location(link.target);
  const start = { line: 0, character: 0 };
  return { uri: uriOf(session, link.file), range: { start, end: start } };
}

function uriOf(session: Session, id: string): string {
  return session.documents.byId(id)?.uri ?? uriOfId(id);
}

export async function references(
  session: Session,
  params: protocol.ReferenceParams,
): Promise<protocol.Location[] | null> {
  const place = placeOf(session, params);
  if (!place) return null;
  const wanted = params.context.includeDeclaration;
  const uses = await session.ask(place.id, "references", place.offset);
  const found = uses.filter(({ kind }) => wanted || kind === "use");
  return found.length === 0 ? null : found.map((use) => place.to.location(use));
}

export async function documentHighlight(
  session: Session,
  params: protocol.DocumentHighlightParams,
): Promise<protocol.DocumentHighlight[] | null> {
  const place = placeOf(session, params);
  if (!place) return null;
  const uses = await session.ask(place.id, "references", place.offset);
  if (uses.length === 0) return null;
  return uses.map((use) => ({
    range: place.to.range(use),
    kind: use.kind === "definition" ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  }));
}

export function prepareRename(
  session: Session,
  params: protocol.PrepareRenameParams,
): protocol.Range | null {
  const place = placeOf(session, params);
  const span = place && session.analysis.prepareRename(place.id, place.offset);
  return span && place.to.range(span);
}

export function rename(
  session: Session,
  params: protocol.RenameParams,
): protocol.WorkspaceEdit | null {
  const place = placeOf(session, params);
  const result = place && session.analysis.rename(place.id, place.offset, params.newName);
  if (!place || !result) return null;
  if (!result.ok) {
    session.warn(result.reason);
    return null;
  }
  const edits = result.edits.map((edit) => ({ range: place.to.range(edit), newText: edit.text }));
  return { changes: { [place.to.uri]: edits } };
}

export async function documentLinks(
  session: Session,
  { textDocument }: protocol.DocumentLinkParams,
): Promise<protocol.DocumentLink[] | null> {
  const id = idOfUri(textDocument.uri);
  const paths = await session.ask(id, "writtenPaths");
  const to = session.converter(textDocument.uri);
  if (!to) return null;
  const links = session.analysis.documentLinks(id, paths);
  return links.map((link) => ({ range: to.range(link), target: uriOf(session, link.file) }));
}

export async function hover(
  session: Session,
  params: protocol.HoverParams,
  token: protocol.CancellationToken,
): Promise<protocol.Hover | null> {
  const place = placeOf(session, params);
  const document = session.documents.get(params.textDocument.uri);
  if (!place || !document) return null;
  const { revision } = document;
  const target = session.analysis.valueTarget(place.id, place.offset);
  const value = target && (await hoveredValue(session, document, target, token));
  const named = session.analysis.optionPath(place.id, place.offset);
  const names = named?.names;
  const question = names && { kind: "option" as const, path: document.path, names };
  const option = question ? await session.client.query(question, HOVER_WAIT) : null;
  // The text may have changed while waiting.
  if (session.documents.get(document.uri)?.revision !== revision) return null;
  const found = session.analysis.hover(place.id, place.offset, value, option);
  if (!found) return null;
  const links = session.commandLinks && value ? [commandLinks(value, params)] : [];
  return {
    contents: { kind: "markdown", value: [found.markdown, ...links].join("\n\n") },
    range: place.to.range(found),
  };
}

/** What is known of a value at once, else what the evaluation that runs finds. */
async function hoveredValue(
  session: Session,
  { id, path }: OpenDocument,
  target: ValueTarget,
  token: protocol.CancellationToken,
): Promise<ValueView | null> {
  const { client, evaluations, analysis } = session;
  const isUnderWay = !evaluations.isSettled(id);
  const call = session.calls.get(id) ?? null;
  const ask = () => client.query({ kind: "value", path, ...target, call }, HOVER_WAIT);
  // Where there are values of before, the evaluation makes way, and begins again after the answer.
  const interruption = setTimeout(() => {
    if (evaluations.running !== null && analysis.evaluatedRevision(id) !== null) client.cancel();
  }, PATIENCE);
  const known = await ask();
  clearTimeout(interruption);
  if (!isUnderWay || (known !== null && known.isStale !== true)) return known;
  const cancelled = new Promise((resolve) => token.onCancellationRequested(resolve));
  const wait = known === null ? HOVER_WAIT : PATIENCE;
  await Promise.race([evaluations.settled(id, wait), cancelled]);
  if (token.isCancellationRequested || !evaluations.isSettled(id)) return known;
  return (await ask()) ?? known;
}

/** One line of links to what can be done with a value. */
function commandLinks(
  { derivation, call }: ValueView,
  { textDocument, position }: protocol.HoverParams,
): string {
  const link = (title: string, command: string, argument: unknown) =>
    `[${title}](command:snowglobe.${command}?${encodeURIComponent(JSON.stringify([argument]))})`;
  const place: ExpandedValueParams = { uri: textDocument.uri, position };
  const { drvPath, outputs = [] } = derivation ?? {};
  const [output] = outputs.flatMap(({ path }) => path ?? []);
  return [
    ...(drvPath === undefined ? [] : [link("Show derivation", "showDerivation", drvPath)]),
    ...(output === undefined ? [] : [link("Copy store path", "copyStorePath", output)]),
    ...(drvPath === undefined ? [link("Show all of it", "showValue", place)] : []),
    ...(call ? [link("Next call", "nextCall", place)] : []),
  ].join(" · ");
}

/** All of the value that a hover shows the beginning of. */
export async function expandedValue(
  session: Session,
  { uri, position }: ExpandedValueParams,
): Promise<ExpandedValue | null> {
  const place = placeOf(session, { textDocument: { uri }, position });
  const document = session.documents.get(uri);
  const target = place && session.analysis.valueTarget(place.id, place.offset);
  if (!document || !target) return null;
  const { path, id } = document;
  const call = session.calls.get(id) ?? null;
  const text = await session.client.query(
    { kind: "expanded", path, ...target, call },
    DERIVATION_WAIT,
  );
  return text === null ? null : { text };
}

export async function completion(
  session: Session,
  params: protocol.CompletionParams,
  token: protocol.CancellationToken,
): Promise<protocol.CompletionList | null> {
  // Typing goes on while a value is waited for, and an editor that has asked behind a dot does not
  // ask again: what is left of the place is answered from the text as it is by then.
  while (!token.isCancellationRequested) {
    const place = placeOf(session, params);
    const document = session.documents.get(params.textDocument.uri);
    if (!place || !document) return null;
    const { path, revision } = document;
    const questions = session.analysis.completionQuestions(place.id, place.offset);
    const { subject = null, scopes = [], callee = null } = questions ?? {};
    const attributesOf = (target: ValueTarget) =>
      session.client.query({ kind: "attributes", path, ...target }, COMPLETION_WAIT);
    const [attributes, formals, ...inScope] = await Promise.all([
      subject && attributesOf(subject),
      callee && session.client.query({ kind: "value", path, ...callee }, COMPLETION_WAIT),
      ...scopes.map(attributesOf),
    ]);
    if (session.documents.get(document.uri)?.revision !== revision) continue;
    const found = session.analysis.completion(place.id, place.offset, attributes, {
      scopes: inScope.map((each) => each ?? []),
      formals: formals?.formals ?? null,
    });
    if (!found || found.items.length === 0) return null;
    const resolvable = [...(subject ? [subject] : []), ...scopes].map(({ names }) => names);
    return toCompletionList(found, place.to, { path, sets: resolvable });
  }
  return null;
}

/** What an item's value says of itself: asked only for the item that is looked at. */
export async function resolveCompletion(
  session: Session,
  item: protocol.CompletionItem,
): Promise<protocol.CompletionItem> {
  const data = item.data as CompletionData | undefined;
  if (!data || item.documentation) return item;
  for (const set of data.sets) {
    if (set === null) continue;
    const names = [...set, item.label];
    const target = { path: data.path, start: 0, end: 0, names };
    const value = await session.client.query({ kind: "value", ...target }, VALUE_WAIT);
    if (!value) continue;
    const detail = value.meta?.version ?? value.derivation?.name ?? value.type;
    return { ...item, detail, documentation: { kind: "markdown", value: renderValue(value) } };
  }
  return item;
}

export async function inlayHints(
  session: Session,
  params: protocol.InlayHintParams,
): Promise<protocol.InlayHint[] | null> {
  const { uri } = params.textDocument;
  const document = session.documents.get(uri);
  const { hintStyle: style, derivationHints } = session.settings;
  if (!document || !(derivationHints || style.values)) return null;
  await session.evaluations.settled(document.id, HINTS_WAIT);
  if (style.values) await askShortValues(session, document);
  const to = session.converter(uri);
  if (!to) return null;
  const range = fromRange(to.lines, params.range, session.unit);
  session.hintsShown(document.id);
  const baseline = session.baselines.get(document.id);
  // Where only values are wanted, that of a package is its version.
  const shown = derivationHints ? style : { ...style, format: "{version}" };
  const { states } = session.availabilities;
  return session.analysis
    .inlayHints(document.id, range, { baseline, states }, shown)
    .map((hint) => toInlayHint(hint, to));
}

async function askShortValues(session: Session, { id, path, revision }: OpenDocument) {
  const values = await session.client.query({ kind: "short-values", path }, HINTS_WAIT);
  if (values) session.host.shortValues(id, revision, values);
}

export function codeActions(
  session: Session,
  { textDocument, range, context }: protocol.CodeActionParams,
): protocol.CodeAction[] | null {
  const { uri } = textDocument;
  const document = session.documents.get(uri);
  const to = session.converter(uri);
  const { only } = context;
  if (!document || !to || (only && !only.some((kind) => isKindOf(CodeActionKind.QuickFix, kind))))
    return null;
  return session.analysis
    .codeActions(document.id, fromRange(to.lines, range, session.unit))
    .filter(({ command }) => !command || isOurs(command) || session.commandLinks)
    .map((action) => ofDocument(action, uri))
    .map((action) => toCodeAction(action, to, session.diagnosticOf(action.problem, to)));
}

/** Whether the server itself can execute the command; what is left to be chosen a client asks for. */
function isOurs({ name, arguments: args }: NonNullable<CodeAction["command"]>): boolean {
  const command = `snowglobe.${name}`;
  return command === FETCH_COMMAND || (command === PIN_NIXPKGS_COMMAND && args.length > 0);
}

/** Commands of the server are about a document, which `ide` does not know by its URI. */
function ofDocument(action: CodeAction, uri: string): CodeAction {
  const { command } = action;
  const isOfDocument = command && (isOurs(command) || command.name === "pinNixpkgs");
  if (!isOfDocument) return action;
  return { ...action, command: { ...command, arguments: [uri, ...command.arguments] } };
}

export async function executeCommand(
  session: Session,
  { command, arguments: [uri, argument] = [] }: protocol.ExecuteCommandParams,
  token: protocol.CancellationToken,
): Promise<boolean | ExpandedValue | null> {
  if (command === EXPANDED_VALUE_COMMAND && isPlace(uri)) return expandedValue(session, uri);
  if (typeof uri !== "string") return null;
  if (command === FETCH_COMMAND) return session.fetch(uri, token);
  if (command !== PIN_NIXPKGS_COMMAND || typeof argument !== "string") return null;
  return pinNixpkgs(session, uri, argument, token);
}

function isPlace(argument: unknown): argument is ExpandedValueParams {
  if (typeof argument !== "object" || argument === null) return false;
  const { uri, position } = argument as Partial<ExpandedValueParams>;
  return (
    typeof uri === "string" &&
    typeof position?.line === "number" &&
    typeof position.character === "number"
  );
}

/** `quickfix` and `quickfix.x` are kinds of `quickfix`. */
function isKindOf(kind: string, wanted: string): boolean {
  return wanted === "" || kind === wanted || kind.startsWith(`${wanted}.`);
}

export async function codeLenses(
  session: Session,
  { textDocument }: protocol.CodeLensParams,
): Promise<protocol.CodeLens[] | null> {
  const document = session.documents.get(textDocument.uri);
  if (!document) return null;
  await session.evaluations.settled(document.id, HINTS_WAIT);
  const to = session.converter(textDocument.uri);
  if (!to) return null;
  const changes = await changesOf(session, document.id);
  const { states, shells } = session.availabilities;
  return session.analysis
    .codeLenses(document.id, { changes, states, shells })
    .map((lens) => toCodeLens(lens, to));
}

/** How the derivations with lenses compare with the baseline. */
async function changesOf(session: Session, id: string): Promise<Map<string, LensChange>> {
  const changes = new Map<string, LensChange>();
  const baseline = session.baselines.get(id);
  if (!baseline) return changes;
  const { reference } = baseline;
  for (const place of session.analysis.lensPlaces(id)) {
    const after = place.derivation.drvPath;
    const before = counterpart(place, baseline);
    const isOther = before !== null && before !== after;
    const count = isOther
      ? await session.client.query({ kind: "change-count", before, after }, DERIVATION_WAIT)
      : null;
    changes.set(after, { reference, before, count });
  }
  return changes;
}

/** Why one derivation is not another. */
export async function changes(
  session: Session,
  { before, after }: ChangesParams,
): Promise<ChangeView | null> {
  return session.client.query({ kind: "changes", before, after }, DERIVATION_WAIT);
}

export async function pastFiles(
  session: Session,
  { path }: PastFilesParams,
): Promise<readonly PastFile[] | null> {
  const { reference } = session;
  return session.client.query({ kind: "past-files", path, reference }, DERIVATION_WAIT);
}

/** The derivations of a document that are not what they were in the baseline. */
export async function changedDerivations(
  session: Session,
  { uri }: ChangedDerivationsParams,
): Promise<ChangedDerivation[] | null> {
  const document = session.documents.get(uri);
  if (!document) return null;
  await session.evaluations.settled(document.id, DERIVATION_WAIT);
  const baseline = session.baselines.get(document.id);
  if (!baseline) return null;
  return session.analysis.lensPlaces(document.id).flatMap((place) => {
    const { name, drvPath } = place.derivation;
    const before = counterpart(place, baseline);
    const [first, ...rest] = place.attributePath;
    const attributePath = first === "outputs" ? rest : place.attributePath;
    return before === null || before === drvPath
      ? []
      : [{ name, before, after: drvPath, attributePath, reference: baseline.reference }];
  });
}

export async function formatting(
  session: Session,
  { textDocument }: protocol.DocumentFormattingParams,
): Promise<protocol.TextEdit[] | null> {
  const { uri } = textDocument;
  const command = session.settings.formatterCommand;
  const document = session.documents.get(uri);
  const file = document && session.analysis.file(document.id);
  if (!file || command.length === 0) return null;
  const cwd = file.directory ?? session.folder;
  const result = await formatText(file.text, command, cwd, session.dependencies.runProcess);
  if (!result.ok) {
    session.warn(`Formatting failed: ${result.reason}`);
    return null;
  }
  if (session.analysis.file(document.id) !== file) return null;
  const edit = smallestEdit(file.text, result.text);
  const to = session.converter(uri);
  if (!edit || !to) return null;
  const span = { start: file.lines.toByte(edit.start), end: file.lines.toByte(edit.end) };
  return [{ range: to.range(span), newText: edit.text }];
}

export async function derivation(
  session: Session,
  { drvPath }: DerivationParams,
): Promise<DerivationResult | null> {
  const text = await session.client.query({ kind: "derivation", drvPath }, DERIVATION_WAIT);
  return text === null ? null : { text };
}

export async function derivations(
  session: Session,
  { uri, position }: DerivationsParams,
): Promise<DerivationItem[] | null> {
  const document = session.documents.get(uri);
  if (!document) return null;
  await session.evaluations.settled(document.id, DERIVATION_WAIT);
  const to = session.converter(uri);
  if (!to || session.analysis.evaluatedRevision(document.id) === null) return null;
  const offset = position ? fromPosition(to.lines, position, session.unit) : null;
  return session.analysis
    .derivations(document.id)
    .filter(({ start, end }) => offset === null || (start <= offset && offset <= end))
    .map(({ name, drvPath, outputs }) => ({
      name,
      drvPath,
      outputs: Object.fromEntries(
        outputs.flatMap((o) => (o.path === null ? [] : [[o.name, o.path]])),
      ),
    }));
}
