/** Tools on files and folders, whatever they hold. */
import { z } from "zod";
import { writeTime } from "../../../fixtures/calendar.ts";
import { compareText, page, required, withRecord } from "../../lib/collection.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import { type DriveFile, type DriveState, fileKinds, issueId, rootFolderId } from "../state.ts";

const tool = toolsOver<DriveState>();

const fileKind = z.enum(fileKinds);
const file = z.object({
  id: z.string().describe("File ID"),
  name: z.string().describe("File name"),
  kind: fileKind.describe("What the file is"),
  parentId: z.string().nullable().describe("ID of the folder that holds it, null for the root folder"),
  owner: z.string().describe("Owner's email address"),
  createdTime: z.string().describe("RFC 3339 time of creation"),
  modifiedTime: z.string().describe("RFC 3339 time of the last change"),
  trashed: z.boolean().describe("Whether the file is in the trash"),
});
const filePage = z.object({
  files: z.array(file),
  nextPageToken: z.string().nullable().describe("Token of the next page, null on the last one"),
});
const pageSize = z.int().min(1).max(100).default(20).describe("Files per page");
const pageToken = z.string().optional().describe("nextPageToken of the previous page");
const fileId = z.string().describe("ID of the file");

/** The file, trashed or not. Throws ToolFailure for an unknown id. */
export function fileOf(state: DriveState, id: string): DriveFile {
  return required(state.files, id, "File", "search_files");
}

/** The folder, which must not be in the trash. Throws ToolFailure. */
export function folderOf(state: DriveState, id: string): DriveFile {
  const found = required(state.files, id, "Folder", "list_folder");
  if (found.kind !== "folder") throw new ToolFailure(`${id} is a ${found.kind}, not a folder.`);
  if (found.trashed) throw new ToolFailure(`Folder ${id} is in the trash.`);
  return found;
}

/** Adds a file of the acting user. */
export function addFile(state: DriveState, name: string, kind: DriveFile["kind"], parentId: string): DriveFile {
  const id = issueId(state);
  const added: DriveFile = {
    id,
    name,
    kind,
    parentId,
    owner: state.user,
    createdTime: writeTime,
    modifiedTime: writeTime,
    trashed: false,
  };
  state.files = withRecord(state.files, id, added);
  state.permissions = withRecord(state.permissions, id, [{ id: `${id.slice(0, 8)}-owner`, email: state.user, role: "owner" }]);
  return added;
}

/** Replaces fields of a file and marks it as modified. */
export function changeFile(state: DriveState, before: DriveFile, fields: Partial<DriveFile>): DriveFile {
  const after = { ...before, ...fields, modifiedTime: writeTime };
  state.files = withRecord(state.files, before.id, after);
  return after;
}

function newestFirst(a: DriveFile, b: DriveFile): number {
  return compareText(b.modifiedTime, a.modifiedTime) || compareText(a.id, b.id);
}

