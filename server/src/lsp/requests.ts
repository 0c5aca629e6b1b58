/**
 * The requests of a client, each translated into a question of `ide` and back. A document that is
 * not open, or a place where there is nothing, is answered with null.
 */
import type * as protocol from "vscode-languageserver";
import { CodeActionKind, DocumentHighlightKind } from "vscode-languageserver";
import type { CodeAction } from "../ide/code-actions.ts";
import { counterpart, type LensChange } from "../ide/code-lenses.ts";
import type { ChangeView, OptionView, ValueView } from "../ide/evaluation-view.ts";
import type { DefinitionLink } from "../ide/goto-definition.ts";
import type { HoverQuestions } from "../ide/hover.ts";
import { renderOption, renderValue } from "../ide/hover.ts";
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
  toCodeAction,
  toCodeLens,
  toCompletionList,
  toDocumentSymbol,
  toFoldingRange,
  toInlayHint,
  toSelectionRange,
  toSymbolInformation,
} from "./to-protocol.ts";
import { uriOfId } from "./uri.ts";

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

export async function documentSymbol(
  session: Session,
  { textDocument }: protocol.DocumentSymbolParams,
): Promise<protocol.DocumentSymbol[] | protocol.SymbolInformation[] | null> {
  const asked = await session.ask(textDocument.uri, "documentSymbols", () => []);
  if (!asked) return null;
  const { answer: symbols, to } = asked;
  const { documentSymbol: support } = session.capabilities.textDocument ?? {};
  if (support?.hierarchicalDocumentSymbolSupport === true)
    return inTurns(symbols, (some) => some.map((symbol) => toDocumentSymbol(symbol, to)));
  return inTurns(symbols, (some) => toSymbolInformation(some, to));
}

/** So many are converted at a time. */
const TURN = 2000;

/** Of a large text there are many: what else is asked meanwhile goes in between. */
async function inTurns<T, R>(
  items: readonly T[],
  convert: (some: readonly T[]) => R[],
): Promise<R[]> {
  if (items.length <= TURN) return convert(items);
  const all: R[] = [];
  for (let start = 0; start < items.length; start += TURN) {
    await nextTurn();
    all.push(...convert(items.slice(start, start + TURN)));
  }
  await nextTurn();
  return all;
}

/** Lets what waits go first. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

export async function foldingRange(
  session: Session,
  { textDocument }: protocol.FoldingRangeParams,
): Promise<protocol.FoldingRange[] | null> {
  const asked = await session.ask(textDocument.uri, "foldingRanges", () => []);
  return asked ? asked.answer.map(toFoldingRange) : null;
}

export async function semanticTokens(
  session: Session,
  { textDocument }: protocol.SemanticTokensParams,
  range?: protocol.Range,
): Promise<protocol.SemanticTokens> {
  const asked = await session.ask(textDocument.uri, "encodedTokens", (to) => [
    session.unit,
    range ? to.span(range) : undefined,
  ]);
  return { data: asked?.answer ?? [] };
}

export async function selectionRange(
  session: Session,
  { textDocument, positions }: protocol.SelectionRangeParams,
): Promise<protocol.SelectionRange[] | null> {
  const { uri } = textDocument;
  const found = await Promise.all(
    positions.map((position) => session.ask(uri, "selectionRanges", (to) => [to.offset(position)])),
  );
  const ranges = found.flatMap((asked) => (asked ? toSelectionRange(asked.answer, asked.to) : []));
  return ranges.length === positions.length ? ranges : null;
}

export async function definition(
  session: Session,
  params: protocol.DefinitionParams,
): Promise<protocol.LocationLink[] | protocol.Location[] | null> {
  const { uri } = params.textDocument;
  const asked = await session.ask(uri, "gotoDefinition", (to) => [to.offset(params.position)]);
  if (!asked) return null;
  const { answer: links, to } = asked;
  if (links.length === 0 || links.some(({ isGuess }) => isGuess === true)) {
    const evaluated = await evaluatedDefinition(session, uri, params.position);
    if (evaluated) return [evaluated];
  }
  if (links.length === 0) return null;
  const { definition: support } = session.capabilities.textDocument ?? {};
  const targets = links.map((link) => ({ link, ...targetOf(session, link, to) }));
  if (support?.linkSupport !== true) return targets.map(({ uri, range }) => ({ uri, range }));
  return targets.map(({ link, uri, range }) => ({
    originSelectionRange: to.range(link.origin),
    targetUri: uri,
    targetRange: range,
    targetSelectionRange: range,
  }));
}

/**
 * Where an option is declared, or where the value of an expression comes from, as the evaluation
 * knows: a package's file, a function.
 */
