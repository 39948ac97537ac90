"""The tables of a project file: rows and bytes, nothing else."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class ClassRow(Base):
    __tablename__ = "label_classes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)
    color: Mapped[str] = mapped_column(String(7))


class ImageRow(Base):
    __tablename__ = "images"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(unique=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    file_size: Mapped[int]
    file_time_ns: Mapped[int]
    """With the size, a quick test of whether the file may have changed since it was hashed."""
    height: Mapped[int]
    width: Mapped[int]
    channels: Mapped[int]
    bits: Mapped[int]
    split: Mapped[str]
    done: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0)
    pixels: Mapped[list["ClassPixelsRow"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class ClassPixelsRow(Base):
    """Labelled pixels of one class in one image, kept level with its mask."""

    __tablename__ = "class_pixels"

    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    class_id: Mapped[int] = mapped_column(primary_key=True)
    pixels: Mapped[int]


class ThumbnailRow(Base):
    __tablename__ = "thumbnails"

    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)


class TileDataRow(Base):
    """A tile's content under its digest: equal tiles of all images and revisions are stored once."""

    __tablename__ = "tile_data"

    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class MaskTileRow(Base):
    """The mask as it is now; a tile that is missing is unlabelled."""

    __tablename__ = "mask_tiles"

    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    column: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(ForeignKey("tile_data.digest"))

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy's own form)


class RevisionRow(Base):
    """One saved change of one mask. Rows are only ever added: undo and redo are changes too."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"))
    kind: Mapped[str]
    top: Mapped[int]
    left: Mapped[int]
    bottom: Mapped[int]
    right: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (Index("revisions_of_image", "image_id", "id"), {"sqlite_autoincrement": True})


class RevisionTileRow(Base):
    __tablename__ = "revision_tiles"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    column: Mapped[int] = mapped_column(primary_key=True)
    before: Mapped[bytes] = mapped_column(ForeignKey("tile_data.digest"))
    after: Mapped[bytes] = mapped_column(ForeignKey("tile_data.digest"))

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012


class RunRow(Base):
    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    seed: Mapped[int]
    settings: Mapped[str]
    label_revision: Mapped[int]
    classes: Mapped[str]
    device: Mapped[str]
    seconds: Mapped[float]
    metrics: Mapped[str]
    curves: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    weight_bytes: Mapped[int]
    starred: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 (a deleted run's number is not given again)


class WeightsRow(Base):
    """Apart from its run, so that listing runs does not read megabytes."""

    __tablename__ = "run_weights"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImageRegionsRow(Base):
    """What the newest run that predicted an image proposes to look at in it."""

    __tablename__ = "image_regions"

    image_id: Mapped[int] = mapped_column(
        ForeignKey("images.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    revision: Mapped[int]
    """The image's when it was predicted, as its sha256: if either is another now, the regions are out of date."""
    sha256: Mapped[str] = mapped_column(String(64))
    regions: Mapped[bytes] = mapped_column(LargeBinary)
    """Rows of core.regions.REGION."""


class CheckpointRow(Base):
    """Where the training under way stood last: one row at most."""

    __tablename__ = "checkpoints"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[str]
    classes: Mapped[str]
    label_revision: Mapped[int]
    step: Mapped[int]
    seconds: Mapped[float]
    curves: Mapped[str]
    state: Mapped[bytes] = mapped_column(LargeBinary)


class ViewStateRow(Base):
    """What the window remembers of this project, as JSON by name."""

    __tablename__ = "view_state"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
