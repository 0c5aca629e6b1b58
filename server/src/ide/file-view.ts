/**
 * What features may ask of the file system: whether something is there. Answers may come from open
 * documents, a cache or the disk; they are never waited for.
 */
export interface FileView {
  /** What is at an absolute path, links followed. */
  kind(path: string): "file" | "directory" | null;
  /** Where the lookup path leads for the text between `<` and `>`, or null. */
  lookup(name: string): string | null;
  /** The user's home directory, or null when it is unknown. */
  readonly home: string | null;
}
