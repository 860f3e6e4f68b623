"""`custodiet scan`: the options, and the order in which a scan happens."""

import click

from custodiet.cli.choices import CONFIDENCES, FORMATS, PERSONAS, SEVERITIES
from custodiet.cli.sections import SectionCommand, option


class ScanCommand(SectionCommand):
    """The command whose `--fix` may carry a value, without taking the next argument for one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What click leaves over, after `--fix=all` was split into two flags."""
        split = {"--fix=all": ["--fix", "--unsafe-fixes"], "--fix=safe": ["--fix"]}
        end = args.index("--") if "--" in args else len(args)
        before = [part for arg in args[:end] for part in split.get(arg, [arg])]
        return super().parse_args(ctx, [*before, *args[end:]])


@click.command(
    cls=ScanCommand,
    short_help="Find vulnerabilities in Python code and templates.",
    examples=[
        ("everything below the current folder", "custodiet scan"),
        ("what a commit would bring (as a hook)", "custodiet scan --staged"),
        ("what the branch brings, for a merge request", "custodiet scan --since origin/main"),
        ("only findings that `main` does not have", "custodiet scan --diff-base origin/main"),
        ("two reports from one scan", "custodiet scan src --output sarif=out.sarif --output html=out.html"),
        ("only injections, only severe ones", "custodiet scan --select owasp:A03:2021 --severity high"),
        ("see the repairs, then make them", "custodiet scan --diff; custodiet scan --fix"),
        ("an editor's buffer", "custodiet scan - --stdin-filename shop/views.py < buffer"),
    ],
)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option("--staged", section="Files", is_flag=True, help="Scan what is staged; report what touches staged lines.")
@option("--since", section="Files", metavar="REF", help="Report what touches lines changed since the branch left REF.")
@option("--diff-base", section="Files", metavar="REF", help="Report only findings that are not there at REF.")
@option("--stdin-filename", section="Files", metavar="PATH", help="Name of what `-` reads from standard input.")
@option("--exclude", section="Files", setting="exclude", metavar="PATTERN", multiple=True,
        help="Leave out files like in `.gitignore`; may be repeated.")  # fmt: skip
@option("--no-gitignore", section="Files", is_flag=True, help="Scan what git ignores too.")
@option("--max-file-size", section="Files", setting="max_file_size", type=click.IntRange(1), metavar="BYTES",
        help="Do not analyse larger files.")  # fmt: skip
@option("--select", section="Rules", setting="select", metavar="RULE,TAG", multiple=True,
        help="Apply only these rules or tags (`cwe:89`, `owasp-llm:LLM05`).")  # fmt: skip
@option("--ignore", section="Rules", setting="ignore", metavar="RULE,TAG", multiple=True,
        help="Leave out these rules or tags.")  # fmt: skip
@option("--severity", section="Rules", setting="severity", type=click.Choice(SEVERITIES),
        help="Report only findings at least so severe.")  # fmt: skip
@option("--confidence", section="Rules", setting="confidence", type=click.Choice(CONFIDENCES),
        help="Report only findings at least so certain.")  # fmt: skip
@option("--persona", section="Rules", setting="persona", type=click.Choice(PERSONAS),
        help="`strict` reports guesses too.")  # fmt: skip
@option("--no-ignores", section="Rules", is_flag=True, help="Report what comments and baseline hide, too.")
@option("--format", "format_name", section="Output", type=click.Choice(FORMATS), default="text",
        help="Format of standard output.", show_default=True)  # fmt: skip
@option("--output", "outputs", section="Output", multiple=True, metavar="FORMAT=FILE",
        help="Write a report in this format to this file (`-`: standard output) too; may be repeated.")  # fmt: skip
@option("--color", "colour", section="Output", type=click.Choice(["auto", "always", "never"]), default="auto",
        help="Colour the text.  [env: NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE]")  # fmt: skip
@option("--no-progress", section="Output", is_flag=True, help="Show no progress on the terminal.")
@option("-q", "--quiet", section="Output", is_flag=True, help="Print no report, no warnings.")
@option("-v", "--verbose", section="Output", is_flag=True, help="Tell on stderr what is read from where.")
@option("--fail-on", section="Verdict", setting="fail_on", type=click.Choice(SEVERITIES),
        help="Exit with 1 only for findings at least so severe.")  # fmt: skip
@option("--exit-zero", section="Verdict", is_flag=True, help="Exit with 0 whatever is found.")
@option("--strict", section="Verdict", setting="strict", is_flag=True, default=None,
        help="Exit with 4 if anything could not be analysed.")  # fmt: skip
@option("--baseline", section="Baseline", setting="baseline", metavar="FILE",
        help="Findings in this file do not count.")  # fmt: skip
@option("--write-baseline", section="Baseline", metavar="FILE", help="Write today's findings there (needs --reason).")
@option("--reason", section="Baseline", metavar="TEXT", help="Why these findings may stay for now.")
@option("--fix", section="Repairs", is_flag=True,
        help="Repair what can be repaired safely; `--fix=all` makes unsafe repairs too.")  # fmt: skip
@option("--unsafe-fixes", section="Repairs", is_flag=True, help="With --fix: repairs that may change behaviour, too.")
@option("--diff", section="Repairs", is_flag=True,
        help="Print the repairs as a patch and write nothing; exits with 1 if there are any.")  # fmt: skip
@option("--jobs", "-j", section="Configuration", setting="jobs", type=click.IntRange(0, 256), metavar="N",
        help="Processes to use; 0 is one for each core.")  # fmt: skip
@option("--config", "configs", section="Configuration", multiple=True, metavar="FILE|KEY=VALUE",
        help="Use this file, or set one key of the configuration; may be repeated.  [env: CUSTODIET_CONFIG]")  # fmt: skip
@option("--isolated", section="Configuration", is_flag=True, help="Read no configuration file and no environment.")
@click.pass_context
def command(context: click.Context, /, **given: object) -> None:
    """Find vulnerabilities in the Python files and templates at and below PATH (the current folder if none is given).

    Every finding is explained from source to sink. `-` reads one file from standard input.
    """
    from custodiet.cli.request import Request  # late: `--help` needs none of it
    from custodiet.cli.session import scanned

    context.exit(scanned(Request.of(given)))