export const fileTools = [
  tool({
    name: "search_files",
    description:
      "Search for files in Google Drive by name and, for documents, by content. Results are sorted by the time of the last change, newest first. Files in the trash are left out unless includeTrashed is set.",
    input: z.object({
      query: z.string().describe("Words to look for, case-insensitive; all of them must occur in the name or the content"),
      kind: fileKind.optional().describe("Only files of this kind"),
      owner: z.string().optional().describe("Only files of this owner, by email address"),
      modifiedAfter: z.string().optional().describe("Only files changed after this RFC 3339 time or date"),
      includeTrashed: z.boolean().default(false).describe("Also search the trash"),
      pageSize,
      pageToken,
    }),
    output: filePage,
    run(state, args) {
      const words = args.query.toLowerCase().split(/\s+/).filter(Boolean);
      const found = Object.values(state.files).filter((one) => {
        if (one.trashed && !args.includeTrashed) return false;
        if (args.kind !== undefined && one.kind !== args.kind) return false;
        if (args.owner !== undefined && one.owner !== args.owner) return false;
        if (args.modifiedAfter !== undefined && one.modifiedTime <= args.modifiedAfter) return false;
        const text = `${one.name}\n${state.documents[one.id] ?? ""}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
      const { items, nextPageToken } = page(found.sort(newestFirst), args.pageSize, args.pageToken);
      return { files: [...items], nextPageToken };
    },
  }),
  tool({
    name: "list_folder",
    description:
      'List the files and folders directly inside a folder, sorted by name. Use folderId "root" for the top of My Drive.',
    input: z.object({
      folderId: z.string().default(rootFolderId).describe("ID of the folder"),
      pageSize,
      pageToken,
    }),
    output: filePage,
    run(state, args) {
      folderOf(state, args.folderId);
      const inside = Object.values(state.files).filter((one) => one.parentId === args.folderId && !one.trashed);
      inside.sort((a, b) => compareText(a.name, b.name) || compareText(a.id, b.id));
      const { items, nextPageToken } = page(inside, args.pageSize, args.pageToken);
      return { files: [...items], nextPageToken };
    },
  }),
  tool({
    name: "get_file_metadata",
    description: "Get a file's name, kind, owner, folder and times, without its content.",
    input: z.object({ fileId }),
    output: file,
    run: (state, args) => fileOf(state, args.fileId),
  }),
  tool({
    name: "create_folder",
    description:
      "Create a folder and return its metadata. Names need not be unique in Drive: check with list_folder first if that matters.",
    input: z.object({
      name: z.string().min(1).describe("Name of the new folder"),
      parentId: z.string().default(rootFolderId).describe("ID of the folder to create it in"),
    }),
    output: file,
    run(state, args) {
      folderOf(state, args.parentId);
      return addFile(state, args.name, "folder", args.parentId);
    },
  }),
  tool({
    name: "copy_file",
    description: "Copy a document, spreadsheet or PDF. Folders cannot be copied. Comments and permissions are not copied.",
    input: z.object({
      fileId,
      name: z.string().optional().describe('Name of the copy; default: "Copy of" and the original\'s name'),
      parentId: z.string().optional().describe("Folder of the copy; default: the original's folder"),
    }),
    output: file,
    run(state, args) {
      const original = fileOf(state, args.fileId);
      if (original.kind === "folder") throw new ToolFailure("Folders cannot be copied. Copy the files in it one by one.");
      const parentId = args.parentId ?? original.parentId ?? rootFolderId;
      folderOf(state, parentId);
      const copy = addFile(state, args.name ?? `Copy of ${original.name}`, original.kind, parentId);
      const text = state.documents[original.id];
      if (text !== undefined) state.documents = withRecord(state.documents, copy.id, text);
      const tabs = state.spreadsheets[original.id];
      if (tabs !== undefined) state.spreadsheets = withRecord(state.spreadsheets, copy.id, tabs);
      return copy;
    },
  }),
  tool({
    name: "move_file",
    description: "Move a file or folder to another folder. A folder cannot be moved into itself or into a folder below it.",
    input: z.object({ fileId, folderId: z.string().describe("ID of the destination folder") }),
    output: file,
    run(state, args) {
      const moved = fileOf(state, args.fileId);
      if (moved.parentId === null) throw new ToolFailure("The root folder cannot be moved.");
      for (let at: string | null = folderOf(state, args.folderId).id; at !== null; at = state.files[at]?.parentId ?? null) {
        if (at === moved.id) throw new ToolFailure("A folder cannot be moved into itself or into a folder below it.");
      }
      return changeFile(state, moved, { parentId: args.folderId });
    },
  }),
  tool({
    name: "trash_file",
    description: "Move a file to the trash, or take it out again with restore set to true. Nothing is deleted for good.",
    input: z.object({ fileId, restore: z.boolean().default(false).describe("Take the file out of the trash instead") }),
    output: file,
    run(state, args) {
      const found = fileOf(state, args.fileId);
      if (found.parentId === null) throw new ToolFailure("The root folder cannot be moved to the trash.");
      return changeFile(state, found, { trashed: !args.restore });
    },
  }),
];
