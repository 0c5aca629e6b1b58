/** What happens while paths are realised, for whoever shows it. */
import type { ByteString } from "../base/bytes.ts";

export type BuildEvent =
  /** Numbers of what is to be done by one call, before the first of it starts. */
  | { readonly kind: "planned"; readonly builds: number; readonly fetches: number }
  | {
      readonly kind: "build-started";
      readonly id: number;
      readonly drvPath: ByteString;
      /** It is there already, and is built to be compared. */
      readonly again?: boolean;
    }
  /** One line without its end; invalid UTF-8 and escape sequences are as the builder wrote them. */
  | { readonly kind: "log-line"; readonly id: number; readonly line: ByteString }
  | { readonly kind: "phase"; readonly id: number; readonly name: ByteString }
  | { readonly kind: "build-ended"; readonly id: number; readonly ok: boolean }
  | {
      readonly kind: "fetch-started";
      readonly id: number;
      readonly path: ByteString;
      readonly from: ByteString;
      /** Bytes to download, when the cache says. */
      readonly size: number | undefined;
    }
  | { readonly kind: "fetch-progress"; readonly id: number; readonly received: number }
  | { readonly kind: "fetch-ended"; readonly id: number; readonly ok: boolean }
  | { readonly kind: "warning"; readonly message: ByteString };

export type BuildObserver = (event: BuildEvent) => void;
