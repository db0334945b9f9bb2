import { exec } from "node:child_process";

exec(process.argv[2] ?? "");
