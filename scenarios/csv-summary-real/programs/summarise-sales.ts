import { read_text_file } from "./servers/filesystem/read_text_file.ts";

const path = "sales.csv";
const regionColumn = "region";
const unitsColumn = "units";

const { content } = await read_text_file({ path });
const [header = "", ...lines] = content.trim().split("\n");
const columns = header.split(",");
const region = columns.indexOf(regionColumn);
const units = columns.indexOf(unitsColumn);
let total = 0;
const byRegion: Record<string, number> = {};
for (const line of lines) {
  const cells = line.split(",");
  const sold = Number(cells[units]);
  total += sold;
  byRegion[cells[region] ?? ""] = (byRegion[cells[region] ?? ""] ?? 0) + sold;
}
const [bestRegion] = Object.entries(byRegion).sort(([, a], [, b]) => b - a)[0] ?? [""];
console.log(JSON.stringify({ rows: lines.length, units: total, bestRegion }));
