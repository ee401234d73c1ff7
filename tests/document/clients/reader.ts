// A program that reads with the types that were generated from the document.
import type { paths } from "./schema";

type Listed<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Answer } } } };
}
  ? Answer
  : never;

const [url, token] = process.argv.slice(2);

async function read<Path extends keyof paths>(path: Path): Promise<Listed<Path>> {
  const answer = await fetch(`${url}/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Listed<Path>;
}

const accounts = await read("/accounts");
const calls = await read("/calls");
console.log(accounts.data.map((each) => each.name).join(), calls.data.length);
