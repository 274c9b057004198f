/** The mock Drive's data, and the builder that surrounds a scenario's own files with plausible neighbours. */
import { addDays, today, writeTime } from "../../fixtures/calendar.ts";
import { memoised } from "../../fixtures/memo.ts";
import { firm, people, slug } from "../../fixtures/names.ts";
import { orderSheet } from "../../fixtures/orders.ts";
import { type Random, random } from "../../fixtures/random.ts";
import { meetingTranscript } from "../../fixtures/transcript.ts";
import { byId, type Collection } from "../lib/collection.ts";

export const fileKinds = ["folder", "document", "spreadsheet", "pdf"] as const;
export type FileKind = (typeof fileKinds)[number];

export interface DriveFile {
  readonly id: string;
  readonly name: string;
  readonly kind: FileKind;
  /** Folder id; `null` only for the root folder. */
  readonly parentId: string | null;
  readonly owner: string;
  readonly createdTime: string;
  readonly modifiedTime: string;
  readonly trashed: boolean;
}

/** One tab. `rows[0]` is the header; every cell is text. */
export interface Sheet {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

export interface Permission {
  readonly id: string;
  readonly email: string;
  readonly role: "reader" | "commenter" | "writer" | "owner";
}

export interface DriveComment {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly quotedText: string | null;
  readonly createdTime: string;
  readonly resolved: boolean;
}

/** A field that changes is replaced, never altered, so that states may share data. */
export interface DriveState {
  /** Mail address of whoever the tools act for. */
  readonly user: string;
  files: Collection<DriveFile>;
  /** Text of each document, by file id. */
  documents: Collection<string>;
  /** Tabs of each spreadsheet, by file id. */
  spreadsheets: Collection<readonly Sheet[]>;
  permissions: Collection<readonly Permission[]>;
  comments: Collection<readonly DriveComment[]>;
  /** Ids given out so far. */
  idsIssued: number;
}

export const rootFolderId = "root";

/** Drive's alphabet and usual length of ids. */
export function driveId(draw: Random): string {
  return `1${draw.text(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")}`;
}

/** The next id, the same for the same number of ids issued before. */
export function issueId(state: DriveState): string {
  state.idsIssued += 1;
  return driveId(random(state.idsIssued, "drive-issued"));
}

export interface DriveStart {
  /** Files of the scenario, all in the folder "Shared with me". */
  readonly documents?: readonly { readonly id: string; readonly title: string; readonly content: string }[];
  /** `rows[0]` is the header. `tab` defaults to "Sheet1". */
  readonly sheets?: readonly {
    readonly id: string;
    readonly title: string;
    readonly rows: readonly (readonly string[])[];
    readonly tab?: string;
  }[];
  readonly seed: number;
}

/** A fresh state: the scenario's files among some forty others. Its data is shared and must not be altered. */
export function driveState({ documents = [], sheets = [], seed }: DriveStart): DriveState {
  const start = neighbours(seed);
  const file = (id: string, name: string, kind: FileKind): DriveFile => ({
    id,
    name,
    kind,
    parentId: start.inbox,
    owner: start.colleague,
    createdTime: `${addDays(today, -1)}T09:30:00.000Z`,
    modifiedTime: `${addDays(today, -1)}T16:45:00.000Z`,
    trashed: false,
  });
  const own = [
    ...documents.map(({ id, title }) => file(id, title, "document")),
    ...sheets.map(({ id, title }) => file(id, title, "spreadsheet")),
  ];
  return {
    user: start.user,
    files: { ...start.files, ...byId(own) },
    documents: { ...start.documents, ...Object.fromEntries(documents.map(({ id, content }) => [id, content])) },
    spreadsheets: {
      ...start.spreadsheets,
      ...Object.fromEntries(sheets.map(({ id, rows, tab = "Sheet1" }) => [id, [{ title: tab, rows }]])),
    },
    permissions: {
      ...start.permissions,
      ...Object.fromEntries(
        own.map(({ id }) => [id, [{ id: `${id.slice(0, 8)}-owner`, email: start.colleague, role: "owner" }]]),
      ),
    },
    comments: start.comments,
    idsIssued: 0,
  };
}

/** What surrounds a scenario's files, by seed. */
const neighbours = memoised((seed: number) => {
  const draw = random(seed, "drive");
  const staff = people(draw, 6).map((who) => `${slug(who.name, ".")}@corp.example`);
  const [user = "", colleague = ""] = staff;
  const folders = ["Shared with me", "Sales calls", "Contracts", "Planning 2026", "Onboarding", "Archive"];
  const made = (name: string, kind: FileKind, parentId: string): DriveFile => {
    const createdTime = addDays(today, -draw.integer(20, 400));
    return {
      id: driveId(draw),
      name,
      kind,
      parentId,
      owner: draw.pick(staff),
      createdTime: `${createdTime}T0${draw.integer(7, 9)}:${draw.integer(10, 59)}:00.000Z`,
      modifiedTime: `${addDays(createdTime, draw.integer(0, 19))}T1${draw.integer(0, 7)}:${draw.integer(10, 59)}:00.000Z`,
      trashed: false,
    };
  };
  const root: DriveFile = { ...made("My Drive", "folder", ""), id: rootFolderId, parentId: null, owner: user };
  const inFolders = folders.map((name) => made(name, "folder", rootFolderId));
  const at = (i: number) => inFolders[i]?.id ?? rootFolderId;
  const files: DriveFile[] = [root, ...inFolders];
  const texts: [string, string][] = [];
  const tabs: [string, readonly Sheet[]][] = [];
  for (let i = 0; i < 14; i++) {
    const call = made(`Call notes: ${firm(draw)}`, "document", at(1));
    files.push(call);
    texts.push([call.id, meetingTranscript({ minutes: 2, seed: seed * 1000 + i })]);
  }
  for (let i = 0; i < 8; i++) {
    const contract = made(`Order form ${firm(draw)}`, draw.chance(50) ? "pdf" : "document", at(2));
    files.push(contract);
    if (contract.kind === "document")
      texts.push([contract.id, `Order form\n\nTerm: ${draw.pick([12, 24, 36])} months.\nSites: ${draw.integer(1, 14)}.`]);
  }
  for (const [name, kind, folder] of plans) {
    const plan = made(name, kind, at(folder));
    files.push(plan);
    if (kind === "document") texts.push([plan.id, `${name}\n\nDraft. Owner: ${plan.owner}. Comments welcome until Friday.`]);
    if (kind === "spreadsheet")
      tabs.push([plan.id, [{ title: "Sheet1", rows: orderSheet({ rows: 25, seed: seed + tabs.length + 1 }) }]]);
  }
  const permissions = files.map((file): [string, readonly Permission[]] => [
    file.id,
    [{ id: `${file.id.slice(0, 8)}-owner`, email: file.owner, role: "owner" }],
  ]);
  const commented = texts[0]?.[0] ?? "";
  const comment: DriveComment = {
    id: "AAAA-comment-1",
    author: colleague,
    text: "Can we get the pricing part confirmed before this goes out?",
    quotedText: null,
    createdTime: writeTime,
    resolved: false,
  };
  return Object.freeze({
    user,
    colleague,
    inbox: at(0),
    files: byId(files),
    documents: Object.freeze(Object.fromEntries(texts)),
    spreadsheets: Object.freeze(Object.fromEntries(tabs)),
    permissions: Object.freeze(Object.fromEntries(permissions)),
    comments: Object.freeze({ [commented]: [comment] }),
  });
});

/** Name, kind, index of the folder. */
const plans: readonly (readonly [string, FileKind, number])[] = [
  ["Headcount plan 2026", "spreadsheet", 3],
  ["Territory split draft", "spreadsheet", 3],
  ["Board narrative Q4", "document", 3],
  ["Pricing experiments", "document", 3],
  ["Welcome guide", "document", 4],
  ["Laptop checklist", "document", 4],
  ["Orders 2023 (frozen)", "spreadsheet", 5],
  ["Brand book", "pdf", 5],
  ["Travel policy", "pdf", 4],
  ["Trade fair leads", "spreadsheet", 5],
];
