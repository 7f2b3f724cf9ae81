"""``chainrule diagnose``: what ails a trained network, in words, with the numbers behind them."""

from __future__ import annotations

import click

from chainrule.cli.evaluate import examples_of
from chainrule.cli.options import json_option, run_argument
from chainrule.cli.output import line_console, say_json
from chainrule.cli.python_file import is_named_function
from chainrule.insight.diagnosis.diagnose import diagnose as diagnosed
from chainrule.training.trained import load_trained


@click.command(short_help="Say what ails a network.")
@run_argument
@click.argument("source", metavar="[DATA]", required=False)
@click.option(
    "--examples", type=click.IntRange(min=2), default=1000, show_default=True,
    help="Examples that the measures rest on.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of their choice.")
@json_option
def diagnose(run: str, source: str | None, examples: int, seed: int, as_json: bool) -> None:
    """Look for vanishing or exploding errors, saturated and dead neurons, a learning rate that does
    not fit the curvature, examples that dominate their mini-batch, and labels that look wrong.

    Looks at the training data of RUN, or at DATA. Each finding says by which rule, from which
    source, and what to try; what is healthy is listed with its numbers. The exit status is 0
    whatever is found.

    With --json one object: run, subject, findings, healthy and unjudged.
    """  # fmt: skip
    if is_named_function(run):
        raise click.UsageError(
            "diagnose looks at the RUN of a network; of a function see chainrule check and explain"
        )
    data = None
    if source is not None:
        trained = load_trained(run)
        X, Y = examples_of(trained, trained.data, source)
        data = X, trained.data.scaled_targets(Y, trained.dtype)
    found = diagnosed(run, data, examples=examples, seed=seed)
    if not as_json:
        line_console().print(str(found))
        return
    say_json(
        run=run,
        subject=found.subject,
        looked_at=found.looked_at,
        findings=[vars(f) for f in found.findings],
        healthy=[vars(f) for f in found.healthy],
        unjudged=dict(found.unjudged),
    )
