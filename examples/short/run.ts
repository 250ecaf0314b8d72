import { execute, program, signature } from "tutti";

const triage = program({ name: "triage", signature: signature('ticket -> queue: "billing" | "technical"') });
const { outputs } = await execute(triage, { ticket: "A billing mistake: I paid twice" }, { model: "icl/base" });

console.log(outputs.queue); // billing
