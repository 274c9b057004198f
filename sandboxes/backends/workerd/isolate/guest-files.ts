/** Stands in for `guest-files.ts`: an isolate has no files; its guest's code came with it. */
import guest from "guest.json";

export const guestSource = (name: string): string => (name === "realm-entry" ? guest.entry : (guest.parts[name] ?? ""));
