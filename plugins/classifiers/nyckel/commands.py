"""`sightbench nyckel list|delete` and `sightbench nyckel-server`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from plugins.classifiers.nyckel.service import Service

nyckel = typer.Typer(
    help="Functions that sightbench made in your Nyckel account.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Server = Annotated[
    str, typer.Option("--server", help="Base URL; another one for a local nyckel-server.")
]


@nyckel.command("list")
def list_functions(server: Server = "https://www.nyckel.com") -> None:
    """Show the functions that sightbench made: id and name."""
    from harness import SightbenchError
    from plugins.classifiers.nyckel.functions import list_made

    try:
        made = list_made(_service(server))
    except SightbenchError as error:
        _fail(error)
    for function in made:
        typer.echo(f"{function['id']}  {function['name']}")
    if not made:
        typer.echo(f"sightbench has no functions at {server}.", err=True)


@nyckel.command("delete")
def delete_functions(
    functions: Annotated[list[str] | None, typer.Argument(help="Ids, as `list` shows.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that sightbench made.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    server: Server = "https://www.nyckel.com",
) -> None:
    """Delete functions that sightbench made, after asking.

    What was paid for their training is lost; results on disk stay.
    """
    from harness import SightbenchError
    from plugins.classifiers.nyckel.functions import delete_function, list_made

    try:
        service = _service(server)
        made = list_made(service)
        chosen = _choose(made, functions or [], every)
        for function in chosen:
            typer.echo(f"{function['id']}  {function['name']}")
        if not chosen:
            typer.echo("There is nothing to delete.", err=True)
            return
        if not yes:
            typer.confirm(f"Delete {_these(len(chosen))} at {server}?", abort=True)
        for function in chosen:
            delete_function(service, function["id"])
            typer.echo(f"deleted {function['id']}")
    except SightbenchError as error:
        _fail(error)


def _these(number: int) -> str:
    return "this function" if number == 1 else f"these {number} functions"


def _choose(made: list[dict[str, str]], wanted: list[str], every: bool) -> list[dict[str, str]]:
    """Return the functions to delete; only those that sightbench made can be."""
    from harness import SightbenchError
    from plugins.classifiers.nyckel.answers import bare_id

    if every == bool(wanted):
        raise SightbenchError("nyckel delete: give ids, or --all for all of them, not both.")
    if every:
        return made
    known = {function["id"]: function for function in made}
    strange = [each for each in wanted if bare_id(each) not in known]
    if strange:
        raise SightbenchError(
            f"nyckel delete: sightbench made no function {', '.join(strange)} in this account. "
            "See: sightbench nyckel list"
        )
    return [known[each] for each in dict.fromkeys(map(bare_id, wanted))]


def _service(server: str) -> Service:
    from plugins.classifiers.nyckel.attempts import Patience
    from plugins.classifiers.nyckel.credentials import find_credentials
    from plugins.classifiers.nyckel.hosts import check_server
    from plugins.classifiers.nyckel.limiter import Limiter
    from plugins.classifiers.nyckel.meter import Meter
    from plugins.classifiers.nyckel.service import Service

    url = check_server(server)
    return Service(url, find_credentials(url), Limiter(25, 25), Patience(attempts=5), Meter())


def _fail(error: Exception) -> None:
    typer.echo(f"Error: {error}", err=True)
    raise typer.Exit(2)


def server(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 5000,
    host: Annotated[
        str, typer.Option(help="Address to bind; others can reach any but loopback.")
    ] = "127.0.0.1",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="Trouble on demand, repeatable: latency=S, 429=SHARE, 500=SHARE, drop=SHARE, "
            "half-answer=SHARE, slow-training=S, token-expiry=S."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the faults.")] = 0,
    requests_per_second: Annotated[float, typer.Option(min=1, help="Beyond it: 429.")] = 25.0,
    concurrent: Annotated[int, typer.Option(min=1, help="At once; beyond it: 429.")] = 25,
) -> None:
    """Run a local server that speaks Nyckel's API, to rehearse offline and at no cost.

    It takes any client id and secret, keeps everything in memory, and trains a local classifier.
    Use it with: sightbench run -c "nyckel[server=http://127.0.0.1:5000]"
    """
    from harness import SightbenchError, Unavailable

    try:
        _need_extra()
        from plugins.classifiers.nyckel.hosts import LOOPBACK
        from plugins.classifiers.nyckel.server.running import open_socket, serve
        from plugins.classifiers.nyckel.server.settings import Settings

        settings = Settings(
            requests_per_second=requests_per_second, concurrent=concurrent, seed=seed
        ).with_faults(fault or [])
        listener = open_socket(host, port)
    except (SightbenchError, Unavailable) as error:
        _fail(error)
    if host not in LOOPBACK:
        typer.echo(f"Warning: others can reach {host}; this server takes any secret.", err=True)
    with listener:
        bound = listener.getsockname()[1]
        typer.echo(f"http://{f'[{host}]' if ':' in host else host}:{bound}  (Ctrl-C ends it)")
        serve(listener, settings)


def _need_extra() -> None:
    import importlib.util

    from harness import Unavailable

    missing = [name for name in ("starlette", "uvicorn") if not importlib.util.find_spec(name)]
    if missing:
        raise Unavailable(
            f"nyckel-server needs {' and '.join(missing)}: pip install 'sightbench[nyckel-server]'"
        )
