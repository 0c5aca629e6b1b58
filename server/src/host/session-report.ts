/** What an evaluation session reports, from the evaluator's bytes to plain text. */
import { type ByteString, bytesToText } from "../base/bytes.ts";
import type { OptionDescription } from "../eval/describe-option.ts";
import type { DerivationInfo, ReportedError, ReportedFrame, ValueReport } from "../eval/session.ts";
import type {
  ChangeReason,
  ChangeView,
  DerivationHint,
  EvaluationError,
  OptionView,
  TraceFrame,
  ValueView,
} from "../ide/evaluation-view.ts";
import { encodeBase16 } from "../store/base16.ts";
import type { ChangedDerivation, Difference } from "../store/derivation-difference.ts";
import type { Store } from "../store/store.ts";

const text = bytesToText;

export function plainDerivation(info: DerivationInfo): Omit<DerivationHint, "start" | "end"> {
  return {
    name: text(info.name),
    drvPath: text(info.drvPath),
    outputs: info.outputs.map(({ name, path }) => ({
      name: text(name),
      path: path === null ? null : text(path),
    })),
  };
}

export function plainFrame(frame: ReportedFrame): TraceFrame {
  const { line, column } = frame;
  return {
    file: frame.file === null ? null : text(frame.file),
    line,
    column,
    text: text(frame.text),
  };
}

export function plainValue(value: ValueReport): ValueView {
  const { start, end, type, derivation, wasForced, isStale, details, definition, call, closure } =
    value;
  const { meta, builtin, doc } = details;
  const maybe = (bytes: string | null) => (bytes === null ? null : text(bytes));
  return {
    start,
    end,
    type,
    wasForced,
    isStale,
    text: text(value.text),
    derivation: derivation === null ? null : plainDerivation(derivation),
    definition: definition === null ? null : plainFrame(definition),
    call: call && { ...call, site: call.site && plainFrame(call.site) },
    closure,
    context: details.context.map(text),
    doc: maybe(doc),
    builtin: maybe(builtin),
    formals:
      details.formals?.map(({ name, fallback }) => ({
        name: text(name),
        fallback: maybe(fallback),
      })) ?? null,
    meta: meta && {
      version: maybe(meta.version),
      description: maybe(meta.description),
      homepage: maybe(meta.homepage),
      licence: maybe(meta.licence),
      position: maybe(meta.position),
    },
  };
}

export function plainOption(option: OptionDescription): OptionView {
  const maybe = (bytes: string | null) => (bytes === null ? null : text(bytes));
  const { name, description, type, fallback, value, declared } = option;
  return {
    name: text(name),
    description: maybe(description),
    type: maybe(type),
    fallback: maybe(fallback),
    value: maybe(value),
    declared: declared && { ...declared, file: text(declared.file) },
  };
}

export function plainError(error: ReportedError): EvaluationError {
  return {
    message: text(error.message),
    code: error.code,
    at: error.at === null ? null : plainFrame(error.at),
    trace: error.trace.map(plainFrame),
    suggestions: error.suggestions.map(text),
    name: error.name === null ? null : text(error.name),
    alternatives: error.alternatives.map(text),
    formals: error.formals.map(text),
    option: error.option && {
      ...error.option,
      name: text(error.option.name),
      near: error.option.near.map(text),
    },
    files: error.files.map(text),
    cycle: error.cycle.map(plainFrame),
    wanted: error.wanted && {
      kind: error.wanted.kind,
      url: text(error.wanted.url),
      sha256: error.wanted.expected && encodeBase16(error.wanted.expected),
    },
  };
}

/**
 * A difference as a tree in which everything is written out once.
 *
 * @param physical where a path on disk is that may be in the store
 */
export function plainChange(
  store: Store,
  physical: (path: ByteString) => ByteString,
  root: ChangedDerivation,
): ChangeView {
  const seen = new Set<ChangedDerivation>();
  const plain = (changed: ChangedDerivation): ChangeView => {
    const isNew = !seen.has(changed);
    seen.add(changed);
    return {
      name: text(changed.name),
      before: text(changed.before),
      after: text(changed.after),
      reasons: isNew ? changed.differences.map((each) => plainReason(store, physical, each)) : [],
      inputs: isNew ? changed.inputs.map(plain) : [],
    };
  };
  return plain(root);
}

function plainReason(
  store: Store,
  physical: (path: ByteString) => ByteString,
  { kind, name, before, after }: Difference,
): ChangeReason {
  const object = kind === "source" && after !== null ? store.object(after) : undefined;
  return {
    kind,
    name: text(name),
    before: before === null ? null : text(before),
    after: after === null ? null : text(after),
    origin: object?.kind === "source" ? text(physical(object.source.origin)) : null,
  };
}
