"""Optimises one program with one of DSPy's optimisers and says what it predicts on held-out examples.

    python optimize.py JOB.json RESULT.json

Optimisers without a validation set of their own get both sets to learn from.

The job is what bench/parts/dspy-row.ts writes. All calls go to the endpoint that it names: those of the optimiser under
the key "optimize", those of the held-out examples under the key "held-out", so that the server counts them apart.
"""

import json
import logging
import random
import sys
import time
from typing import Literal

import dspy

job = json.load(open(sys.argv[1]))
settings, threads, seed = job["settings"], job["threads"], job["seed"]
field_in, field_out = job["input"], job["output"]


def endpoint(key):
    return dspy.LM(
        f"openai/{job['model']}", api_base=job["url"], api_key=key, temperature=0, max_tokens=1000, num_retries=0
    )


def examples(rows):
    return [dspy.Example({field_in: row["x"], field_out: row["y"]}).with_inputs(field_in) for row in rows]


def is_right(example, prediction, trace=None):
    return float(getattr(prediction, field_out, None) == getattr(example, field_out))


def with_feedback(example, prediction, trace=None, pred_name=None, pred_trace=None):
    expected, given = getattr(example, field_out), getattr(prediction, field_out, None)
    right = given == expected
    feedback = "Right." if right else f'The correct answer is "{expected}", not "{given}".'
    return dspy.Prediction(score=float(right), feedback=feedback)


def student():
    signature = dspy.Signature(
        {
            field_in: (str, dspy.InputField()),
            field_out: (Literal[tuple(job["labels"])], dspy.OutputField()),
        },
        job["instructions"],
    )
    return dspy.Predict(signature)


def none(train, validation):
    return student()


def labeled(train, validation):
    return dspy.LabeledFewShot(k=settings["k"]).compile(student(), trainset=train, sample=False)


def bootstrap(train, validation):
    return dspy.BootstrapFewShot(metric=is_right, **settings).compile(student(), trainset=train + validation)


def bootstrap_random(train, validation):
    optimizer = dspy.BootstrapFewShotWithRandomSearch(metric=is_right, num_threads=threads, **settings)
    return optimizer.compile(student(), trainset=train, valset=validation)


def mipro(train, validation):
    optimizer = dspy.MIPROv2(metric=is_right, num_threads=threads, seed=seed + 1, **settings)
    return optimizer.compile(student(), trainset=train, valset=validation)


def simba(train, validation):
    optimizer = dspy.SIMBA(metric=is_right, num_threads=threads, **settings)
    return optimizer.compile(student(), trainset=train + validation, seed=seed)


def gepa(train, validation):
    optimizer = dspy.GEPA(
        metric=with_feedback, num_threads=threads, reflection_lm=dspy.settings.lm.copy(temperature=1.0), seed=seed,
        **settings,
    )
    return optimizer.compile(student(), trainset=train, valset=validation)


optimizers = {f.__name__: f for f in (none, labeled, bootstrap, bootstrap_random, mipro, simba, gepa)}


def predictions(program, test):
    program.set_lm(endpoint("held-out"))
    outputs = dspy.Parallel(
        num_threads=threads, max_errors=len(test), disable_progress_bar=True, provide_traceback=False
    )([(program, example.inputs()) for example in test])
    return [getattr(output, field_out, None) for output in outputs]


def main():
    logging.disable(logging.WARNING)
    random.seed(seed)
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=True)
    adapter = dspy.JSONAdapter() if job.get("adapter") == "json" else dspy.ChatAdapter()
    dspy.configure(lm=endpoint("optimize"), adapter=adapter)
    train, validation, test = (examples(job[split]) for split in ("train", "validation", "test"))
    before = time.perf_counter()
    program = optimizers[job["algorithm"]](train, validation)
    wall = time.perf_counter() - before
    predictor = program.predictors()[0]
    result = {
        "version": dspy.__version__,
        "wallMs": wall * 1000,
        "predictions": predictions(program, test),
        "instructions": predictor.signature.instructions,
        "demos": len(predictor.demos),
    }
    json.dump(result, open(sys.argv[2], "w"))


main()
