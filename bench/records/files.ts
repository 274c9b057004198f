/** What a run leaves in its folder. */
export const RUN_FILE = "run.json";
export const RECORDS_FILE = "records.jsonl";
