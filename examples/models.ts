import { execute, program, signature } from "tutti";
import { iclModel } from "tutti/models/icl";
import { cached, limited, metered, retrying, withTimeout } from "tutti/models/wrappers";

const wire = metered(iclModel()); // or languageModelFrom("openai/gpt-5-mini"), an AI SDK model, { id, url, apiKey }
const polite = limited(withTimeout(wire, { ms: 30_000 }), { concurrency: 8, callsPerMinute: 500 });
const model = cached(retrying(polite));

const triage = program({ name: "triage", signature: signature('ticket -> queue: "billing" | "technical"') });
for (const ticket of ["You charged my card twice", "The app crashes", "You charged my card twice"])
  await execute(triage, { ticket }, { model });

const { hits, hitRate } = model.stats();
console.log(`${wire.metered().usage.calls} calls, ${hits} answered from the cache (${Math.round(hitRate * 100)} %)`);
