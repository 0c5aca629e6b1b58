/** Somewhere that finished paths can be fetched from. */
import type { ByteString } from "../base/bytes.ts";
import type { NarInfo } from "../store/nar-info.ts";

export interface Substituter {
  /** As messages name it. */
  readonly name: string;
  /** Smaller is asked first. */
  priority(): Promise<number>;
  /** What it has of a path, when it has it and the signature is trusted. */
  query(path: ByteString, signal?: AbortSignal): Promise<NarInfo | undefined>;
  /**
   * The archive of a path, unpacked; checked by the caller against the info.
   * @param received bytes that came over the network so far
   */
  archive(
    info: NarInfo,
    received: (bytes: number) => void,
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
}
