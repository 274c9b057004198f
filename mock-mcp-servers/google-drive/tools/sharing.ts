/** Tools on who may see a file, and on what people say beside it. */
import { z } from "zod";
import { writeTime } from "../../../fixtures/calendar.ts";
import { withRecord } from "../../lib/collection.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import { type DriveState, issueId } from "../state.ts";
import { fileOf } from "./files.ts";

const tool = toolsOver<DriveState>();

const fileId = z.string().describe("ID of the file");
const permission = z.object({
  id: z.string().describe("Permission ID"),
  email: z.string().describe("Email address of the person or group"),
  role: z.enum(["reader", "commenter", "writer", "owner"]).describe("What they may do"),
});
const comment = z.object({
  id: z.string().describe("Comment ID"),
  author: z.string().describe("Author's email address"),
  text: z.string().describe("Text of the comment"),
  quotedText: z.string().nullable().describe("The passage that it is about, null for the whole file"),
  createdTime: z.string().describe("RFC 3339 time"),
  resolved: z.boolean().describe("Whether the comment was resolved"),
});

export const sharingTools = [
  tool({
    name: "share_file",
    description:
      "Give a person or group access to a file, or change the role that they have. Ownership cannot be given away with this tool.",
    input: z.object({
      fileId,
      email: z.email().describe("Email address of the person or group"),
      role: z.enum(["reader", "commenter", "writer"]).describe("What they may do"),
    }),
    output: permission,
    run(state, args) {
      const file = fileOf(state, args.fileId);
      const before = state.permissions[file.id] ?? [];
      const had = before.find((one) => one.email === args.email);
      if (had?.role === "owner") throw new ToolFailure(`${args.email} owns the file, and an owner's role cannot be changed.`);
      const granted = { id: had?.id ?? issueId(state).slice(0, 20), email: args.email, role: args.role };
      state.permissions = withRecord(state.permissions, file.id, [...before.filter((one) => one !== had), granted]);
      return granted;
    },
  }),
  tool({
    name: "list_permissions",
    description: "List who has access to a file, and in which role.",
    input: z.object({ fileId }),
    output: z.object({ permissions: z.array(permission) }),
    run: (state, args) => ({ permissions: [...(state.permissions[fileOf(state, args.fileId).id] ?? [])] }),
  }),
  tool({
    name: "add_comment",
    description: "Add a comment to a file, either to the whole file or to a passage of it.",
    input: z.object({
      fileId,
      text: z.string().min(1).describe("Text of the comment"),
      quotedText: z.string().optional().describe("The passage that the comment is about; it must occur in the document"),
    }),
    output: comment,
    run(state, args) {
      const file = fileOf(state, args.fileId);
      if (args.quotedText !== undefined && !(state.documents[file.id] ?? "").includes(args.quotedText)) {
        throw new ToolFailure("quotedText does not occur in the document. Quote it exactly, or leave it out.");
      }
      const added = {
        id: issueId(state).slice(0, 16),
        author: state.user,
        text: args.text,
        quotedText: args.quotedText ?? null,
        createdTime: writeTime,
        resolved: false,
      };
      state.comments = withRecord(state.comments, file.id, [...(state.comments[file.id] ?? []), added]);
      return added;
    },
  }),
  tool({
    name: "list_comments",
    description: "List the comments on a file, oldest first.",
    input: z.object({ fileId, includeResolved: z.boolean().default(false).describe("Also list resolved comments") }),
    output: z.object({ comments: z.array(comment) }),
    run(state, args) {
      const all = state.comments[fileOf(state, args.fileId).id] ?? [];
      return { comments: all.filter((one) => args.includeResolved || !one.resolved) };
    },
  }),
];
