export const roles = ["figure", "bound", "self-control", "echo-control"] as const;
/** Why a cell is played: for the figures, as an end of their bounds, or as a control. */
export type Role = (typeof roles)[number];
