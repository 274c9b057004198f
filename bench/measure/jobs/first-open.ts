/** The first session of this process: engines are loaded, images made. Once a process, so there is one sample. */
import { openOptions, program, runOptions, sources } from "./programs.ts";
import type { Measure } from "./setting.ts";

export const measureFirstOpen: Measure = async ({ sandbox, language, memoryBytes, now, expect }) => {
  const start = now();
  const session = await sandbox.open(openOptions(language, memoryBytes));
  try {
    const firstOpenMs = now() - start;
    expect(await session.run(program(language, sources[language].trivial), runOptions()), "2");
    return { firstOpenMs: [firstOpenMs], firstStartMs: [now() - start] };
  } finally {
    await session.close();
  }
};
