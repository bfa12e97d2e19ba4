"""Alembic's entry: runs the migrations on the address core.db.migrate gives."""

from alembic import context
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url

from core.db import RASA_SCHEMA
from core.tables import Base

url = make_url(context.config.attributes["url"]).set(drivername="postgresql+psycopg")
with create_engine(url, poolclass=NullPool).connect() as connection:
    connection.execute(
        text("SELECT pg_advisory_lock(7766)")
    )  # until the connection closes: two processes starting at once migrate in turn
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {RASA_SCHEMA}"))
    connection.commit()
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