async function evaluatedDefinition(
  session: Session,
  uri: string,
  position: protocol.Position,
): Promise<protocol.Location | null> {
  const asked = await session.ask(uri, "hoverQuestions", (to) => [to.offset(position)]);
  if (!asked) return null;
  const { document, answer } = asked;
  const option = answer.option && (await hoveredOption(session, document, answer.option));
  if (option?.declared?.file.startsWith("/"))
    return session.locate({ ...option.declared, message: "" });
  const { value: target } = answer;
  if (!target) return null;
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
  const asked = await usesAt(session, params);
  if (!asked) return null;
  const wanted = params.context.includeDeclaration;
  const found = asked.answer.filter(({ kind }) => wanted || kind === "use");
  return found.length === 0 ? null : found.map((use) => asked.to.location(use));
}

export async function documentHighlight(
  session: Session,
  params: protocol.DocumentHighlightParams,
): Promise<protocol.DocumentHighlight[] | null> {
  const asked = await usesAt(session, params);
  if (!asked || asked.answer.length === 0) return null;
  return asked.answer.map((use) => ({
    range: asked.to.range(use),
    kind: use.kind === "definition" ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  }));
}

function usesAt(session: Session, params: protocol.TextDocumentPositionParams) {
  const { textDocument, position } = params;
  return session.ask(textDocument.uri, "references", (to) => [to.offset(position)]);
}

export async function prepareRename(
  session: Session,
  { textDocument, position }: protocol.PrepareRenameParams,
): Promise<protocol.Range | null> {
  const asked = await session.ask(textDocument.uri, "prepareRename", (to) => [to.offset(position)]);
  return asked?.answer ? asked.to.range(asked.answer) : null;
}

export async function rename(
  session: Session,
  { textDocument, position, newName }: protocol.RenameParams,
): Promise<protocol.WorkspaceEdit | null> {
  const asked = await session.ask(textDocument.uri, "rename", (to) => [
    to.offset(position),
    newName,
  ]);
  if (!asked?.answer) return null;
  const { answer: result, to } = asked;
  if (!result.ok) {
    session.warn(result.reason);
    return null;
  }
  const edits = result.edits.map((edit) => ({ range: to.range(edit), newText: edit.text }));
  return { changes: { [to.uri]: edits } };
}

export async function documentLinks(
  session: Session,
  { textDocument }: protocol.DocumentLinkParams,
): Promise<protocol.DocumentLink[] | null> {
  const asked = await session.ask(textDocument.uri, "documentLinks", () => []);
  if (!asked) return null;
  const { answer: links, to } = asked;
  return links.map((link) => ({ range: to.range(link), target: uriOf(session, link.file) }));
}

export async function hover(
  session: Session,
  params: protocol.HoverParams,
  token: protocol.CancellationToken,
): Promise<protocol.Hover | null> {
  const { uri } = params.textDocument;
  const offset = (to: Converter) => to.offset(params.position);
  const questions = await session.ask(uri, "hoverQuestions", (to) => [offset(to)]);
  if (!questions) return null;
  const { answer, document } = questions;
  const value = answer.value && (await hoveredValue(session, document, answer.value, token));
  const option = answer.option && (await hoveredOption(session, document, answer.option));
  // The text may have changed while waiting.
  if (session.documents.get(uri)?.revision !== document.revision) return null;
  const asked = await session.ask(uri, "hover", (to) => [offset(to), value, option]);
  if (!asked?.answer) return null;
  const { answer: found, to } = asked;
  const links = session.commandLinks && value ? [commandLinks(value, params)] : [];
  return {
    contents: { kind: "markdown", value: [found.markdown, ...links].join("\n\n") },
    range: to.range(found),
  };
}

