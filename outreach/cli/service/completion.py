"""Print the script with which a shell completes our commands."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what lets SHELL complete commands and options with the tab key.

    For bash: outreach completion bash > ~/.outreach-complete.sh, and in ~/.bashrc a line
    ". ~/.outreach-complete.sh". For zsh the same with ~/.zshrc. For fish: outreach completion fish
    > ~/.config/fish/completions/outreach.fish.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(context.find_root().command, {}, "outreach", "_OUTREACH_COMPLETE")
    click.echo(script.source_template % script.source_vars())
