/** The figures that the task asks for, from the file's text. Regions hold no comma, so a plain split reads them. */
export function summarise(csv: string): { readonly rows: number; readonly units: number; readonly bestRegion: string } {
  const [header = "", ...lines] = csv.trim().split("\n");
  const columns = header.split(",");
  const unitsByRegion = new Map<string, number>();
  let units = 0;
  for (const line of lines) {
    const cells = line.split(",");
    const region = cells[columns.indexOf("region")] ?? "";
    const sold = Number(cells[columns.indexOf("units")]);
    units += sold;
    unitsByRegion.set(region, (unitsByRegion.get(region) ?? 0) + sold);
  }
  const [best] = [...unitsByRegion].sort(([, a], [, b]) => b - a);
  return { rows: lines.length, units, bestRegion: best?.[0] ?? "" };
}
