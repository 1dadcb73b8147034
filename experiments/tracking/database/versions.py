"""Which program wrote a database, and in which version."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from experiments.errors import RunStoreError, UserError, masked
from experiments.runtime.commands import python_command
from experiments.tracking.database.address import sqlite_file


@dataclass(frozen=True)
class Program:
    """A program that keeps its data in a database, and migrates it with alembic."""

    name: str
    table: str  # that every version of it had
    tables: frozenset[str]  # of the installed version
    scripts: Path  # the folder of its migrations
    upgrade: Callable[[str], str]  # the command that migrates the database at an address


@contextmanager
def same_version(uri: str, program: Program) -> Iterator[None]:
    """Inside, ``program`` opens the database behind a resolved URI: a new one, or its own.

    The programs themselves create missing tables without a question, in the database of another
    version or program too. Raises ``RunStoreError``, before anything is written there.
    """
    tables, _ = _content(uri)
    if tables and not program.tables <= tables:
        _compare(uri, program)
    try:
        yield
    except UserError:  # it says already what is wrong
        raise
    except Exception:
        # Only now, because reading the migrations takes a quarter of a second.
        _compare(uri, program)
        raise


def _compare(uri: str, program: Program) -> None:
    """Raises ``RunStoreError`` if another program, or another version of this one, wrote it."""
    tables, revisions = _content(uri)
    scripts = ScriptDirectory(str(program.scripts))
    known = {script.revision for script in scripts.walk_revisions()}
    if revisions & {*scripts.get_heads()}:
        return
    file = sqlite_file(uri)
    address = masked(uri) if file is None else f"sqlite:///{file}"
    package = program.name.lower()
    installed = f"{program.name} than {version(package)}, which is installed here"
    if program.table not in tables:
        # On a server, other programs may have tables beside those to come.
        if revisions or make_url(uri).get_backend_name() == "sqlite":
            raise RunStoreError(
                f"{address} is the database of another program; {program.name} needs its own"
            )
    elif revisions & known:
        command = program.upgrade(address)
        raise RunStoreError(
            f"{address} was written by an older {installed}: make a copy of it, "
            f"then `{command}` migrates it"
        )
    elif revisions:
        command = python_command("pip", "install", "--upgrade", package)
        raise RunStoreError(
            f"{address} was written by a newer {installed}: `{command}` installs the newest, "
            "or choose another database"
        )


def _content(uri: str) -> tuple[set[str], set[str]]:
    """The names of all tables, and the revisions that the migrations have noted."""
    engine = create_engine(uri, poolclass=NullPool)
    with engine.connect() as connection:
        tables = {*inspect(connection).get_table_names()}
        noted = "alembic_version" in tables
        revisions = MigrationContext.configure(connection).get_current_heads() if noted else ()
    return tables, {*revisions}
