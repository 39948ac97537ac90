"""Run by Alembic, with the connection that migrations.upgrade hands over."""

from alembic import context

from core.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
