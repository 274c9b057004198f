import { read_text_file } from "./servers/filesystem/read_text_file.ts";

const path = "sales.csv";

console.log(await read_text_file({ path, head: 2 }));
