/** Tools on the text of documents. */
import { z } from "zod";
import { withRecord } from "../../lib/collection.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import { type DriveState, rootFolderId } from "../state.ts";
import { addFile, changeFile, fileOf, folderOf } from "./files.ts";

const tool = toolsOver<DriveState>();

const written = z.object({
  documentId: z.string().describe("ID of the document"),
  title: z.string().describe("Title of the document"),
  characters: z.int().describe("Length of the text after the change, in characters"),
});

/** File and text of a document. Throws ToolFailure for an unknown id or a file of another kind. */
function documentOf(state: DriveState, id: string) {
  const file = fileOf(state, id);
  const content = state.documents[id];
  if (content === undefined)
    throw new ToolFailure(`${id} is a ${file.kind}, not a document. Use get_file_metadata to see what it is.`);
  return { file, content };
}

export const documentTools = [
  tool({
    name: "get_document",
    description: "Retrieve a document from Google Drive with its full text content as plain text.",
    input: z.object({ documentId: z.string().describe("ID of the document to retrieve") }),
    output: z.object({
      documentId: z.string().describe("ID of the document"),
      title: z.string().describe("Title of the document"),
      content: z.string().describe("Full text of the document"),
    }),
    run(state, args) {
      const { file, content } = documentOf(state, args.documentId);
      return { documentId: file.id, title: file.name, content };
    },
  }),
  tool({
    name: "create_document",
    description: "Create a document with the given title and plain text content.",
    input: z.object({
      title: z.string().min(1).describe("Title of the new document"),
      content: z.string().default("").describe("Initial text"),
      folderId: z.string().default(rootFolderId).describe("ID of the folder to create it in"),
    }),
    output: written,
    run(state, args) {
      folderOf(state, args.folderId);
      const file = addFile(state, args.title, "document", args.folderId);
      state.documents = withRecord(state.documents, file.id, args.content);
      return { documentId: file.id, title: file.name, characters: args.content.length };
    },
  }),
  tool({
    name: "append_to_document",
    description:
      "Add plain text at the end of a document. The text is added as it is: start it with a line break to begin a new paragraph.",
    input: z.object({
      documentId: z.string().describe("ID of the document"),
      text: z.string().min(1).describe("Text to add"),
    }),
    output: written,
    run(state, args) {
      const { file, content } = documentOf(state, args.documentId);
      const text = content + args.text;
      state.documents = withRecord(state.documents, file.id, text);
      changeFile(state, file, {});
      return { documentId: file.id, title: file.name, characters: text.length };
    },
  }),
];
