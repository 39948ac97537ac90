"""A mask tile as bytes. The first byte names the form, so that later forms can join."""

import zlib
from hashlib import blake2b

import numpy as np

from core.masks.tiles import TILE, Array, uniform_tile

_UNIFORM, _DEFLATED = b"\0", b"\1"


def digest_of(tile: Array) -> bytes:
    """16 bytes that stand for the content of a (TILE, TILE) tile."""
    value = int(tile[0, 0])
    if tile is uniform_tile(value):
        return b"uniform tile " + value.to_bytes(3, "big")  # readable, and cheap for the most common tiles
    return blake2b(tile.data, digest_size=16).digest()


def pack(tile: Array) -> bytes:
    value = int(tile[0, 0])
    if tile is uniform_tile(value):
        return _UNIFORM + bytes([value])
    return _DEFLATED + zlib.compress(tile.data, 1)


def unpack(data: bytes) -> Array:
    """The read-only tile; ValueError if the bytes are not one."""
    form, body = data[:1], data[1:]
    if form == _UNIFORM and len(body) == 1:
        return uniform_tile(body[0])
    if form != _DEFLATED:
        raise ValueError(f"unknown tile form {form!r}")
    try:
        tile = np.frombuffer(zlib.decompress(body, bufsize=TILE * TILE), np.uint8)
    except zlib.error as error:
        raise ValueError("damaged tile") from error
    return tile.reshape(TILE, TILE)