function hoveredOption(
  session: Session,
  { path }: OpenDocument,
  { names }: NonNullable<HoverQuestions["option"]>,
): Promise<OptionView | null> {
  return session.client.query({ kind: "option", path, names }, HOVER_WAIT);
}

/** What is known of a value at once, else what the evaluation that runs finds. */
async function hoveredValue(
  session: Session,
  { id, path }: OpenDocument,
  target: ValueTarget,
  token: protocol.CancellationToken,
): Promise<ValueView | null> {
  const { client, evaluations } = session;
  const isUnderWay = !evaluations.isSettled(id);
  const call = session.calls.get(id) ?? 0;
  const ask = () => client.query({ kind: "value", path, ...target, call }, HOVER_WAIT);
  const known = await ask();
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
  const asked = await session.ask(uri, "hoverQuestions", (to) => [to.offset(position)]);
  const target = asked?.answer.value;
  if (!target) return null;
  const { path, id } = asked.document;
  const call = session.calls.get(id) ?? 0;
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
    const { uri } = params.textDocument;
    const offset = (to: Converter) => to.offset(params.position);
    const questions = await session.ask(uri, "completionQuestions", (to) => [offset(to)]);
    if (!questions) return null;
    const { path, revision } = questions.document;
    const { subject = null, scopes = [], callee = null, options = null } = questions.answer ?? {};
    const attributesOf = (target: ValueTarget) =>
      session.client.query({ kind: "attributes", path, ...target }, COMPLETION_WAIT);
    const [attributes, formals, known, ...inScope] = await Promise.all([
      subject && attributesOf(subject),
      callee && session.client.query({ kind: "value", path, ...callee }, COMPLETION_WAIT),
      options &&
        session.client.query({ kind: "option-names", path, names: options }, COMPLETION_WAIT),
      ...scopes.map(attributesOf),
    ]);
    if (session.documents.get(uri)?.revision !== revision) continue;
    const more = {
      scopes: inScope.map((each) => each ?? []),
      formals: formals?.formals ?? null,
      options: known,
    };
    const found = await session.ask(uri, "completion", (to) => [offset(to), attributes, more]);
    if (!found?.answer || found.answer.items.length === 0) return null;
    const resolvable = [...(subject ? [subject] : []), ...scopes].map(({ names }) => names);
    return toCompletionList(found.answer, found.to, {
      path,
      sets: resolvable,
      options: known && options,
    });
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
  if (data.options) {
    const { path, options } = data;
    const place = { path, names: [...options, item.label] };
    const option = await session.client.query({ kind: "option", ...place }, VALUE_WAIT);
    return option
      ? { ...item, documentation: { kind: "markdown", value: renderOption(option) } }
      : item;
  }
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
  const changes = await changesOf(session, document);
  const { states, shells } = session.availabilities;
  const asked = await session.ask(textDocument.uri, "codeLenses", () => [
    session.analysis.derivations(document.id),
    { changes, states, shells },
  ]);
  return asked ? asked.answer.map((lens) => toCodeLens(lens, asked.to)) : null;
}

/** How the derivations with lenses compare with the baseline. */
async function changesOf(
  session: Session,
  { id, uri }: OpenDocument,
): Promise<Map<string, LensChange>> {
  const changes = new Map<string, LensChange>();
  const baseline = session.baselines.get(id);
  if (!baseline) return changes;
  const { reference } = baseline;
  for (const place of await session.lensPlaces(uri)) {
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
  const places = await session.lensPlaces(uri);
  return places.flatMap((place) => {
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
