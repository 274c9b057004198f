/** Limits on Emscripten's files in memory, which know neither a quota nor a read-only folder. */

/** What Emscripten's `MEMFS` keeps for a file or folder; its types leave this out. */
interface MemoryNode {
  readonly contents: Record<string, MemoryNode> | Uint8Array;
  readonly usedBytes?: number;
  node_ops: Record<string, unknown>;
  stream_ops: Record<string, unknown>;
}
type Write = (stream: { node: MemoryNode }, buffer: unknown, offset: number, length: number, position: number) => number;
type SetAttributes = (node: MemoryNode, attributes: { size?: number }) => void;

export interface EmscriptenFiles {
  readonly filesystems: {
    readonly MEMFS: {
      readonly ops_table: {
        readonly file: { readonly node: { setattr: SetAttributes }; readonly stream: { write: Write } };
      };
    };
  };
  readonly ErrnoError: new (errno: number) => Error;
  lookupPath(path: string): { readonly node: MemoryNode };
}

/** Emscripten's numbers of POSIX errors. */
const noSpace = 51;
const readOnlyFileSystem = 69;
/** The bits of `open`'s flags that are 0 for reading alone. */
const accessMode = 3;

/** Programs may add this many bytes. A file that is removed gives nothing back, because it may still be open. */
export function boundFiles(files: EmscriptenFiles, mostBytes: number): void {
  const { file } = files.filesystems.MEMFS.ops_table;
  const { write } = file.stream;
  const { setattr } = file.node;
  let addedBytes = 0;
  const add = (bytes: number) => {
    if (addedBytes + bytes > mostBytes) throw new files.ErrnoError(noSpace);
    addedBytes += bytes;
  };
  file.stream.write = (stream, buffer, offset, length, position) => {
    add(Math.max(0, position + length - (stream.node.usedBytes ?? 0)));
    return write(stream, buffer, offset, length, position);
  };
  file.node.setattr = (node, attributes) => {
    if (attributes.size !== undefined) add(attributes.size - (node.usedBytes ?? 0));
    setattr(node, attributes);
  };
}

/** Everything at and below `path` refuses to change. */
export function freeze(files: EmscriptenFiles, path: string): void {
  const refuse = () => {
    throw new files.ErrnoError(readOnlyFileSystem);
  };
  const open = ({ flags }: { flags: number }) => {
    if ((flags & accessMode) !== 0) refuse();
  };
  const visit = (node: MemoryNode) => {
    const changes = ["setattr", "mknod", "rename", "unlink", "rmdir", "symlink"].filter((name) => name in node.node_ops);
    node.node_ops = { ...node.node_ops, ...Object.fromEntries(changes.map((name) => [name, refuse])) };
    if ("write" in node.stream_ops) node.stream_ops = { ...node.stream_ops, open, write: refuse, mmap: refuse };
    if (!(node.contents instanceof Uint8Array)) for (const child of Object.values(node.contents)) visit(child);
  };
  visit(files.lookupPath(path).node);
}
